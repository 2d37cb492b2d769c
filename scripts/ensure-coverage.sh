# What measures line coverage: cargo-llvm-cov as a pinned wheel in tools/python, and an LLVM of the
# compiler's own major version, because no other promises to read the profiles that it writes.
# Sourced after lib.sh and ensure-rust.sh; exports LLVM_COV and LLVM_PROFDATA.
# shellcheck shell=bash

llvm_major=$(cd "$ROOT" && rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')

# The two programs may come from the machine's packages, or with the toolchain where rustup has the
# component llvm-tools.
find_llvm() {
  local bin
  for bin in "/usr/lib/llvm-$llvm_major/bin" "$(cd "$ROOT" && rustc --print sysroot)/lib/rustlib/$(cd "$ROOT" && rustc -vV | sed -n 's/^host: //p')/bin"; do
    if [ -x "$bin/llvm-cov" ] && [ -x "$bin/llvm-profdata" ]; then
      printf '%s\n' "$bin"
      return 0
    fi
  done
  return 1
}

if ! llvm_bin=$(find_llvm); then
  apt_install "LLVM $llvm_major, which reads the compiler's profiles," "llvm-$llvm_major"
  llvm_bin=$(find_llvm) ||
    die "llvm-cov and llvm-profdata of LLVM $llvm_major are needed: install them with 'rustup component add llvm-tools', then run the same command again."
fi
LLVM_COV=$llvm_bin/llvm-cov
LLVM_PROFDATA=$llvm_bin/llvm-profdata
export LLVM_COV LLVM_PROFDATA

if ! cargo llvm-cov --version >/dev/null 2>&1; then
  . "$ROOT/scripts/ensure-python-tools.sh"
  cargo llvm-cov --version >/dev/null 2>&1 ||
    die "cargo-llvm-cov is needed: install it with 'cargo install --locked cargo-llvm-cov', then run the same command again."
fi
