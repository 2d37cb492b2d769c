#!/usr/bin/env bash
# long-image.sh: builds the image for real and starts it, with buildah and podman, where no base image can
# be fetched. The program is linked statically here, as infra/Dockerfile does it in its own stages; the
# last stage of that file is built as it stands. The container runs as nobody, on a disk that cannot be
# written, without rights: it must serve the page and be well in its own health check's words.
# DHCHAT_STATIC_BINARY names a static program that is built already. Needs root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
[ "$(id -u)" -eq 0 ] || die "Containers without an engine are started by root."
for program in buildah podman runc; do
  have "$program" || apt_install "$program, which builds and starts images," buildah podman runc
done

program=${DHCHAT_STATIC_BINARY:-}
if [ -z "$program" ]; then
  . scripts/ensure-basics.sh
  . scripts/ensure-rust.sh
  . scripts/ensure-node.sh
  build_web_app
  target=$(rustc -vV | sed -n 's/^host: //p')
  say "Building a static dhchat (some minutes)"
  RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --release --package edge --bin dhchat --target "$target"
  program=${CARGO_TARGET_DIR:-$ROOT/target}/$target/release/dhchat
fi
! ldd "$program" 2>/dev/null | grep -q '=>' || die "$program is not linked statically."

folder=$(mktemp -d /var/tmp/dhchat-image.XXXXXX)
storage=(--root "$folder/store" --runroot "$folder/run" --storage-driver vfs)
pod=(podman "${storage[@]}" --runtime "$(command -v runc || echo /usr/sbin/runc)" --cgroup-manager cgroupfs --events-backend file)
container=dhchat-image-$$
finish() {
  local outcome=$?
  [ "$outcome" -eq 0 ] || "${pod[@]}" logs "$container" 2>&1 | tail -n 40 >&2 || true
  "${pod[@]}" rm --force --time 5 "$container" >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap finish EXIT

# The last stage, with what the stages before would have made.
mkdir -p "$folder/context/out" "$folder/context/etc/ssl/certs" "$folder/data"
cp "$program" "$folder/context/out/dhchat"
cp /etc/ssl/certs/ca-certificates.crt "$folder/context/etc/ssl/certs/"
sed -n '/^FROM scratch/,$p' infra/Dockerfile | sed 's#--from=build /#/#' >"$folder/Dockerfile"
step "The image is built" buildah "${storage[@]}" bud --quiet --isolation chroot --format docker --file "$folder/Dockerfile" --tag dhchat:local "$folder/context"
chown 65532:65532 "$folder/data"

pick_port && port=$PORT
pick_port && pages=$PORT
# As many as may be given here; podman asks systemd for a timer, which need not be there.
files=$(ulimit -Hn)
start() {
  "${pod[@]}" run --detach --name "$container" --pull=never --network host --read-only --cap-drop all \
    --security-opt no-new-privileges --no-healthcheck --ulimit "nofile=$files:$files" --ulimit nproc=1024:1024 \
    --volume "$folder/data:/data" --env DHCHAT_DATA_DIR=/data --env "DHCHAT_LISTEN=127.0.0.1:$port" \
    --env "CHAT_HTTP_PORT=$pages" localhost/dhchat:local serve >/dev/null
}
# The words of HEALTHCHECK in the Dockerfile, inside of the container.
is_well() { "${pod[@]}" exec "$container" /dhchat doctor --running; }
step "A container starts" start
wait_until 60 is_well || die "The container is not well: $(is_well 2>&1 || true)"
grep -q '"/dhchat", "doctor", "--running"' "$folder/Dockerfile" || die "infra/Dockerfile asks in other words."
curl --silent --fail "http://127.0.0.1:$port/" | grep -q 'id="root"' || die "The container does not serve the web app."
[ "$(stat -c %u "$folder/data/root.key")" = 65532 ] || die "It does not run as nobody."
# A static program finds names by what the image has, which is nothing but what containers are given.
answer=$("${pod[@]}" run --rm --pull=never --network host --add-host broker:127.0.0.1 --no-healthcheck --ulimit "nofile=$files:$files" \
  --ulimit nproc=1024:1024 localhost/dhchat:local doctor edge --bus-url "nats://edge:x@broker:1" || true)
# Nobody is there who is a broker, and that is found out by asking.
[[ $answer == *"WRONG    bus"* && $answer != *"DNS error"* ]] || die "The name of a broker was not found: $answer"
say "$(is_well); the image has $(($(stat -c %s "$program") / 1048576)) MiB"
