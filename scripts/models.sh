#!/usr/bin/env bash
# Searches the models of docs/models for attacks and fails unless every result is exactly as
# docs/models/expected.tsv says. `fast` runs the set for every day, `long` all of them; a second
# argument runs only the models whose name begins so.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

set_wanted=${1:-fast}
prefix=${2:-}
models=$ROOT/docs/models
table=$models/expected.tsv
at_once=2
limit_s=600

# The rows of the table, without its heading: model, sessions, expected, seconds, set, shows.
rows() { tail -n +2 "$table"; }

# Says what is wrong with the table itself: a result that nobody compares is worth nothing.
faults_of_table() {
  rows | awk -F '\t' '
    NF != 6 { print "line " NR + 1 " has " NF " columns; there are 6" }
    $2 !~ /^[1-9]$/ { print $1 ": sessions are a number, not \"" $2 "\"" }
    $3 !~ /^([acefu][01])+$/ { print $1 ": \"" $3 "\" is no result code" }
    $5 != "fast" && $5 != "long" { print $1 ": the set is fast or long, not \"" $5 "\"" }
    seen[$1, $2]++ { print $1 " @" $2 " stands twice" }'
  comm -3 <(rows | cut -f 1 | sort -u) <(cd "$models" && find . -name '*.vp' | sed 's|^\./||; s|\.vp$||' | sort) |
    awk -F '\t' '$1 != "" { print $1 ": the table names it, and there is no such file" } $2 != "" { print $2 ": the table does not name it" }'
}

# The rows to run, those that take longest first, so that none is left to run alone at the end.
chosen() {
  rows | awk -F '\t' -v OFS='\t' -v set="$set_wanted" -v prefix="$prefix" \
    '(set == "long" || $5 == set) && index($1, prefix) == 1 { print $1, $2, $3, $4 }' | sort -t $'\t' -k 4,4nr
}

# Runs one model and prints one line; false if the result is not the expected one.
judge() {
  local model=$1 sessions=$2 expected=$3 begun=$SECONDS found outcome=0
  found=$(VERIFPAL_THREADS=1 timeout --foreground "$limit_s" "$VERIFPAL" verify "$model.vp" --sessions "$sessions" --result-code --quiet 2>&1) || outcome=$?
  found=${found%%$'\n'*}
  [ "$outcome" -ne 124 ] || found="no end within $limit_s s"
  if [ "$found" = "$expected" ]; then
    printf 'as expected  %-45s @%s %-19s %4d s\n' "$model" "$sessions" "$found" "$((SECONDS - begun))"
  else
    printf 'DIFFERENT    %-45s @%s %-19s %4d s, expected %s\n' "$model" "$sessions" "$found" "$((SECONDS - begun))" "$expected"
    return 1
  fi
}

case $set_wanted in fast | long) ;; *) die "Say fast or long, not '$set_wanted'." ;; esac
faults=$(faults_of_table)
[ -z "$faults" ] || die "docs/models/expected.tsv and the models do not agree:
$faults"
[ -n "$(chosen)" ] || die "No model of the $set_wanted set has a name that begins with '$prefix'."

. "$ROOT/scripts/ensure-basics.sh"
. "$ROOT/scripts/ensure-rust.sh"
. "$ROOT/scripts/ensure-verifpal.sh"
export -f judge
export limit_s

say "Models of the channel: $(chosen | wc -l) runs, $at_once at once"
begun=$SECONDS
cd "$models"
# shellcheck disable=SC2016 # The inner shell expands its own arguments.
chosen | tr '\t' ' ' | xargs -P "$at_once" -L 1 bash -c 'judge "$1" "$2" "$3"' judge ||
  die "A model does not give the result that docs/models/expected.tsv names (after $((SECONDS - begun)) s)."
say "Every result is as docs/models/expected.tsv says: done in $((SECONDS - begun)) s"
