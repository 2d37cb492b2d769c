#!/usr/bin/env bash
# How long each piece of the hot path takes, and what it allocates. Times say something only beside
# others of the same machine and minute; arguments go to divan (a part of a piece's name, for example).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-basics.sh
. scripts/ensure-rust.sh

cargo bench --locked --quiet --package hot-path --bench micro -- "$@"
