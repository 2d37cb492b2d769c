# What the scripts share: words for people, installing, free ports, waiting, and cleaning up.
# Sourced, never run. Every script starts with `set -euo pipefail` and then sources this file.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT

# Says what is being done, so that nobody waits in front of a silent screen.
say() { printf '\n==> %s\n' "$*" >&2; }

# Ends with one sentence that says what is needed and how to get it.
die() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether sudo works, or could ask for a password.
may_be_root() {
  [ "$(id -u)" -eq 0 ] || { have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

# apt_install WHAT PACKAGE...: installs Debian or Ubuntu packages, or names them.
apt_install() {
  local what=$1
  shift
  local packages=$*
  have apt-get ||
    die "$what is missing and cannot be installed here by itself: install it with your package manager (its Debian packages are: $packages), then run the same command again."
  may_be_root ||
    die "$what is missing and only root may install it: run 'apt-get install $packages' as root, then the same command again."
  say "Installing with apt: $packages"
  if [ -z "${DHCHAT_APT_UPDATED:-}" ]; then
    as_root apt-get update -qq >&2 || say "The package lists could not be renewed; trying with those that are there."
    export DHCHAT_APT_UPDATED=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
    die "$what could not be installed: run 'apt-get install $packages' as root, then the same command again."
}

# newer_than STAMP PATH...: true if STAMP is missing or anything under PATH is younger.
newer_than() {
  local stamp=$1
  shift
  [ -e "$stamp" ] || return 0
  [ -n "$(find "$@" -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# pick_port sets PORT to a port on loopback that nobody listens on. Each call counts on, so that two
# of one script never meet; the numbers lie below the range that outgoing connections take.
next_port=$((20000 + RANDOM % 12000))
pick_port() {
  for _ in $(seq 1 50); do
    next_port=$((next_port + 1))
    if ! listens "$next_port"; then
      # shellcheck disable=SC2034 # The caller reads it.
      PORT=$next_port
      return 0
    fi
  done
  die "No free port was found on 127.0.0.1 in 50 tries."
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; false when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

answers_http() { curl --silent --show-error --fail --max-time 2 --output /dev/null "$1"; }

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

runs() { kill -0 "$1" 2>/dev/null; }

# Ends one process that this script started: asks, waits, then insists.
stop_process() {
  local pid=$1
  runs "$pid" || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  for _ in $(seq 1 150); do
    runs "$pid" || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

# step NAME COMMAND...: runs a command and says how long it took; a failure is named and ends the script.
step() {
  local name=$1 begun=$SECONDS
  shift
  say "$name"
  if "$@"; then
    printf '    %s: done in %d s\n' "$name" "$((SECONDS - begun))" >&2
  else
    die "$name failed after $((SECONDS - begun)) s."
  fi
}

# ensure_rust_tests: what tests of Rust need, servers included; what is missing is installed.
ensure_rust_tests() {
  . scripts/ensure-basics.sh
  . scripts/ensure-rust.sh
  . scripts/ensure-nats.sh
  . scripts/ensure-postgres.sh
  . scripts/ensure-nextest.sh
}

# test_processes FILTER [CARGO ARGUMENT...]: the tests of real processes that match, as a long run.
test_processes() {
  local filter=$1
  shift
  ensure_rust_tests
  mkdir -p webapp/dist
  cargo nextest run --locked --profile long --package edge --test faults --no-capture "$@" "$filter"
}
