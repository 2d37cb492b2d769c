# A Rust toolchain that is new enough, through rustup where there is none.
# Sourced after lib.sh: it may put ~/.cargo/bin on the PATH.
# shellcheck shell=bash

rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
rust_pinned=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")

rust_is_new_enough() {
  local found
  found=$(cd "$ROOT" && cargo --version 2>/dev/null | awk '{ print $2 }')
  [ -n "$found" ] && at_least "$found" "$rust_wanted"
}

# The installer is fetched to a file first: a broken download must not run half a script.
install_rustup() {
  local installer
  installer=$(mktemp)
  say "Installing Rust $rust_pinned through rustup into $HOME/.cargo (about 250 MB)"
  curl --proto '=https' --tlsv1.2 --silent --show-error --fail --location --retry 3 "${RUSTUP_UPDATE_ROOT:-https://static.rust-lang.org/rustup}/rustup-init.sh" --output "$installer" &&
    sh "$installer" -y --quiet --no-modify-path --profile minimal --default-toolchain "$rust_pinned" \
      --component clippy --component rustfmt >&2
  local outcome=$?
  rm -f "$installer"
  return $outcome
}

[ -d "${CARGO_HOME:-$HOME/.cargo}/bin" ] && PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
if ! rust_is_new_enough; then
  if have rustup; then
    say "Installing Rust $rust_pinned through rustup"
    rustup toolchain install "$rust_pinned" --profile minimal --component clippy --component rustfmt >&2 || true
  else
    install_rustup || true
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  fi
  rust_is_new_enough ||
    die "Rust $rust_wanted or newer is needed and could not be installed here: install it as https://rustup.rs says, then run the same command again."
fi
export PATH
