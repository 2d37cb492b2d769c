#!/usr/bin/env bash
# What operators get, judged without a container engine: alerts with their tests, the dashboard, the
# proxy, containers and manifests. Only the proxy is started, and listens on loopback alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. scripts/ensure-operations.sh
have openssl || apt_install "openssl, which makes certificates," openssl

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# promtool is talkative when all is well.
quietly() { "$@" >"$folder/words" 2>&1 || { cat "$folder/words" >&2 && return 1; }; }

# The queries of the panels, which promtool reads like those of alerts.
check_panels() {
  "$OPERATIONS_BIN/python" infra/checks/metrics.py --queries >"$folder/panels.yml" &&
    quietly "$PROMTOOL" check rules "$folder/panels.yml"
}

step "Prometheus: configuration and rules" quietly "$PROMTOOL" check config infra/prometheus/prometheus.yml
step "Prometheus: the other things that it asks" \
  quietly "$BLACKBOX" --config.file infra/prometheus/blackbox.yml --config.check
step "Alerts: each fires when it must" quietly "$PROMTOOL" test rules infra/prometheus/tests/*.yml
step "Alerts and panels ask for what is measured" "$OPERATIONS_BIN/python" infra/checks/metrics.py
step "Panels: every query can be read" check_panels
step "Proxy: the real nginx before edges that come, go and refuse" \
  env LD_LIBRARY_PATH="$NGINX_LIBRARIES" python3 infra/checks/proxy.py "$NGINX_PROGRAM"
# check_compose MODE: the files of a mode are one whole, with secrets that were made for it here.
check_compose() {
  quietly scripts/secrets.sh "$folder/secrets" nats-1 nats-2 nats-3 || return 1
  # shellcheck disable=SC2086 # The command may be two words.
  DHCHAT_SECRETS=$folder/secrets $COMPOSE --file infra/compose.yml --file "infra/compose.$1.yml" config \
    >"$folder/compose" 2>"$folder/words" || { cat "$folder/words" >&2 && return 1; }
  "$OPERATIONS_BIN/python" infra/checks/containers.py "$1" <"$folder/compose"
}

step "Containers: the image" "$OPERATIONS_BIN/hadolint" infra/Dockerfile
step "Containers: develop" check_compose develop
step "Containers: prod" check_compose prod
step "Containers: wrong settings stop a start, secrets are made" infra/checks/settings.sh

# The manifests by their schemas; where kubectl is there, what becomes of them together as well.
check_manifests() {
  local file
  for file in infra/kubernetes/base/*.yaml; do
    case $file in */kustomization.yaml) continue ;; esac
    quietly "$OPERATIONS_BIN/kubernetes-validate" --strict "$file" || return 1
  done
  have kubectl || return 0
  kubectl kustomize infra/kubernetes/base >"$folder/whole.yaml" &&
    quietly "$OPERATIONS_BIN/kubernetes-validate" --strict "$folder/whole.yaml"
}

step "Kubernetes: schemas" check_manifests
# What belongs together, the secrets included: they are made as infra/README.md says.
check_manifests_together() {
  local recipe
  recipe=$(sed -n 's,^scripts/secrets.sh secrets \(nats-[^#]*\)#.*,\1,p' infra/README.md)
  # shellcheck disable=SC2086 # A word for each broker.
  quietly scripts/secrets.sh "$folder/cluster/secrets" $recipe &&
    "$OPERATIONS_BIN/python" infra/checks/manifests.py "$folder/cluster/secrets"
}
step "Kubernetes: what belongs together" check_manifests_together
step "Scale: the arithmetic of the page" python3 infra/checks/capacity.py
step "Documents: commands that print" scripts/documents.sh
