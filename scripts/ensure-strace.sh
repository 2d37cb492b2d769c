# strace, which counts what a process asks of the system. Sourced after lib.sh.
# Exports DHCHAT_TEST_STRACE, the path of the program.
# shellcheck shell=bash

DHCHAT_TEST_STRACE=${DHCHAT_TEST_STRACE:-strace}
have "$DHCHAT_TEST_STRACE" || apt_install "strace, which counts system calls," strace
DHCHAT_TEST_STRACE=$(command -v "$DHCHAT_TEST_STRACE") ||
  die "strace is needed: install it and set DHCHAT_TEST_STRACE to its path."
export DHCHAT_TEST_STRACE
