#!/usr/bin/env bash
# A real Kubernetes control plane on this machine: etcd, API server, controller manager, scheduler, on loopback.
#
#   hack/control-plane.sh build [--peer]   builds what is missing (4 minutes, once); --peer: a kubelet to compare with, too
#   hack/control-plane.sh up               builds if need be and starts it (about 8 s)
#   hack/control-plane.sh down             stops it; what it stored stays until the next reset or reboot
#   hack/control-plane.sh reset            stops it, forgets everything that it stored, starts it anew
#   hack/control-plane.sh status           what runs, which version, which nodes
#   hack/control-plane.sh kubeconfig       prints the path of the administrator's kubeconfig
#
# Where $KUBECONFIG names a cluster (kind, say) that one is used: up, down and reset only look whether it answers.
# Binaries in $KUBEBUILDER_ASSETS (envtest's convention) are taken before our own, whatever their version. An API server of
# today wants the etcd of its time beside it, or it ends watches; without a controller manager and a scheduler of its time
# there are still Pods, Jobs and Deployments, but ours schedules nothing on a server that has dropped the old APIs (1.25).
# A second one beside it needs its own $MINIKUBELET_TESTBED_RUN and $MINIKUBELET_APISERVER_PORT (16443 if unset).
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PLANE=$RUN/control-plane
PKI=$PLANE/pki
PORT=${MINIKUBELET_APISERVER_PORT:-16443}
SERVER=https://127.0.0.1:$PORT
# The other ports move with the API server's, so that two planes can run side by side.
ETCD_PORT=$((PORT - 4064)) ETCD_PEER_PORT=$((PORT - 4063)) MANAGER_PORT=$((PORT + 3814)) SCHEDULER_PORT=$((PORT + 3816))
ETCD=http://127.0.0.1:$ETCD_PORT ETCD_PEER=http://127.0.0.1:$ETCD_PEER_PORT

# binary NAME: where it is; a newer API server may come with no controller manager beside it, then ours has to do.
binary() {
  local folder
  for folder in "${KUBEBUILDER_ASSETS:-}" "$CACHE/kubernetes/bin"; do
    [ -x "$folder/$1" ] && echo "$folder/$1" && return
  done
  return 1
}
# Not through a pipe: one that closes as soon as the flag is found would make the command, and so the answer, fail.
has_flag() { grep -q -- "$2 " <<<"$("$1" --help 2>&1)"; }
build() { # [--peer]
  local name
  if [ "${1:-}" = --peer ]; then "$ROOT/hack/build-control-plane.sh" --peer && return; fi
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    binary "$name" >/dev/null || { "$ROOT/hack/build-control-plane.sh" && return; }
  done
  [ -x "$KUBECTL" ] || "$ROOT/hack/build-control-plane.sh"
}

# certificate NAME SUBJECT USAGE [NAMES]: NAME.crt and NAME.key, signed by the plane's authority.
certificate() {
  local at=$PKI/$1
  openssl ecparam -name prime256v1 -genkey -noout -out "$at.key"
  openssl req -new -key "$at.key" -subj "$2" -out "$at.csr"
  openssl x509 -req -in "$at.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial -days 3650 -out "$at.crt" \
    -extfile <(printf 'keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=%s\n%s' "$3" "${4:+subjectAltName=$4}")
}
certificates() {
  [ ! -e "$PKI/made" ] || return 0
  packages openssl
  rm -rf "$PKI" && mkdir -p "$PKI" && chmod 700 "$PKI"
  {
    openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/ca.key"
    openssl req -x509 -new -key "$PKI/ca.key" -subj /CN=kubernetes -days 3650 -out "$PKI/ca.crt" \
      -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
    openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/service-account.key"
    openssl ec -in "$PKI/service-account.key" -pubout -out "$PKI/service-account.pub"
    certificate apiserver /CN=kube-apiserver serverAuth \
      DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1
    certificate admin /O=system:masters/CN=kubernetes-admin clientAuth
    certificate controller-manager /CN=system:kube-controller-manager clientAuth
    certificate scheduler /CN=system:kube-scheduler clientAuth
    # Who the API server is when it asks a node for logs and the like.
    certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  } >"$PLANE/openssl.log" 2>&1 || die "openssl failed: $(tail -n 3 "$PLANE/openssl.log")"
  for name in admin controller-manager scheduler; do write_kubeconfig "$name"; done
  touch "$PKI/made"
}
encoded() { base64 -w 0 "$PKI/$1"; }
write_kubeconfig() {
  cat >"$PLANE/$1.kubeconfig" <<KUBECONFIG
apiVersion: v1
kind: Config
current-context: minikubelet-testbed
contexts: [{ name: minikubelet-testbed, context: { cluster: minikubelet-testbed, user: $1 } }]
clusters: [{ name: minikubelet-testbed, cluster: { server: "$SERVER", certificate-authority-data: "$(encoded ca.crt)" } }]
users: [{ name: $1, user: { client-certificate-data: "$(encoded "$1.crt")", client-key-data: "$(encoded "$1.key")" } }]
KUBECONFIG
  chmod 600 "$PLANE/$1.kubeconfig"
}

ask() { curl -sf --max-time 2 --noproxy '*' --cacert "$PKI/ca.crt" "$1" >/dev/null; }
admin() { kubectl --kubeconfig "$OWN_KUBECONFIG" "$@"; }

