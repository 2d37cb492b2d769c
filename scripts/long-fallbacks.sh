#!/usr/bin/env bash
# The core in Chromium without each primitive of Web Crypto, and without all; `make test` does so
# in Node, and in Chromium without all.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-node.sh
. scripts/ensure-chromium.sh

ensure_web_packages
cd webapp
DHCHAT_WITHOUT=each npm run --silent test:browser
