# shellcheck shell=bash
# What the scripts in this folder share: saying what happens, finding folders, processes that outlive the script.
# Sourced, never run.

# Binaries and packages that take long to make are kept here; throw the folder away and they are made again.
CACHE=${MINIKUBELET_TESTBED:-/var/cache/minikubelet-testbed}
# Pids, certificates, data of a running test bed. Gone with a reboot, as the processes are.
RUN=${MINIKUBELET_TESTBED_RUN:-/run/minikubelet-testbed}
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CACHE RUN ROOT

STARTED=$(date +%s)

# say TEXT...: one progress line on stderr, so that a script's stdout stays its answer.
say() { printf '[%4ds] %s: %s\n' "$(($(date +%s) - STARTED))" "$(basename "$0" .sh)" "$*" >&2; }

# die TEXT...: what went wrong, where, and what to do about it.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# usage: the comment that the script opens with. Who asks for it has it as the answer; who needs it has it said, and fails.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }
wrong_usage() {
  usage >&2
  exit 2
}
for argument; do case $argument in -h | --help) usage && exit ;; esac done

need_root() { [ "$(id -u)" = 0 ] || die "must run as root (it installs packages and starts daemons)"; }

# packages NAME...: installs those Debian packages that are missing. Recommended packages stay away, services too.
packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  need_root
  say "installing Debian packages: ${missing[*]}"
  apt_lists
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq install -y --no-install-recommends \
    "${missing[@]}" >"$CACHE/apt.log" 2>&1 </dev/null ||
    die "apt-get install ${missing[*]} failed: $(tail -n 3 "$CACHE/apt.log") (whole log: $CACHE/apt.log)"
}

# apt_lists: a bare machine has no package lists at all, and old lists name files that are gone: refresh once a day.
apt_lists() {
  mkdir -p "$CACHE"
  [ -z "$(find "$CACHE/apt-updated" -mmin -1440 2>/dev/null)" ] || return 0
  say "refreshing apt's package lists"
  # A third-party source that is broken must not stop us: only Debian's own lists matter.
  apt-get -o DPkg::Lock::Timeout=600 -qq update >"$CACHE/apt.log" 2>&1 </dev/null ||
    say "apt-get update complained (going on): $(tail -n 1 "$CACHE/apt.log")"
  touch "$CACHE/apt-updated"
}

# unpack_packages FOLDER NAME...: unpacks Debian packages into FOLDER without installing them, so that no service of
# theirs is set up on this machine.
unpack_packages() {
  local into=$1 debs="$CACHE/debs" name
  shift
  apt_lists
  mkdir -p "$into" "$debs"
  # apt-get drops to user _apt for downloads, who may not write in our folder: stay root without its warning.
  (cd "$debs" && apt-get -o APT::Sandbox::User=root -qq download "$@" >"$CACHE/apt.log" 2>&1 </dev/null) ||
    die "apt-get download $* failed: $(tail -n 3 "$CACHE/apt.log")"
  for name in "$@"; do
    dpkg -x "$(find "$debs" -name "${name}_*.deb" -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)" "$into"
  done
}

# own_apt FOLDER: from here on apt-get reads the sources in FOLDER/sources alone and keeps its lists beside them, so that the
# machine's apt is left as it is.
own_apt() {
  mkdir -p "$1/lists/partial"
  # apt reads only files that end in .list from a folder in the one format, and .sources in the other: both fit.
  printf '%s\n' 'Dir::Etc::sourcelist "/dev/null";' "Dir::Etc::sourceparts \"$1/sources\";" \
    "Dir::State::lists \"$1/lists\";" 'Dir::Cache::pkgcache "";' 'Dir::Cache::srcpkgcache "";' \
    'APT::Sandbox::User "root";' >"$1/apt.conf"
  export APT_CONFIG=$1/apt.conf
}

# start NAME COMMAND...: a process that outlives this script, in a session of its own and with no descriptor of ours (CI
# waits until nobody holds its output any more); its pid in $RUN/NAME.pid, its output in $RUN/NAME.log.
start() {
  local name=$1
  shift
  mkdir -p "$RUN"
  rm -f "$RUN/$name.pid"
  # The shell writes its own pid and then becomes the command, so the pid is right whatever setsid does.
  # shellcheck disable=SC2016
  setsid bash -c '
    for open in /proc/$$/fd/*; do open=${open##*/}; [ "$open" -le 2 ] || eval "exec $open>&-"; done
    echo $$ >"$1"; shift; exec "$@"' _ "$RUN/$name.pid" "$@" >"$RUN/$name.log" 2>&1 </dev/null &
  disown
  poll 50 test -s "$RUN/$name.pid" || die "could not start $name"
  # With the pid goes the moment of its start: a later process that got the same number is not taken for it.
  started_at "$(cat "$RUN/$name.pid")" >"$RUN/$name.started"
}

