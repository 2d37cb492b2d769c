#!/usr/bin/env bash
# Builds the web app twice from nothing, in two folders of other names and at other times, and holds
# the two against each other byte for byte, and each against the list that it brings.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-node.sh
ensure_web_packages

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# build_in FOLDER TIME ZONE: the tracked sources alone, as a clean clone has them.
build_in() {
  mkdir -p "$1"
  git ls-files --cached --others --exclude-standard webapp | tar --create --files-from - | tar --extract --directory "$1"
  ln -s "$ROOT/webapp/node_modules" "$1/webapp/node_modules"
  (cd "$1/webapp" && TZ=$2 LC_ALL=$3 npm run --silent build >&2)
}

say "Building the web app twice"
build_in "$folder/one" UTC C
build_in "$folder/another-folder" Asia/Tokyo C.UTF-8

say "Comparing the builds"
diff --recursive "$folder/one/webapp/dist" "$folder/another-folder/webapp/dist" >&2 ||
  die "Two builds of the same source differ."
for build in one another-folder; do
  cd "$folder/$build/webapp/dist"
  sha384sum --check --strict --quiet hashes.txt >&2 || die "A build is not what its own list says."
  listed=$(wc -l <hashes.txt)
  built=$(find . -type f ! -name hashes.txt | wc -l)
  [ "$listed" -eq "$built" ] || die "The list names $listed files, and the build has $built."
done
say "Two builds are the same: $listed files, $(sha384sum hashes.txt | cut -c 1-16)…"
