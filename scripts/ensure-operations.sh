# The programs that judge what operators get: promtool and nginx from Debian packages, unpacked into
# target/tools/operations and not installed, because an installed one would start a server; the
# linters of containers and manifests as wheels, pinned with hashes in tools/python/operations.
# Sourced after lib.sh; exports PROMTOOL, NGINX_PROGRAM, NGINX_LIBRARIES, BLACKBOX and OPERATIONS_BIN.
# shellcheck shell=bash

operations_folder=$ROOT/target/tools/operations
operations_python=$ROOT/tools/python/operations

fetch_packages() {
  apt-get download -qq prometheus nginx libpcre2-8-0 prometheus-blackbox-exporter >&2
}

unpack_packages() (
  fetched=$(mktemp -d) && cd "$fetched" || exit 1
  fetch_packages 2>/dev/null || { as_root apt-get update -qq >&2 && fetch_packages; } || exit 1
  rm -rf "$operations_folder"
  mkdir -p "$operations_folder"
  for package in *.deb; do dpkg-deb --extract "$package" "$operations_folder" || exit 1; done
  rm -rf "$fetched"
)

install_operations_python() {
  python3 -m venv --clear "$operations_python/venv" || return 1
  "$operations_python/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes --requirement "$operations_python/requirements.txt" >&2
}

if have promtool && have nginx && have blackbox_exporter; then
  PROMTOOL=$(command -v promtool) NGINX_PROGRAM=$(command -v nginx) BLACKBOX=$(command -v blackbox_exporter)
  NGINX_LIBRARIES=
else
  if newer_than "$operations_folder/.unpacked" "$ROOT/scripts/ensure-operations.sh"; then
    have dpkg-deb || die "promtool, nginx and blackbox_exporter are missing: install Prometheus, nginx and the blackbox exporter, then run the same command again."
    say "Unpacking Prometheus and nginx into target/tools/operations (about 115 MB)"
    unpack_packages ||
      die "The Debian packages prometheus, nginx and prometheus-blackbox-exporter could not be fetched: 'apt-get download prometheus' says why."
    touch "$operations_folder/.unpacked"
  fi
  PROMTOOL=$operations_folder/usr/bin/promtool
  NGINX_PROGRAM=$operations_folder/usr/sbin/nginx
  BLACKBOX=$operations_folder/usr/bin/prometheus-blackbox-exporter
  NGINX_LIBRARIES=$(dirname "$(find "$operations_folder/usr/lib" -name 'libpcre2-8.so.0' -print -quit)")
fi

if newer_than "$operations_python/venv/.installed" "$operations_python/requirements.txt"; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "Python, which brings the linters of containers," python3 python3-venv
  say "Installing the linters of containers and manifests into tools/python/operations (about 90 MB)"
  install_operations_python ||
    die "The tools of tools/python/operations/requirements.txt could not be fetched: Python 3.11 or newer is needed, and a connection to pypi.org."
  touch "$operations_python/venv/.installed"
fi
OPERATIONS_BIN=$operations_python/venv/bin
export PROMTOOL NGINX_PROGRAM NGINX_LIBRARIES BLACKBOX OPERATIONS_BIN

# The reader of Compose files; it needs no engine to read. A plugin of Docker's is as good.
if have docker-compose; then
  COMPOSE=docker-compose
else
  docker compose version >/dev/null 2>&1 || apt_install "docker-compose, which reads Compose files," docker-compose
  COMPOSE=$(have docker-compose && echo docker-compose || echo "docker compose")
fi
export COMPOSE
