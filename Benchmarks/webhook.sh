#!/usr/bin/env bash
# The webhook's requests per second over TLS, held against a server that answers a constant (the floor), by turns in one
# run so that both meet the same machine. Wants wrk and openssl; Benchmarks/README.md says how to read the result.
set -euo pipefail
cd "$(dirname "$0")"

rounds="${ROUNDS:-5}"
seconds="${SECONDS_EACH:-5}"
connections="${CONNECTIONS:-50}"
kilobytes="${KILOBYTES:-12}"
work="$(mktemp -d)"
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

command -v wrk >/dev/null || { echo "webhook.sh: wrk is missing (apt-get install wrk)" >&2; exit 69; }
swift build -c release --product floor-server
swift build -c release --product latchkey-benchmark
swift build -c release --product webhook-server

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null

read -r floor_port webhook_port metrics_port < <(python3 - <<'PY'
import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
PY
)

# The review states the whole identity, so no apiserver is asked.
cat >"$work/config.yaml" <<YAML
cluster: { version: "1.29" }
agent: { image: "ghcr.io/latchkey/agent:1.0" }
server:
  address: 127.0.0.1:$webhook_port
  metricsAddress: 127.0.0.1:$metrics_port
  tls: { certificateFile: $work/tls.crt, keyFile: $work/tls.key }
kubernetes: { url: "https://127.0.0.1:1", caFile: $work/tls.crt }
log: { level: error }
YAML

.build/release/latchkey-benchmark review "$kilobytes" >"$work/review.json"
cat >"$work/post.lua" <<LUA
local file = io.open("$work/review.json", "rb")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = file:read("*a")
done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format("RESULT %d %.0f %.2f %d %d\n", summary.requests, summary.requests / (summary.duration / 1e6),
        latency:percentile(99) / 1000, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
LUA

.build/release/floor-server "$floor_port" "$work/tls.crt" "$work/tls.key" >"$work/floor.log" 2>&1 &
pids+=($!)
floor_pid=$!
.build/release/webhook-server --config "$work/config.yaml" >"$work/webhook.log" 2>&1 &
pids+=($!)
webhook_pid=$!
for url in "https://127.0.0.1:$floor_port/" "https://127.0.0.1:$webhook_port/livez"; do
    for _ in $(seq 100); do
        curl -fsk -o /dev/null "$url" && continue 2
        sleep 0.1
    done
    echo "webhook.sh: nothing answers at $url" >&2
    cat "$work"/*.log >&2
    exit 1
done

# What is measured must be an injection, or the figure means nothing.
curl -fsk --data-binary @"$work/review.json" -H 'Content-Type: application/json' "https://127.0.0.1:$webhook_port/mutate" \
    | python3 -c 'import json,sys; r=json.load(sys.stdin)["response"]; assert r["allowed"] and r["patch"], r'

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# Prints requests per second, p99 in ms, processor time per request in us, wrong answers, requests that got none.
measure() {
    local before after
    before="$(ticks "$2")"
    wrk -t 2 -c "$connections" -d "${seconds}s" --latency -s "$work/post.lua" "$1" >"$work/wrk.log"
    after="$(ticks "$2")"
    awk -v ticks="$((after - before))" -v hz="$(getconf CLK_TCK)" \
        '/^RESULT/ { printf "%s %s %.0f %s %s\n", $3, $4, ticks / hz * 1e6 / $2, $5, $6 }' "$work/wrk.log"
}

row() { printf '%-6s %12s %14s %8s %14s %16s %12s %12s\n' "$@"; }
echo
row round 'floor req/s' 'webhook req/s' ratio 'floor cpu us' 'webhook cpu us' 'floor p99' 'webhook p99'
for round in $(seq "$rounds"); do
    read -r floor floor_p99 floor_cpu floor_wrong floor_lost \
        < <(measure "https://127.0.0.1:$floor_port/mutate" "$floor_pid")
    read -r webhook webhook_p99 webhook_cpu webhook_wrong webhook_lost \
        < <(measure "https://127.0.0.1:$webhook_port/mutate" "$webhook_pid")
    ratio="$(awk -v a="$webhook" -v b="$floor" 'BEGIN { printf "%.3f", a / b }')"
    row "$round" "$floor" "$webhook" "$ratio" "$floor_cpu" "$webhook_cpu" "$floor_p99" "$webhook_p99"
    [ "$floor_wrong$webhook_wrong" = 00 ] || { echo "wrong answers: floor $floor_wrong, webhook $webhook_wrong" >&2; exit 1; }
    [ "$floor_lost$webhook_lost" = 00 ] || echo "  unanswered: floor $floor_lost, webhook $webhook_lost (is the machine busy?)"
    echo "$ratio" >>"$work/ratios"
done
echo "webhook's memory: $(awk '/VmHWM/ { print $2 }' "/proc/$webhook_pid/status") KB at most"

python3 ratio.py "webhook: requests per second to the floor's" "$work/ratios"
