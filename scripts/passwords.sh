#!/usr/bin/env bash
# passwords.sh: prints the passwords that were made for containers: Grafana's and the brokers'.
# DHCHAT_SECRETS names another folder than those of develop and prod.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

found=
for folder in ${DHCHAT_SECRETS:-infra/secrets/develop infra/secrets/prod}; do
  [ -d "$folder" ] || continue
  found=$folder
  echo "# $folder"
  cat "$folder"/*.env
done
[ -n "$found" ] || die "No passwords have been made yet: the first 'make develop-up' or 'make prod-up' makes them."
