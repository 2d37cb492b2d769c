#!/usr/bin/env bash
# A million malformed and hostile frames on both doors, then a million messages on the bus and answers
# from it: nothing panics, no process grows, and no figure appears that could not. DHCHAT_HOSTILE_FRAMES
# chooses how many, DHCHAT_HOSTILE_SEED which.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-nextest.sh

mkdir -p webapp/dist
export DHCHAT_HOSTILE_FRAMES=${DHCHAT_HOSTILE_FRAMES:-1000000}
# One at a time: each measures the memory of its process.
cargo nextest run --locked --profile long --package edge --test stories --no-capture --test-threads 1 hostile
