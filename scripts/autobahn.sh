#!/usr/bin/env bash
# autobahn.sh short|all: the cases of the Autobahn test suite, told to the handshake and the codec of
# the doors, which edge/examples/echo.rs has echo. Frames may have 16 MiB there, as the cases want;
# the limits of the doors are held by edge/tests. DHCHAT_ECHO names that program if it is built.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-kosoku.sh

selection=${1:-}
frame_bytes_max=$((16 * 1024 * 1024))
case $selection in
  short | all) ;;
  *) die "Say which cases: short or all." ;;
esac

echo_program=${DHCHAT_ECHO:-}
if [ -z "$echo_program" ]; then
  mkdir -p webapp/dist
  say "Building the echo"
  cargo build --locked --quiet --package edge --example echo
  echo_program=${CARGO_TARGET_DIR:-$ROOT/target}/debug/examples/echo
fi

folder=$(mktemp -d)
pid=
finish() {
  [ -z "$pid" ] || stop_process "$pid"
  rm -rf "$folder"
}
trap finish EXIT

"$echo_program" "$frame_bytes_max" >"$folder/address" &
pid=$!
wait_until 10 test -s "$folder/address" || die "The echo does not say where it listens."
"$KOSOKU_PYTHON" tools/python/kosoku/judge.py "ws://$(cat "$folder/address")/ws/" "$selection"
