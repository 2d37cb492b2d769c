#!/usr/bin/env bash
# Every test. A missing server or browser is installed, or is a failure with a sentence; never a skip.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-node.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh
. scripts/ensure-chromium.sh
. scripts/ensure-firefox.sh
. scripts/ensure-nextest.sh
. scripts/ensure-faketime.sh

beside_servers() { scripts/with-nats.sh scripts/with-postgres.sh "$@"; }
# On the broker that operators get; all other tests take the one of this machine.
hear_shipped_broker() (
  unset DHCHAT_TEST_NATS_SERVER
  . scripts/ensure-shipped-nats.sh
  scripts/with-nats.sh cargo nextest run --locked --package actors --test bus_contract \
    --profile "${NEXTEST_PROFILE:-default}"
)
break_servers() { make --no-print-directory chaos-short; }
restart_edges() { make --no-print-directory chaos-rolling; }
test_web() { (cd webapp && npm run --silent test); }
test_core_in_chromium() { (cd webapp && npm run --silent test:browser); }
test_core_on_libraries() { (cd webapp && npm run --silent test:fallbacks); }
search_servers() {
  export DHCHAT_CANARIES=40 DHCHAT_CANARIES_FOLDER=$ROOT/target/canaries/short
  rm -rf "$DHCHAT_CANARIES_FOLDER"
  scripts/canaries.sh
}
# Every story is told beside one process; beside edges, those in which edges have a part.
talk_on_edges() { DHCHAT_E2E=$2 scripts/e2e.sh edges "$1"; }
test_screens() { (cd webapp && npm run --silent screenshots); }
compare_screens() { (cd webapp && npm run --silent likeness); }
test_long_list() { (cd webapp && npm run --silent long-list); }

step "Web app" build_web_app
step "Two builds of the web app, byte for byte" scripts/twin-builds.sh
step "Tests of Rust, beside a NATS server and a PostgreSQL" \
  beside_servers cargo nextest run --locked --workspace --profile "${NEXTEST_PROFILE:-default}"
step "The bus on the broker that operators get" hear_shipped_broker
step "What the hot path costs, in counts" scripts/gates.sh
# The tests of the edge have built it; building it alone would select other features and start over.
export DHCHAT_BINARY=${CARGO_TARGET_DIR:-$ROOT/target}/debug/dhchat
DHCHAT_ECHO=${DHCHAT_BINARY%/dhchat}/examples/echo
export DHCHAT_ECHO
step "WebSocket cases of the Autobahn test suite" scripts/autobahn.sh short
step "Every route, examined by the OpenAPI document" scripts/schemathesis.sh 10 --generation-deterministic
step "Parsers, fed for six minutes" scripts/fuzz.sh
step "What alerts and panels ask for is shown by real processes" scripts/figures.sh
step "Prod as plain processes: browsers through the proxy, every figure in Prometheus" scripts/topology.sh check
step "What pages are served with, by MDN and Google" scripts/topology.sh headers
step "What a newcomer does" scripts/newcomer.sh
step "Servers that break under people who talk" break_servers
step "Every edge restarted under people who talk" restart_edges
step "Examples in the documentation of Rust" cargo test --locked --quiet --workspace --doc
step "Tests of the web app" test_web
step "The core in Chromium" test_core_in_chromium
step "The core where Web Crypto lacks a primitive, or all" test_core_on_libraries
step "Every screen, in both languages and themes" test_screens
step "Every screen looks as it did, in twelve looks" compare_screens
step "A list of 10,000 lines against one of 100" test_long_list
step "Two browsers, one process" scripts/e2e.sh embedded
step "Two people in Firefox, and in two engines" scripts/firefox.sh
step "Two browsers, two edges on NATS and PostgreSQL" talk_on_edges 2 e2e:edges
step "Two browsers, three edges on NATS and PostgreSQL" talk_on_edges 3 e2e:main
step "Two browsers say canaries, and the servers are searched for them" search_servers
