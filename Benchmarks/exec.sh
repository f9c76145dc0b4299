#!/usr/bin/env bash
# latchkey-exec: its start-up, memory and size beside the floor, a static C program that calls execve at once; with 20
# variables and with 10,000 variables of 1.5 MB. By turns in the same run.
#
# EXEC: the wrapper (default: the one of `make exec`). It must be built.
set -euo pipefail
cd "$(dirname "$0")"

wrapper="${EXEC:-../.build/bin/latchkey-exec}"
[ -x "$wrapper" ] || { echo "exec.sh: $wrapper is missing; run 'make exec' first" >&2; exit 69; }
exec python3 exec.py --wrapper "$wrapper" --rounds "${ROUNDS:-500}"
