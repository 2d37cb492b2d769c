#!/usr/bin/env bash
# documents.sh: runs the commands of documents that only print something, and looks at what they print.
# Which command is run where stands in docs/commands.tsv.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

make --no-print-directory help >"$folder/help"
while IFS= read -r target; do
  grep -q "make $target " "$folder/help" || die "'make help' does not name $target."
done < <(awk -F: '/^[a-z0-9-]+:/ { print $1 }' Makefile)

scripts/secrets.sh "$folder/secrets" nats-1 nats-2 nats-3 2>/dev/null
DHCHAT_SECRETS=$folder/secrets make --no-print-directory passwords >"$folder/passwords"
grep -q '^GF_SECURITY_ADMIN_PASSWORD=p' "$folder/passwords" || die "'make passwords' does not print Grafana's."

# The recipe of nats/README.md, printf 'p%s' of scripts/secrets.sh in the words of a person.
recipe=$(grep -m 1 '^echo "p' nats/README.md) || die "nats/README.md says nothing of how to make a password."
[[ $(bash -c "$recipe") =~ ^[A-Za-z][A-Za-z0-9]{23,}$ ]] || die "The password of nats/README.md is not one that is taken."
