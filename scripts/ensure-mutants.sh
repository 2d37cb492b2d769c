# cargo-mutants, which breaks the code on purpose and asks the tests whether they notice.
# Sourced after lib.sh and ensure-rust.sh; exports CARGO_MUTANTS, the path of the program.
# shellcheck shell=bash

mutants_version=27.1.0
mutants_root=$ROOT/target/tools

mutants_is_pinned() { [ "$("$1" mutants --version 2>/dev/null)" = "cargo-mutants $mutants_version" ]; }

install_mutants() {
  (cd "$ROOT" && cargo install --quiet --locked --root "$mutants_root" \
    --version "=$mutants_version" cargo-mutants >&2)
}

CARGO_MUTANTS=$mutants_root/bin/cargo-mutants
if ! mutants_is_pinned "$CARGO_MUTANTS"; then
  say "Installing cargo-mutants $mutants_version into target/tools (compiles for about three minutes)"
  install_mutants || die "cargo-mutants is needed: install it with 'cargo install --locked --version =$mutants_version --root target/tools cargo-mutants', then run the same command again."
  mutants_is_pinned "$CARGO_MUTANTS" || die "$CARGO_MUTANTS is not cargo-mutants $mutants_version: remove target/tools, then run the same command again."
fi
export CARGO_MUTANTS
