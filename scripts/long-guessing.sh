#!/usr/bin/env bash
# A thousand addresses guess at one password every second for ten minutes, by clocks that the test
# moves; `make test` lets some of them try every few seconds. At most a hundred guesses may be
# looked at, and nobody else may be refused. On NATS and PostgreSQL, then in one process on SQLite.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh

export DHCHAT_GUESSING_STEP_SECONDS=${DHCHAT_GUESSING_STEP_SECONDS:-1}
export DHCHAT_GUESSING_TRIES=${DHCHAT_GUESSING_TRIES:-1000}
scripts/with-postgres.sh cargo test --locked --package actors --test replicas -- --nocapture \
  --test-threads 1 auth20_auth24_ten_minutes
