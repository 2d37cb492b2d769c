# settings.sh: reads infra/env of a deployment and lists everything that is missing or weak at once.
# Sourced after lib.sh. `judge_settings SETTINGS SECRETS` dies with one message, or exports the settings.
# shellcheck shell=bash

faults=()
fault() { faults+=("$1: $2"); }

# The settings that may stand in the file; anything else is a misspelling that would do nothing.
known_settings=" DHCHAT_PUBLIC_URL DHCHAT_CERTS DHCHAT_EDGES DHCHAT_TLS DHCHAT_FILE_BYTES_MAX DHCHAT_LOG DHCHAT_FRONT_NETWORK DHCHAT_IMAGE DHCHAT_PROMETHEUS_PORT DHCHAT_GRAFANA_PORT "

read_settings() {
  local name value
  [ -e "$1" ] || { fault "$1" "copy infra/env.example there and fill it in" && return 0; }
  while IFS='=' read -r name value; do
    case $name in '' | '#'*) continue ;; esac
    if [[ $known_settings == *" $name "* ]]; then
      export "$name=$value"
    else
      fault "$name" "there is no such setting in infra/env.example"
    fi
  done <"$1"
}

judge_url() {
  case ${DHCHAT_PUBLIC_URL:-} in
    '') fault DHCHAT_PUBLIC_URL "say where browsers find the chat, such as https://chat.your-name.org" ;;
    *example.org*) fault DHCHAT_PUBLIC_URL "nobody finds this address" ;;
    https://*/*) fault DHCHAT_PUBLIC_URL "without a path, please" ;;
    https://?*) ;;
    *) fault DHCHAT_PUBLIC_URL "must begin with https://, or browsers give the page no cryptography" ;;
  esac
}

judge_certificate() {
  local folder=${DHCHAT_CERTS:-./certs} chain key host
  case $folder in /*) ;; *) folder=$ROOT/infra/$folder ;; esac
  chain=$folder/fullchain.pem key=$folder/privkey.pem
  if [ ! -r "$chain" ] || [ ! -r "$key" ]; then
    fault DHCHAT_CERTS "needs fullchain.pem and privkey.pem ('make certificates' makes them for this machine alone)"
    return 0
  fi
  openssl x509 -in "$chain" -noout -checkend 86400 >/dev/null 2>&1 ||
    fault DHCHAT_CERTS "fullchain.pem is no certificate, or ends within a day"
  [ "$(openssl x509 -in "$chain" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$key" -pubout 2>/dev/null)" ] ||
    fault DHCHAT_CERTS "privkey.pem is not the key of fullchain.pem"
  host=${DHCHAT_PUBLIC_URL:-}
  host=${host#https://} host=${host%%[:/]*}
  [ -z "$host" ] || openssl x509 -in "$chain" -noout -checkhost "$host" 2>/dev/null | grep -q 'does match' ||
    fault DHCHAT_CERTS "the certificate is not for the host of DHCHAT_PUBLIC_URL"
  [ -z "$(find -L "$key" -perm /007)" ] || fault DHCHAT_CERTS "everybody can read privkey.pem; chmod 600 it"
}

is_number() { [[ $1 =~ ^[0-9]{1,13}$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

judge_rest() {
  is_number "${DHCHAT_EDGES:-2}" 1 100 || fault DHCHAT_EDGES "a whole number from 1 to 100"
  is_number "${DHCHAT_FILE_BYTES_MAX:-52428800}" 1 1099511627776 || fault DHCHAT_FILE_BYTES_MAX "a whole number of bytes"
  [[ ${DHCHAT_TLS:-1.3} =~ ^1\.[23]$ ]] || fault DHCHAT_TLS "1.3 or 1.2"
  [[ ${DHCHAT_FRONT_NETWORK:-172.30.10.0/24} =~ ^[0-9.]+/[0-9]+$ ]] || fault DHCHAT_FRONT_NETWORK "a network such as 172.30.10.0/24"
}

# judge_secrets FOLDER: secrets that somebody wrote by hand may be weak. No value is printed.
judge_secrets() {
  local folder=$1 file name value
  [ -e "$folder/nats.env" ] || return 0 # They are made at the start.
  [ -z "$(find "$folder" -perm /077)" ] || fault "$folder" "others than its owner can read it; chmod -R go= it"
  for file in nats.env grafana.env edge-bus-url actors-bus-url database-url database-password root.key bus/ca.pem; do
    [ -s "$folder/$file" ] || fault "$folder/$file" "is missing"
  done
  [ ! -e "$folder/root.key" ] || [ "$(wc -c <"$folder/root.key")" -eq 32 ] || fault "$folder/root.key" "must have 32 bytes"
  while IFS='=' read -r name value; do
    [[ $name == *_PASSWORD ]] || continue
    is_strong "$value" || fault "$name" "at least 24 letters and digits, the first a letter"
    case $name in
      NATS_EDGE_PASSWORD) judge_same "$folder" edge-bus-url "edge:$value@" "$name" ;;
      NATS_ACTORS_PASSWORD) judge_same "$folder" actors-bus-url "actors:$value@" "$name" ;;
    esac
  done < <(cat "$folder"/*.env)
  value=$(cat "$folder/database-password" 2>/dev/null || true)
  [ -z "$value" ] || is_strong "$value" || fault database-password "at least 24 letters and digits, the first a letter"
  [ -z "$value" ] || judge_same "$folder" database-url ":$value@" database-password
}

is_strong() { [[ $1 =~ ^[A-Za-z][A-Za-z0-9]{23,}$ ]]; }

# judge_same FOLDER FILE PART NAME: an address has the password that the other side knows.
judge_same() {
  [ ! -s "$1/$2" ] || grep -qF -- "$3" "$1/$2" || fault "$1/$2" "has another password than $4"
}

judge_settings() {
  faults=()
  read_settings "$1"
  judge_url
  judge_certificate
  judge_rest
  judge_secrets "$2"
  [ ${#faults[@]} -eq 0 ] || die "the settings cannot be used:$(printf '\n  %s' "${faults[@]}")"
}
