#!/usr/bin/env bash
# try-in-chroot.sh [--suite NAME] [--as-user]: does a newcomer's first command work on an empty machine?
#
# Makes an empty Debian root with debootstrap, lays the last commit in it, and runs `make run` there
# until the chat answers; then starts it a second time. With --as-user it runs as somebody who may
# install nothing, and shows the sentence that says what is missing. Needs root; everything lies in
# one temporary folder with mounts and processes of its own namespaces, and is removed at the end.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=bookworm
user=root
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=${2:?--suite needs a name} && shift ;;
    --as-user) user=newcomer ;;
    *) die "Unknown option $1: use --suite NAME or --as-user." ;;
  esac
  shift
done

[ "$(id -u)" -eq 0 ] || die "An empty Debian root can only be made by root."
have debootstrap || apt_install "debootstrap" debootstrap
have curl || apt_install "curl" curl

folder=$(mktemp -d /var/tmp/dhchat-root.XXXXXX)
root=$folder/root
pid=
finish() {
  stop
  rm -rf --one-file-system "$folder"
}
# The process is the first of its own process namespace: whatever it started ends with it.
stop() {
  [ -z "$pid" ] || stop_process "$pid"
  pid=
}
trap finish EXIT

# The mirror that this machine's apt uses, and what it needs to reach it.
mirror=$(grep -rhoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 || true)
mirror=${mirror%% *}
mirror=${mirror:-http://deb.debian.org/debian}

say "Making an empty Debian $suite"
debootstrap --variant=minbase --include=make "$suite" "$root" "$mirror" >"$folder/debootstrap.log" 2>&1 || {
  tail -n 20 "$folder/debootstrap.log" >&2
  die "debootstrap failed; its last words are above."
}
cp /etc/resolv.conf /etc/hosts "$root/etc/"
apt-config dump | grep -E '^Acquire::.*(Proxy|CaInfo)' >"$root/etc/apt/apt.conf.d/90host" || true
if [ -d /usr/local/share/ca-certificates ]; then
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp -R /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
fi

place=/opt/dh-secure-chat
home=/root
mkdir -p "$root$place"
git -C "$ROOT" archive HEAD | tar -x -C "$root$place"
if [ "$user" != root ]; then
  home=/opt/$user
  chroot "$root" useradd --create-home --home-dir "$home" "$user"
  chroot "$root" chown -R "$user" "$place"
fi

pick_port
port=$PORT
pick_port
variables=(
  "HOME=$home"
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  "DHCHAT_LISTEN=127.0.0.1:$port" "CHAT_HTTP_PORT=$PORT"
)
# How this machine reaches the registries: proxies and certificates, nothing else.
while IFS= read -r variable; do variables+=("$variable"); done < <(
  env | grep -iE '^(https?_proxy|no_proxy|SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS|PIP_CERT)=' || true
)

make_run() {
  unshare --mount --pid --fork --kill-child=TERM --mount-proc="$root/proc" \
    chroot --userspec="$user" "$root" env -i "${variables[@]}" make -C "$place" --no-print-directory run &
  pid=$!
}

# Until the chat answers, or the process ends by itself.
answers_or_ended() { answers_http "http://127.0.0.1:$port/health" || ! runs "$pid"; }

say "Running 'make run' there as $user"
begun=$SECONDS
make_run
wait_until 3600 answers_or_ended || die "The chat did not answer within an hour."
if ! runs "$pid"; then
  pid=
  [ "$user" != root ] || die "'make run' ended before the chat answered; its words are above."
  say "That was the sentence that somebody who may install nothing gets."
  exit 0
fi
say "The chat answers after $((SECONDS - begun)) s, compiling included."
curl --silent --fail "http://127.0.0.1:$port/" | grep -q 'id="root"' || die "The page is not the web app."

stop
begun=$SECONDS
make_run
wait_until 300 answers_http "http://127.0.0.1:$port/health" || die "The second start did not answer within 5 minutes."
say "The second start answers after $((SECONDS - begun)) s."
