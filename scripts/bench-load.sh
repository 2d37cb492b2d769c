#!/usr/bin/env bash
# How fast the messenger is: real servers of a release build under a load generator, with baselines in
# the same run.
#   bench-load.sh [PART...]   all parts, or those that are named (raw, talk, open, crowd, files,
#                             stalled, growth); figures go to target/bench/load.json
#   bench-load.sh draw        docs/performance.md and its plots in docs/performance anew from that file
#   bench-load.sh smoke       a few seconds on the debug build: everything arrives
# DHCHAT_BENCH_SECONDS chooses how long each workload is looked at; DHCHAT_BINARY names a program that
# is built already. Only an idle machine shows the times.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

target=${CARGO_TARGET_DIR:-$ROOT/target}
export DHCHAT_BENCH_FOLDER=${DHCHAT_BENCH_FOLDER:-$target/bench}

. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
if [ "${1:-}" = draw ]; then
  cargo run --locked --quiet --release --package bench --bin bench -- draw "$DHCHAT_BENCH_FOLDER/load.json" docs/performance.md
  exit
fi

. scripts/ensure-shipped-nats.sh
. scripts/ensure-postgres.sh
. scripts/ensure-bun.sh
profile=release story=run
if [ "${1:-}" = smoke ]; then
  profile=debug story=smoke
  shift
fi
mkdir -p webapp/dist
say "Building dhchat and the bench"
flags=()
[ "$profile" = debug ] || flags=(--release)
packages=(--package bench)
[ -n "${DHCHAT_BINARY:-}" ] || packages+=(--package edge)
cargo build --locked --quiet "${flags[@]}" "${packages[@]}"
export DHCHAT_BINARY=${DHCHAT_BINARY:-$target/$profile/dhchat}
scripts/with-postgres.sh "$target/$profile/bench" "$story" "$@"
