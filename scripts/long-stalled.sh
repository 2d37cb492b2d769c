#!/usr/bin/env bash
# Two hundred readers among two thousand connections stop reading, again and again, while as much is
# sent to them as before: what each of them costs, and how much longer the others' words take. Only an
# idle machine can show the times. DHCHAT_STALLED_ROUNDS chooses how often,
# DHCHAT_STALLED_READERS and DHCHAT_STALLED_PAIRS how many of each there are.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
# A thousand sockets at each edge, and both ends of all of them in the test.
files=$(ulimit -n)
[ "$files" = unlimited ] || [ "$files" -ge 8192 ] || ulimit -n 8192 ||
  die "A process may open only $files files here; 8192 are needed: raise the limit (ulimit -n)."

export DHCHAT_HOLD_TO_FIGURES=1
test_processes stalled:: --release
