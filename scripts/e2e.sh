#!/usr/bin/env bash
# Real processes, real browsers:
#   e2e.sh embedded      one `dhchat serve`: embedded bus, SQLite
#   e2e.sh edges N       N × `dhchat edge` and one `dhchat actors` on a NATS server and a PostgreSQL
#
# Everything listens on free loopback ports, keeps its data in a throw-away folder, and ends with
# this script. The logs of all processes are printed when something fails. DHCHAT_BINARY names a
# program that is built already; DHCHAT_E2E the script of webapp/package.json that is run, `e2e` if
# none is; PICTURES_DIR keeps a picture of each step.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

mode=${1:-}
edges=${2:-2}
case $mode in
  embedded | edges) ;;
  *) die "Say what to start: embedded, or edges N." ;;
esac

. scripts/ensure-rust.sh
. scripts/ensure-node.sh
. scripts/ensure-chromium.sh

# The servers around it are started first, unless whoever called did that already.
if [ "$mode" = edges ] && [ -z "${DHCHAT_TEST_NATS_URL:-}" ]; then
  exec scripts/with-nats.sh scripts/e2e.sh "$@"
fi
if [ "$mode" = edges ] && [ -z "${DHCHAT_TEST_POSTGRES_URL:-}" ]; then
  exec scripts/with-postgres.sh scripts/e2e.sh "$@"
fi

export PICTURES_DIR=${PICTURES_DIR:-$ROOT/target/e2e-pictures}
folder=$(mktemp -d)
pids=()
pages=()

finish() {
  local outcome=$? pid log
  # The other way round than they were started: doors before what they stand on.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    pid=${pids[i]}
    stop_process "$pid"
  done
  if [ "$outcome" -ne 0 ]; then
    for log in "$folder"/*.log; do
      [ -e "$log" ] || continue
      printf '\n---- the last lines of %s\n' "$(basename "$log")" >&2
      tail -n 60 "$log" >&2
    done
    # Once more, and last: whoever sees only the end of a long log sees what failed.
    sed -n '/failing tests:/,$p' "$folder/stories.txt" >&2 2>/dev/null || true
    printf '\nPictures of the steps that were reached are in %s\n' "$PICTURES_DIR" >&2
  fi
  rm -rf "$folder"
}
trap finish EXIT

# start NAME ENVIRONMENT... -- ARGUMENT...: one dhchat process with a log of its own.
start() {
  local name=$1 variables=()
  shift
  while [ "$1" != -- ]; do
    variables+=("$1")
    shift
  done
  shift
  env "${variables[@]}" "$dhchat" "$@" >"$folder/$name.log" 2>&1 &
  pids+=($!)
}

# ready NAME URL: waits until a process says that it can be given work; at once wrong if one ended.
ready() {
  if ! wait_until 60 answers_or_one_ended "$2/health/ready" || ! all_run; then
    die "$1 did not become ready."
  fi
}

answers_or_one_ended() { answers_http "$1" || ! all_run; }

all_run() {
  local pid
  for pid in "${pids[@]}"; do runs "$pid" || return 1; done
}

build_web_app
ensure_web_packages
dhchat=${DHCHAT_BINARY:-}
if [ -z "$dhchat" ]; then
  say "Building dhchat"
  cargo build --locked --quiet --package edge --bin dhchat
  dhchat=${CARGO_TARGET_DIR:-$ROOT/target}/debug/dhchat
fi

# Two people who hurry: costs and limits are raised openly, their real values have tests of their own.
export DHCHAT_BCRYPT_COST=4
export DHCHAT_LIMIT_LOGIN_PER_SECOND=1000
export DHCHAT_LIMIT_REGISTER_PER_SECOND=1000
export DHCHAT_LIMIT_GENERAL_PER_SECOND=10000
export DHCHAT_LIMIT_PAIR_PER_MINUTE=10000
export DHCHAT_DRAIN_SECONDS=1
export DHCHAT_LOG=${DHCHAT_LOG:-info}

serve() {
  local port
  pick_port
  port=$PORT
  pick_port
  BASE_URLS=http://localhost:$port
  start serve "DHCHAT_LISTEN=127.0.0.1:$port" "DHCHAT_PUBLIC_URL=$BASE_URLS" \
    "DHCHAT_DATA_DIR=$folder/data" "CHAT_HTTP_PORT=$PORT" -- serve
  ready "dhchat serve" "$BASE_URLS"
}

# A database of its own, so that a second run beside the same server finds nobody registered.
make_database() {
  local name=e2e_$$
  "$POSTGRES_BIN/psql" --quiet --no-psqlrc "$DHCHAT_TEST_POSTGRES_URL" --command "CREATE DATABASE $name"
  printf '%s\n' "${DHCHAT_TEST_POSTGRES_URL%/*}/$name"
}

# One deployment with several addresses: the first names it, browsers may use any.
serve_on_edges() {
  local ports=() port database
  . scripts/ensure-postgres.sh
  database=$(make_database)
  (umask 077 && head -c 32 /dev/urandom >"$folder/root.key")

  say "Migrating the database, starting the actors and $edges edges"
  DHCHAT_DATABASE_URL=$database "$dhchat" migrate >"$folder/migrate.log" 2>&1
  pick_port
  start actors "DHCHAT_BUS_URL=$DHCHAT_TEST_NATS_ACTORS_URL" "DHCHAT_DATABASE_URL=$database" \
    "DHCHAT_ROOT_KEY_FILE=$folder/root.key" "AUTH_HTTP_PORT=$PORT" -- actors
  ready "dhchat actors" "http://127.0.0.1:$PORT"
  pages+=("$PORT")

  for _ in $(seq 1 "$edges"); do
    pick_port
    ports+=("$PORT")
  done
  BASE_URLS=$(printf ',http://localhost:%s' "${ports[@]}")
  BASE_URLS=${BASE_URLS#,}
  for port in "${ports[@]}"; do
    pick_port
    start "edge-$port" "DHCHAT_LISTEN=127.0.0.1:$port" "DHCHAT_PUBLIC_URL=$BASE_URLS" \
      "DHCHAT_BUS_URL=$DHCHAT_TEST_NATS_EDGE_URL" "CHAT_HTTP_PORT=$PORT" -- edge
    pages+=("$PORT")
  done
  for port in "${ports[@]}"; do ready "dhchat edge" "http://localhost:$port"; done
}

case $mode in
  embedded) serve ;;
  edges) serve_on_edges ;;
esac

# A word that the broker refuses is lost, and may be missed by nobody but people who wait.
nothing_was_forbidden() {
  local page
  for page in "${pages[@]}"; do
    if curl -fsS "http://127.0.0.1:$page/metrics" |
      grep -E '^bus_broker_complaints_total\{.*kind="permission".* [1-9]'; then
      die "A process said to the bus what it may not."
    fi
  done
}

export BASE_URLS
say "Two browsers talk through $BASE_URLS"
cd webapp
npm run --silent "${DHCHAT_E2E:-e2e}" | tee "$folder/stories.txt"
nothing_was_forbidden
