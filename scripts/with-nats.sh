#!/usr/bin/env bash
# with-nats.sh COMMAND...: runs the command beside a throw-away NATS server on a free loopback port.
#
# Exports DHCHAT_TEST_NATS_SERVER (the program), DHCHAT_TEST_NATS_CONF (its configuration) and
# DHCHAT_TEST_NATS_URL (the server that runs, without credentials). The server ends with the command.
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
pick_port
port=$PORT
"$DHCHAT_TEST_NATS_SERVER" --config "$conf" --addr 127.0.0.1 --port "$port" --log "$folder/nats.log" &
pid=$!
if ! wait_until 10 listens "$port"; then
  cat "$folder/nats.log" >&2 || true
  die "The NATS server did not start with nats/nats.conf; its log is above."
fi

export DHCHAT_TEST_NATS_CONF=$conf
export DHCHAT_TEST_NATS_URL=nats://127.0.0.1:$port
"$@"
