#!/usr/bin/env bash
# Everything that can be judged without running the program: what CI asks first.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-node.sh
. scripts/ensure-lint-tools.sh

# The binary embeds the folder; an empty one is enough for the lints.
mkdir -p webapp/dist

document() { RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items; }
check_web() { ensure_web_packages && (cd webapp && npm run --silent check); }

step "Shell scripts" shellcheck --shell bash --external-sources --source-path SCRIPTDIR scripts/*.sh .ci/run
step "Spelling" typos --config typos.toml
step "Format of Rust" cargo fmt --all --check
step "House rules (tidy)" cargo test --locked --quiet --package bus-schemas --test tidy
step "Licences and sources of dependencies" cargo-deny --locked check --hide-inclusion-graph licenses bans sources
step "Lints of Rust" cargo clippy --locked --workspace --all-targets -- -D warnings
step "Documentation of Rust" document
step "Types, format and lints of the web app" check_web
