#!/usr/bin/env bash
# Shows what minikubelet does, on this machine, with the Pods of deploy/examples.
#
#   hack/demo.sh            without a cluster: the agent runs the Pods of a folder of manifests
#   hack/demo.sh --cluster  with a real control plane (or the cluster of $KUBECONFIG), kubectl, and a rolling update
#   hack/demo.sh down       ends the demo and removes all that it has started or made
#
# Brings up what is missing (Docker, images, npm packages). Run again while it runs, it shows everything anew.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DEMO=$RUN/demo
NAME=demo # of the node
SPACE=minikubelet-demo
PODS=(hostaliases-pod two-containers emptydir-handover javaweb-2 host-network)
NODE=$ROOT/node_modules/node/bin/node
EXAMPLES=$ROOT/deploy/examples
PORT=10255 API_PORT=10250

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# note MARK: what the demo had to start itself is noted, and ended by `down`.
note() { mkdir -p "$DEMO" && touch "$DEMO/$1"; }

prepare() {
  need_root
  packages curl
  mkdir -p "$DEMO"
  # npm needs no Docker: both at the same time.
  local npm=''
  if [ ! -x "$NODE" ]; then
    say "installing npm packages"
    (cd "$ROOT" && npm ci --no-audit --no-fund >"$DEMO/npm.log" 2>&1 </dev/null) &
    npm=$!
  fi
  running dockerd || "$ROOT/hack/docker.sh" status >/dev/null 2>&1 || note started-docker
  "$ROOT/hack/docker.sh" up
  "$ROOT/hack/images.sh" busybox debian javaweb nginx
  [ -z "$npm" ] || wait "$npm" || die "npm ci failed: $(tail -n 3 "$DEMO/npm.log") (log: $DEMO/npm.log)"
  [ -e /data ] || note made-data # two-containers has it made
}

# agent FLAG...: starts it, unless it runs with the same flags.
agent() {
  local flags=(--hostname-override "$NAME" --root-dir "$DEMO/root" --read-only-port "$PORT" --address 127.0.0.1
    --port "$API_PORT" --healthz-port 0 --cleanup-on-exit
    # As kind does: a laptop's disk that is nearly full is no reason to show nothing.
    --eviction-hard "memory.available<50Mi" --image-gc-high-threshold 100 "$@")
  if running demo-agent && [ "$(cat "$DEMO/flags" 2>/dev/null)" = "${flags[*]}" ]; then return; fi
  stop demo-agent 60
  say "starting the agent (log: $RUN/demo-agent.log)"
  echo "minikubelet ${flags[*]}" >&2
  start demo-agent "$NODE" "$ROOT/src/main.ts" "${flags[@]}"
  echo "${flags[*]}" >"$DEMO/flags"
  await demo-agent 20 curl -sf --noproxy '*' "http://127.0.0.1:$PORT/healthz"
}

# container POD NAME: the newest container of that name in a Pod, whose name may have the node's behind it.
container() {
  local pod found
  for pod in "$1" "$1-$NAME"; do
    found=$(docker ps -aq --filter "label=minikubelet.node=$NAME" --filter "label=io.kubernetes.pod.name=$pod" \
      --filter "label=io.kubernetes.container.name=$2" | head -n 1)
    [ -z "$found" ] || { echo "$found" && return; }
  done
  return 1
}

