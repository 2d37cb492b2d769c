#!/usr/bin/env bash
# Which lines of the server its tests run through: HTML in target/coverage/html, a table here, and a
# failure if the services are below what is promised.
#
# Everything is built apart, in target/coverage/build, with counters in the workspace's own crates.
# A process that is killed tells nothing; those that stop when asked do. `--report` makes the table
# and the pages again from the last run, as long as no source has changed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-nats.sh
. scripts/ensure-postgres.sh
. scripts/ensure-faketime.sh
. scripts/ensure-nextest.sh
. scripts/ensure-coverage.sh

percent_min=97.8
folder=$ROOT/target/coverage
# What the promise is about: who signs in, who one is, who is there, what is kept, and how the doors
# ask for it. One pattern of paths to a line.
services='
auth       actors/src/auth[./]
auth       actors/core/src/auth[./]
breaker    actors/core/src/breaker
identity   actors/src/identity[./]
identity   actors/core/src/identity
directory  actors/src/directory[./]
store      actors/src/store[./]
serve      actors/src/serve[./]
http       edge/src/http[./]
tokens     edge/src/tokens
config     edge/src/config[./]
'

# Programs of an earlier run would be counted as well, so the workspace is built anew. The house rules
# read files and run through no line of the server.
run_tests() {
  cargo llvm-cov clean --workspace &&
    scripts/with-nats.sh scripts/with-postgres.sh \
      cargo llvm-cov nextest --no-report --locked --workspace --no-fail-fast -E 'not binary(=tidy)'
}

# Lines per file, from the trace: a unit test at the end of a file is no code of the service.
lines_of_files() {
  awk -v root="$ROOT/" '
    /^SF:/ {
      file = substr($0, 4); tests = 0; number = 0
      while ((getline line < file) > 0) { number++; if (line == "#[cfg(test)]") { tests = number; break } }
      close(file)
      sub("^" root, "", file)
      all = hit = 0
    }
    /^DA:/ {
      split(substr($0, 4), entry, ",")
      if (tests && entry[1] + 0 >= tests) next
      all++
      if (entry[2] + 0 > 0) hit++; else print file ":" entry[1] > missed
    }
    /^end_of_record/ && file ~ /^(actors|bus-schemas|edge)\/(core\/)?src\// { print file, hit, all }
  ' missed="$folder/missed.txt" "$folder/lcov.info"
}

# The table: services by name, then their sum, then everything else.
summary() {
  awk -v services="$services" -v least="$percent_min" '
    function row(name, hit, all) { printf "%-12s %6d of %6d lines  %6.2f %%\n", name, hit, all, all ? 100 * hit / all : 0 }
    BEGIN {
      count = split(services, words)
      for (i = 1; i < count; i += 2) { patterns[++rules] = words[i + 1]; names[rules] = words[i] }
    }
    {
      whole_hit += $2; whole += $3
      for (i = 1; i <= rules; i++) if ($1 ~ "^" patterns[i]) {
        if (!(names[i] in all)) order[++known] = names[i]
        hit[names[i]] += $2; all[names[i]] += $3; services_hit += $2; services_all += $3
        break
      }
    }
    END {
      for (i = 1; i <= known; i++) row(order[i], hit[order[i]], all[order[i]])
      row("services", services_hit, services_all)
      row("everything", whole_hit, whole)
      exit services_all == 0 || 100 * services_hit < least * services_all
    }'
}

export CARGO_LLVM_COV_TARGET_DIR=$folder/build
mkdir -p "$folder" webapp/dist
tested=yes
if [ "${1:-}" != --report ]; then
  say "Tests of Rust with counters, beside a NATS server and a PostgreSQL"
  run_tests || tested=no
fi

cargo llvm-cov report --html --output-dir "$folder"
cargo llvm-cov report --lcov --output-path "$folder/lcov.info"
: >"$folder/missed.txt"
lines_of_files >"$folder/files.txt"
say "Every line: $folder/html/index.html; lines that nothing runs through: $folder/missed.txt"
summary <"$folder/files.txt" ||
  die "The services are below $percent_min %: see the lines in $folder/missed.txt."
[ "$tested" = yes ] || die "A test failed, and the lines behind its failure are missing: see above."
