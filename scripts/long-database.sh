#!/usr/bin/env bash
# The database stops, and hangs, for half a minute while people sign in, refresh, search and talk:
# what is refused and how soon, what the circuit breaker shows, and when all is well again. Only an
# idle machine can show the times; `make test` tells the same stories and asks for the outcome.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export DHCHAT_HOLD_TO_FIGURES=1
test_processes database::
