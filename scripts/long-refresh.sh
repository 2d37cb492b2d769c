#!/usr/bin/env bash
# A thousand rounds of 32 refreshes with one cookie at three replicas of auth; `make test` runs
# thirty of the same. Of each round one refresh rotates, all get the same cookie, and a later reuse
# ends the Login. On NATS and PostgreSQL, then in one process on SQLite.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh

export DHCHAT_REFRESH_ROUNDS=${DHCHAT_REFRESH_ROUNDS:-1000}
scripts/with-postgres.sh cargo test --locked --package actors --test replicas -- --nocapture \
  auth11_auth13_of_32_refreshes
