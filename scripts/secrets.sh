#!/usr/bin/env bash
# secrets.sh FOLDER [BROKER...]: makes the secrets of a deployment where there are none: passwords of 192
# random bits, the root key and, for named BROKERs, an authority and certificates of their own. Without
# names there is one broker, `nats`, without TLS. What is there already stays: without the root key
# nobody can sign in again.
#
#   root.key           the 32 bytes that every server key comes from
#   edge-bus-url       DHCHAT_BUS_URL of edges         database-url       DHCHAT_DATABASE_URL
#   actors-bus-url     DHCHAT_BUS_URL of actors        database-password  for the database itself
#   nats.env           what brokers take from their environment
#   grafana.env        who may look at dashboards
#   bus/               certificates of brokers, and ca.pem, who vouches for them
set -euo pipefail
. "$(dirname "$0")/lib.sh"

folder=${1:?say which folder}
shift
# A broker may be NAME=HOST,NUMBER,..., as certificates.sh has it.
certified=("$@")
brokers=("${certified[@]%%=*}")
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

# bus_url USER PASSWORD: all brokers, as this user reaches them.
bus_url() {
  local broker urls=
  [ ${#brokers[@]} -gt 0 ] || urls=,nats://$1:$2@nats:4222
  for broker in "${brokers[@]}"; do urls+=,tls://$1:$2@$broker:4222; done
  printf '%s\n' "${urls#,}"
}

# routes PASSWORD: all brokers, as they reach each other.
routes() {
  local broker all=
  for broker in "${brokers[@]}"; do all+=", \"nats-route://route:$1@$broker:6222\""; done
  printf '[%s]' "${all#, }"
}

make_passwords() {
  local database edge actors route
  say "Making passwords in $folder"
  database=$(password) edge=$(password) actors=$(password) route=$(password)
  printf 'NATS_EDGE_PASSWORD=%s\nNATS_ACTORS_PASSWORD=%s\nNATS_ROUTE_PASSWORD=%s\n' "$edge" "$actors" "$route" >"$folder/.nats.env"
  [ ${#brokers[@]} -eq 0 ] || printf 'NATS_ROUTES=%s\n' "$(routes "$route")" >>"$folder/.nats.env"
  # The other users that the broker's configuration names.
  # shellcheck disable=SC2016 # The broker expands it, not the shell.
  cat "$ROOT"/nats/*.conf | grep -v '^ *#' | grep -oE '\$NATS_[A-Z0-9_]+_PASSWORD' | tr -d '$' | sort -u |
    grep -vE '^NATS_(EDGE|ACTORS|ROUTE)_PASSWORD$' | while IFS= read -r name; do
    printf '%s=%s\n' "$name" "$(password)" >>"$folder/.nats.env"
  done
  bus_url edge "$edge" | keep edge-bus-url
  bus_url actors "$actors" | keep actors-bus-url
  printf '%s\n' "$database" | keep database-password
  printf 'postgres://dhchat:%s@db:5432/dhchat\n' "$database" | keep database-url
  printf 'GF_SECURITY_ADMIN_USER=admin\nGF_SECURITY_ADMIN_PASSWORD=%s\n' "$(password)" | keep grafana.env
  mv "$folder/.nats.env" "$folder/nats.env"
}

[ -e "$folder/nats.env" ] || [ -e "$folder/database-url" ] || make_passwords
if [ ! -e "$folder/root.key" ]; then
  head -c 32 /dev/urandom | keep root.key
  say "A root key was made: keep a copy of $folder/root.key, without it nobody can sign in"
fi
# As long as their authority: brokers show them to nobody else. They are renewed by a start in the last month.
[ ${#brokers[@]} -eq 0 ] || DHCHAT_CERTIFICATE_DAYS=3650 "$ROOT/scripts/certificates.sh" "$folder/bus" "${certified[@]}"

# Containers run as whoever owns the key; root lends all of it to the image's own user.
[ "$(id -u)" -ne 0 ] || chown -R 65532:65532 "$folder"
