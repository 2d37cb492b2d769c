#!/usr/bin/env bash
# Two people in two real browsers say canaries, and everything that the servers have is searched for
# them: memory, wires, database, logs, metrics and a capture. What is planted in each of these places
# has to be found there. infra/canaries/README.md says how.
#
# DHCHAT_CANARIES says how many; DHCHAT_BINARY names a program that is built already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-node.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh
. scripts/ensure-chromium.sh
if [ -z "${DHCHAT_TEST_POSTGRES_URL:-}" ]; then
  exec scripts/with-postgres.sh scripts/canaries.sh "$@"
fi

build_web_app
if [ -z "${DHCHAT_BINARY:-}" ]; then
  say "Building dhchat"
  cargo build --locked --quiet --package edge --bin dhchat
  export DHCHAT_BINARY=${CARGO_TARGET_DIR:-$ROOT/target}/debug/dhchat
fi
export DHCHAT_CANARIES_FOLDER=${DHCHAT_CANARIES_FOLDER:-$ROOT/target/canaries/$(date +%Y%m%d-%H%M%S)}
mkdir -p "$DHCHAT_CANARIES_FOLDER"

say "Everything that is searched is kept in $DHCHAT_CANARIES_FOLDER"
# Not exec: the database beside it ends after it. Once it is judged, no socket keeps anybody waiting.
node --disable-warning=ExperimentalWarning --test-force-exit infra/canaries/e2e/no-plaintext.e2e.ts
