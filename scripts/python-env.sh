#!/usr/bin/env bash
# Makes the Python environment of the test suites (Tests/requirements.txt) once and prints its folder.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"

requirements="$here/../Tests/requirements.txt"
interpreter="$(python3 -c 'import sys; print(sys.executable, sys.version)')" ||
    die "python3 is missing: run 'make setup'"
home="$LATCHKEY_CACHE/venv-$( (
    cat "$requirements"
    printf '%s\n' "$interpreter"
) | short_hash)"

# The folder's name is written into the environment, so it cannot be moved into place; the marker says it is whole.
marker="$home/.complete"
if [ ! -e "$marker" ]; then
    hold_lock venv
    if [ ! -e "$marker" ]; then
        rm -rf "$home"
        python3 -m venv "$home" || die "python3 cannot make a virtual environment: run 'make setup'"
        run_logged "$LATCHKEY_CACHE/venv.log" "Installing the Python packages of the tests (about half a minute)" \
            "$home/bin/pip" install --disable-pip-version-check --no-input --requirement "$requirements"
        touch "$marker"
    fi
fi
printf '%s\n' "$home"
