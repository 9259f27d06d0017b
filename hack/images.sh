#!/usr/bin/env bash
# Images of the test bed, under the names that the examples use, made from Debian's packages: no registry is asked.
#
#   hack/images.sh            makes those that the daemon lacks (half a minute for all; at once when they are there)
#   hack/images.sh NAME...    only these: busybox, curl, debian, javaweb, nginx, node
#   hack/images.sh remove     removes them, and the ready-made parts in the cache
#
#   busybox:1.36 (1.28, latest)                     a static busybox with every applet in /bin
#   curlimages/curl:7.88.1                          that busybox with Debian's curl
#   debian:latest (stable-slim, bookworm-slim)      Debian's minimal system
#   resouer/sample:v2, resouer/mytomcat:7.0         a web application as /sample.war, and what serves it: no Tomcat, but a
#                                                   busybox that unpacks what lies in webapps and serves its pages
#   nginx:1.17.8 (1.17.10, 1.14.2, latest)          Debian's nginx, laid out like Docker's official image
#   node:24-bookworm-slim                           that Debian with Node 24 and npm: the base of ../Dockerfile
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUSYBOX=(busybox:1.36 busybox:1.28 busybox:latest)
CURL=(curlimages/curl:7.88.1)
DEBIAN=(debian:latest debian:stable-slim debian:bookworm-slim)
NGINX=(nginx:1.17.8 nginx:1.17.10 nginx:1.14.2 nginx:latest)
NODE=(node:24-bookworm-slim)
JAVAWEB=(resouer/sample:v2 resouer/mytomcat:7.0)
LABEL='LABEL minikubelet.testbed=true'
PATH_ENV='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

# exists TAG...: does the daemon have them all?
exists() { docker image inspect "$@" >/dev/null 2>&1; }
# tag IMAGE TAG...
tag() { local image=$1 name && shift && for name in "$@"; do docker tag "$image" "$name"; done; }
# with_container IMAGE COMMAND...: runs `COMMAND... CONTAINER` on a container that was only created, and removes that.
with_container() {
  local image=$1 container=minikubelet-testbed-image
  shift
  # The stop signal is here because `docker commit` takes it from the container and in no other way.
  docker create --name "$container" --stop-signal "${STOP_SIGNAL:-SIGTERM}" "$image" true >/dev/null
  "$@" "$container"
  docker rm "$container" >/dev/null
}

make_busybox() {
  packages busybox-static
  say "making ${BUSYBOX[*]}"
  local root applet
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,dev,etc,home,proc,root,sys,tmp,usr/bin,usr/sbin,var/www}
  chmod 1777 "$root/tmp" && chmod 755 "$root"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in $(busybox --list); do [ -e "$root/bin/$applet" ] || ln "$root/bin/busybox" "$root/bin/$applet"; done
  ln -s ../../bin/env "$root/usr/bin/env"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'daemon:x:1:1:daemon:/usr/sbin:/bin/false' \
    'www-data:x:33:33:www-data:/var/www:/bin/false' 'nobody:x:65534:65534:nobody:/home:/bin/false' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'daemon:x:1:' 'www-data:x:33:' 'nobody:x:65534:' >"$root/etc/group"
  tar -C "$root" --owner=0 --group=0 -c . | docker import -c 'CMD ["sh"]' -c "$PATH_ENV" -c "$LABEL" - "${BUSYBOX[0]}" >/dev/null
  rm -rf "$root"
  tag "${BUSYBOX[@]}"
}

make_curl() {
  exists "${BUSYBOX[@]}" || make_busybox
  packages curl
  say "making ${CURL[*]}"
  local root library
  root=$(mktemp -d)
  mkdir -p "$root/usr/bin" && cp "$(command -v curl)" "$root/usr/bin/curl"
  # Where the loader looks for them: busybox itself needs none.
  ldd "$root/usr/bin/curl" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
  done
  with_container "${BUSYBOX[0]}" commit_files "$root" "${CURL[0]}" 'CMD ["curl"]'
  rm -rf "$root"
}

