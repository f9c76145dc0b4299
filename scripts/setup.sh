#!/usr/bin/env bash
# Everything that building and testing Latchkey needs on Debian 12: checks, and installs what is missing when run as
# root. Quick when nothing is missing. Swift itself is not installed, only checked.
set -euo pipefail

# Libraries of the products, then the tools of scripts and tests.
packages=(
    libssl-dev libcurl4-openssl-dev libnghttp2-dev libyaml-dev
    ca-certificates build-essential pkg-config dpkg-dev git make openssl
    python3 python3-venv strace util-linux curl shellcheck
)

die() {
    printf '%s\n' "error: $*" >&2
    exit 1
}

missing_packages() {
    comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
        <(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' "${packages[@]}" 2>/dev/null |
            sed -n 's/^ii *//p' | sort)
}

install_packages() {
    local missing
    command -v dpkg-query >/dev/null || die "this is no Debian: Latchkey is built and tested on Debian 12"
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || die "missing packages; as root: apt-get update && apt-get install -y ${missing[*]}"
    printf '%s\n' "==> Installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    fi
}

check_swift() {
    local version
    version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
    [ -n "$version" ] || die "Swift is missing: install Swift 6.2 or newer (swift.org/install/linux) and put it in PATH"
    [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" = 6.2 ] ||
        die "Swift $version is too old: Latchkey needs 6.2 or newer (swift.org/install/linux)"
}

install_packages
check_swift
