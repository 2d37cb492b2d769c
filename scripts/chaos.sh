#!/usr/bin/env bash
# Real processes that are killed, frozen and cut off while people talk, and a judge of what these saw:
#   chaos.sh chaos      a nemesis, by a seed
#   chaos.sh rolling    every edge restarted in turn
#   chaos.sh cuts       files that go on while connections are cut
#   chaos.sh outage     the database stands still while connections are cut
#   chaos.sh judge DIR  the judge alone, on what a run has written down
#
# infra/chaos/README.md says what the words mean. DHCHAT_CHAOS_SEED repeats a plan of faults;
# DHCHAT_CHAOS_SECONDS, _PAIRS, _EDGES, _BROKERS, _CROWDS and _SAY_EVERY_MS make it shorter or longer.
# DHCHAT_CHAOS_BY_LIBRARY leaves what each record needs to the libraries, which costs many pairs less.
# DHCHAT_CHAOS_RELEASE builds for speed; DHCHAT_BINARY names a program that is built already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-node.sh

story=${1:-chaos}
if [ "$story" = judge ]; then
  exec node infra/chaos/run.ts judge "${2:?say which folder}"
fi

. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh
if [ -z "${DHCHAT_TEST_POSTGRES_URL:-}" ]; then
  exec scripts/with-postgres.sh scripts/chaos.sh "$@"
fi

ensure_web_packages
if [ -z "${DHCHAT_BINARY:-}" ]; then
  say "Building dhchat"
  mkdir -p webapp/dist
  profile=debug
  [ -z "${DHCHAT_CHAOS_RELEASE:-}" ] || profile=release
  cargo build --locked --quiet ${DHCHAT_CHAOS_RELEASE:+--release} --package edge --bin dhchat
  DHCHAT_BINARY=${CARGO_TARGET_DIR:-$ROOT/target}/$profile/dhchat
fi
export DHCHAT_CHAOS_FOLDER=${DHCHAT_CHAOS_FOLDER:-$ROOT/target/chaos/$story-$(date +%Y%m%d-%H%M%S)}
# Another name for the same file: a build meanwhile does not change what is started again.
mkdir -p "$DHCHAT_CHAOS_FOLDER"
ln -f "$DHCHAT_BINARY" "$DHCHAT_CHAOS_FOLDER/dhchat" 2>/dev/null || cp "$DHCHAT_BINARY" "$DHCHAT_CHAOS_FOLDER/dhchat"
export DHCHAT_BINARY=$DHCHAT_CHAOS_FOLDER/dhchat
# Node says of parts of its Web Crypto that they may change.
export NODE_NO_WARNINGS=1

say "Everything that happens is written to $DHCHAT_CHAOS_FOLDER"
# Not exec: the database beside it ends after it.
node infra/chaos/run.ts "$story"
