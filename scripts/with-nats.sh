#!/usr/bin/env bash
# with-nats.sh COMMAND...: runs the command beside a throw-away NATS server on a free loopback port.
#
# Exports DHCHAT_TEST_NATS_SERVER (the program, for tests that stop and start their own), and the
# addresses of the server that runs: DHCHAT_TEST_NATS_URL without credentials,
# DHCHAT_TEST_NATS_EDGE_URL and DHCHAT_TEST_NATS_ACTORS_URL with those of a role. The passwords that
# nats/nats.conf takes from its environment are made here. The server ends with the command.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/ensure-nats.sh"

folder=$(mktemp -d)
pid=
finish() {
  [ -z "$pid" ] || stop_process "$pid"
  rm -rf "$folder"
}
trap finish EXIT

conf=$ROOT/nats/nats.conf
[ -e "$conf" ] || die "nats/nats.conf is missing."

# They begin with a letter: the broker reads its environment as configuration, where a digit begins a number.
while IFS= read -r name; do
  export "$name=p$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
done < <(cat "$ROOT"/nats/*.conf | grep -v '^ *#' | grep -oE '\$[A-Z][A-Z0-9_]*_PASSWORD' | tr -d '$' | sort -u)

# role_url ROLE: the server's address as that role of nats/nats.conf reaches it.
role_url() {
  local password
  password=NATS_${1^^}_PASSWORD
  [ -n "${!password:-}" ] || die "nats/nats.conf takes no password from \$$password for the role $1."
  printf 'nats://%s:%s@127.0.0.1:%s\n' "$1" "${!password}" "$port"
}

pick_port
port=$PORT
"$DHCHAT_TEST_NATS_SERVER" --config "$conf" --addr 127.0.0.1 --port "$port" --http_port -1 \
  --log "$folder/nats.log" &
pid=$!
if ! wait_until 10 listens "$port"; then
  cat "$folder/nats.log" >&2 2>/dev/null || true
  die "The NATS server did not start with nats/nats.conf; its words are above."
fi

export DHCHAT_TEST_NATS_URL=nats://127.0.0.1:$port
DHCHAT_TEST_NATS_EDGE_URL=$(role_url edge)
DHCHAT_TEST_NATS_ACTORS_URL=$(role_url actors)
export DHCHAT_TEST_NATS_EDGE_URL DHCHAT_TEST_NATS_ACTORS_URL
"$@"