# look POD...: the agent's own list of Pods as a table; fails while one of those named isn't up.
look() {
  # shellcheck disable=SC2016 # the dollar signs are JavaScript's
  curl -sf --noproxy '*' "http://127.0.0.1:$PORT/pods" | "$NODE" -e '
    const pods = JSON.parse(require("fs").readFileSync(0)).items
    const rows = pods.map((pod) => [pod.metadata.namespace, pod.metadata.name, pod.status?.phase ?? "", pod.status?.podIP ?? "",
      (pod.status?.containerStatuses ?? []).map((one) => `${one.name}=${Object.keys(one.state)[0]}`).join(" ")])
    const all = [["NAMESPACE", "NAME", "PHASE", "IP", "CONTAINERS"], ...rows.sort()]
    const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)))
    for (const row of all) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd())
    const isUp = (pod) => ["Running", "Succeeded"].includes(pod.status?.phase)
    const isThere = (name) => pods.some((pod) => pod.metadata.name.startsWith(name) && isUp(pod))
    if (!process.argv.slice(1).every(isThere)) process.exit(1)
  ' "$@"
}
handed_over() { docker logs "$(container emptydir-handover reader)" 2>&1 | grep -q handed; }
web_page() { curl -sf --noproxy '*' http://127.0.0.1:8001/sample/; }
written() { docker exec "$(container two-containers nginx-container)" cat /usr/share/nginx/html/index.html; }

# tour: what the containers themselves see.
tour() {
  title "/etc/hosts with the Pod's hostAliases (hostaliases-pod)"
  docker logs "$(container hostaliases-pod cat-hosts)"

  title "The namespaces that the containers of a Pod share (emptydir-handover)"
  local name kind
  for name in writer reader; do
    printf '%-8s' "$name"
    for kind in net ipc uts; do printf '%s  ' "$(docker exec "$(container emptydir-handover $name)" readlink /proc/1/ns/$kind)"; done
    printf 'hostname %s\n' "$(docker exec "$(container emptydir-handover $name)" hostname)"
  done

  title "A file passed from one container to another through an emptyDir"
  poll 50 handed_over || die "the reader got no file; its log: $(docker logs "$(container emptydir-handover reader)" 2>&1)"
  docker logs "$(container emptydir-handover reader)"

  title "A page that one container wrote and the other serves, read over localhost in their Pod (two-containers)"
  poll 50 written || die "no page was written to the hostPath /data"
  docker run --rm --network "container:$(container two-containers nginx-container)" busybox:1.36 wget -qO- http://localhost

  title "A web application that an init container brought, on port 8001 of this machine (javaweb-2)"
  poll 50 web_page || die "nothing is served on http://127.0.0.1:8001/sample/; the server's log: $(docker logs "$(container javaweb-2 tomcat)" 2>&1)"
  web_page
}

standalone() {
  prepare
  mkdir -p "$DEMO/manifests"
  for name in "${PODS[@]}"; do cp "$EXAMPLES/$name.yaml" "$DEMO/manifests/"; done
  agent --pod-manifest-path "$DEMO/manifests"
  say "waiting for the Pods"
  poll 600 look "${PODS[@]}" || die "not every Pod is up after a minute: $(look "${PODS[@]}"); the agent's log: $RUN/demo-agent.log"
  title "Pods from $DEMO/manifests, as the agent reports them (http://127.0.0.1:$PORT/pods)"
  look
  tour
  title "Now you"
  echo "Add, change or remove manifests in $DEMO/manifests, look with 'docker ps', end with 'hack/demo.sh down'."
}

demo() { kubectl --namespace "$SPACE" "$@"; }
# apply EXAMPLE: made to run on this node, also where the cluster has others.
apply() {
  local patch="{\"spec\":{\"nodeSelector\":{\"kubernetes.io/hostname\":\"$NAME\"}}}"
  case $1 in nginx-deployment*) patch="{\"spec\":{\"template\":$patch}}" ;; esac
  kubectl patch --local -f "$EXAMPLES/$1.yaml" --type merge -p "$patch" -o yaml | demo apply -f -
}
up_in_cluster() { [[ $(demo get pod "$1" -o jsonpath='{.status.phase}') =~ Running|Succeeded ]]; }

# talk: what kubectl asks of the node itself, through the API server.
talk() {
  title "kubectl logs emptydir-handover -c reader"
  demo logs emptydir-handover -c reader
  title "kubectl exec two-containers -c nginx-container -- cat /usr/share/nginx/html/index.html"
  demo exec two-containers -c nginx-container -- cat /usr/share/nginx/html/index.html
  title "kubectl cp of a file into a container, and its sum there"
  demo cp "$ROOT/LICENSE" two-containers:/tmp/LICENSE -c nginx-container
  demo exec two-containers -c nginx-container -- sha256sum /tmp/LICENSE
  title "kubectl get --raw /api/v1/nodes/$NAME/proxy/metrics, how Pods have started"
  kubectl get --raw "/api/v1/nodes/$NAME/proxy/metrics" | grep -E '^kubelet_(started_|pod_start_duration_seconds_(sum|count))'
}

