# sslyze, which judges how TLS is spoken; pinned with its hashes in tools/python/sslyze. An environment
# of its own: only this examination needs it.
# Sourced after lib.sh; exports SSLYZE, the path of the program.
# shellcheck shell=bash

sslyze_folder=$ROOT/tools/python/sslyze

install_sslyze() {
  python3 -m venv --clear "$sslyze_folder/venv" || return 1
  "$sslyze_folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-binary sslyze,tls-parser \
    --require-hashes --requirement "$sslyze_folder/requirements.txt" >&2
}

if newer_than "$sslyze_folder/venv/.installed" "$sslyze_folder/requirements.txt"; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "Python, which brings sslyze," python3 python3-venv
  say "Installing sslyze into tools/python/sslyze (about 60 MB)"
  install_sslyze ||
    die "sslyze of tools/python/sslyze/requirements.txt could not be fetched: Python 3.10 or newer is needed, and a connection to pypi.org."
  touch "$sslyze_folder/venv/.installed"
fi
SSLYZE=$sslyze_folder/venv/bin/sslyze
export SSLYZE
