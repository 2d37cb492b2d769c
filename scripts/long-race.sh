#!/usr/bin/env bash
# Ten thousand times two sockets of one person come at the same moment, over two edges whose clocks
# differ by a minute; then an edge stands still for 20 s, goes on, and must do no harm.
# DHCHAT_ROUNDS and DHCHAT_FREEZE_SECONDS choose other numbers.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-faketime.sh

export DHCHAT_ROUNDS=${DHCHAT_ROUNDS:-10000} DHCHAT_FREEZE_SECONDS=${DHCHAT_FREEZE_SECONDS:-20}
test_processes race::
