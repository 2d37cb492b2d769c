#!/usr/bin/env bash
# figures.sh: starts a broker, the actors and an edge, and holds what they show on /metrics against
# what alerts and panels ask for. DHCHAT_BINARY names a program that is built already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

if [ -z "${DHCHAT_TEST_NATS_EDGE_URL:-}" ]; then
  exec scripts/with-nats.sh "$0"
fi
. scripts/ensure-operations.sh
dhchat=${DHCHAT_BINARY:?name the program}

folder=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do stop_process "$pid"; done
  rm -rf "$folder"
}
trap finish EXIT

pick_port && doors=$PORT
pick_port && of_edge=$PORT
pick_port && of_actors=$PORT
(umask 077 && head -c 32 /dev/urandom >"$folder/root.key")
export DHCHAT_DATABASE_URL=sqlite:$folder/dhchat.db DHCHAT_ROOT_KEY_FILE=$folder/root.key DHCHAT_LOG=warn
"$dhchat" migrate
DHCHAT_BUS_URL=$DHCHAT_TEST_NATS_ACTORS_URL AUTH_HTTP_PORT=$of_actors "$dhchat" actors &
pids+=("$!")
DHCHAT_BUS_URL=$DHCHAT_TEST_NATS_EDGE_URL DHCHAT_LISTEN=127.0.0.1:$doors CHAT_HTTP_PORT=$of_edge DHCHAT_ARBITERS=1 \
  "$dhchat" edge &
pids+=("$!")
wait_until 30 answers_http "http://127.0.0.1:$doors/health/ready" || die "The edge did not become ready within 30 s."

# Timings are shown once there is something to time: an account is refused, a page of figures is asked.
curl --silent --output "$folder/answer" --header 'content-type: application/json' --data '{}' \
  "http://127.0.0.1:$doors/api/auth/login"
curl --silent --fail --output "$folder/edge" "http://127.0.0.1:$of_edge/metrics"
asked_the_database() {
  curl --silent --fail --output "$folder/actors" "http://127.0.0.1:$of_actors/metrics" &&
    grep -q 'operation="ping"' "$folder/actors" && grep -q 'operation="delete expired tokens"' "$folder/actors"
}
wait_until 30 asked_the_database || die "The actors did not ask their database within 30 s."
"$OPERATIONS_BIN/python" infra/checks/metrics.py --page "$folder/edge" "$folder/actors"