# started_at PID: the kernel's start time of a process, in clock ticks; nothing when it has ended, also where nobody has
# waited for it (in a container whose PID 1 reaps no strangers).
started_at() { sed -n 's/.*) \([^ZX]\) /\1 /p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# running NAME: is what `start` started under this name still that process?
running() {
  local pid
  pid=$(cat "$RUN/$1.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(started_at "$pid")" = "$(cat "$RUN/$1.started" 2>/dev/null)" ]
}

# stop NAME [SECONDS]: ends it by its recorded pid, harder when it takes too long.
stop() {
  local name=$1 deadline=${2:-20}
  if running "$name"; then
    kill "$(cat "$RUN/$name.pid")"
    poll $((deadline * 10)) not running "$name" || kill -9 "$(cat "$RUN/$name.pid")"
    poll 50 not running "$name" || die "$name (pid $(cat "$RUN/$name.pid")) does not end"
    say "stopped $name"
  fi
  rm -f "$RUN/$name.pid" "$RUN/$name.started"
}

not() { ! "$@"; }

# poll TENTHS COMMAND...: tries the command every tenth of a second until it succeeds or the time is up.
poll() {
  local left=$1
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.1
  done
}

# await NAME SECONDS COMMAND...: polls until it answers; gives up at once when the process has died.
await() {
  local name=$1 left=$(($2 * 10))
  shift 2
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    running "$name" || die "$name ended: $(tail -n 5 "$RUN/$name.log") (log: $RUN/$name.log)"
    [ "$left" -gt 0 ] || die "$name does not answer; the end of $RUN/$name.log: $(tail -n 5 "$RUN/$name.log")"
    sleep 0.1
  done
}

# locked NAME: from here on this script is the only one that holds NAME; others wait. Released when the script ends
# (and what it starts doesn't inherit it: see `start`).
locked() {
  mkdir -p "$RUN"
  exec 9>"$RUN/$1.lock"
  flock -n 9 || { say "waiting for another $1 to end" && flock 9; }
}

# debian_sources FOLDER [SUITE]: this machine's own entries for its Debian release, in either of apt's formats, as
# FOLDER/debian.list and FOLDER/debian.sources (only those that aren't empty). So the scripts name no server, and other
# vendors' sources stay out. With SUITE the same servers' entries for that suite instead, `trixie` or `sid`.
debian_sources() {
  local into=$1 codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  mkdir -p "$into"
  cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk -v RS= -v ORS='\n\n' -v suite="$codename" '$0 ~ "Suites:[^\n]*" suite && /debian-archive-keyring|debian\.org/' |
    sed 's/^Types:.*/Types: deb/' >"$into/debian.sources" || true
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n "/^deb .*debian.* $codename/p" >"$into/debian.list" || true
  if [ -n "${2:-}" ]; then
    # Updates and security are of the release only: what names the release itself is kept.
    awk -v RS= -v ORS='\n\n' -v suite="$codename" '$0 ~ "Suites:([^\n]* )?" suite "( |\n)"' "$into/debian.sources" |
      sed "s/^Suites:.*/Suites: $2/" >"$into/debian.new" && mv "$into/debian.new" "$into/debian.sources"
    sed -i -n "s/ $codename / $2 /p" "$into/debian.list"
  fi
  find "$into" -maxdepth 1 -name 'debian.*' -empty -delete
  [ -n "$(find "$into" -maxdepth 1 -name 'debian.*')" ] ||
    die "no source of Debian's release '$codename' in /etc/apt: the test bed is made from Debian 12's packages"
}

# npm_packages: those of package-lock.json, unless they are there. A node_modules that is a link is another checkout's: npm
# would empty it there.
npm_packages() {
  local modules=$ROOT/node_modules
  if [ "$modules/.package-lock.json" -nt "$ROOT/package-lock.json" ]; then return; fi
  if [ -L "$modules" ]; then
    [ -x "$modules/.bin/node" ] || die "$modules is a link to packages that aren't there: npm ci, where it leads to"
    return
  fi
  (cd "$ROOT" && npm ci --no-audit --no-fund)
}

# kubectl: the one that came with $KUBEBUILDER_ASSETS, else the one on PATH, else the one that was built with the control plane.
KUBECTL=${KUBEBUILDER_ASSETS:-}/kubectl
[ -x "$KUBECTL" ] || KUBECTL=$(command -v kubectl || echo "$CACHE/kubernetes/bin/kubectl")
kubectl() { "$KUBECTL" "$@"; }

# The cluster that the scripts use: $KUBECONFIG's where it names one, else the control plane of the test bed.
OWN_KUBECONFIG=$RUN/control-plane/admin.kubeconfig
cluster_is_ours() { [ -z "${KUBECONFIG:-}" ] || [ "$KUBECONFIG" = "$OWN_KUBECONFIG" ]; }
