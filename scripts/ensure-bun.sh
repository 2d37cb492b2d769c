# Bun and the relay's packages for the bench, as infra/bench/bun/package-lock.json names them: the
# machine's own Bun may be any. Sourced after lib.sh; exports DHCHAT_BUN, the program.
# shellcheck shell=bash

bun_folder=$ROOT/infra/bench/bun

# npm has put the program for this kind of machine beside the others, and no other.
find_bun() {
  local program
  for program in "$bun_folder"/node_modules/@oven/bun-*/bin/bun; do
    if "$program" --version >/dev/null 2>&1; then
      printf '%s\n' "$program"
      return 0
    fi
  done
  return 1
}

if newer_than "$bun_folder/node_modules/.installed" "$bun_folder/package-lock.json"; then
  have npm || apt_install "npm, which fetches Bun," npm
  say "Installing Bun into infra/bench/bun (about 105 MB): the bench measures a relay over it"
  npm ci --prefix "$bun_folder" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    die "The packages of infra/bench/bun could not be fetched from npm: check the connection and run the same command again."
  find_bun >/dev/null ||
    die "Bun from npm does not start on this machine: the bench needs Linux or macOS on x86-64 or ARM, and Bun's own list of processors."
  touch "$bun_folder/node_modules/.installed"
fi
DHCHAT_BUN=$(find_bun) || die "Bun does not start: remove infra/bench/bun/node_modules and run the same command again."
export DHCHAT_BUN
