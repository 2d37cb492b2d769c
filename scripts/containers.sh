#!/usr/bin/env bash
# containers.sh develop|prod VERB: the deployment of infra/ in containers.
#
# up starts what is built, building it the first time; up-build builds anew; down stops; down-volumes
# also removes this deployment's data; restart restarts; reup is down and up; rebuild is down and
# up-build without anything remembered. prod looks at all settings before any engine is called.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/settings.sh

mode=${1:-} verb=${2:-}
case $mode in develop | prod) ;; *) die "Say which: develop or prod." ;; esac
case $verb in
  up | up-build | down | down-volumes | restart | reup | rebuild) ;;
  *) die "Say what to do: up, up-build, down, down-volumes, restart, reup or rebuild." ;;
esac
secrets=${DHCHAT_SECRETS:-$ROOT/infra/secrets/$mode}
export DHCHAT_SECRETS=$secrets

case $mode-$verb in
  prod-up | prod-up-build | prod-restart | prod-reup | prod-rebuild)
    have openssl || apt_install "openssl, which reads certificates," openssl
    judge_settings "${DHCHAT_SETTINGS:-infra/env}" "$secrets"
    ;;
esac
# Before anything is made for it.
if ! have docker || ! { docker compose version >/dev/null 2>&1 || have docker-compose; }; then
  die "Docker with Compose is needed: install it from https://docs.docker.com/engine/install/, then run the same command again. Without it, 'make run' starts the chat for oneself."
fi
docker info >/dev/null 2>&1 ||
  die "Docker is installed, and its engine does not answer: start it ('systemctl start docker'), or have your user let in (the group docker), then run the same command again. 'docker info' says what is wrong."
case $mode in
  develop) scripts/secrets.sh "$secrets" ;;
  prod) scripts/secrets.sh "$secrets" nats-1 nats-2 nats-3 ;;
esac

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
else
  compose=(docker-compose)
fi
DHCHAT_USER=$(stat -c '%u:%g' "$secrets/root.key")
export DHCHAT_USER
run() { "${compose[@]}" --project-name "dhchat-$mode" --file infra/compose.yml --file "infra/compose.$mode.yml" "$@"; }

image=${DHCHAT_IMAGE:-dhchat:local}
build() { DOCKER_BUILDKIT=1 docker build --file infra/Dockerfile --tag "$image" "$@" .; }
up() { run up --detach --remove-orphans --scale edge="$edges"; }

# One port of this machine is one edge's: only the proxy of prod stands before several.
edges=${DHCHAT_EDGES:-2}
[ "$mode" = prod ] || edges=1

case $verb in
  up) docker image inspect "$image" >/dev/null 2>&1 || build && up ;;
  up-build) build && up ;;
  down) run down --remove-orphans ;;
  down-volumes) run down --remove-orphans --volumes ;;
  restart) run restart ;;
  reup) run down --remove-orphans && up ;;
  rebuild) run down --remove-orphans && build --no-cache && up ;;
esac
