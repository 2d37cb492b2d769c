#!/usr/bin/env bash
# Searches among 100,000 users, beside a throw-away PostgreSQL: prints how long it takes, and fails
# if the slowest hundredth takes longer than is promised.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh

cargo build --locked --quiet --package actors --example search
scripts/with-postgres.sh "${CARGO_TARGET_DIR:-target}/debug/examples/search"
