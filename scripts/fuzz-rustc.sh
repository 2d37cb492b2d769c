#!/usr/bin/env bash
# What cargo calls in the place of rustc for the fuzz targets that stand on the doors: it counts the
# branches of our own crates and leaves all others as they are. So those are the ones that the tests
# have built already, and only a handful is compiled anew. Cargo does not see what is added here:
# after a change of this file, remove target/debug/.fingerprint/{fuzz,edge,actors,bus-schemas}-*.
set -euo pipefail
rustc=$1
shift

name=
previous=
for argument in "$@"; do
  [ "$previous" != --crate-name ] || name=$argument
  previous=$argument
done
case $name in
  actors | actors_core | bus_schemas | edge | fuzz | headers | request | settings) ;;
  *) exec "$rustc" "$@" ;;
esac
# As cargo-fuzz does it.
exec "$rustc" "$@" -Cpasses=sancov-module -Ccodegen-units=1 \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares \
  -Cllvm-args=-simplifycfg-branch-fold-threshold=0
