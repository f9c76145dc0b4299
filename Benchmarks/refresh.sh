#!/usr/bin/env bash
# The agent's `refresh` against a small vault of this script on loopback: how soon a rotation is in the file, what an idle
# agent holds, and whether anything grows while secrets rotate all the time.
#
# AGENT: the agent (default: the static one of `make agent`).
set -euo pipefail
cd "$(dirname "$0")"

agent="${AGENT:-../.build/bin/latchkey-agent}"
[ -x "$agent" ] || { echo "refresh.sh: $agent is missing; run 'make agent' first" >&2; exit 69; }
exec python3 refresh.py --agent "$agent" --rotations "${ROTATIONS:-40}" --soak "${SOAK:-60}" --idle "${IDLE:-20}"
