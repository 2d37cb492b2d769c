#!/usr/bin/env bash
# Lets two people talk in real browsers, and takes the pictures that the documents show again:
# each name in docs/screenshots that one of them has is that of a step of a story.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

taken=$ROOT/target/e2e-pictures
PICTURES_DIR=$taken scripts/e2e.sh embedded
mkdir -p docs/screenshots
rm -f docs/screenshots/*.png
mapfile -t shown < <(grep -oh 'docs/screenshots/[a-z0-9-]*\.png' ./*.md | sort -u)
for picture in "${shown[@]}"; do
  cp "$taken/${picture##*/}" "$picture" || die "$picture is shown, and no story takes it."
done
