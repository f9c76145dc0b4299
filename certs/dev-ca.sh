#!/usr/bin/env bash
# A certificate authority for development and a server certificate signed by it.
#
#   certs/dev-ca.sh [--out DIRECTORY] [--name FILE] [--days DAYS] SAN...
#
# SAN: a DNS name or an IP address, e.g. latchkey-webhook.latchkey.svc 127.0.0.1
# Writes into DIRECTORY (default: dev-certs): ca.crt, ca.key, and FILE.crt, FILE.key (default: tls).
# Running it again keeps the authority, and keeps the certificate while it is valid for a week and has these names.
set -euo pipefail

usage() {
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
die() {
    printf '%s\n' "error: $*" >&2
    exit 1
}

out=dev-certs name=tls days=90 names=()
while (($#)); do
    case "$1" in
    --out | --name | --days)
        (($# >= 2)) || usage
        case "$1" in
        --out) out="$2" ;;
        --name) name="$2" ;;
        --days) days="$2" ;;
        esac
        shift 2
        ;;
    -*) usage ;;
    *)
        names+=("$1")
        shift
        ;;
    esac
done
((${#names[@]})) || usage
command -v openssl >/dev/null || die "openssl is missing: apt-get install openssl"

umask 077
mkdir -p "$out"
cd "$out"

# The new files of a run; each is moved into place when it is whole.
work="$(mktemp -d ./.new.XXXXXX)"
trap 'rm -rf "$work"' EXIT

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

make_authority() {
    new_key "$work/ca.key"
    openssl req -x509 -new -key "$work/ca.key" -days 3650 -subj "/CN=Latchkey development CA" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
        -out "$work/ca.crt"
    mv "$work/ca.key" ca.key
    chmod 644 "$work/ca.crt"
    mv "$work/ca.crt" ca.crt
}

alternative_names() {
    local list=() entry
    for entry in "${names[@]}"; do
        if [[ "$entry" =~ ^[0-9]+(\.[0-9]+){3}$ || "$entry" == *:* ]]; then
            list+=("IP:$entry")
        elif [[ "$entry" =~ ^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$ ]]; then
            list+=("DNS:$entry")
        else
            die "'$entry' is neither a DNS name nor an IP address"
        fi
    done
    (
        IFS=,
        printf '%s' "${list[*]}"
    )
}

# Whether a key and a certificate are a pair: a run that was killed may have replaced only one of them.
is_pair() {
    [ "$(openssl pkey -in "$1" -pubout 2>/dev/null)" = "$(openssl x509 -in "$2" -noout -pubkey 2>/dev/null)" ]
}

# What the certificate was made for; compared as text, since openssl prints addresses in another form.
is_current() {
    [ -e "$name.key" ] && [ -e "$name.crt" ] && [ -e "$name.sans" ] && [ "$(cat "$name.sans")" = "$sans" ] &&
        is_pair "$name.key" "$name.crt" &&
        openssl x509 -in "$name.crt" -noout -checkend 604800 >/dev/null &&
        openssl verify -CAfile ca.crt "$name.crt" >/dev/null 2>&1
}

make_certificate() {
    new_key "$work/$name.key"
    openssl req -new -key "$work/$name.key" -subj "/CN=Latchkey development" -out "$work/request"
    openssl x509 -req -in "$work/request" -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" \
        -days "$days" -out "$work/$name.crt" -extfile <(
            printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
                extendedKeyUsage=serverAuth "subjectAltName=$sans"
        ) 2>/dev/null
    # A server that watches both files may see the new key with the old certificate for a moment; it keeps the old
    # pair until both match.
    mv "$work/$name.key" "$name.key"
    chmod 644 "$work/$name.crt"
    mv "$work/$name.crt" "$name.crt"
    printf '%s' "$sans" >"$name.sans"
}

sans="$(alternative_names)"
if ! [ -e ca.key ] || ! is_pair ca.key ca.crt || ! openssl x509 -in ca.crt -noout -checkend 604800 >/dev/null 2>&1; then
    make_authority
fi
if is_current; then
    state="kept"
else
    make_certificate
    state="made"
fi
printf '%s\n' "$state: $PWD/$name.crt and $name.key for $sans, signed by $PWD/ca.crt" >&2
