#!/usr/bin/env bash
# secrets.sh FOLDER: makes the secrets of a deployment where there are none: passwords of 192 random
# bits, and the root key. What is there already stays: without the root key nobody can sign in again.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

folder=${1:?say which folder}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

# It begins with a letter and is all letters and digits: safe in an address and in the broker's file.
password() { printf 'p%s' "$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')"; }

# keep NAME: writes what it is given, whole or not at all.
keep() {
  cat >"$folder/.$1"
  mv "$folder/.$1" "$folder/$1"
}

if [ ! -e "$folder/nats.env" ] && [ ! -e "$folder/db.env" ]; then
  say "Making passwords in $folder"
  database=$(password) edge=$(password) actors=$(password)
  printf 'NATS_EDGE_PASSWORD=%s\nNATS_ACTORS_PASSWORD=%s\n' "$edge" "$actors" >"$folder/.nats.env"
  # The other users that the broker's configuration names.
  # shellcheck disable=SC2016 # The broker expands it, not the shell.
  cat "$ROOT"/nats/*.conf | grep -v '^ *#' | grep -oE '\$NATS_[A-Z0-9_]+_PASSWORD' | tr -d '$' | sort -u |
    grep -vE '^NATS_(EDGE|ACTORS)_PASSWORD$' | while IFS= read -r name; do
    printf '%s=%s\n' "$name" "$(password)" >>"$folder/.nats.env"
  done
  printf 'DHCHAT_BUS_URL=nats://edge:%s@nats:4222\n' "$edge" | keep edge.env
  printf 'DHCHAT_BUS_URL=nats://actors:%s@nats:4222\nDHCHAT_DATABASE_URL=postgres://dhchat:%s@db:5432/dhchat\n' \
    "$actors" "$database" | keep actors.env
  printf 'POSTGRES_USER=dhchat\nPOSTGRES_DB=dhchat\nPOSTGRES_PASSWORD=%s\n' "$database" | keep db.env
  printf 'GF_SECURITY_ADMIN_USER=admin\nGF_SECURITY_ADMIN_PASSWORD=%s\n' "$(password)" | keep grafana.env
  mv "$folder/.nats.env" "$folder/nats.env"
fi
if [ ! -e "$folder/root.key" ]; then
  head -c 32 /dev/urandom | keep root.key
  say "A root key was made: keep a copy of $folder/root.key, without it nobody can sign in"
fi
# Containers run as whoever owns the key; root lends it to the image's own user.
[ "$(id -u)" -ne 0 ] || chown 65532:65532 "$folder/root.key"
