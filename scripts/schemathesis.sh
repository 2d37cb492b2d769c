#!/usr/bin/env bash
# schemathesis.sh EXAMPLES [ARGUMENT...]: examines a `dhchat serve` of its own by the OpenAPI document
# that it serves: all checks, all phases, so many examples for each route. Its database is a file, or one
# of its own on the server that DHCHAT_TEST_POSTGRES_URL names. DHCHAT_BINARY names a program that is
# built already; further arguments go to Schemathesis (--seed N repeats a run).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-schemathesis.sh

examples=${1:-}
[ "$examples" -gt 0 ] 2>/dev/null || die "Say how many examples each route gets."
shift

dhchat=${DHCHAT_BINARY:-}
if [ -z "$dhchat" ]; then
  mkdir -p webapp/dist
  say "Building dhchat"
  cargo build --locked --quiet --package edge --bin dhchat
  dhchat=${CARGO_TARGET_DIR:-$ROOT/target}/debug/dhchat
fi

folder=$(mktemp -d)
pid=
finish() {
  local outcome=$?
  [ -z "$pid" ] || stop_process "$pid"
  [ "$outcome" -eq 0 ] || tail -n 40 "$folder/serve.log" >&2 || true
  rm -rf "$folder"
}
trap finish EXIT

database=sqlite:$folder/dhchat.db
if [ -n "${DHCHAT_TEST_POSTGRES_URL:-}" ]; then
  . scripts/ensure-postgres.sh
  "$POSTGRES_BIN/psql" --quiet --no-psqlrc "$DHCHAT_TEST_POSTGRES_URL" --command "CREATE DATABASE api_$$"
  database=${DHCHAT_TEST_POSTGRES_URL%/*}/api_$$
fi

# Costs and limits are raised openly: what is examined is what the routes answer, not how often.
pick_port
port=$PORT
pick_port
export DHCHAT_BASE_URL=http://127.0.0.1:$port
env "DHCHAT_LISTEN=127.0.0.1:$port" "DHCHAT_PUBLIC_URL=$DHCHAT_BASE_URL" "CHAT_HTTP_PORT=$PORT" \
  "DHCHAT_DATA_DIR=$folder/data" "DHCHAT_DATABASE_URL=$database" DHCHAT_BCRYPT_COST=4 DHCHAT_HASH_THREADS=2 DHCHAT_GUESSES_FREE=1000000 \
  DHCHAT_LIMIT_LOGIN_PER_SECOND=1000000 DHCHAT_LIMIT_REGISTER_PER_SECOND=1000000 \
  DHCHAT_LIMIT_GENERAL_PER_SECOND=1000000 DHCHAT_LIMIT_PAIR_PER_MINUTE=1000000 \
  DHCHAT_DRAIN_SECONDS=0 DHCHAT_LOG=warn "$dhchat" serve >"$folder/serve.log" 2>&1 &
pid=$!
wait_until 30 answers_http "$DHCHAT_BASE_URL/health/ready" || die "dhchat serve did not become ready."

(cd tools/python/schemathesis && SCHEMATHESIS_HOOKS=hooks "$SCHEMATHESIS" run "$DHCHAT_BASE_URL/api/openapi.json" \
  --max-examples "$examples" --no-color "$@")

# Whatever was asked, it is still there and has found nothing wrong with itself.
answers_http "$DHCHAT_BASE_URL/health/ready" || die "dhchat serve does not answer any more."
! grep -E ' ERROR |panicked' "$folder/serve.log" || die "dhchat serve complains about itself; its words are above."