make_debian() {
  local made=$CACHE/images/debian.tar
  if [ ! -s "$made" ]; then
    packages mmdebstrap
    say "making Debian's minimal system"
    mkdir -p "$CACHE/images"
    debian_sources "$CACHE/images/sources"
    mmdebstrap --quiet --variant=minbase --mode=root --aptopt='APT::Sandbox::User "root"' \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
      --dpkgopt='path-exclude=/usr/share/doc/*' "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$CACHE/images/new.tar" \
      "$CACHE/images/sources"/debian.* >"$CACHE/images/debian.log" 2>&1 </dev/null ||
      die "mmdebstrap failed: $(tail -n 3 "$CACHE/images/debian.log") (log: $CACHE/images/debian.log)"
    mv "$CACHE/images/new.tar" "$made"
  fi
  say "making ${DEBIAN[*]}"
  docker import -c 'CMD ["bash"]' -c "$PATH_ENV" -c "$LABEL" "$made" "${DEBIAN[0]}" >/dev/null
  tag "${DEBIAN[@]}"
}

make_nginx() {
  exists "${DEBIAN[@]}" || make_debian
  say "making ${NGINX[*]}"
  local root version
  root=$(mktemp -d)
  mkdir -p "$root/usr/lib" && ln -s usr/lib "$root/lib" # Debian's /lib is a link; a folder would not go over it
  unpack_packages "$root" nginx nginx-common libssl3
  # What is ours: the server, its libraries and its welcome page; the configuration is Docker's official image's.
  rm -rf "${root:?}/lib" "$root"/usr/share/{doc,man,lintian}
  mv "$root/etc/nginx/mime.types" "$root/mime.types"
  rm -rf "${root:?}/etc"
  mkdir -p "$root"/etc/nginx/conf.d "$root"/var/{log,lib}/nginx
  mv "$root/mime.types" "$root/etc/nginx/mime.types"
  ln -s /dev/stdout "$root/var/log/nginx/access.log"
  ln -s /dev/stderr "$root/var/log/nginx/error.log"
  cat >"$root/etc/nginx/nginx.conf" <<'CONF'
user www-data;
worker_processes 1;
error_log /var/log/nginx/error.log warn;
pid /var/run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
CONF
  cat >"$root/etc/nginx/conf.d/default.conf" <<'CONF'
server {
  listen 80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
}
CONF
  # One set of files, and for each tag an image of its own: an update must see another image.
  with_container "${DEBIAN[0]}" nginx_files "$root"
  rm -rf "$root"
  for version in "${NGINX[@]}"; do STOP_SIGNAL=SIGQUIT with_container testbed/nginx nginx_version "$version"; done
  docker rmi testbed/nginx >/dev/null
}
nginx_files() {
  docker cp -q "$1/." "$2:/" 2>/dev/null || docker cp "$1/." "$2:/"
  docker commit "$2" testbed/nginx >/dev/null
}
nginx_version() {
  docker commit -c "ENV NGINX_VERSION=${1#*:}" -c 'CMD ["nginx", "-g", "daemon off;"]' -c 'EXPOSE 80' \
    -c "$LABEL" "$2" "$1" >/dev/null
}

make_javaweb() {
  exists "${BUSYBOX[@]}" || make_busybox
  packages zip
  say "making ${JAVAWEB[*]}"
  local root tomcat=root/apache-tomcat-7.0.42-v2
  root=$(mktemp -d)
  mkdir -p "$root"/{war/WEB-INF,sample,"server/$tomcat"/{bin,webapps}}
  echo '<html><body><h2>Hello from sample.war</h2></body></html>' >"$root/war/index.html"
  echo '<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="3.0"/>' >"$root/war/WEB-INF/web.xml"
  (cd "$root/war" && zip -qrX "$root/sample/sample.war" .)
  cat >"$root/server/$tomcat/bin/start.sh" <<'SCRIPT'
#!/bin/sh
# What Tomcat does at its start, as far as pages go: webapps/NAME.war is unpacked and served under /NAME.
trap 'exit 0' TERM
cd "$(dirname "$0")/../webapps" || exit
for war in *.war; do
  [ -e "$war" ] || continue
  echo "Deploying web application archive $war"
  unzip -qo "$war" -d "${war%.war}" || exit
done
echo 'Starting on port 8080'
httpd -f -p 8080 & wait
SCRIPT
  chmod 755 "$root/server/$tomcat/bin/start.sh"
  with_container "${BUSYBOX[0]}" commit_files "$root/sample" "${JAVAWEB[0]}" 'CMD ["sh"]'
  with_container "${BUSYBOX[0]}" commit_files "$root/server" "${JAVAWEB[1]}" "CMD [\"/$tomcat/bin/start.sh\"]"
  rm -rf "$root"
}
# commit_files FOLDER IMAGE CMD CONTAINER
commit_files() {
  tar -C "$1" --owner=0 --group=0 -c . | docker cp - "$4:/"
  docker commit -c "$3" -c "$LABEL" "$4" "$2" >/dev/null
}

