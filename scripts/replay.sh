#!/usr/bin/env bash
# replay.sh FILE: prints a capture with arrows and holds it against the program; see docs/captures.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ -n "${1:-}" ] || die "Which capture? For example: make replay CAPTURE=actors/core/tests/captures/conversation.cap"
[ -r "$1" ] || die "There is no capture at $1."
capture=$(realpath "$1")
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh

# The binary embeds the folder; nothing of it is needed here.
mkdir -p webapp/dist
exec cargo run --locked --quiet --package edge --bin dhchat -- replay "$capture" --show
