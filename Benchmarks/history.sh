#!/usr/bin/env bash
# Readers beside a refresh of two secrets that rotate all the time: none may see two versions of one secret in one generation.
#
# READS: how many reads (default: a million).
set -euo pipefail
cd "$(dirname "$0")/.."

LATCHKEY_HISTORY_READS="${READS:-1000000}" exec swift test --filter 'AgentTests\.RefreshHistoryTests'
