#!/usr/bin/env bash
# Two hundred people sign in at once, from as many networks and at the real cost of a hash, while
# fifty pairs talk across two edges: how much longer words take, and how soon whoever finds no
# place is refused. Only an idle machine can show it. DHCHAT_LOGINS_ROUNDS chooses how often.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export DHCHAT_HOLD_TO_FIGURES=1
test_processes logins:: --release
