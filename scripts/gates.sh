#!/usr/bin/env bash
# What the hot path may cost, held by counts that are the same on any machine however busy it is:
# instructions of its pieces, heap blocks and system calls of a relayed frame, bytes of what there is one
# of for each connection. The rules are PERF of edge/SPEC.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-nextest.sh
. scripts/ensure-strace.sh
. scripts/ensure-valgrind.sh

mkdir -p webapp/dist
# One at a time: whoever shares a core with another is woken less often, and asks the system less.
count() {
  cargo nextest run --locked --workspace --profile "${NEXTEST_PROFILE:-default}" \
    --ignore-default-filter --test-threads 1 --success-output immediate \
    -E 'binary(=gates) + test(/^(.*::)?perf[0-9]+_/)'
}

step "Heap blocks, system calls and sizes" count
step "Instructions of the hot path" scripts/instructions.sh
