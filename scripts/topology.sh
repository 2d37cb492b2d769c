#!/usr/bin/env bash
# topology.sh check|tls|headers|stay: prod as plain processes of this machine, made from the very files that
# containers get: nginx with TLS, three brokers with TLS, two edges, actors, PostgreSQL, Prometheus.
#
#   check    two browsers talk through it, and whatever alerts and panels ask for is held against it
#   tls      sslyze judges how TLS is spoken, with either setting
#   headers  MDN's HTTP Observatory and Google's CSP Evaluator judge what pages are served with
#   stay     starts it for whoever wants to look, until Ctrl-C
#
# DHCHAT_TOPOLOGY_WHOLE has check tell every story of two people, not one.
# infra/topology/plan.py says what differs from containers. DHCHAT_BINARY names a program that is built already.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

what=${1:-check}
case $what in check | tls | headers | stay) ;; *) die "Say what to do: check, tls, headers or stay." ;; esac
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-node.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh
. scripts/ensure-operations.sh
[ "$what" != check ] || . scripts/ensure-chromium.sh
[ "$what" != tls ] || . scripts/ensure-sslyze.sh
[ "$what" != headers ] || . scripts/ensure-observatory.sh
if [ -z "${DHCHAT_TEST_POSTGRES_URL:-}" ]; then
  exec scripts/with-postgres.sh scripts/topology.sh "$@"
fi

build_web_app
ensure_web_packages
dhchat=${DHCHAT_BINARY:-}
if [ -z "$dhchat" ]; then
  say "Building dhchat"
  cargo build --locked --quiet --package edge --bin dhchat
  dhchat=${CARGO_TARGET_DIR:-$ROOT/target}/debug/dhchat
fi
# One program for another name of the same: a word each, so that no quoting is needed.
PROGRAMS=$(printf '{"dhchat":"%s","nats-server":"%s","nginx":"%s","nginx-libraries":"%s","prometheus":"%s","promtool":"%s","blackbox_exporter":"%s","psql":"%s","compose":"%s","sslyze":"%s"}' \
  "$(realpath "$dhchat")" "$DHCHAT_TEST_NATS_SERVER" "$NGINX_PROGRAM" "$NGINX_LIBRARIES" "${PROMTOOL%promtool}prometheus" \
  "$PROMTOOL" "$BLACKBOX" "$POSTGRES_BIN/psql" "$COMPOSE" "${SSLYZE:-}")
export PROGRAMS
"$OPERATIONS_BIN/python" infra/topology/run.py "$what"
