#!/usr/bin/env bash
# Servers that stop, with the times that are promised. Only an idle machine can show a time, so
# `make test` tells the same stories and asks for the outcome alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
ensure_rust_tests

mkdir -p webapp/dist
export DHCHAT_HOLD_TO_FIGURES=1
cargo nextest run --locked --package edge --test faults --test-threads 1
