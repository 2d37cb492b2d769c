#!/usr/bin/env bash
# Cuts the connections of two people who talk 200 times, by a seed: nothing lost, nothing doubled.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export FLAPS=${FLAPS:-200} FLAPS_SEED=${FLAPS_SEED:-$RANDOM}
say "The seed is $FLAPS_SEED: FLAPS_SEED=$FLAPS_SEED plays it again"
DHCHAT_E2E=e2e:flaps exec scripts/e2e.sh embedded
