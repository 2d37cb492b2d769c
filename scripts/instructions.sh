#!/usr/bin/env bash
# How many instructions each piece of the hot path takes, counted by callgrind and held to
# edge/benches/instructions.tsv: at most 5 % above what is written there, and never above the limit
# beside it. The same program takes the same number on any machine, however busy; another compiler makes
# another program, so the compiler is pinned (rust-toolchain.toml).
#
# UPDATE=1 writes what is counted; limits are changed by hand.
#
# Counted is what happens inside of `repeat` of edge/benches/src/bin/instructions.rs, so that the start of
# the program falls out of it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-valgrind.sh

table=edge/benches/instructions.tsv
times=1000
percent=5

cargo build --locked --quiet --release --package hot-path --bin instructions
program=${CARGO_TARGET_DIR:-$ROOT/target}/release/instructions

# per_piece PIECE: the instructions of doing it once.
per_piece() {
  "$VALGRIND" --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='instructions::repeat*' \
    "$program" "$1" "$times" 2>&1 |
    awk -v times="$times" '/Collected *:/ { print int($NF / times); found = $NF > 0 } END { exit !found }'
}

# column PIECE NUMBER: what the table has of a piece.
column() { awk -F '\t' -v piece="$1" -v number="$2" '$1 == piece { print $number }' "$table"; }

told=()
failed=0
rows=
while IFS= read -r piece; do
  count=$(per_piece "$piece") || die "$piece could not be counted."
  written=$(column "$piece" 2)
  limit=$(column "$piece" 3)
  rows+=$(printf '%s\t%s\t%s' "$piece" "$count" "${limit:-$((count * 3 / 2))}")$'\n'
  told+=("{\"measure\": \"instructions-$piece\", \"unit\": \"instructions\", \"value\": $count, \"details\": {\"written\": ${written:-0}, \"limit\": ${limit:-0}}}")
  [ -z "${UPDATE:-}" ] || continue
  if [ -z "$written" ]; then
    say "$piece is not in $table: run UPDATE=1 scripts/instructions.sh."
    failed=1
  elif [ "$count" -gt "$limit" ]; then
    say "$piece takes $count instructions; $limit is the limit."
    failed=1
  elif [ "$((count * 100))" -gt "$((written * (100 + percent)))" ]; then
    say "$piece takes $count instructions; $written were written, and $percent % more are allowed. If that is meant: UPDATE=1 scripts/instructions.sh."
    failed=1
  elif [ "$((count * 100))" -lt "$((written * (100 - percent)))" ]; then
    say "$piece takes $count instructions where $written were written: UPDATE=1 scripts/instructions.sh keeps that."
  fi
done < <("$program")

if [ -n "${UPDATE:-}" ]; then
  {
    grep '^#' "$table" 2>/dev/null || printf '# Instructions of each piece of the hot path, and its limit; see scripts/instructions.sh.\n'
    printf '%s' "$rows"
  } >"$table.new"
  mv "$table.new" "$table"
fi
(
  IFS=,
  printf '[%s]\n' "${told[*]}"
)
exit "$failed"
