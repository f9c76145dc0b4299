#!/usr/bin/env bash
# Builds the libcurl that the static agent links: HTTP, HTTPS and HTTP/2 alone, from Debian's source package `curl`.
# Debian's own libcurl.a cannot be linked statically (its GSSAPI and p11-kit have no archives). Prints the folder, which
# holds include/ and lib/libcurl.a; nghttp2 is inside the archive, OpenSSL comes from libssl-dev. Needs no root.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/debian.sh
. "$here/lib/debian.sh"

# The resolver is glibc's in a thread, not c-ares: a c-ares channel costs about 100 KB for each transfer (1 MB for eight;
# measured), and the shared libcurl of the other builds resolves in a thread too. A user of this library sets
# CURLOPT_QUICK_EXIT, else the end of a transfer waits for the name server (20 s instead of 3), and calls
# __nss_configure_lookup("hosts", "files dns") first, else glibc may load modules of the file system it finds itself in.
# No CA bundle is compiled in: the user names one.
options=(
    --disable-shared --enable-static --with-pic
    --with-openssl --with-nghttp2
    --enable-http --enable-proxy --enable-ipv6 --enable-threaded-resolver
    --enable-optimize --enable-symbol-hiding --disable-debug
    --without-gssapi --without-libpsl --without-libidn2 --without-librtmp --without-libssh --without-libssh2
    --without-zlib --without-brotli --without-zstd --without-nghttp3 --without-ngtcp2 --without-quiche
    --without-ca-bundle --without-ca-path --without-ca-fallback
    --disable-ldap --disable-ldaps --disable-ftp --disable-file --disable-dict --disable-gopher --disable-imap
    --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp --disable-telnet --disable-tftp
    --disable-websockets --disable-alt-svc --disable-hsts --disable-cookies --disable-doh --disable-netrc
    --disable-ntlm --disable-ntlm-wb --disable-kerberos-auth --disable-negotiate-auth --disable-digest-auth
    --disable-aws --disable-tls-srp --disable-unix-sockets --disable-progress-meter --disable-mime
    --disable-form-api --disable-libcurl-option --disable-manual --disable-dependency-tracking
)
flags="-O2 -ffunction-sections -fdata-sections"

installed() { dpkg-query --show --showformat '${source:Version}' "$1" 2>/dev/null; }

# The version whose headers and bugs the dynamic builds have; a security update of Debian's gives a new folder.
version="$(installed libcurl4-openssl-dev)" || die "libcurl4-openssl-dev is missing: run 'make setup'"
parts="$version nghttp2 $(installed libnghttp2-dev) openssl $(installed libssl-dev)"
home="$LATCHKEY_CACHE/libcurl-$version-$(printf '%s\n' "$parts" "$flags" "${options[@]}" | short_hash)"

if [ -d "$home" ]; then
    printf '%s\n' "$home"
    exit 0
fi
hold_lock libcurl
if [ -d "$home" ]; then
    printf '%s\n' "$home"
    exit 0
fi

build="$(mktemp -d "$LATCHKEY_CACHE/libcurl-build.XXXXXX")"
say "Fetching the source of curl $version from Debian"
if ! debian_source "curl=$version" "$build/source"; then
    note "Debian no longer has $version, the newest is taken"
    debian_source curl "$build/source" || die "Debian's package sources offer no 'curl'"
fi

archive_of() { "${CC:-cc}" -print-file-name="$1"; }

configure_and_make() {
    cd "$build/source"
    ./configure --prefix="$build/home" CFLAGS="$flags" "${options[@]}"
    make -C lib -j"$(nproc)"
    make -C lib install
    make -C include install
}
export build flags
run_logged "$LATCHKEY_CACHE/libcurl-build.log" "Building libcurl.a (about half a minute)" configure_and_make

# One archive with nghttp2 inside: whoever links it names libcurl alone, as with the shared library.
# The names are relative: ar's scripts know no quotes.
cp "$(archive_of libnghttp2.a)" "$build/home/lib/libnghttp2.a"
(
    cd "$build/home/lib"
    printf '%s\n' "open libcurl.a" "addlib libnghttp2.a" save end | ar -M
    rm libnghttp2.a
)
strip --strip-debug "$build/home/lib/libcurl.a"
rm -rf "$build/home/bin" "$build/home/share" "$build/home/lib"/*.la "$build/home/lib/pkgconfig"
printf '%s\n' "$parts" "$flags" "${options[@]}" >"$build/home/OPTIONS"
mv "$build/home" "$home"
rm -rf "$build"
note "$(du -h "$home/lib/libcurl.a" | cut -f 1) $home/lib/libcurl.a"
printf '%s\n' "$home"
