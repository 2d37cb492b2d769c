#!/usr/bin/env bash
# What the channel costs, in Node and in a headless Chromium, by Web Crypto and by the libraries.
# A figure says something only with the machine beside it: both are printed, and written to
# target/bench/channel.json.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-node.sh
. scripts/ensure-chromium.sh

ensure_web_packages
cd webapp
npm run --silent bench
