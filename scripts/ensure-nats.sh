# A NATS server for the tests: 2.9 or newer. Sourced after lib.sh.
# Exports DHCHAT_TEST_NATS_SERVER, the path of the program, so that tests may start and stop their own.
# shellcheck shell=bash

find_nats_server() {
  local name
  for name in "${DHCHAT_TEST_NATS_SERVER:-}" nats-server /usr/sbin/nats-server; do
    if [ -n "$name" ] && have "$name"; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

if ! DHCHAT_TEST_NATS_SERVER=$(find_nats_server); then
  apt_install "The NATS server" nats-server
  DHCHAT_TEST_NATS_SERVER=$(find_nats_server) || die "nats-server is needed: install it and set DHCHAT_TEST_NATS_SERVER to its path."
fi
export DHCHAT_TEST_NATS_SERVER
