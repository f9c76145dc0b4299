#!/usr/bin/env bash
# Provides Debian's docker-registry for the tests of image look-ups and prints the program's path. Needs no root;
# installs and starts nothing (the package itself would start a service).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/debian.sh
. "$here/lib/debian.sh"

if [ -n "${LATCHKEY_DOCKER_REGISTRY:-}" ]; then
    [ -x "$LATCHKEY_DOCKER_REGISTRY" ] || die "LATCHKEY_DOCKER_REGISTRY=$LATCHKEY_DOCKER_REGISTRY is no program"
    printf '%s\n' "$LATCHKEY_DOCKER_REGISTRY"
    exit 0
fi

home="$LATCHKEY_CACHE/docker-registry"
program="$home/usr/bin/docker-registry"
# The folder is made by one rename at the end, so it is there as a whole or not at all.
if [ ! -d "$home" ]; then
    hold_lock docker-registry
    if [ ! -d "$home" ]; then
        say "Fetching docker-registry"
        rm -rf "$home.new"
        debian_unpack "$home.new" docker-registry
        mv "$home.new" "$home"
    fi
fi
printf '%s\n' "$program"