make_node() {
  exists "${DEBIAN[@]}" || make_debian
  say "making ${NODE[*]}"
  local at=$CACHE/images/node root
  if [ ! -x "$at/node_modules/node/bin/node" ]; then
    mkdir -p "$at" && echo '{}' >"$at/package.json"
    # Not with --prefix: then npm looks for the machine's own npmrc in another place.
    (cd "$at" && npm install --no-audit --no-fund --no-save node@24 npm@11 >npm.log 2>&1 </dev/null) ||
      die "npm install node@24 failed: $(tail -n 3 "$at/npm.log")"
  fi
  root=$(mktemp -d)
  mkdir -p "$root"/usr/local/{bin,lib/node_modules}
  cp -L "$at/node_modules/node/bin/node" "$root/usr/local/bin/node"
  cp -r "$at/node_modules/npm" "$root/usr/local/lib/node_modules/npm"
  # This machine's way to the registry, with the authorities that it trusts, is the image's too.
  mkdir -p "$root/usr/local/etc" "$root/etc/ssl/certs"
  echo "registry=$(npm config get registry)" >"$root/usr/local/etc/npmrc"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    echo cafile=/etc/ssl/certs/ca-certificates.crt >>"$root/usr/local/etc/npmrc"
  fi
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  with_container "${DEBIAN[0]}" node_files "$root"
  rm -rf "$root"
}
node_files() {
  # Docker's official image has a user `node` with uid 1000.
  docker cp "$2:/etc/passwd" - | tar -xO >"$1/passwd"
  docker cp "$2:/etc/group" - | tar -xO >"$1/group"
  mkdir -p "$1/home/node"
  chown 1000:1000 "$1/home/node"
  { cat "$1/passwd" && echo 'node:x:1000:1000::/home/node:/bin/bash'; } >"$1/etc/passwd"
  { cat "$1/group" && echo 'node:x:1000:'; } >"$1/etc/group"
  rm "$1/passwd" "$1/group"
  tar -C "$1" -c . | docker cp -a - "$2:/"
  docker commit -c 'CMD ["node"]' -c "$PATH_ENV" -c "$LABEL" "$2" "${NODE[0]}" >/dev/null
}

remove() {
  for name in "${NGINX[@]}" "${NODE[@]}" "${JAVAWEB[@]}" "${CURL[@]}" "${BUSYBOX[@]}" "${DEBIAN[@]}"; do docker rmi "$name" 2>/dev/null || true; done
  rm -rf "$CACHE/images"
}

[ $# -gt 0 ] || set -- busybox curl debian javaweb nginx node
case $1 in
  busybox | curl | debian | javaweb | nginx | node)
    docker version >/dev/null 2>&1 || die "no Docker answers: hack/docker.sh up"
    locked images
    docker rm minikubelet-testbed-image >/dev/null 2>&1 || true # of a run that was ended half way
    for name; do
      case $name in
        busybox) exists "${BUSYBOX[@]}" || make_busybox ;;
        curl) exists "${CURL[@]}" || make_curl ;;
        debian) exists "${DEBIAN[@]}" || make_debian ;;
        javaweb) exists "${JAVAWEB[@]}" || make_javaweb ;;
        nginx) exists "${NGINX[@]}" || make_nginx ;;
        node) exists "${NODE[@]}" || make_node ;;
        *) wrong_usage ;;
      esac
    done
    say "the daemon has the images of $*"
    ;;
  remove) remove ;;
  *) wrong_usage ;;
esac
