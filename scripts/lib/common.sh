# Sourced by the scripts next to it: where things are kept, how to speak, one at a time.
# shellcheck shell=bash

LATCHKEY_CACHE="${LATCHKEY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey}"
mkdir -p "$LATCHKEY_CACHE"

# Progress goes to standard error: the standard output of a script is its result (a path).
say() { printf '%s\n' "==> $*" >&2; }
note() { printf '%s\n' "    $*" >&2; }
die() {
    printf '%s\n' "error: $*" >&2
    exit 1
}

# hold_lock NAME: one run of NAME at a time per cache; waits for the other and says so. Released when the script ends.
hold_lock() {
    local file="$LATCHKEY_CACHE/$1.lock"
    exec 9>"$file"
    if ! flock --nonblock 9; then
        say "Waiting for another run which prepares $1"
        flock 9
    fi
}

# run_logged LOG DESCRIPTION COMMAND...: the command's output goes to LOG; while it runs, one line says every 20 s what
# it is at; its last lines are shown if it fails.
run_logged() {
    local log="$1" what="$2" start=$SECONDS next=20 status=0
    shift 2
    say "$what"
    "$@" >"$log" 2>&1 9>&- &
    local job=$!
    # shellcheck disable=SC2064  # the value of now is meant
    trap "kill $job 2>/dev/null" EXIT
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.5
        if ((SECONDS - start >= next)); then
            note "$((SECONDS - start)) s: $(tail -n 1 "$log" | cut -c 1-100)"
            next=$((next + 20))
        fi
    done
    wait "$job" || status=$?
    trap - EXIT
    if ((status != 0)); then
        tail -n 30 "$log" >&2
        die "$what failed (status $status); the whole output is in $log"
    fi
    note "done in $((SECONDS - start)) s"
}

# short_hash: the first 12 hexadecimal digits of the SHA-256 of standard input.
short_hash() { sha256sum | cut -c 1-12; }
