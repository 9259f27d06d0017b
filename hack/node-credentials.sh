#!/usr/bin/env bash
# A kubeconfig with the identity of a node, which is all that the agent should have: system:node:NAME, group system:nodes.
#
#   hack/node-credentials.sh NODE        makes it (or finds the one made before) and prints its path
#
# It asks the cluster as a joining node does: a certificate signing request to kubernetes.io/kube-apiserver-client-kubelet,
# which the administrator's kubeconfig ($KUBECONFIG, else the test bed's control plane) approves. So it works on any
# cluster from Kubernetes 1.20 on that signs such requests (kind does). The file holds a private key.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

node=${1:-}
if [ $# != 1 ] || [ "${node#-}" != "$node" ]; then wrong_usage; fi
[[ $node =~ ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$ ]] || die "'$node' is no node name: small letters, digits, '-' and '.'"
if cluster_is_ours; then export KUBECONFIG=$OWN_KUBECONFIG; fi
kubectl get --raw /readyz >/dev/null 2>&1 || die "no API server answers (KUBECONFIG=$KUBECONFIG): hack/control-plane.sh up"
packages openssl

# One folder for each cluster: a certificate of another is worth nothing here.
authority=$(kubectl config view --minify --raw --flatten -o jsonpath='{.clusters[0].cluster}' | sha256sum | cut -c1-12)
at=$RUN/nodes/$authority
mkdir -p "$at" && chmod 700 "$RUN/nodes" "$at"
file=$at/$node.kubeconfig
exec 9>"$at/$node.lock" && flock 9
if [ -s "$file" ] && kubectl --kubeconfig "$file" get --raw /api >/dev/null 2>&1; then
  echo "$file"
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl ecparam -name prime256v1 -genkey -noout -out "$work/key"
openssl req -new -key "$work/key" -subj "/O=system:nodes/CN=system:node:$node" -out "$work/csr"
request=minikubelet-$node-$(sha256sum "$work/csr" | cut -c1-8)
kubectl create -f - >/dev/null <<REQUEST
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: "$request" }
spec:
  signerName: kubernetes.io/kube-apiserver-client-kubelet
  request: $(base64 -w 0 "$work/csr")
  usages: [digital signature, key encipherment, client auth]
REQUEST
kubectl certificate approve "$request" >/dev/null
issued() { kubectl get csr "$request" -o jsonpath='{.status.certificate}' | base64 -d >"$work/crt" && [ -s "$work/crt" ]; }
poll 300 issued || die "the cluster doesn't sign $request within 30 s: does its controller manager run, with a signing key?"
kubectl delete csr "$request" >/dev/null

# The administrator's cluster, whatever it says about addresses, proxies and authorities, with another user.
kubectl config view --minify --raw --flatten >"$work/config"
config() { kubectl --kubeconfig "$work/config" config "$@" >/dev/null; }
config unset users
config set-credentials "system:node:$node" --client-certificate "$work/crt" --client-key "$work/key" --embed-certs
config set-context --current --user "system:node:$node" --namespace ''
chmod 600 "$work/config"
mv "$work/config" "$file"
say "made the identity system:node:$node"
echo "$file"
