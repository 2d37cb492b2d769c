#!/usr/bin/env bash
# with-postgres.sh COMMAND...: runs the command beside a throw-away PostgreSQL on a free loopback port.
#
# Exports DHCHAT_TEST_POSTGRES_URL, a database whose user may create others. Nothing of it is
# synced to the disk: it is fast, and it is gone when the command ends.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/ensure-postgres.sh"

folder=$(mktemp -d)

# initdb refuses root, so root lends the work to the user that the package made.
as_owner() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}

finish() {
  as_owner "$POSTGRES_BIN/pg_ctl" stop --pgdata "$folder/data" --mode immediate --silent >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap finish EXIT

[ "$(id -u)" -ne 0 ] || chown postgres "$folder"
pick_port
port=$PORT
as_owner "$POSTGRES_BIN/initdb" --pgdata "$folder/data" --username app --auth trust \
  --encoding UTF8 --locale C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log" >&2
  die "PostgreSQL's initdb failed; its words are above."
}
as_owner "$POSTGRES_BIN/pg_ctl" start --wait --silent --pgdata "$folder/data" --log "$folder/data/server.log" \
  --options "-c listen_addresses=127.0.0.1 -p $port -k $folder -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" >&2 || {
  cat "$folder/data/server.log" >&2
  die "PostgreSQL did not start; its log is above."
}

export DHCHAT_TEST_POSTGRES_URL=postgres://app@127.0.0.1:$port/postgres
"$@"
