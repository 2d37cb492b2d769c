#!/usr/bin/env bash
# A thousand people who are revoked at three edges and three replicas of auth, two hundred of them
# while one edge is cut off or stands still; `make test` does so with forty. None may be accepted or
# heard afterwards. Only an idle machine can show a time, so the times are held here alone, and the
# processes are those of a release.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export DHCHAT_HOLD_TO_FIGURES=1
export DHCHAT_ROUNDS=${DHCHAT_ROUNDS:-800}
export DHCHAT_ROUNDS_WITH_FAULT=${DHCHAT_ROUNDS_WITH_FAULT:-200}
export DHCHAT_ROUNDS_PER_FAULT=${DHCHAT_ROUNDS_PER_FAULT:-10}
test_processes revocation:: --release
