#!/usr/bin/env bash
# Builds Kubernetes' own binaries from Debian's source package, once, into /var/cache/minikubelet-testbed/kubernetes (about
# 4 minutes on 2 cores, 3 GB; its folder build/ may go afterwards).
#
#   hack/build-control-plane.sh           kube-apiserver, kube-controller-manager, kube-scheduler, kubectl; etcd unpacked
#   hack/build-control-plane.sh --peer    and the kubelet of the same version, to compare with
#   hack/build-control-plane.sh kubelet   that alone
#
# Debian has no binary packages of these but the source, with its dependencies vendored, in which nothing is downloaded
# while building. Called by hack/control-plane.sh; a second run finds the binaries and ends at once.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=1.20.2
BIN=$CACHE/kubernetes/bin
BUILD=$CACHE/kubernetes/build
wanted=(kube-apiserver kube-controller-manager kube-scheduler kubectl)
case ${1:-} in
  '') ;;
  --peer) wanted+=(kubelet) ;;
  kubelet) wanted=(kubelet) ;;
  *) wrong_usage ;;
esac

# deb_src: an apt of its own with this machine's own Debian sources turned into source entries.
deb_src() {
  local apt=$CACHE/apt-src
  debian_sources "$apt/sources"
  sed -i -e 's/^Types: deb$/Types: deb-src/' -e 's/^deb /deb-src /' "$apt/sources"/*
  own_apt "$apt"
}

fetch_source() {
  say "getting the source package kubernetes"
  rm -rf "$BUILD"
  mkdir -p "$BUILD/src/k8s.io"
  (
    deb_src
    cd "$BUILD"
    apt-get -qq update
    apt-get -qq source kubernetes
  ) >"$CACHE/kubernetes/source.log" 2>&1 </dev/null ||
    die "apt-get source kubernetes failed; see $CACHE/kubernetes/source.log. It needs Debian 12's sources in /etc/apt"
  ln -s "$(find "$BUILD" -mindepth 1 -maxdepth 1 -type d -name 'kubernetes-*')" "$BUILD/src/k8s.io/kubernetes"
  # The vendored reflect2 1.0.1 corrupts memory under Go 1.18 and later (the API server dies encoding a map).
  unpack_packages "$BUILD/reflect2" golang-github-modern-go-reflect2-dev
  local vendored=$BUILD/src/k8s.io/kubernetes/vendor/github.com/modern-go/reflect2
  rm -rf "$vendored"
  cp -r "$BUILD/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2" "$vendored"
  rm -f "$vendored"/*_test.go
  touch "$BUILD/ready"
}

look() {
  local name
  missing=()
  for name in "${wanted[@]}"; do [ -x "$BIN/$name" ] || missing+=("$name"); done
}
look
mkdir -p "$BIN"
if [ "${1:-}" != kubelet ] && [ ! -x "$BIN/etcd" ]; then
  # Unpacked, not installed: the package would start an etcd of its own on a machine with systemd.
  unpack_packages "$CACHE/kubernetes/etcd" etcd-server
  cp "$CACHE/kubernetes/etcd/usr/bin/etcd" "$BIN/etcd"
fi
[ ${#missing[@]} -gt 0 ] || exit 0

need_root
locked build
look # another one may have built it meanwhile
[ ${#missing[@]} -gt 0 ] || exit 0
packages golang-1.19-go dpkg-dev make rsync # its makefile puts the binaries in place with rsync
[ -e "$BUILD/ready" ] || fetch_source
say "building ${missing[*]} $VERSION (some 4 minutes on 2 cores; log: $CACHE/kubernetes/build.log)"
export GOPATH=$BUILD GOCACHE=$CACHE/go-build PATH=/usr/lib/go-1.19/bin:$PATH CGO_ENABLED=0 GOFLAGS='' GOTOOLCHAIN=local
arch=$(dpkg --print-architecture)
export KUBE_GIT_VERSION=v$VERSION KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 KUBE_GIT_TREE_STATE=clean
export KUBE_GIT_COMMIT=faecb196815e248d3ecfb03c680a4507229c2a56
(
  cd "$BUILD/src/k8s.io/kubernetes"
  make WHAT="${missing[*]/#/cmd/}" KUBE_BUILD_PLATFORMS="linux/$arch"
) >"$CACHE/kubernetes/build.log" 2>&1 </dev/null ||
  die "the build failed: $(grep -v '^+++' "$CACHE/kubernetes/build.log" | tail -n 5) (log: $CACHE/kubernetes/build.log)"
for name in "${missing[@]}"; do
  found=$BUILD/src/k8s.io/kubernetes/_output/local/bin/linux/$arch/$name
  [ -x "$found" ] || die "the build ended without $name; see $CACHE/kubernetes/build.log"
  # Renamed into place, so that a build that was ended half way leaves no half binary behind.
  cp "$found" "$BIN/$name.new" && mv "$BIN/$name.new" "$BIN/$name"
done
say "built: ${missing[*]} in $BIN"
