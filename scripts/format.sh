#!/usr/bin/env bash
# Formats Rust and the web app in place.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-rust.sh
. scripts/ensure-node.sh

cargo fmt --all
cargo fmt --manifest-path fuzz/Cargo.toml
ensure_web_packages
(cd webapp && npm run --silent format)
