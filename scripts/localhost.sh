#!/usr/bin/env bash
# localhost.sh [FOLDER [AUTHORITY]]: fullchain.pem and privkey.pem for https://localhost in FOLDER, where
# `make prod-up` looks for them, signed by an authority of one's own in the folder AUTHORITY. What others
# gave stays: nothing of theirs is written over.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

folder=${1:-$ROOT/infra/certs}
# Not beside them: the proxy is given that folder, and nobody but its owner is given the authority.
own=${2:-$ROOT/infra/secrets/localhost}
if [ -e "$folder/fullchain.pem" ] && ! openssl verify -CAfile "$own/ca.pem" "$folder/fullchain.pem" >/dev/null 2>&1; then
  die "$folder has a certificate that was not made here: it stays. Say another folder: scripts/localhost.sh FOLDER."
fi
"$ROOT/scripts/certificates.sh" "$own" localhost=localhost,127.0.0.1,::1
umask 077
mkdir -p "$folder"
cat "$own/localhost.pem" >"$folder/fullchain.pem"
cat "$own/localhost.key" >"$folder/privkey.pem"
say "Ready for DHCHAT_PUBLIC_URL=https://localhost; browsers that are told of $own/ca.pem believe it"
