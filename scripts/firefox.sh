#!/usr/bin/env bash
# The main path in Firefox, as its makers ship it, and between Firefox and Chromium.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-firefox.sh
DHCHAT_E2E=e2e:firefox exec scripts/e2e.sh embedded
