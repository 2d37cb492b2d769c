#!/usr/bin/env bash
# Starts production in wrong ways: each ends with one message that lists everything, before any
# engine is called; secrets come out strong, private and the same the second time.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
cd "$ROOT"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin" "$folder/certs"
# An engine that tells on whoever calls it.
printf '#!/bin/sh\necho called >>%s/engine\n' "$folder" >"$folder/bin/docker"
chmod +x "$folder/bin/docker"

start() { PATH="$folder/bin:$PATH" DHCHAT_SETTINGS=$folder/env DHCHAT_SECRETS=$folder/secrets scripts/containers.sh prod up >"$folder/words" 2>&1; }

# refused PART...: the start fails, calls nothing, and its message has every part.
refused() {
  local part
  if start; then die "It started with: $(cat "$folder/env")"; fi
  [ ! -e "$folder/engine" ] || die "An engine was called before the settings were right."
  for part in "$@"; do
    grep -qF -- "$part" "$folder/words" || die "The message lacks \"$part\": $(cat "$folder/words")"
  done
}

certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$2" -subj "/CN=$1" \
    -addext "subjectAltName=DNS:$1" -keyout "$folder/certs/privkey.pem" -out "$folder/certs/fullchain.pem" 2>/dev/null
  chmod 600 "$folder/certs/privkey.pem"
}
settings() { printf '%s\n' "DHCHAT_CERTS=$folder/certs" "$@" >"$folder/env"; }

refused "$folder/env" DHCHAT_PUBLIC_URL
cp infra/env.example "$folder/env"
refused DHCHAT_PUBLIC_URL DHCHAT_CERTS
settings DHCHAT_PUBLIC_URL=http://chat.house.net DHCHAT_EDGES=none DHCHAT_TLS=1.1 DHCHAT_EDGE_COUNT=x
refused DHCHAT_PUBLIC_URL DHCHAT_EDGES DHCHAT_TLS DHCHAT_EDGE_COUNT "fullchain.pem and privkey.pem"
settings DHCHAT_PUBLIC_URL=https://chat.house.net
certificate another.house.net 30
refused "not for the host"
certificate chat.house.net 30
chmod 644 "$folder/certs/privkey.pem"
refused "everybody can read"
chmod 600 "$folder/certs/privkey.pem"
cp -r "$folder/certs" "$folder/older"
certificate chat.house.net 30
cp "$folder/older/privkey.pem" "$folder/certs/"
refused "not the key of"
certificate chat.house.net 30

start || die "It did not start with good settings: $(cat "$folder/words")"
[ -s "$folder/engine" ] || die "No engine was called with good settings."
[ -z "$(find "$folder/secrets" -perm /077)" ] || die "Others can read the secrets."
[ "$(grep -hoE '_PASSWORD=.*' "$folder/secrets"/*.env | sort | uniq -d | wc -l)" -eq 0 ] || die "Two passwords are one."
before=$(cat "$folder/secrets"/* | sha256sum)
start || die "It did not start again: $(cat "$folder/words")"
[ "$before" = "$(cat "$folder/secrets"/* | sha256sum)" ] || die "A second start made other secrets."
rm "$folder/engine"

sed -i 's/^GF_SECURITY_ADMIN_PASSWORD=.*/GF_SECURITY_ADMIN_PASSWORD=admin/' "$folder/secrets/grafana.env"
chmod 644 "$folder/secrets/db.env"
refused GF_SECURITY_ADMIN_PASSWORD "others than its owner"
! grep -q 'PASSWORD=' "$folder/words" || die "A secret was printed."
