#!/usr/bin/env bash
# Fuzzes our own parsers with libFuzzer and AddressSanitizer: SECONDS_EACH=60 scripts/fuzz.sh [target...]
#
# Corpora grow in .build/fuzz/corpus, inputs that break something are kept in .build/fuzz/findings. Exit code 1 if
# there is one. Seeds are those in Tests/Fuzz/Seeds and, where present, the fixtures (LATCHKEY_FIXTURES).
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${SECONDS_EACH:-60}"
fixtures="${LATCHKEY_FIXTURES:-../shared/fixtures}"
work=.build/fuzz
fuzzer=Tests/Fuzz/.build/release/LatchkeyFuzz

# lld, because gold stumbles over the sanitizers' symbols.
nice swift build --package-path Tests/Fuzz -c release -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld

mapfile -t targets < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else "$fuzzer" --list; fi)
python3 Tests/Fuzz/seed.py "$work/corpus" "$fixtures"

failed=()
for target in "${targets[@]}"; do
    mkdir -p "$work/corpus/$target" "$work/findings"
    echo "==> Fuzzing $target for $seconds s"
    if ! LATCHKEY_FUZZ_TARGET="$target" SWIFT_BACKTRACE=enable=no nice "$fuzzer" -max_total_time="$seconds" -max_len=16384 -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -artifact_prefix="$work/findings/$target-" \
        "$work/corpus/$target" >"$work/$target.log" 2>&1; then
        failed+=("$target")
        tail -n 40 "$work/$target.log"
    else
        grep -E 'stat::(number_of_executed_units|average_exec_per_sec)' "$work/$target.log" || true
    fi
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "Broken: ${failed[*]}; the inputs are in $work/findings, to be run again with" >&2
    echo "  LATCHKEY_FUZZ_TARGET=<target> $fuzzer <file>" >&2
    exit 1
fi
echo "Nothing found in: ${targets[*]}"
