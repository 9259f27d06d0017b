#!/usr/bin/env bash
# The integration and end-to-end tests against Docker 20.10, 26.1 and 28.5 in turn (of Debian's bookworm, trixie and sid),
# with the product's OCI runtime wrapper and without. As root, on Debian 12. Prints a table as docs/versions.md has it.
#
#   hack/matrix.sh                     all six combinations, half an hour each
#   hack/matrix.sh --docker 26.1       only this Docker; may be given again
#   hack/matrix.sh --with-wrapper      only with the runtime `minikubelet` registered; --without-wrapper: only without
#   hack/matrix.sh --containerd-store  with images in containerd's store, Docker 29's own choice; not for 20.10, and not of the six
#   hack/matrix.sh --only GLOB         only these test files, 'test/e2e/pod*.test.ts'; may be given again
#
# Each runs in namespaces of its own (mounts, network, processes), with a control plane of its own beside its Docker: no
# other Docker on this machine notices, and with the script, or with Ctrl-C, everything ends that it has started. Only the
# cache stays, with the packages and each combination's log in its folder matrix/. $KUBEBUILDER_ASSETS gives another API
# server (see hack/control-plane.sh).
#
# The newer Dockers are unpacked, not installed, and run with Debian 12's runc: theirs wants a newer libc.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

MATRIX=$CACHE/matrix
WORK=$MATRIX/run.$$ # of this run, and gone with it

# suite VERSION: which Debian has it.
suite() {
  case $1 in
    20.10) (. /etc/os-release && echo "$VERSION_CODENAME") ;;
    26.1) echo trixie ;;
    28.5) echo sid ;;
    *) die "there is no Docker '$1' here: 20.10, 26.1 or 28.5" ;;
  esac
}

# unpack VERSION: Docker and containerd of that version's suite below $MATRIX/VERSION.
unpack() (
  local at=$MATRIX/$1 from packages=(docker.io containerd)
  [ ! -e "$at/ready" ] || return 0
  from=$(suite "$1")
  say "unpacking Docker $1 of Debian's $from"
  rm -rf "$at"
  debian_sources "$at/apt/sources" "$from"
  own_apt "$at/apt"
  apt-get -qq update >"$at/apt.log" 2>&1 </dev/null || die "apt-get update failed: $(tail -n 3 "$at/apt.log")"
  # A package of its own from Debian 13 on.
  [ "$1" = 20.10 ] || packages+=(docker-cli)
  mkdir -p "$at/debs" && cd "$at/debs"
  apt-get -qq download "${packages[@]}" >"$at/apt.log" 2>&1 </dev/null ||
    die "apt-get download ${packages[*]} failed: $(tail -n 3 "$at/apt.log")"
  local package
  for package in *.deb; do dpkg -x "$package" "$at/root"; done
  local found
  found=$("$at/root/usr/sbin/dockerd" --version)
  [[ $found == "Docker version $1."* ]] || die "Debian's $from has another Docker by now: $found"
  rm -rf "$at/apt" "$at/debs"
  touch "$at/ready"
)

