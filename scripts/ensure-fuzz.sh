# cargo-fuzz, which builds the targets of fuzz/, and the C++ compiler that its fuzzer is built with.
# Without sanitizers it needs no other Rust than ours: how branches are counted is an option of every
# release (`-Cpasses`), and what a sanitizer would look for is `unsafe`, which our crates forbid.
# Sourced after lib.sh, ensure-basics.sh and ensure-rust.sh; exports CARGO_FUZZ, the path of the program.
# shellcheck shell=bash

fuzz_version=0.13.2
fuzz_root=$ROOT/target/tools

fuzz_is_pinned() { [ "$("$1" --version 2>/dev/null)" = "cargo-fuzz $fuzz_version" ]; }

install_fuzz() {
  (cd "$ROOT" && cargo install --quiet --locked --root "$fuzz_root" \
    --version "=$fuzz_version" cargo-fuzz >&2)
}

have c++ || apt_install "A C++ compiler, for the fuzzer," g++
CARGO_FUZZ=$fuzz_root/bin/cargo-fuzz
if ! fuzz_is_pinned "$CARGO_FUZZ"; then
  say "Installing cargo-fuzz $fuzz_version into target/tools (compiles for about a minute)"
  install_fuzz || die "cargo-fuzz is needed: install it with 'cargo install --locked --version =$fuzz_version --root target/tools cargo-fuzz', then run the same command again."
  fuzz_is_pinned "$CARGO_FUZZ" || die "$CARGO_FUZZ is not cargo-fuzz $fuzz_version: remove target/tools, then run the same command again."
fi
export CARGO_FUZZ