two_replicas() { [ "$(demo get pods -l app=nginx -o name | wc -l)" = 2 ]; }

cluster() {
  prepare
  if cluster_is_ours; then
    running kube-apiserver || note started-plane
    "$ROOT/hack/control-plane.sh" up
    export KUBECONFIG=$OWN_KUBECONFIG
  else
    "$ROOT/hack/control-plane.sh" up
  fi
  local credentials
  credentials=$("$ROOT/hack/node-credentials.sh" "$NAME")
  # Of our own control plane on this machine: it calls the agent on loopback, where nobody else does.
  local reached=()
  if cluster_is_ours; then reached=(--node-ip 127.0.0.1); fi
  agent --kubeconfig "$credentials" "${reached[@]}"
  await demo-agent 20 kubectl get node "$NAME"
  kubectl wait --for=condition=Ready "node/$NAME" --timeout=30s
  kubectl get namespace "$SPACE" >/dev/null 2>&1 || kubectl create namespace "$SPACE"
  note in-cluster
  await demo-agent 30 demo get serviceaccount default
  for name in "${PODS[@]}"; do apply "$name"; done
  for name in "${PODS[@]}"; do
    poll 600 up_in_cluster "$name" || die "$name isn't up after a minute: $(demo describe pod "$name" | tail -n 8)"
  done
  apply nginx-deployment
  demo rollout status deployment/nginx-deployment --timeout=60s
  title "kubectl get nodes,pods -o wide"
  kubectl get nodes -o wide && demo get pods -o wide
  tour
  title "A rolling update from nginx:1.17.8 to nginx:1.17.10"
  apply nginx-deployment-update
  demo rollout status deployment/nginx-deployment --timeout=60s
  poll 100 two_replicas || say "an old replica is still ending"
  demo get pods -l app=nginx -o custom-columns='NAME:.metadata.name,IMAGE:.spec.containers[0].image,PHASE:.status.phase,IP:.status.podIP'
  if cluster_is_ours; then talk; fi
  title "kubectl get events"
  demo get events --sort-by=.lastTimestamp | tail -n 8
  title "Now you"
  echo "export KUBECONFIG=$KUBECONFIG; kubectl -n $SPACE get pods; end with 'hack/demo.sh down'."
}

# unmount_below FOLDER: what an agent that was killed has left mounted there, the last first.
unmount_below() {
  local target
  # Blanks and the like are written as \040 there.
  tac /proc/self/mountinfo | while read -r _ _ _ _ target _; do
    case "$target" in "$1"/*) umount --lazy "$(printf '%b' "$target")" ;; esac
  done
}

down() {
  need_root
  if [ -e "$DEMO/in-cluster" ]; then
    if cluster_is_ours; then export KUBECONFIG=$OWN_KUBECONFIG; fi
    # The agent ends the Pods, so it goes after them.
    kubectl delete namespace "$SPACE" --ignore-not-found --timeout=60s || say "the namespace $SPACE doesn't go: is the cluster up?"
  fi
  stop demo-agent 60
  [ ! -e "$DEMO/in-cluster" ] || kubectl delete node "$NAME" --ignore-not-found || true
  # What an agent that was killed could not remove.
  docker ps -aq --filter "label=minikubelet.node=$NAME" 2>/dev/null | xargs -r docker rm -f >/dev/null || true
  if [ -e "$DEMO/made-data" ]; then rm -f /data/index.html && { rmdir /data 2>/dev/null || true; }; fi
  [ ! -e "$DEMO/started-plane" ] || "$ROOT/hack/control-plane.sh" down
  [ ! -e "$DEMO/started-docker" ] || "$ROOT/hack/docker.sh" down
  unmount_below "$DEMO"
  rm -rf --one-file-system "$DEMO"
  say "the demo is gone"
}

case ${1:-} in
  '') standalone ;;
  --cluster) cluster ;;
  down) down ;;
  *) wrong_usage ;;
esac
