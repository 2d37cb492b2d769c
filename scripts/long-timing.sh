#!/usr/bin/env bash
# Whether time tells known names from unknown ones: 2,000 wrong passwords for each, one and eight
# at once, first with cheap hashes, where a small difference shows best, then with real ones.
# About forty minutes on an idle machine, and worth nothing on a busy one.
# DHCHAT_TIMING_COSTS, DHCHAT_TIMING_LOGINS and DHCHAT_TIMING_AT_ONCE choose other numbers.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
export DHCHAT_HOLD_TO_FIGURES=1
for cost in ${DHCHAT_TIMING_COSTS:-4 12}; do
  say "Hashes of cost $cost"
  DHCHAT_TIMING_COST=$cost test_processes timing:: --release
done
