#!/usr/bin/env bash
# exec.sh TARGET: builds latchkey-exec at TARGET, for this machine's processor. It is Embedded Swift without a C
# library, which Swift Package Manager does not build; the compiler alone does, in a few seconds.
#
# Everything that could be missing in somebody else's image is refused here: a loader, a shared library, an undefined
# symbol; and, by -no-allocations, every heap allocation.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
cd "$here/.."

target="$1"
maximum=1048576
# What the agent and the webhook write for it is compiled into it too.
shared=(Sources/SecretSpec/Environment/EnvironmentFormat.swift Sources/SecretSpec/Environment/ExecWords.swift)
inputs=("${BASH_SOURCE[0]}" Sources/SecretSpec/Release.swift "${shared[@]}")
while IFS= read -r file; do inputs+=("$file"); done < <(find Sources/Exec Sources/CExec | sort)

up_to_date() {
    local input
    for input in "${inputs[@]}"; do [ "$target" -nt "$input" ] || return 1; done
}
if up_to_date; then exit 0; fi

version="$(sed -n 's/.* version = "\([^"\\]*\)"$/\1/p' Sources/SecretSpec/Release.swift)"
[ -n "$version" ] || die "Sources/SecretSpec/Release.swift states no version"
# clang and lld of the same toolchain.
swiftc="$(readlink -f "$(command -v swiftc || true)")"
[ -x "$swiftc" ] || die "swiftc is missing: run 'make setup'"
tools="$(dirname "$(command -v swiftc)")"
for tool in clang ld.lld; do
    [ -x "$tools/$tool" ] || die "$tools/$tool is missing: install the whole Swift toolchain from swift.org"
done

say "Building latchkey-exec"
objects="$(mktemp -d)"
trap 'rm -rf "$objects"' EXIT
for source in start system; do
    "$tools/clang" -O2 -ffreestanding -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables \
        -Wall -Wextra -Werror -DLATCHKEY_VERSION="\"$version\"" -ISources/CExec/include \
        -c "Sources/CExec/$source.c" -o "$objects/$source.o"
done
"$tools/swiftc" -module-name LatchkeyExec -swift-version 6 -warnings-as-errors \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
    -enable-upcoming-feature InternalImportsByDefault -enable-experimental-feature Embedded -no-allocations \
    -Xfrontend -disable-stack-protector -Osize -whole-module-optimization -parse-as-library \
    -I Sources/CExec/include -c Sources/Exec/*.swift "${shared[@]}" -o "$objects/exec.o"

built="$objects/latchkey-exec"
"$tools/ld.lld" -static --gc-sections --strip-all --no-undefined -z noexecstack -o "$built" "$objects"/*.o
headers="$(readelf --program-headers --wide "$built")"
if grep -q -E '^ +(INTERP|DYNAMIC|TLS) ' <<<"$headers"; then die "$built is not fully static"; fi
size="$(stat --format %s "$built")"
((size <= maximum)) || die "latchkey-exec has $size bytes, more than $maximum"

mkdir -p "$(dirname "$target")"
mv "$built" "$target.new"
mv "$target.new" "$target"
say "$target: $size bytes"
