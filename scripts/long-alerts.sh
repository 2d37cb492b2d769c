#!/usr/bin/env bash
# long-alerts.sh: somebody listens to all chats at a real broker. The real alert must fire within the
# promised 35 s plus a scrape (15 s) and an evaluation (5 s), and be quiet before and after.
# DHCHAT_BINARY names a program that is built already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-nats.sh
. scripts/ensure-operations.sh
dhchat=${DHCHAT_BINARY:-$ROOT/target/release/dhchat}
[ -x "$dhchat" ] || die "Build the program first: cargo build --release --package edge."
prometheus=${PROMTOOL%promtool}prometheus
promised=55

folder=$(mktemp -d)
pids=()
listener=
finish() {
  for pid in ${listener:+"$listener"} "${pids[@]}"; do stop_process "$pid"; done
  rm -rf "$folder"
}
trap finish EXIT
spawn() {
  "$@" >>"$folder/words" 2>&1 &
  pids+=("$!")
}

pick_port && bus=$PORT
pick_port && doors=$PORT
pick_port && of_edge=$PORT
pick_port && of_actors=$PORT
pick_port && of_prometheus=$PORT

# One user who may do everything: the broker's own permissions would keep the listener out.
cat >"$folder/nats.conf" <<CONF
listen: "127.0.0.1:$bus"
include $ROOT/nats/limits.conf
CONF
cp nats/limits.conf "$folder/"
sed -i 's#^include .*#include ./limits.conf#' "$folder/nats.conf"
spawn "$DHCHAT_TEST_NATS_SERVER" --config "$folder/nats.conf"
wait_until 10 listens "$bus" || die "The broker did not start."

(umask 077 && head -c 32 /dev/urandom >"$folder/root.key")
export DHCHAT_DATABASE_URL=sqlite:$folder/dhchat.db DHCHAT_ROOT_KEY_FILE=$folder/root.key
export DHCHAT_BUS_URL=nats://127.0.0.1:$bus DHCHAT_LOG=warn
"$dhchat" migrate
spawn env AUTH_HTTP_PORT="$of_actors" "$dhchat" actors
spawn env DHCHAT_LISTEN="127.0.0.1:$doors" CHAT_HTTP_PORT="$of_edge" DHCHAT_ARBITERS=1 "$dhchat" edge
wait_until 30 answers_http "http://127.0.0.1:$doors/health/ready" || die "The edge did not become ready."

# The two jobs of figures, at the addresses of here.
cp -r infra/prometheus/rules "$folder/"
sed -n '/^global:/,/^scrape_configs:/p' infra/prometheus/prometheus.yml >"$folder/prometheus.yml"
cat >>"$folder/prometheus.yml" <<CONF
  - job_name: auth-service
    static_configs: [{ targets: ["127.0.0.1:$of_actors"] }]
  - job_name: chat-service
    static_configs: [{ targets: ["127.0.0.1:$of_edge"] }]
CONF
spawn "$prometheus" --config.file "$folder/prometheus.yml" --storage.tsdb.path "$folder/data" \
  --web.listen-address "127.0.0.1:$of_prometheus" --log.level warn

firing() {
  curl --silent --max-time 2 "http://127.0.0.1:$of_prometheus/api/v1/alerts" |
    grep -o '"alertname":"[A-Za-z]*"[^}]*}[^}]*}[^}]*"state":"firing"' | grep -o '"alertname":"[A-Za-z]*"' || true
}
asked() { curl --silent --max-time 2 "http://127.0.0.1:$of_prometheus/api/v1/query?query=up" | grep -q '"1"\]'; }
fires() { firing | grep -q SomebodyListensToChats; }
is_quiet() { ! fires; }
wait_until 60 asked || die "Prometheus asked nobody."
[ -z "$(firing)" ] || die "Something fires while all is well: $(firing)"

listen() {
  exec 3<>"/dev/tcp/127.0.0.1/$bus"
  printf 'CONNECT {"verbose":false}\r\nSUB chat.> 1\r\nPING\r\n' >&3
  while IFS= read -r line <&3; do
    case $line in PING*) printf 'PONG\r\n' >&3 ;; esac
  done
}
listen &
listener=$!
begun=$SECONDS
wait_until "$promised" fires || die "Nobody was told within $promised s."
say "Told after $((SECONDS - begun)) s, of $promised promised"
stop_process "$listener"
listener=
wait_until 90 is_quiet || die "It goes on after the listener has left."
say "Quiet again"
