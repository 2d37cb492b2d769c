#!/usr/bin/env bash
# certificates.sh FOLDER NAME...: an authority of one's own (once), and a certificate that it signs for
# each NAME, for servers and clients alike. NAME=HOST,NUMBER,... says under which names and numbers it is
# reached; alone it is its own host. What is there already stays, unless it ends within a month.
#
#   FOLDER/ca.pem             who vouches: give it to those who are to believe
#   FOLDER/authority.key      what it signs with: for this folder's owner alone
#   FOLDER/NAME.pem, NAME.key
#
# Between brokers, and to try things on one's own machine. Browsers of other people need a certificate
# of an authority that they know.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
have openssl || apt_install "openssl, which makes certificates," openssl

folder=${1:?say which folder}
shift
month=$((30 * 86400))
umask 077
mkdir -p "$folder"

new_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null ||
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
lasts() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend "$month" >/dev/null 2>&1; }

# alternatives HOST,NUMBER,...: the names and numbers in the words of OpenSSL.
alternatives() {
  local one words=
  for one in ${1//,/ }; do
    if [[ $one =~ ^[0-9.]+$ || $one == *:* ]]; then words+=,IP:$one; else words+=,DNS:$one; fi
  done
  printf '%s' "${words#,}"
}

if ! lasts "$folder/ca.pem" || [ ! -s "$folder/authority.key" ]; then
  say "Making an authority in $folder"
  new_key "$folder/authority.key"
  openssl req -x509 -new -key "$folder/authority.key" -sha256 -days 3650 -subj "/CN=dh-secure-chat's own authority" \
    -addext 'basicConstraints=critical,CA:true,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$folder/ca.pem"
fi

for given in "$@"; do
  name=${given%%=*} hosts=${given#*=}
  # 90 days for what browsers are shown: browsers and their judges ask for it. Brokers are not asked.
  days=${DHCHAT_CERTIFICATE_DAYS:-90}
  if lasts "$folder/$name.pem" && openssl verify -CAfile "$folder/ca.pem" "$folder/$name.pem" >/dev/null 2>&1; then continue; fi
  new_key "$folder/$name.key"
  openssl req -new -key "$folder/$name.key" -subj "/CN=$name" |
    openssl x509 -req -sha256 -days "$days" -CA "$folder/ca.pem" -CAkey "$folder/authority.key" \
      -set_serial "0x$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' | sed 's/^./5/')" -out "$folder/$name.pem" \
      -extfile <(printf '%s\n' 'basicConstraints=critical,CA:false' 'keyUsage=critical,digitalSignature' \
        'extendedKeyUsage=serverAuth,clientAuth' "subjectAltName=$(alternatives "$hosts")" \
        'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid') 2>/dev/null
  say "Made a certificate for $hosts, good for $days days: $folder/$name.pem"
done
