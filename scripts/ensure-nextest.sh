# cargo-nextest, which runs each test in a process of its own.
# Sourced after lib.sh: it may put tools/python on the PATH.
# shellcheck shell=bash

if ! cargo nextest --version >/dev/null 2>&1; then
  . "$ROOT/scripts/ensure-python-tools.sh"
  cargo nextest --version >/dev/null 2>&1 ||
    die "cargo-nextest is needed: install it with 'cargo install --locked cargo-nextest', then run the same command again."
fi
