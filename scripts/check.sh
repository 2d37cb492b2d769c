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
# The fuzz targets are a workspace of their own, so that nothing of theirs is built with the product.
fuzz_targets=(--manifest-path fuzz/Cargo.toml)
format_rust() { cargo fmt --all --check && cargo fmt "${fuzz_targets[@]}" --check; }
lint_rust() {
  cargo clippy --locked --workspace --all-targets -- -D warnings &&
    cargo clippy --locked "${fuzz_targets[@]}" --all-features --target-dir "${CARGO_TARGET_DIR:-target}" -- -D warnings
}
check_dependencies() {
  cargo-deny --locked check --hide-inclusion-graph licenses bans sources &&
    cargo-deny --locked --config deny.toml "${fuzz_targets[@]}" check --hide-inclusion-graph bans sources
}
check_web() { ensure_web_packages && (cd webapp && npm run --silent check); }

step "Shell scripts" shellcheck --shell bash --external-sources --source-path SCRIPTDIR scripts/*.sh infra/checks/*.sh .ci/run
step "Spelling" typos --config typos.toml
step "Format of Rust" format_rust
step "House rules (tidy)" cargo test --locked --quiet --package bus-schemas --test tidy
step "Licences and sources of dependencies" check_dependencies
step "Lints of Rust" lint_rust
step "Documentation of Rust" document
step "Types, format and lints of the web app" check_web
step "What operators get" scripts/check-operations.sh
