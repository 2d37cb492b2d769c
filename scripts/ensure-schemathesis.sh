# Schemathesis, which examines an HTTP interface by its OpenAPI document; pinned with its hashes in
# tools/python/schemathesis. An environment of its own: only this test needs it.
# Sourced after lib.sh; exports SCHEMATHESIS, the path of the program.
# shellcheck shell=bash

schemathesis_folder=$ROOT/tools/python/schemathesis

install_schemathesis() {
  python3 -m venv --clear "$schemathesis_folder/venv" || return 1
  "$schemathesis_folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes --requirement "$schemathesis_folder/requirements.txt" >&2
}

if newer_than "$schemathesis_folder/venv/.installed" "$schemathesis_folder/requirements.txt"; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "Python, which brings Schemathesis," python3 python3-venv
  say "Installing Schemathesis into tools/python/schemathesis (about 95 MB)"
  install_schemathesis ||
    die "Schemathesis of tools/python/schemathesis/requirements.txt could not be fetched: Python 3.11 or newer is needed, and a connection to pypi.org."
  touch "$schemathesis_folder/venv/.installed"
fi
SCHEMATHESIS=$schemathesis_folder/venv/bin/schemathesis
export SCHEMATHESIS
