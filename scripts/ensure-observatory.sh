# The judges of what pages are served with: MDN's HTTP Observatory and Google's CSP Evaluator, as
# tools/node/observatory/package-lock.json names them. A folder of its own: only this examination needs them.
# Sourced after lib.sh and ensure-node.sh; exports OBSERVATORY, the folder.
# shellcheck shell=bash

OBSERVATORY=$ROOT/tools/node/observatory

install_observatory() {
  npm ci --prefix "$OBSERVATORY" --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error >&2 || return 1
  # Its install script would fetch the names that browsers know to have TLS. A house that is examined
  # here has no such name, and an empty list gives no points.
  echo '{}' >"$OBSERVATORY/node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json"
}

if newer_than "$OBSERVATORY/node_modules/.installed" "$OBSERVATORY/package-lock.json"; then
  say "Installing the judges of headers into tools/node/observatory (about 130 MB)"
  install_observatory ||
    die "The packages of tools/node/observatory could not be fetched from npm: check the connection and run the same command again."
  touch "$OBSERVATORY/node_modules/.installed"
fi
export OBSERVATORY