# room VERSION WRAPPER STORE [GLOB...]: one combination, as the first process of its namespaces. Its row goes to $WORK/row.
room() {
  local version=$1 wrapper=$2 store=$3 start
  shift 3
  start=$(date +%s)
  # /run is this machine's with another on top, so that the usual places are free; $WORK itself may lie on an overlay, which
  # can't be on top of another.
  mount --make-rshared /
  mkdir -p "$WORK"/{on-top,docker,tmp,testbed}
  mount -t tmpfs none "$WORK/on-top"
  mkdir "$WORK"/on-top/{run,work}
  mount -t overlay overlay -o "lowerdir=/run,upperdir=$WORK/on-top/run,workdir=$WORK/on-top/work" /run
  rm -f /run/docker.sock /run/docker.pid
  # Short, for the path of a socket has 107 bytes at most.
  mkdir -p /run/matrix /run/docker "$RUN"
  # Hidden, not removed: this machine's Docker goes on making folders in it.
  mount -t tmpfs none /run/docker
  own_place "$WORK/tmp" /run/matrix
  own_place "$WORK/testbed" "$RUN"
  own_place "$WORK/docker" /var/lib/docker
  mount -t tmpfs none /etc/docker
  [ "$store" != containerd ] || echo '{ "features": { "containerd-snapshotter": true } }' >/etc/docker/daemon.json
  export TMPDIR=/run/matrix PATH=$MATRIX/$version/root/usr/sbin:$MATRIX/$version/root/usr/bin:$ROOT/node_modules/.bin:$PATH
  export MINIKUBELET_TESTBED_WRAPPER=$wrapper
  unset DOCKER_HOST KUBECONFIG

  # Since Linux 6.14 a namespace of processes begins with a limit of its own.
  echo "$PID_MAX" >/proc/sys/kernel/pid_max

  # The network has an address and a default route, and nobody beyond.
  unshare --net sleep infinity &
  network=$!
  poll 50 separate_network
  inside ip link set lo up
  inside ip link add uplink type bridge
  inside ip address add 192.0.2.2/24 dev uplink
  inside ip link set uplink up
  inside ip route add default via 192.0.2.1
  # That nobody is there is found out at once.
  inside sh -c 'echo 1 >/proc/sys/net/ipv4/neigh/uplink/mcast_solicit; echo 50 >/proc/sys/net/ipv4/neigh/uplink/retrans_time_ms'

  inside hack/docker.sh up
  # Making images may take packages from the network that this machine has.
  (flock 9 && hack/images.sh) 9>"$MATRIX/images.lock"
  inside hack/control-plane.sh up
  KUBECONFIG=$(hack/control-plane.sh kubeconfig)
  PATH=$PATH:$CACHE/kubernetes/bin
  export KUBECONFIG PATH NO_COLOR=1
  if [ $# = 0 ]; then
    suite_of integration 'test/integration/**/*.test.ts'
    suite_of e2e 'test/e2e/**/*.test.ts'
  else
    suite_of files "$@"
    printf '| ' >>"$WORK/counts"
  fi
  {
    printf '| %s | %s, %s | %s ' "$(docker version --format '{{.Server.Version}} | {{.Server.APIVersion}}')" \
      "$(containerd --version | awk '{ print $3 }')" "$(docker info --format '{{.Driver}}')" "$wrapper"
    cat "$WORK/counts"
    printf '| %s |\n' "$((($(date +%s) - start + 30) / 60))"
  } >"$WORK/row"
  inside hack/control-plane.sh down
  inside hack/docker.sh down
}
# own_place FOLDER AT: shows it there. Shared, as all is under systemd, but not with FOLDER: what is mounted in it is so once.
own_place() { mount --bind "$1" "$2" && mount --make-private "$2" && mount --make-shared "$2"; }
separate_network() { [ "$(readlink "/proc/$network/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
inside() { nsenter --net="/proc/$network/ns/net" -- "$@"; }

# suite_of NAME GLOB...: runs the files, adds a cell to the row.
suite_of() {
  local log=$WORK/$1.log
  say "── $1"
  inside node --import ./test/support/file-guard.ts --test --test-concurrency=1 --test-reporter=spec "${@:2}" \
    </dev/null 2>&1 | tee "$log" || true
  awk '$1 == "ℹ" && NF == 3 { n[$2] = $3 } END { printf "| %d passed, %d failed ", n["pass"], n["fail"] + n["cancelled"] }' \
    "$log" >>"$WORK/counts"
}

# clean: what outlives the namespaces. Cgroups are named for the container or the Pod that they are for.
clean() {
  [ -z "${room:-}" ] || { kill -9 "$room" 2>/dev/null && wait "$room" 2>/dev/null; } || true
  local name
  for name in "$WORK"/docker/containers/* "$WORK"/tmp/*/root/pods/*; do
    # What was killed just now may still be ending.
    [ ! -e "$name" ] || poll 50 no_cgroup "$(basename "$name")" || say "a cgroup of $(basename "$name") stays"
  done
  rm -rf "$WORK"
  for name in "${made[@]}"; do rmdir "$name" 2>/dev/null || true; done
}
no_cgroup() {
  find /sys/fs/cgroup -depth -type d -path "*$1*" -exec rmdir {} + 2>/dev/null || true
  [ -z "$(find /sys/fs/cgroup -type d -path "*$1*" 2>/dev/null)" ]
}

if [ "${1:-}" = room ]; then
  cd "$ROOT"
  WORK=$2
  room "${@:3}"
  exit
fi

versions=() wrappers=() globs=() store=docker
while [ $# -gt 0 ]; do
  case $1 in
    --docker | --only) [ $# -gt 1 ] || wrong_usage ;;&
    --docker) versions+=("$2") && shift 2 ;;
    --with-wrapper) wrappers+=(yes) && shift ;;
    --without-wrapper) wrappers+=(no) && shift ;;
    --containerd-store) store=containerd && shift ;;
    --only) globs+=("$2") && shift 2 ;;
    *) wrong_usage ;;
  esac
done
[ ${#versions[@]} -gt 0 ] || versions=(20.10 26.1 28.5)
[ ${#wrappers[@]} -gt 0 ] || wrappers=(yes no)
for version in "${versions[@]}"; do suite "$version" >/dev/null; done

need_root
packages curl openssl ca-certificates iproute2 iptables util-linux runc
npm_packages >&2
"$ROOT/hack/control-plane.sh" build
"$ROOT/hack/build-control-plane.sh" kubelet
mkdir -p "$MATRIX"
PID_MAX=$(cat /proc/sys/kernel/pid_max)
export PID_MAX
table=$MATRIX/table.$$ made=()
trap 'clean; rm -f "$table"' EXIT
trap 'exit 130' INT TERM
for version in "${versions[@]}"; do
  (flock 9 && unpack "$version") 9>"$MATRIX/unpack.lock"
  for wrapper in "${wrappers[@]}"; do
    log=$MATRIX/docker-$version-wrapper-$wrapper$([ "$store" = docker ] || echo "-$store").log
    say "Docker $version, $([ "$wrapper" = yes ] || echo 'no ')wrapper (log: $log)"
    mkdir -p "$WORK"
    # What is mounted over has to be there.
    for folder in /var/lib/docker /etc/docker; do [ -d "$folder" ] || { mkdir -p "$folder" && made+=("$folder"); }; done
    unshare --mount --pid --fork --kill-child --mount-proc "$0" room "$WORK" "$version" "$wrapper" "$store" "${globs[@]}" \
      >"$log" 2>&1 </dev/null &
    room=$!
    wait "$room" || say "it ended early: $(tail -n 3 "$log")"
    cat "$WORK/row" >>"$table" 2>/dev/null || echo "| $version | | | $wrapper | did not run | | |" >>"$table"
    sed -n '/^✖ failing tests:/,$p' "$WORK"/*.log 2>/dev/null | grep -E '^(test at |✖ )' >&2 || true
    clean
  done
done
printf '| Docker | API | containerd, storage | wrapper | integration | end to end | minutes |\n|---|---|---|---|---|---|---|\n'
cat "$table"
! grep -qE '[1-9][0-9]* failed|did not run' "$table"
