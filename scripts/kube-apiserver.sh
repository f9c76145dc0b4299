#!/usr/bin/env bash
# Provides kube-apiserver, kubectl (1.20.2) and etcd for the tests against a real cluster: built from Debian 12's source
# package with Debian's Go (4 to 7 minutes, once), or taken from $KUBEBUILDER_ASSETS. Prints the folder that holds the
# three. Needs no root; installs and starts nothing.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/debian.sh
. "$here/lib/debian.sh"

version=1.20.2
programs=(kube-apiserver kubectl etcd)

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    for program in "${programs[@]}"; do
        [ -x "$KUBEBUILDER_ASSETS/$program" ] ||
            die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS holds no $program; unset it to have Latchkey build one"
    done
    printf '%s\n' "$KUBEBUILDER_ASSETS"
    exit 0
fi

home="$LATCHKEY_CACHE/kubernetes-$version"
# `bin` is made by one rename at the end, so it is there as a whole or not at all.
if [ -d "$home/bin" ]; then
    printf '%s\n' "$home/bin"
    exit 0
fi
hold_lock "kubernetes-$version"
if [ -d "$home/bin" ]; then
    printf '%s\n' "$home/bin"
    exit 0
fi

build="$home/build"
source="$build/source"
tools="$build/tools"
rm -rf "$build"
mkdir -p "$build"

say "Fetching the source of Kubernetes $version, Go and etcd from Debian"
debian_source kubernetes "$source" ||
    die "Debian's sources have no package 'kubernetes' (it is part of Debian 12); set KUBEBUILDER_ASSETS to a folder" \
        "with kube-apiserver, kubectl and etcd instead"
grep -q "really$version-" "$source/debian/changelog" || note "warning: Debian's package is no longer $version"
debian_unpack "$tools" golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev etcd-server

# reflect2 1.0.1 reads the runtime's maps in a way that Go 1.18 ended; 1.0.2 is the fix.
reflect2=vendor/github.com/modern-go/reflect2
rm -rf "${source:?}/$reflect2"
cp -r "$tools/usr/share/gocode/src/github.com/modern-go/reflect2" "$source/$reflect2"
# The build uses rsync for nothing but this copy.
sed -i 's/rsync -pc {}/cp -p {}/' "$source/hack/lib/golang.sh"

# Without a Git repository the build would call itself v0.0.0.
cat >"$build/version" <<END
KUBE_GIT_COMMIT=debian
KUBE_GIT_TREE_STATE=archive
KUBE_GIT_VERSION=v$version
KUBE_GIT_MAJOR=1
KUBE_GIT_MINOR=20
END

run_logged "$home/build.log" "Building kube-apiserver and kubectl $version (4 to 7 minutes on 2 cores)" \
    nice env -u GOROOT -u GOFLAGS -u GOPATH \
    PATH="$tools/usr/lib/go-1.19/bin:$PATH" GOCACHE="$build/cache" CGO_ENABLED=0 \
    KUBE_GIT_VERSION_FILE="$build/version" \
    make -C "$source" WHAT="cmd/kube-apiserver cmd/kubectl"

mkdir "$build/bin"
cp "$source/_output/bin/kube-apiserver" "$source/_output/bin/kubectl" "$tools/usr/bin/etcd" "$build/bin/"
"$build/bin/kube-apiserver" --version >&2
mv "$build/bin" "$home/bin"
chmod -R u+w "$build"
rm -rf "$build"
printf '%s\n' "$home/bin"
