#!/usr/bin/env bash
# A million malformed and hostile frames on both doors: nothing panics, the process does not grow, and
# no figure appears that the closed lists do not have. DHCHAT_HOSTILE_FRAMES chooses how many,
# DHCHAT_HOSTILE_SEED which.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nextest.sh

mkdir -p webapp/dist
export DHCHAT_HOSTILE_FRAMES=${DHCHAT_HOSTILE_FRAMES:-1000000}
cargo nextest run --locked --profile long --package edge --test stories --no-capture sockets::hostile
