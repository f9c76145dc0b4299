#!/usr/bin/env bash
# install-agent.sh BUILT TARGET: strips the agent and puts it at TARGET, after checking that it is fully static: it runs
# in an image that holds nothing else.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"

built="$1" target="$2"
if [ "$target" -nt "$built" ]; then exit 0; fi

headers="$(readelf --program-headers --wide "$built")"
if grep -q -E '^ +(INTERP|DYNAMIC) ' <<<"$headers"; then
    die "$built is linked dynamically: build it with LATCHKEY_STATIC=1 (make agent)"
fi
# A symbol that stayed undefined is a call of address zero. The ones excepted are glibc's and the compiler's own, tested
# for where they are used or resolved by the linker's relaxation.
harmless='^(__tls_get_addr|__call_tls_dtors|__glibc_tls_internal_free|__pthread_initialize_minimal|_nl_current_LC_[A-Z]+(_used)?|_ITM_(de)?registerTMCloneTable|__gmon_start__|_dl_rtld_map)$'
missing="$(nm --undefined-only "$built" | awk '{ print $NF }' | grep -v -E "$harmless" || true)"
[ -z "$missing" ] || die "$built lacks ${missing//$'\n'/ }"

mkdir -p "$(dirname "$target")"
strip -o "$target.new" "$built"
mv "$target.new" "$target"
say "$target: $(stat --format %s "$target") bytes"
