# What everything else is fetched and compiled with: a C compiler (SQLite and the cryptography are
# C), a download tool, and npm unless Node is here already. Sourced after lib.sh.
# shellcheck shell=bash

missing=()
have cc || missing+=(gcc libc6-dev)
have curl || missing+=(curl)
[ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname -s)" != Linux ] || missing+=(ca-certificates)
have npm || [ -e "$ROOT/tools/node/node_modules/.installed" ] || missing+=(npm)
[ ${#missing[@]} -eq 0 ] || apt_install "What the program is built with" "${missing[@]}"
unset missing
