#!/usr/bin/env bash
# Breaks what guards accounts, one small change at a time, and asks the tests of that crate whether
# they notice. Fails if more than one in ten changes stays alive.
#
# The work is done in a copy under target/mutants, never on the files you edit. A part of a file's
# path as argument (`scripts/long-mutants.sh refresh`) breaks only the files that match.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh
. scripts/ensure-mutants.sh

alive_percent_max=10
wanted=${1:-}
folder=$ROOT/target/mutants
tree=$folder/tree

# Per crate: the files to break, then what `cargo test` is told, so that only tests are built and run
# that know them.
files_of() {
  case $1 in
    actors-core) printf '%s\n' actors/core/src/auth/*.rs actors/core/src/breaker.rs actors/core/src/identity.rs ;;
    actors) printf '%s\n' actors/src/auth/hasher.rs ;;
    edge) printf '%s\n' edge/src/http/limit.rs ;;
  esac
}
tests_of() {
  local program
  case $1 in
    actors-core)
      printf '%s\n' --lib
      for program in actors/core/tests/*.rs; do
        program=$(basename "$program" .rs)
        # Three play Sessions and know nothing of accounts. Two play thousands of worlds for many
        # seconds: a mutant that only they would notice counts as alive.
        case $program in
          session | sim | transcript | forged | lease_sim) ;;
          *) printf '%s\n' --test "$program" ;;
        esac
      done
      ;;
    actors | edge) printf '%s\n' --lib ;;
  esac
}
names_of() {
  case $1 in
    actors-core) ;;
    actors) printf '%s\n' auth::hasher ;;
    edge) printf '%s\n' http::limit ;;
  esac
}

# Everything gets the time of the copy: cargo would take a file that is older than a mutant's build
# for the one that was built.
copy_tree() {
  rm -rf "$tree"
  mkdir -p "$tree"
  tar -c --exclude ./target --exclude node_modules --exclude ./.git --exclude ./data --exclude venv . |
    tar -x -m -C "$tree"
  mkdir -p "$tree/webapp/dist"
}

# break_crate CRATE: 2 and 3 mean that mutants were missed or never ended, which is counted below.
break_crate() {
  local crate=$1 file arguments=() outcome=0
  while read -r file; do
    [[ $file == *"$wanted"* ]] && arguments+=(--file "$file")
  done < <(files_of "$crate")
  [ ${#arguments[@]} -gt 0 ] || return 0
  mapfile -t tests < <(tests_of "$crate" | sed 's/^/--cargo-arg=/')
  mapfile -t names < <(names_of "$crate")
  say "Breaking $crate: $((${#arguments[@]} / 2)) files"
  "$CARGO_MUTANTS" mutants --dir "$tree" --in-place --output "$folder/$crate" --package "$crate" \
    --no-shuffle --colors never "${tests[@]}" "${arguments[@]}" -- --locked "${names[@]}" >&2 || outcome=$?
  case $outcome in 0 | 2 | 3) ;; *) die "cargo-mutants could not do its work on $crate; its words are above." ;; esac
}

# count KIND [CRATE]: mutants of that outcome.
count() { find "$folder/${2:-}" -path "*/mutants.out/$1.txt" -exec cat {} + | wc -l; }

rm -rf "$folder"/*/mutants.out
copy_tree
export CARGO_TARGET_DIR=$folder/target
# Whatever makes a build of a few seconds longer is made a hundred times.
export CARGO_PROFILE_DEV_DEBUG=false CARGO_TERM_COLOR=never
begun=$SECONDS
for crate in actors-core actors edge; do break_crate "$crate"; done

caught=$(($(count caught) + $(count timeout)))
missed=$(count missed)
[ "$((caught + missed))" -gt 0 ] || die "No file was broken: no path has '$wanted' in it."
for crate in actors-core actors edge; do
  [ -e "$folder/$crate" ] || continue
  printf '%-12s caught %3d, missed %3d, without an end %2d, does not build %3d\n' "$crate" \
    "$(count caught "$crate")" "$(count missed "$crate")" "$(count timeout "$crate")" "$(count unviable "$crate")"
done
find "$folder" -path '*/mutants.out/missed.txt' -exec sed 's/^/alive: /' {} +
printf 'alive %d of %d (at most %d %%), %d s\n' "$missed" "$((caught + missed))" "$alive_percent_max" "$((SECONDS - begun))"
[ "$((missed * 100))" -le "$(((caught + missed) * alive_percent_max))" ] ||
  die "More than $alive_percent_max % of the mutants stay alive: the list is above."
