#!/usr/bin/env bash
# Feeds the parsers what nobody would say, from the corpus of fuzz/corpus on:
#   fuzz.sh                      all targets, six minutes in all (DHCHAT_FUZZ_SECONDS)
#   fuzz.sh repeat TARGET FILE   one input once
#   fuzz.sh keep                 adds what runs have found to fuzz/corpus, as little as reaches it
#
# DHCHAT_FUZZ_TARGETS names some of the targets. An input that breaks a promise goes into fuzz/corpus,
# where every run meets it first, until it breaks none. fuzz/README.md says more.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-fuzz.sh

verb=${1:-run}
seconds=${DHCHAT_FUZZ_SECONDS:-360}
# An input may be so long, may take so long, and the process may become so large.
limits=(-max_len=4096 -timeout=5 -rss_limit_mb=1024)

folder=$ROOT/target/fuzz
# What stands on the doors stands on everything that the product is made of. That is built once, for
# the tests and for this.
shared=${CARGO_TARGET_DIR:-$ROOT/target}
doors=(broker headers request settings)
mapfile -t targets < <(sed -n 's/^path = "targets\/\(.*\)\.rs"$/\1/p' fuzz/Cargo.toml)
[ -z "${DHCHAT_FUZZ_TARGETS:-}" ] || read -r -a targets <<<"$DHCHAT_FUZZ_TARGETS"

is_door() { printf '%s\n' "${doors[@]}" | grep -qxF -- "$1"; }

# The program of a target.
program() {
  if is_door "$1"; then
    printf '%s/debug/%s' "$shared" "$1"
  else
    printf '%s/%s/release/%s' "$folder" "$(rustc -vV | sed -n 's/^host: //p')" "$1"
  fi
}

build() {
  local target parsers=() at_doors=()
  for target in "$@"; do
    if is_door "$target"; then at_doors+=("$target"); else parsers+=("$target"); fi
  done
  say "Building the fuzz targets (the first time this takes some minutes)"
  [ ${#parsers[@]} -eq 0 ] || build_parsers "${parsers[@]}"
  [ ${#at_doors[@]} -eq 0 ] || build_doors "${at_doors[@]}"
}

build_parsers() {
  local only=()
  [ $# -ne 1 ] || only=("$1")
  "$CARGO_FUZZ" fuzz build --fuzz-dir fuzz --sanitizer none --no-cfg-fuzzing \
    --target-dir "$folder" "${only[@]}" >&2
}

build_doors() {
  mkdir -p "$folder"
  # The binary embeds the folder; nothing of it is needed here.
  mkdir -p webapp/dist
  RUSTC_WRAPPER=$ROOT/scripts/fuzz-rustc.sh CARGO_INCREMENTAL=0 cargo build --locked \
    --manifest-path fuzz/Cargo.toml --target-dir "$shared" --features doors "${@/#/--bin=}" >&2
}

# Runs one target for some seconds. Its log ends with how it went.
feed() {
  local target=$1 for_seconds=$2
  local found=$folder/corpus/$target failed=$folder/failed/$target
  rm -rf "$failed"
  mkdir -p "$found" "$failed" "fuzz/corpus/$target"
  "$(program "$target")" "${limits[@]}" -max_total_time="$for_seconds" -print_final_stats=1 \
    -artifact_prefix="$failed/" "$found" "fuzz/corpus/$target" >"$folder/$target.log" 2>&1
}

# What a log says: how many inputs, and how many branches they reached.
summary() {
  awk '/^stat::number_of_executed_units/ { units = $2 } / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
    END { printf "%d inputs, %d branches", units, cov }' "$folder/$1.log"
}

# Says what failed, keeps its input, and says how it is repeated.
tell_failure() {
  local target=$1 input kept
  grep -vE '^#|^stat::|^INFO' "$folder/$target.log" | tail -n 25 >&2 || true
  for input in "$folder/failed/$target"/*; do
    [ -e "$input" ] || continue
    kept=fuzz/corpus/$target/$(basename "$input")
    cp "$input" "$kept"
    say "The input is kept: repeat it with 'scripts/fuzz.sh repeat $target $kept'."
  done
}

run_all() {
  local jobs each target pid failed=()
  local -A running=()
  jobs=$(nproc)
  [ "$jobs" -le "${#targets[@]}" ] || jobs=${#targets[@]}
  each=$((seconds * jobs / ${#targets[@]}))
  [ "$each" -ge 1 ] || each=1
  say "Feeding ${#targets[@]} targets, $jobs at a time, ${each} s each"
  for target in "${targets[@]}" ''; do
    # The last turn waits for all that are left.
    while [ "${#running[@]}" -ge "$jobs" ] || { [ -z "$target" ] && [ "${#running[@]}" -gt 0 ]; }; do
      wait -n -p pid "${!running[@]}" || failed+=("${running[$pid]}")
      printf '    %s: %s\n' "${running[$pid]}" "$(summary "${running[$pid]}")" >&2
      unset "running[$pid]"
    done
    [ -n "$target" ] || break
    feed "$target" "$each" &
    running[$!]=$target
  done
  [ ${#failed[@]} -gt 0 ] || return 0
  for target in "${failed[@]}"; do tell_failure "$target"; done
  die "A promise was broken by: ${failed[*]}. Each log is in $folder."
}

# Of what runs have found, as few inputs, and as short, as reach what the kept ones do not. Those
# stay: some broke a promise once, and reach nothing new.
keep() {
  local target
  for target in "${targets[@]}"; do
    mkdir -p "$folder/corpus/$target" "fuzz/corpus/$target"
    "$(program "$target")" "${limits[@]}" -merge=1 "fuzz/corpus/$target" "$folder/corpus/$target" \
      >"$folder/$target.log" 2>&1 || die "The inputs of $target cannot be merged: see $folder/$target.log."
  done
  du -sh --apparent-size fuzz/corpus >&2
}

case $verb in
  run)
    build "${targets[@]}"
    run_all
    ;;
  repeat)
    [ -r "${3:-}" ] || die "Say which target and which input: scripts/fuzz.sh repeat TARGET FILE."
    build "$2"
    "$(program "$2")" "${limits[@]}" "$3"
    ;;
  keep)
    build "${targets[@]}"
    keep
    ;;
  *) die "Say nothing, or repeat, or keep." ;;
esac
