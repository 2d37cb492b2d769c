#!/usr/bin/env bash
# Ten thousand simulated conversations; `make test` runs two hundred of the same. A failure names
# its seed: DHCHAT_SEED runs that one again.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-node.sh

ensure_web_packages
cd webapp
DHCHAT_SIMULATIONS=${DHCHAT_SIMULATIONS:-10000} npx vitest run src/core/conversation/simulation.test.ts
