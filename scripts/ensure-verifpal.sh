# Verifpal, which searches the models of docs/models for attacks. Sourced after lib.sh and ensure-rust.sh.
# A program of its own under GPL-3.0: run as a test tool, never linked, never shipped.
# Exports VERIFPAL, the path of the program.
# shellcheck shell=bash

verifpal_version=1.6.7
verifpal_root=$ROOT/target/tools

verifpal_is_pinned() { [ "$("$1" --version 2>/dev/null)" = "verifpal $verifpal_version" ]; }

# It asks for a newer Rust than ours, and builds and runs with ours all the same.
install_verifpal() {
  (cd "$ROOT" && cargo install --quiet --locked --ignore-rust-version --root "$verifpal_root" \
    --version "=$verifpal_version" verifpal >&2)
}

VERIFPAL=$verifpal_root/bin/verifpal
if ! verifpal_is_pinned "$VERIFPAL"; then
  say "Installing Verifpal $verifpal_version into target/tools (compiles for about four minutes)"
  install_verifpal || die "Verifpal is needed: install it with 'cargo install --locked --ignore-rust-version --version =$verifpal_version --root target/tools verifpal', then run the same command again."
  verifpal_is_pinned "$VERIFPAL" || die "$VERIFPAL is not Verifpal $verifpal_version: remove target/tools, then run the same command again."
fi
export VERIFPAL
