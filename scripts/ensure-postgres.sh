# The programs of a PostgreSQL server with pg_trgm. Sourced after lib.sh.
# Sets POSTGRES_BIN; the tests start a throw-away server of their own and leave any other alone.
# shellcheck shell=bash

find_postgres() {
  local bin
  for bin in "${POSTGRES_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
    if [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ]; then
      printf '%s\n' "$bin"
      return 0
    fi
  done
  return 1
}

if ! POSTGRES_BIN=$(find_postgres); then
  apt_install "PostgreSQL" postgresql
  POSTGRES_BIN=$(find_postgres) || die "PostgreSQL is needed: install it and set POSTGRES_BIN to the folder of initdb."
fi
export POSTGRES_BIN
