#!/usr/bin/env bash
# Checks the OCI runtime wrapper, deploy/minikubelet-runc: on bundles made for it, and with two real containers joined to
# a third where Docker has the runtime.
#
#   hack/check-runtime.sh
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# = 0 ] || wrong_usage
work=$(mktemp -d)
made=()
cleanup() { rm -rf "$work" && if [ ${#made[@]} -gt 0 ]; then docker rm -f "${made[@]}" >/dev/null; fi; }
trap cleanup EXIT
# Stands for runc: says that it was run, and with what.
printf '#!/bin/sh\necho "runc $*"\n' >"$work/runc" && chmod +x "$work/runc"

# expect WHAT CONFIG AFTERWARDS [COMMAND]: the bundle's config.json before and after the wrapper, which must end in runc.
expect() {
  local what=$1 said
  mkdir -p "$work/bundle"
  printf '%s' "$2" >"$work/bundle/config.json"
  local before
  before=$(stat -c '%i %y' "$work/bundle/config.json")
  said=$(MINIKUBELET_RUNC=$work/runc "$ROOT/deploy/minikubelet-runc" --root /r --log /l --log-format json "${4:-create}" \
    --bundle "$work/bundle" --pid-file /p id)
  [ "$said" = "runc --root /r --log /l --log-format json ${4:-create} --bundle $work/bundle --pid-file /p id" ] ||
    die "$what: runc was called with '$said'"
  [ "$(cat "$work/bundle/config.json")" = "$3" ] || die "$what: config.json became $(cat "$work/bundle/config.json")"
  [ "$2" != "$3" ] || [ "$(stat -c '%i %y' "$work/bundle/config.json")" = "$before" ] || die "$what: the bundle was written to"
}
config() { printf '{"process":{"env":["X=\\"hostname\\":\\"no\\","]},"hostname":"h","linux":{"namespaces":[%s],"seccomp":[]}}' "$1"; }
joined() { config "$1" | sed 's/"hostname":"h",//'; }
net='{"type":"network","path":"/proc/42/ns/net"}' uts='{"type":"uts"}' after='{"type":"uts","path":"/proc/42/ns/uts"}'

expect "network, then UTS" "$(config "{\"type\":\"mount\"},$net,$uts")" "$(joined "{\"type\":\"mount\"},$net,$after")"
expect "UTS, then network" "$(config "$uts,{\"type\":\"pid\"},$net")" "$(joined "$after,{\"type\":\"pid\"},$net")"
expect "path before type" "$(config "{\"path\":\"/proc/42/ns/net\",\"type\":\"network\"},$uts")" \
  "$(joined "{\"path\":\"/proc/42/ns/net\",\"type\":\"network\"},$after")"
expect "spaces and lines" $'{ "hostname" : "h" ,\n "linux": { "namespaces" : [\n { "type" : "network" , "path" : "/proc/42/ns/net" },\n { "type" : "uts" } ] } }' \
  $'{ \n "linux": { "namespaces" : [\n { "type" : "network" , "path" : "/proc/42/ns/net" },\n { "type" : "uts","path":"/proc/42/ns/uts" } ] } }'
expect "the host's UTS namespace" "$(config "$net")" "$(config "$net")"
expect "a network of its own" "$(config "{\"type\":\"network\"},$uts")" "$(config "{\"type\":\"network\"},$uts")"
expect "a named network" "$(config "{\"type\":\"network\",\"path\":\"/run/netns/x\"},$uts")" "$(config "{\"type\":\"network\",\"path\":\"/run/netns/x\"},$uts")"
expect "a UTS namespace with a path" "$(config "$net,$after")" "$(config "$net,$after")"
expect "another command" "$(config "$net,$uts")" "$(config "$net,$uts")" delete
trick='{"process":{"args":["\"namespaces\":[{\"path\":\"/proc/1/ns/net\"},{\"type\":\"uts\"}]"]},"linux":{"namespaces":[{"type":"uts"}]}}'
expect "a look-alike in the arguments" "$trick" "$trick"
say "the wrapper does right by 10 bundles"

docker info --format '{{json .Runtimes}}' | grep -q '"minikubelet"' ||
  die "Docker has no runtime named minikubelet, so the real thing can't be checked: hack/docker.sh up"
"$ROOT/hack/images.sh" busybox
create() { # NAME OPTION...
  local name=minikubelet-check-$$-$1
  docker run -d --name "$name" --runtime minikubelet "${@:2}" busybox:1.36 sleep 600 >/dev/null
  made+=("$name")
}
create sandbox --hostname pod-name --ipc shareable
create one --cap-add SYS_ADMIN --network "container:${made[0]}" --ipc "container:${made[0]}"
create two --network "container:${made[0]}" --ipc "container:${made[0]}"
namespaces() { for kind in net ipc uts; do docker exec "$1" readlink "/proc/1/ns/$kind"; done; }
for name in "${made[@]:1}"; do
  [ "$(namespaces "$name")" = "$(namespaces "${made[0]}")" ] || die "$name isn't in the namespaces of the sandbox: $(namespaces "$name")"
  [ "$(docker exec "$name" hostname)" = pod-name ] || die "$name has the hostname $(docker exec "$name" hostname)"
done
docker exec "${made[1]}" hostname renamed
docker restart -t 0 "${made[2]}" >/dev/null
for name in "${made[@]}"; do
  [ "$(docker exec "$name" hostname)" = renamed ] || die "$name doesn't see the hostname that another container has set"
done
say "two containers share the network, IPC and UTS namespaces of a third"
