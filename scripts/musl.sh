#!/usr/bin/env bash
# Unpacks Debian's musl, with what compiling against it needs, once, and prints the folder: the tests of latchkey-exec
# make a root of it like an Alpine image's. Nothing is installed.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/debian.sh
. "$here/lib/debian.sh"

home="$LATCHKEY_CACHE/musl-1"
if [ ! -e "$home" ]; then
    hold_lock musl
    if [ ! -e "$home" ]; then
        say "Fetching musl"
        rm -rf "$home.new"
        debian_unpack "$home.new" musl musl-dev
        mv "$home.new" "$home"
    fi
fi
printf '%s\n' "$home"
