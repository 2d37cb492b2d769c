# A Firefox for the tests with a second engine. Sourced after lib.sh; exports FIREFOX.
# shellcheck shell=bash

find_firefox() {
  local name
  for name in "${FIREFOX:-}" firefox-esr firefox; do
    if [ -n "$name" ] && have "$name"; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

if ! FIREFOX=$(find_firefox); then
  apt_install Firefox firefox-esr
  FIREFOX=$(find_firefox) || die "Firefox is needed for the tests with a second engine: install it and set FIREFOX to its path."
fi
export FIREFOX
