#!/usr/bin/env bash
# Starts production in wrong ways: each ends with one message that lists everything, before any
# engine is called; secrets come out strong, private and the same the second time. Where no engine is,
# each target ends with one sentence.
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

# without WHAT: each target of both modes ends with the one sentence that has these words, and makes nothing.
without() {
  local words=$1 mode verb
  for mode in develop prod; do
    for verb in up up-build down down-volumes restart reup rebuild; do
      if PATH="$folder/nothing" DHCHAT_SETTINGS=$folder/env DHCHAT_SECRETS=$folder/none make --no-print-directory "$mode-$verb" >"$folder/words" 2>&1; then
        die "make $mode-$verb went on without an engine."
      fi
      grep -qF -- "$words" "$folder/words" || die "make $mode-$verb does not say \"$words\": $(cat "$folder/words")"
      # An empty line, the sentence, and that of make.
      [ "$(wc -l <"$folder/words")" -le 3 ] || die "make $mode-$verb says more than a sentence: $(cat "$folder/words")"
      [ ! -e "$folder/none" ] || die "make $mode-$verb made secrets without an engine."
    done
  done
}

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

# On one's own machine, with certificates of one command.
scripts/certificates.sh "$folder/own" proxy=localhost,127.0.0.1 2>/dev/null
cp "$folder/own/proxy.pem" "$folder/own/fullchain.pem" && cp "$folder/own/proxy.key" "$folder/own/privkey.pem"
settings DHCHAT_PUBLIC_URL=https://localhost
refused "not for the host"
printf 'DHCHAT_PUBLIC_URL=https://localhost\nDHCHAT_CERTS=%s\n' "$folder/own" >"$folder/env"
start || die "It did not start on one's own machine: $(cat "$folder/words")"
rm "$folder/engine"
settings DHCHAT_PUBLIC_URL=https://chat.house.net

# A machine without Docker, and one whose engine has stopped.
mkdir "$folder/nothing"
# shellcheck disable=SC2046 # A word for each program.
ln -s -t "$folder/nothing" $(find /usr/bin /bin /usr/local/bin -maxdepth 1 ! -type d ! -name 'docker*' -printf '%f\n' | sort -u | while IFS= read -r name; do command -v -- "$name"; done)
without "Docker with Compose is needed"
# shellcheck disable=SC2016 # It is the script that expands it.
printf '#!/bin/sh\n[ "$1" != info ]\n' >"$folder/nothing/docker" && chmod +x "$folder/nothing/docker"
without "its engine does not answer"

start || die "It did not start with good settings: $(cat "$folder/words")"
[ -s "$folder/engine" ] || die "No engine was called with good settings."
[ -z "$(find "$folder/secrets" -perm /077)" ] || die "Others can read the secrets."
[ "$(grep -hoE '_PASSWORD=.*' "$folder/secrets"/*.env | sort | uniq -d | wc -l)" -eq 0 ] || die "Two passwords are one."
all_secrets() { find "$folder/secrets" -type f | sort | xargs cat | sha256sum; }
before=$(all_secrets)
start || die "It did not start again: $(cat "$folder/words")"
[ "$before" = "$(all_secrets)" ] || die "A second start made other secrets."
rm "$folder/engine"

sed -i 's/^GF_SECURITY_ADMIN_PASSWORD=.*/GF_SECURITY_ADMIN_PASSWORD=admin/' "$folder/secrets/grafana.env"
sed -i 's/edge:p/edge:q/g' "$folder/secrets/edge-bus-url"
echo dhchat >"$folder/secrets/database-password"
chmod 644 "$folder/secrets/database-url"
rm "$folder/secrets/actors-bus-url"
refused GF_SECURITY_ADMIN_PASSWORD "others than its owner" "another password than NATS_EDGE_PASSWORD" "database-password: at least" \
  "database-url: has another password" "actors-bus-url: is missing"
! grep -q 'PASSWORD=' "$folder/words" || die "A secret was printed."
