# A C compiler and what downloads need. SQLite and the cryptography are compiled from C.
# Sourced after lib.sh.
# shellcheck shell=bash

missing=()
have cc || missing+=(gcc libc6-dev)
have curl || missing+=(curl)
[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /System ] || missing+=(ca-certificates)
[ ${#missing[@]} -eq 0 ] || apt_install "A C compiler or a download tool" "${missing[@]}"
unset missing
