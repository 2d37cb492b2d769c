#!/usr/bin/env bash
# A hundred thousand records and messages, made up or changed at random; `make test` runs two
# thousand of the same. None may be taken out of place, and none may raise an exception.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-node.sh

ensure_web_packages
cd webapp
DHCHAT_MUTATIONS=${DHCHAT_MUTATIONS:-100000} npx vitest run src/core/crypto/mutation.test.ts
