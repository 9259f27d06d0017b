#!/usr/bin/env bash
# Docker Engine for the test bed.
#
#   hack/docker.sh up       uses the daemon that answers ($DOCKER_HOST, or the default socket); where none does, installs
#                           Debian's docker.io and starts one, with the OCI runtime `minikubelet` registered
#   hack/docker.sh down     stops the daemon that `up` started; one of yours is left alone
#   hack/docker.sh status   says what answers, and which of its runtimes are ours
#
# Our daemon keeps its state where Docker always does (/var/lib/docker), its log and pid in /run/minikubelet-testbed. With
# MINIKUBELET_TESTBED_WRAPPER=no it has no runtime `minikubelet`, as a Docker that nobody has prepared.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}

ask() { curl -sf --max-time 5 --noproxy '*' --unix-socket "${HOST#unix://}" "http://docker$1"; }
answers() {
  case $HOST in
    unix://*) [ -S "${HOST#unix://}" ] && ask /_ping >/dev/null ;;
    *) docker version >/dev/null 2>&1 ;; # over TCP or ssh the client knows how
  esac
}
info() { docker info --format "$1"; }

# The daemon runs without systemd here, so what systemd would have mounted may be missing.
mount_cgroups() {
  mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  [ ! -e /sys/fs/cgroup/cgroup.controllers ] || return 0 # cgroup v2: nothing to do
  local name
  while read -r name _ _ enabled; do
    if [ "$enabled" != 1 ] || mountpoint -q "/sys/fs/cgroup/$name"; then continue; fi
    mkdir -p "/sys/fs/cgroup/$name"
    mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name" 2>/dev/null || rmdir "/sys/fs/cgroup/$name"
  done < <(tail -n +2 /proc/cgroups)
}

# A machine that was cut off leaves pid files behind (/run isn't always in memory), and a number in them may be another
# process's by now: dockerd would take that for a dockerd or containerd that runs.
forget_dead() {
  local file pid
  for file in /var/run/docker.pid /var/run/docker/containerd/containerd.pid; do
    pid=$(cat "$file" 2>/dev/null) || continue
    [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == */"$(basename "$file" .pid)"* ]] || rm -f "$file"
  done
}

# The wrappers are copied out of the checkout: the daemon must find them when the checkout has moved on.
install_runtimes() {
  mkdir -p "$RUN/runtimes"
  # Renamed into place: a container may be starting through the old one just now.
  local name
  for name in deploy/minikubelet-runc hack/testbed-runc; do
    install -m 755 "$ROOT/$name" "$RUN/runtimes/.new" && mv "$RUN/runtimes/.new" "$RUN/runtimes/$(basename "$name")"
  done
}

up() {
  locked docker
  packages curl
  if answers; then
    say "Docker answers on $HOST"
    if running dockerd; then install_runtimes; else registered || true; fi
    return
  fi
  case $HOST in unix:///var/run/docker.sock | unix:///run/docker.sock) ;; *) die "no Docker answers on DOCKER_HOST=$HOST" ;; esac
  need_root
  packages iptables
  command -v dockerd >/dev/null || packages docker.io
  command -v docker >/dev/null || packages docker-cli # a package of its own from Debian 13 on
  answers && { registered || true; } && return # the package may have started it, where there is systemd
  mount_cgroups
  install_runtimes
  say "starting dockerd (log: $RUN/dockerd.log)"
  forget_dead
  # The daemon's default runtime is the test bed's; `minikubelet` is the product's wrapper, which runs the test bed's.
  local wrapper=(--add-runtime minikubelet="$RUN/runtimes/minikubelet-runc")
  [ "${MINIKUBELET_TESTBED_WRAPPER:-yes}" = yes ] || wrapper=()
  MINIKUBELET_RUNC=$RUN/runtimes/testbed-runc start dockerd dockerd --host "unix:///var/run/docker.sock" \
    --add-runtime testbed="$RUN/runtimes/testbed-runc" "${wrapper[@]}" \
    --default-runtime testbed --exec-opt native.cgroupdriver=cgroupfs
  await dockerd 60 answers
  say "Docker $(info '{{.ServerVersion}}') answers on $HOST"
}

# registered: a daemon that isn't ours is never restarted; say what it lacks and how to give it.
registered() {
  # shellcheck disable=SC2016 # the dollar sign is the template's
  info '{{range $name, $_ := .Runtimes}}{{$name}} {{end}}' | grep -qw minikubelet && return
  say "this daemon has no OCI runtime named minikubelet, so containers of a Pod get the hostname copied instead of sharing" \
    "the UTS namespace; deploy/README.md has the two lines that register it (tests of the UTS namespace need it)"
  return 1
}

down() {
  locked docker
  running dockerd || { say "no dockerd of ours runs" && return; }
  stop dockerd 30
}

status() {
  answers || { echo "no Docker answers on $HOST" && return 1; }
  info "Docker {{.ServerVersion}} on $HOST, {{.CgroupDriver}}, {{.Driver}}, {{.Containers}} containers, {{.Images}} images"
  if running dockerd; then echo "started by this script (pid $(cat "$RUN/dockerd.pid"), log $RUN/dockerd.log)"; else echo "not started by this script"; fi
  registered && echo "the runtime minikubelet is registered"
}

case ${1:-} in
  up | down | status) "$1" ;;
  *) wrong_usage ;;
esac
