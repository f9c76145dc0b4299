#!/usr/bin/env bash
# Formatting of the Swift sources, and the shell scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

swift format lint --strict --recursive --parallel Package.swift Sources Tests

mapfile -t scripts < <(git ls-files --cached --others --exclude-standard |
    while read -r file; do
        if [[ "$file" == *.sh ]] || head -n 1 "$file" 2>/dev/null | grep -q -a -E '^#!.*\b(ba)?sh$'; then
            printf '%s\n' "$file"
        fi
    done)
for script in "${scripts[@]}"; do bash -n "$script"; done
shellcheck --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
printf '%s\n' "==> Formatting is right, and ${#scripts[@]} shell scripts are"