start_etcd() {
  # A test bed survives no power cut: not waiting for the disk halves the time of a write.
  local flags=(--data-dir "$PLANE/etcd" --listen-client-urls "$ETCD" --advertise-client-urls "$ETCD"
    --listen-peer-urls "$ETCD_PEER" --initial-advertise-peer-urls "$ETCD_PEER" --initial-cluster "default=$ETCD_PEER")
  if has_flag "$(binary etcd)" --unsafe-no-fsync; then flags+=(--unsafe-no-fsync); fi
  # etcd calls an arm64 build unsupported unless it is told that this is known.
  ETCD_UNSUPPORTED_ARCH=$(dpkg --print-architecture) start etcd "$(binary etcd)" "${flags[@]}"
}
start_apiserver() {
  # No endpoints of the service `kubernetes`: they must not be loopback addresses.
  start kube-apiserver "$(binary kube-apiserver)" --etcd-servers "$ETCD" --endpoint-reconciler-type none \
    --bind-address 127.0.0.1 --secure-port "$PORT" --service-cluster-ip-range 10.96.0.0/16 --allow-privileged=true \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --enable-bootstrap-token-auth=true \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" --client-ca-file "$PKI/ca.crt" \
    --cert-dir "$PLANE" --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$PKI/service-account.pub" --service-account-signing-key-file "$PKI/service-account.key" \
    --kubelet-client-certificate "$PKI/apiserver-kubelet-client.crt" \
    --kubelet-client-key "$PKI/apiserver-kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP,Hostname,InternalDNS,ExternalIP,ExternalDNS
}
start_controllers() {
  local manager scheduler insecure=()
  manager=$(binary kube-controller-manager) scheduler=$(binary kube-scheduler)
  # Old ones also listen without TLS on a port of their own, unless told not to; new ones have no such flag.
  if has_flag "$manager" '--port int'; then insecure=(--port 0); fi
  start kube-controller-manager "$manager" "${insecure[@]}" --kubeconfig "$PLANE/controller-manager.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$MANAGER_PORT" --cert-dir "$PLANE" --leader-elect=false \
    --controllers '*,bootstrapsigner,tokencleaner' --use-service-account-credentials=true \
    --root-ca-file "$PKI/ca.crt" --service-account-private-key-file "$PKI/service-account.key" \
    --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" \
    --kube-api-qps 200 --kube-api-burst 400
  start kube-scheduler "$scheduler" "${insecure[@]}" --kubeconfig "$PLANE/scheduler.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$SCHEDULER_PORT" --cert-dir "$PLANE" --leader-elect=false
}

up() {
  need_root
  packages curl
  build ''
  locked control-plane
  certificates
  if ! running kube-apiserver; then say "starting etcd and the API server (logs: $RUN/*.log)"; fi
  running etcd || start_etcd
  running kube-apiserver || start_apiserver
  await etcd 20 ask "$ETCD/health"
  await kube-apiserver 60 ask "$SERVER/readyz"
  if ! running kube-controller-manager || ! running kube-scheduler; then
    say "starting controller manager and scheduler"
    stop kube-controller-manager && stop kube-scheduler && start_controllers
  fi
  # No Pod is admitted before its namespace's service account is there, and that is the controllers' first work.
  await kube-controller-manager 60 admin get serviceaccount default
  say "the control plane answers on $SERVER: export KUBECONFIG=$OWN_KUBECONFIG"
}
down() {
  locked control-plane
  local name ending=()
  # All at once: each takes seconds to end by itself (the API server a minute, while somebody watches). etcd goes last,
  # for the others wait long for one that is gone.
  for name in kube-scheduler kube-controller-manager kube-apiserver; do stop "$name" 5 & ending+=($!); done
  for name in "${ending[@]}"; do wait "$name"; done
  stop etcd
}
reset() {
  down
  rm -rf "$PLANE/etcd" "$PLANE/nodes"
  up
}
status() {
  local name
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    if running "$name"; then echo "$name runs (pid $(cat "$RUN/$name.pid"), log $RUN/$name.log)"; else echo "$name doesn't run"; fi
  done
  running kube-apiserver || return 1
  echo "kubeconfig: $OWN_KUBECONFIG"
  admin version | grep -i server
  admin get nodes
}

# foreign COMMAND: the cluster that $KUBECONFIG names is somebody else's.
foreign() {
  case $1 in
    kubeconfig) echo "$KUBECONFIG" ;;
    build) [ -x "$KUBECTL" ] || build '' ;;
    status) kubectl version && kubectl get nodes ;;
    *)
      [ -x "$KUBECTL" ] || build ''
      kubectl get --raw /readyz >/dev/null || die "KUBECONFIG=$KUBECONFIG names a cluster that doesn't answer: start it, or unset KUBECONFIG"
      say "using the cluster of KUBECONFIG=$KUBECONFIG; it is not mine to start, stop or reset"
      ;;
  esac
}

case ${1:-} in
  build | up | down | reset | status | kubeconfig) if cluster_is_ours; then
    case $1 in kubeconfig) echo "$OWN_KUBECONFIG" ;; *) "$@" ;; esac
  else foreign "$1"; fi ;;
  *) wrong_usage ;;
esac
