#!/usr/bin/env bash
# The web app by itself: what is changed in webapp/src is on the screen at once.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-node.sh
ensure_web_packages
cd webapp
exec npm run dev
