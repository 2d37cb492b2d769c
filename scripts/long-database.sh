#!/usr/bin/env bash
# The database stops, and hangs, for half a minute while people sign in, refresh, search and talk:
# what is refused and how soon, what the circuit breaker shows, and when all is well again. Only an
# idle machine can show the times; `make test` tells the same stories and asks for the outcome.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh
. scripts/ensure-nextest.sh

mkdir -p webapp/dist
export DHCHAT_HOLD_TO_FIGURES=1
cargo nextest run --locked --profile long --package edge --test faults --no-capture database::
