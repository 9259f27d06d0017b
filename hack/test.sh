#!/usr/bin/env bash
# Every check and every test, on a bare Debian 12 machine with Node and npm, as root. Installs what it needs.
#
#   hack/test.sh        about half an hour, the first time ten minutes more (it builds Kubernetes)
#
# What can't run fails: nothing is skipped in silence. Goes on after a failure, ends with `N passed, N failed` (the tests
# that Node's runner counted, and each check as one) and fails if any did. Docker and the control plane are left running, so
# that the next run starts at once: hack/control-plane.sh down, hack/docker.sh down.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ $# = 0 ] || wrong_usage
cd "$ROOT"

STEP_MINUTES=45
passed=0 failed=0 skipped=0
log=$(mktemp)
faults=$(mktemp)
trap 'rm -f "$log" "$faults"' EXIT
finish() {
  # What failed is far above by now.
  cat "$faults"
  [ "$skipped" = 0 ] || say "$skipped tests were skipped: look above for why"
  echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
  [ "$failed" = 0 ]
  exit
}

# counted WHAT: the sum of a count over the summaries that Node's test runner printed, in either of its formats.
counted() { awk -v what="$1" '($1 == "#" || $1 == "ℹ") && $2 == what && NF == 3 { sum += $3 } END { print sum + 0 }' "$log"; }

# reports: what Node's test runner tells at its end of each test that failed.
reports() { sed -n '/^✖ failing tests:/,$p' "$log" | head -n 200; }

# limited COMMAND...: runs it; what takes longer than any step should is ended, with all that it has started.
limited() {
  local code=0 own=$BASHPID guard
  guard "$own" &
  guard=$!
  "$@" || code=$?
  { kill "$guard" && wait "$guard"; } 2>/dev/null || true
  return "$code"
}
guard() {
  local pid
  # Sleeps without a process of its own, which would outlive this one.
  read -rt "$((STEP_MINUTES * 60))" <> <(:) || true
  say "── it hangs: ended after $STEP_MINUTES minutes"
  # npm hands no signal on, and whoever is left over could still write.
  for pid in $(started_by "$1"); do [ "$pid" = "$BASHPID" ] || kill "$pid" 2>/dev/null || true; done
}
started_by() {
  local pid
  for pid in $(ps -o pid= --ppid "$1"); do started_by "$pid" && echo "$pid"; done
}

# run WHAT COMMAND...: one step with its time; its output as it comes, and kept for counting.
run() {
  local what=$1 code=0 start
  shift
  start=$(date +%s)
  say "── $what: $*"
  # No colours: the counts are read from this.
  NO_COLOR=1 FORCE_COLOR=0 limited "$@" </dev/null 2>&1 | tee "$log" || code=$?
  local end=finished
  [ "$code" = 0 ] || { end="FAILED ($code)" && { echo "── $what failed ($code)" && reports; } >>"$faults"; }
  say "── $what: $end after $(($(date +%s) - start)) s"
  return "$code"
}
# setup: nothing after it makes sense when it fails.
setup() { run "$@" || { failed=$((failed + 1)) && finish; }; }
# check: passes or fails as one.
check() { if run "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }
# tests: what Node's runner counted. A suite that fails without a failed test, or runs none, is a failure too.
tests() {
  local code=0 bad
  run "$@" || code=$?
  bad=$(($(counted fail) + $(counted cancelled)))
  if [ "$bad" = 0 ] && { [ "$code" != 0 ] || [ "$(counted pass)" = 0 ]; }; then bad=1; fi
  passed=$((passed + $(counted pass))) failed=$((failed + bad)) skipped=$((skipped + $(counted skipped) + $(counted todo)))
}

# shellcheck disable=SC2317 # called by name
image_runs() {
  docker build --force-rm --network host --label minikubelet.check -t minikubelet:check . || return
  docker run --rm minikubelet:check --version || return
  # Its build stage and what it replaces have no name: a gigabyte with each run.
  docker image prune --force --filter label=minikubelet.stage >/dev/null
  docker image prune --force --filter label=minikubelet.check >/dev/null
}
# shellcheck disable=SC2317
plane_up() { hack/control-plane.sh up || { cluster_is_ours && hack/control-plane.sh reset; }; }

need_root
setup "Debian packages" packages shellcheck curl openssl ca-certificates gcc-12 binutils iproute2 dbus systemd
check "the scripts" shellcheck -x hack/*.sh hack/testbed-runc deploy/minikubelet-runc .ci/run
check "the pause binary" hack/build-pause.sh --check
setup "npm packages" npm_packages
tests "types, lint, format, unit tests" npm run ok
setup "Docker Engine" hack/docker.sh up
setup "images" hack/images.sh
check "the OCI runtime wrapper" hack/check-runtime.sh
check "the agent's image" image_runs
setup "control plane" plane_up
setup "a kubelet to compare with" hack/build-control-plane.sh kubelet
# A machine without kubectl uses the one that came with the control plane.
PATH=$PATH:$CACHE/kubernetes/bin
KUBECONFIG=$(hack/control-plane.sh kubeconfig)
export PATH KUBECONFIG
check "rounds of faults" npm run chaos -- --rounds 7 --seed 1 \
  --fault kill-agent,kill-at-container-created,docker-kill,docker-stop-live,docker-hang-start-container,docker-500,api-500
tests "integration tests" npm run test:integration
tests "end-to-end tests" npm run test:e2e
finish
