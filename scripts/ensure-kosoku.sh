# Kosoku, which tells the cases of the Autobahn test suite to a WebSocket server; pinned with its
# hashes in tools/python/kosoku. An environment of its own: only this test needs it.
# Sourced after lib.sh; exports KOSOKU_PYTHON, the interpreter that has it.
# shellcheck shell=bash

kosoku_folder=$ROOT/tools/python/kosoku

install_kosoku() {
  python3 -m venv --clear "$kosoku_folder/venv" || return 1
  "$kosoku_folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes --requirement "$kosoku_folder/requirements.txt" >&2
}

if newer_than "$kosoku_folder/venv/.installed" "$kosoku_folder/requirements.txt"; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "Python, which brings Kosoku," python3 python3-venv
  say "Installing Kosoku into tools/python/kosoku (about 20 MB)"
  install_kosoku ||
    die "Kosoku of tools/python/kosoku/requirements.txt could not be fetched: Python 3.10 or newer is needed, and a connection to pypi.org."
  touch "$kosoku_folder/venv/.installed"
fi
KOSOKU_PYTHON=$kosoku_folder/venv/bin/python
export KOSOKU_PYTHON
