# Valgrind, whose callgrind counts instructions: 3.19 or newer. Sourced after lib.sh.
# Exports VALGRIND, the path of the program.
# shellcheck shell=bash

VALGRIND=${VALGRIND:-valgrind}
have "$VALGRIND" || apt_install "Valgrind, which counts instructions," valgrind
VALGRIND=$(command -v "$VALGRIND") || die "Valgrind is needed: install it and set VALGRIND to its path."
export VALGRIND
