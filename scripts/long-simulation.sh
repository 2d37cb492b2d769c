#!/usr/bin/env bash
# A hundred thousand worlds of Sessions on a bad network, and ten thousand conversations in the
# browser's core; `make test` runs ten thousand and two hundred of the same. A failure names its seed:
# SEED runs that world again, DHCHAT_SEED that conversation. SEEDS and DHCHAT_SIMULATIONS choose how many.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-node.sh
. scripts/ensure-nextest.sh

simulate_sessions() {
  SEEDS=${SEEDS:-100000} cargo nextest run --locked --profile long --package actors-core --test sim \
    every_world_keeps_every_promise
}
simulate_conversations() {
  ensure_web_packages
  (cd webapp && DHCHAT_SIMULATIONS=${DHCHAT_SIMULATIONS:-10000} \
    npx vitest run src/core/conversation/simulation.test.ts)
}

step "Sessions on a bad network" simulate_sessions
step "Conversations over bad networks" simulate_conversations
