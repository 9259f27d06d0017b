#!/usr/bin/env bash
# The real kubelet (Kubernetes 1.20 with its dockershim) as one more node, to compare with: test/e2e/peer*.test.ts.
#
#   hack/peer-kubelet.sh up NAME       builds it if need be (2 minutes, once), starts it as node NAME, waits until that is Ready
#   hack/peer-kubelet.sh root NAME     prints where its root directory is
#   hack/peer-kubelet.sh pid NAME      prints its process id
#   hack/peer-kubelet.sh stop NAME     stops it; its node, its containers and what it has on disk wait for the next `up`
#   hack/peer-kubelet.sh down NAME     stops it, removes its node, its containers and all that it has on disk
#
# It uses the Docker of $DOCKER_HOST (else the default socket), which must be on this machine with the cgroupfs driver, and
# the cluster of $KUBECONFIG (else the test bed's). A Docker can have one such node: a dockershim takes every container with
# a dockershim's labels for its own, and ends those that it does not know. What minikubelet makes has other labels.
# $PEER_PAUSE_IMAGE is the image of its sandboxes, which it does not pull when it is there; $PEER_FLAGS are more flags for it, which
# beat these.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

action=${1:-} NAME=${2:-}
case $action in up | root | pid | stop | down) [ $# = 2 ] ;; *) false ;; esac || wrong_usage
[[ $NAME =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]] || die "'$NAME' is no node name: small letters, digits and '-'"
KUBELET=$CACHE/kubernetes/bin/kubelet
PEER=$RUN/peers/$NAME
HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}
if cluster_is_ours; then export KUBECONFIG=$OWN_KUBECONFIG; fi

# own_containers: what the kubelet of this name made is in its cgroups.
own_containers() {
  docker ps --all --quiet --filter label=io.kubernetes.docker.type |
    xargs -r docker inspect --format '{{.Id}} {{.HostConfig.CgroupParent}}' | sed -n "s|^\([^ ]*\) /$NAME/.*|\1|p"
}
# cgroup_folders: its own cgroup, in each hierarchy that there is.
cgroup_folders() {
  local hierarchy
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo "/sys/fs/cgroup/$NAME" && return; fi
  for hierarchy in /sys/fs/cgroup/*/cgroup.procs; do echo "$(dirname "$hierarchy")/$NAME"; done
}
free_port() {
  local port
  for port in $(shuf -i 20000-29999 -n 50); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port" && return; fi
  done
  die "no port is free"
}
is_ready() { [ "$(kubectl get node "$NAME" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

# enter FOLDER COMMAND...: runs in a mount namespace of the kubelet's own. There its logs of Pods lie in FOLDER, for it
# removes those of Pods that it does not know; and the settings of the kernel that it insists on are as it wants them to be,
# so that it leaves this machine's alone. What it mounts below FOLDER/root Docker sees, too: that is shared.
enter() {
  # shellcheck disable=SC2016 # the words are the inner shell's
  exec unshare --mount --propagation unchanged bash -euc '
    folder=$1 && shift
    # Under systemd all is shared: nothing but what is mounted below the root folder is to be seen outside.
    awk -v root="$folder/root" "index(\$5, root) != 1 { print \$5 }" /proc/self/mountinfo |
      while read -r at; do mount --make-private "$(printf %b "$at")" 2>/dev/null || true; done
    mount --bind "$folder/pod-logs" /var/log/pods
    mount --bind "$folder/container-logs" /var/log/containers
    for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
      kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
      file=$folder/sys/${setting%=*}
      mkdir -p "$(dirname "$file")" && echo "${setting#*=}" >"$file"
      mount --bind "$file" "/proc/sys/${setting%=*}"
    done
    exec "$@"' _ "$@"
}

up() {
  need_root
  "$ROOT/hack/build-control-plane.sh" kubelet
  [ "$(docker info --format '{{.CgroupDriver}}')" = cgroupfs ] || die "the Docker at $HOST has another cgroup driver than cgroupfs"
  if running "kubelet-$NAME"; then say "node $NAME runs" && return; fi
  [ "$(docker ps --all --quiet --filter label=io.kubernetes.docker.type | wc -l)" = "$(own_containers | wc -l)" ] ||
    die "the Docker at $HOST has containers of a dockershim: this one would end them"
  local kubeconfig flags
  kubeconfig=$("$ROOT/hack/node-credentials.sh" "$NAME")
  mkdir -p "$PEER"/{root,pod-logs,container-logs} /var/log/pods /var/log/containers
  kubectl config view --raw --minify --flatten -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}' |
    base64 --decode >"$PEER/ca.crt"
  mountpoint -q "$PEER/root" || { mount --bind "$PEER/root" "$PEER/root" && mount --make-rshared "$PEER/root"; }
  cgroup_folders | xargs mkdir -p
  flags=(
    --hostname-override "$NAME" --kubeconfig "$kubeconfig" --root-dir "$PEER/root" --cert-dir "$PEER/pki"
    --container-runtime docker --docker "$HOST" --docker-endpoint "$HOST" --container-runtime-endpoint "unix://$PEER/dockershim.sock"
    --experimental-dockershim-root-directory "$PEER/dockershim" --volume-plugin-dir "$PEER/plugins"
    --cgroup-driver cgroupfs --cgroup-root "/$NAME" --enforce-node-allocatable '' --fail-swap-on=false
    --address 127.0.0.1 --port "$(free_port)" --healthz-port 0 --read-only-port 0
    --cluster-dns 10.96.0.10 --cluster-domain cluster.local --register-with-taints "peer=$NAME:NoSchedule"
    # Started with flags alone it would let everybody in.
    --client-ca-file "$PEER/ca.crt" --anonymous-auth=false --authentication-token-webhook --authorization-mode Webhook
    # It removes no images and evicts nobody, touches no iptables, and leaves its own score as it is.
    --image-gc-high-threshold 100 --eviction-hard '' --make-iptables-util-chains=false --oom-score-adj 0
  )
  if [ -n "${PEER_PAUSE_IMAGE:-}" ]; then flags+=(--pod-infra-container-image "$PEER_PAUSE_IMAGE"); fi
  # shellcheck disable=SC2206 # words are flags
  flags+=(${PEER_FLAGS:-})
  export -f enter
  start "kubelet-$NAME" bash -c 'enter "$@"' _ "$PEER" "$KUBELET" "${flags[@]}"
  await "kubelet-$NAME" 60 is_ready
  say "node $NAME is Ready (log: $RUN/kubelet-$NAME.log)"
}

root() { echo "$PEER/root"; }
pid() { cat "$RUN/kubelet-$NAME.pid"; }

halt() {
  need_root
  stop "kubelet-$NAME"
}

down() {
  need_root
  stop "kubelet-$NAME"
  kubectl delete node "$NAME" --ignore-not-found --wait=false >/dev/null
  own_containers | xargs -r docker rm --force --volumes >/dev/null
  awk -v root="$PEER/root" 'index($5, root) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r umount
  local folder
  for folder in $(cgroup_folders); do
    [ ! -d "$folder" ] || find "$folder" -depth -type d -exec rmdir {} +
  done
  rm -rf "$PEER" "$RUN/kubelet-$NAME.log" "$RUN"/nodes/*/"$NAME".{kubeconfig,lock}
  say "node $NAME is gone"
}

case $action in stop) halt ;; *) "$action" ;; esac
