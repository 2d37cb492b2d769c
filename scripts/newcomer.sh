#!/usr/bin/env bash
# newcomer.sh: what the README says first, `make run`, as somebody does it who has only the clone: it must
# answer with the page and with a health that is well, stop when told, and start a second time with the
# same accounts. DHCHAT_BINARY names a program that is built already; scripts/try-in-chroot.sh does the
# same on an empty machine, compiling included.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

folder=$(mktemp -d)
pid=
finish() {
  [ -z "$pid" ] || stop_process "$pid"
  rm -rf "$folder"
}
trap finish EXIT
pick_port && port=$PORT
pick_port && pages=$PORT

# The shell that make starts hands its place to the program, so the signal reaches it.
begin() {
  DHCHAT_LISTEN=127.0.0.1:$port CHAT_HTTP_PORT=$pages DHCHAT_DATA_DIR=$folder/data scripts/run.sh >"$folder/log" 2>&1 &
  pid=$!
  wait_until 900 answers_or_ended || { cat "$folder/log" >&2 && die "'make run' did not answer."; }
  runs "$pid" || { cat "$folder/log" >&2 && die "'make run' ended by itself."; }
}
answers_or_ended() { answers_http "http://127.0.0.1:$port/health/ready" || ! runs "$pid"; }
asked() { curl --silent --output "$folder/answer" --write-out '%{http_code}' --header 'content-type: application/json' --data "$2" "http://127.0.0.1:$port$1"; }
credentials='{"username":"newcomer","password":"three-words-and-7"}'
grep -A 1 '^run:' Makefile | grep -q 'scripts/run.sh' || die "'make run' is another script."

begin
curl --silent --fail "http://127.0.0.1:$port/" | grep -q 'id="root"' || die "The page is not the web app."
[ "$(asked /api/auth/register "$credentials")" = 201 ] || die "Nobody can register: $(cat "$folder/answer")"
stop_process "$pid"
begin
[ "$(asked /api/auth/login "$credentials")" = 200 ] || die "The account of the first start is gone: $(cat "$folder/answer")"
