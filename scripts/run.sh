#!/usr/bin/env bash
# From a clean clone to a chat on http://localhost:8080: one process, embedded bus, SQLite file in ./data.
# Installs what is missing and says so; a second start only starts.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

address=${DHCHAT_LISTEN:-127.0.0.1:8080}
url=${DHCHAT_PUBLIC_URL:-http://localhost:${address##*:}}
export DHCHAT_LISTEN=$address DHCHAT_PUBLIC_URL=$url

if listens "${address##*:}"; then
  die "Port ${address##*:} is taken: stop what listens there, or choose another with 'DHCHAT_LISTEN=127.0.0.1:8090 make run'."
fi

say "1 of 4: what the program is built with (C compiler, Rust, Node)"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-node.sh

say "2 of 4: the web app"
build_web_app

# DHCHAT_BINARY names a program that is built already.
dhchat=${DHCHAT_BINARY:-}
if [ -z "$dhchat" ]; then
  dhchat=${CARGO_TARGET_DIR:-$ROOT/target}/quick/dhchat
  say "3 of 4: the server$([ -x "$dhchat" ] || echo ' (the first time this takes some minutes)')"
  cargo build --locked --profile quick --package edge --bin dhchat
fi

say "4 of 4: starting on $url; Ctrl-C stops it, accounts are kept in ${DHCHAT_DATA_DIR:-./data}"
exec "$dhchat" serve
