#!/usr/bin/env bash
# The agent's `init`, from exec to files written, with 1 and 20 references on loopback against the dev vault; beside it,
# by turns in the same run, the floors: a static C program that only ends, and curl fetching one secret.
#
# AGENT: the agent (default: the static one of `make agent`); LATCHKEY: the CLI with the dev vault. Both must be built.
set -euo pipefail
cd "$(dirname "$0")"

agent="${AGENT:-../.build/bin/latchkey-agent}"
latchkey="${LATCHKEY:-../.build/debug/latchkey}"
for program in "$agent" "$latchkey"; do
    [ -x "$program" ] || { echo "agent.sh: $program is missing; run 'make agent build' first" >&2; exit 69; }
done
exec python3 agent.py --agent "$agent" --latchkey "$latchkey" --rounds "${ROUNDS:-30}"
