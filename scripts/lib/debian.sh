# Sourced: packages of Debian, fetched through an apt of its own that reads the system's sources, keys and proxy
# settings and leaves the system's package lists and database alone. Needs no root. Expects common.sh.
# shellcheck shell=bash

DEBIAN_APT="$LATCHKEY_CACHE/apt"

# The system's own sources, asked for source packages too; whichever mirror the system uses is the one used here.
_debian_copy_sources() {
    local file
    rm -rf "${DEBIAN_APT:?}/etc"
    mkdir -p "$DEBIAN_APT/etc/sources.list.d" "$DEBIAN_APT/lists/partial" "$DEBIAN_APT/cache/archives/partial"
    : >"$DEBIAN_APT/etc/sources.list"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        sed -E -n 's/^[[:space:]]*deb(-src)?[[:space:]]+//p' "$file" | sort -u |
            sed 'h; s/^/deb /p; g; s/^/deb-src /' >>"$DEBIAN_APT/etc/sources.list"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        sed -E 's/^Types:.*/Types: deb deb-src/I' "$file" >"$DEBIAN_APT/etc/sources.list.d/${file##*/}"
    done
}

# Read after the system's configuration: no hook of the system runs for our lists.
_debian_write_configuration() {
    cat >"$DEBIAN_APT/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList "$DEBIAN_APT/etc/sources.list";
Dir::Etc::SourceParts "$DEBIAN_APT/etc/sources.list.d";
Dir::State::Lists "$DEBIAN_APT/lists";
Dir::State::Status "$DEBIAN_APT/status";
Dir::Cache "$DEBIAN_APT/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11 { DefaultEnabled "false"; };
END
    : >"$DEBIAN_APT/status"
}

_debian_apt() { apt-get -c "$DEBIAN_APT/apt.conf" -qq "$@"; }

# debian_update: fetches the package lists, at most once per script run. A third party's repository that has no
# sources fails here without harm: what is needed of Debian is checked when it is fetched.
debian_update() {
    [ -z "${_debian_updated:-}" ] || return 0
    command -v apt-get >/dev/null || die "apt-get is missing: Latchkey's tools are built from Debian 12's packages"
    _debian_copy_sources
    _debian_write_configuration
    _debian_apt update >"$DEBIAN_APT/update.log" 2>&1 || true
    _debian_updated=1
}

# One script at a time uses this apt.
_debian_begin() {
    exec 8>"$LATCHKEY_CACHE/apt.lock"
    flock 8
    debian_update
}
_debian_end() { exec 8>&-; }

# debian_source PACKAGE[=VERSION] DIRECTORY: the unpacked and patched source of PACKAGE becomes DIRECTORY.
debian_source() {
    local package="$1" directory="$2" work
    _debian_begin
    work="$(mktemp -d "$LATCHKEY_CACHE/source.XXXXXX")"
    if ! (cd "$work" && _debian_apt source --download-only "$package" && dpkg-source --no-check -x ./*.dsc tree) \
        >"$DEBIAN_APT/source.log" 2>&1; then
        rm -rf "$work"
        _debian_end
        return 1
    fi
    _debian_end
    rm -rf "$directory"
    mv "$work/tree" "$directory"
    rm -rf "$work"
}

# debian_unpack DIRECTORY PACKAGE...: the files of binary packages below DIRECTORY; nothing is installed, no script of
# a package runs, no service starts.
debian_unpack() {
    local directory="$1" work deb
    shift
    _debian_begin
    work="$(mktemp -d "$LATCHKEY_CACHE/unpack.XXXXXX")"
    (cd "$work" && _debian_apt download "$@") >"$DEBIAN_APT/download.log" 2>&1 ||
        die "apt-get could not fetch $* ($(tail -n 1 "$DEBIAN_APT/download.log"))"
    _debian_end
    mkdir -p "$directory"
    for deb in "$work"/*.deb; do
        dpkg-deb --extract "$deb" "$directory"
    done
    rm -rf "$work"
}
