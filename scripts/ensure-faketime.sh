# Lets a test give one process another wall clock than the rest. Sourced after lib.sh.
# Exports DHCHAT_TEST_FAKETIME, the path of the library.
# shellcheck shell=bash

find_faketime() {
  local path
  for path in "${DHCHAT_TEST_FAKETIME:-}" /usr/lib/*/faketime/libfaketime.so.1 /usr/lib/faketime/libfaketime.so.1; do
    if [ -n "$path" ] && [ -e "$path" ]; then
      printf '%s\n' "$path"
      return 0
    fi
  done
  return 1
}

if ! DHCHAT_TEST_FAKETIME=$(find_faketime); then
  apt_install "A wall clock that can be set for one process" libfaketime
  DHCHAT_TEST_FAKETIME=$(find_faketime) || die "libfaketime is needed: install it and set DHCHAT_TEST_FAKETIME to the path of libfaketime.so.1."
fi
export DHCHAT_TEST_FAKETIME
