#!/usr/bin/env bash
# Removes what was built and installed inside this folder. Accounts in ./data stay, and so does
# everything outside: no container, volume, database or cache of another project is touched.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

rm -rf target webapp/dist webapp/node_modules tools/node/node_modules tools/node/observatory/node_modules infra/bench/bun/node_modules tools/python/venv tools/python/*/venv
say "Removed target, webapp/dist, the installed packages of webapp and the tools; accounts in ./data were left alone."
