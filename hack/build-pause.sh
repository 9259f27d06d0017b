#!/usr/bin/env bash
# Builds the pause binary of the sandbox, src/engine/pause/pause-ARCH, from the C files beside it.
#
#   hack/build-pause.sh           rebuilds both (amd64 and arm64), and tries each (arm64 under qemu)
#   hack/build-pause.sh --check   fails when the committed binary of this machine's processor isn't what they make
#
# The compiler is Debian 12's gcc 12, by name: the same compiler makes the same bytes.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FOLDER=$ROOT/src/engine/pause
# Freestanding: no C library, no start files. One segment that isn't page-aligned in the file (-n), no notes, no unwind
# tables, no symbols: what is left is code and text.
# shellcheck disable=SC2054 # the commas belong to -Wl
flags=(-std=c11 -Os -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector
  -fno-asynchronous-unwind-tables -fcf-protection=none -s -Wl,--build-id=none -Wl,-n -Wl,-z,norelro -Wl,-z,noseparate-code
  -Wl,-z,noexecstack)

# build ARCH INTO
build() {
  local arch=$1 into=$2 tool
  case $arch in amd64) tool=x86_64-linux-gnu ;; arm64) tool=aarch64-linux-gnu ;; *) die "no pause for processor $arch" ;; esac
  local only=("${flags[@]}")
  [ "$arch" = amd64 ] || only=("${only[@]/-fcf-protection=none/-mbranch-protection=none}")
  # From its folder by its bare name: no path of this machine can get into the binary.
  (cd "$FOLDER" && "$tool-gcc-12" "${only[@]}" -o "$into" pause.c dial.c network.c)
  "$tool-strip" -R .comment -R .note.gnu.property -R .gnu.build.attributes "$into"
}

here=$(dpkg --print-architecture)
# needs ARCH: the packages that build for it here, and try the result.
needs() {
  case $1 in
    "$here") echo gcc-12 binutils ;;
    amd64) echo gcc-12-x86-64-linux-gnu qemu-user-static ;;
    arm64) echo gcc-12-aarch64-linux-gnu qemu-user-static ;;
  esac
}

case ${1:-} in
  --check)
    # shellcheck disable=SC2046
    packages $(needs "$here")
    made=$(mktemp)
    trap 'rm -f "$made"' EXIT
    build "$here" "$made"
    cmp "$made" "$FOLDER/pause-$here" ||
      die "src/engine/pause/pause-$here isn't what its sources make: run hack/build-pause.sh and commit the result"
    "$FOLDER/pause-$here" -v >/dev/null
    say "pause-$here is what its sources make ($(stat -c %s "$made") bytes)"
    ;;
  '')
    # shellcheck disable=SC2046
    packages $(needs amd64) $(needs arm64)
    for arch in amd64 arm64; do
      build "$arch" "$FOLDER/pause-$arch"
      emulator=()
      if [ "$arch" != "$here" ]; then
        case $arch in amd64) emulator=(qemu-x86_64-static) ;; arm64) emulator=(qemu-aarch64-static) ;; esac
      fi
      "${emulator[@]}" "$FOLDER/pause-$arch" -v >&2
      # It ends by itself when told to.
      "${emulator[@]}" "$FOLDER/pause-$arch" &
      sleep 0.3
      kill "$!"
      wait "$!" || die "pause-$arch ended with $? on SIGTERM"
      say "pause-$arch: $(stat -c %s "$FOLDER/pause-$arch") bytes"
    done
    ;;
  *) wrong_usage ;;
esac
