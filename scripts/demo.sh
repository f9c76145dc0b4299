#!/usr/bin/env bash
# Latchkey at work on this machine, without a cluster and without root: `make demo`.
#
# A vault and its login, the webhook over TLS, a pod as an apiserver sends it, the agent as the patched pod says. Every
# step really happens, or the demo stops there and exits with 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BIN="${LATCHKEY_BIN:-.build/debug}"
AGENT="${LATCHKEY_AGENT:-.build/bin/latchkey-agent}"
FIXTURES="${LATCHKEY_FIXTURES:-../shared/fixtures}"
CAPTURED="$FIXTURES/admission/deployment-bookinfo-reviews.json"

WORK="$(mktemp -d "${TMPDIR:-/tmp}/latchkey-demo-XXXXXX")"
# Everything that was started, by process id.
STARTED=()

cleanup() {
    local status=$? pid
    for pid in "${STARTED[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${STARTED[@]}"; do wait "$pid" 2>/dev/null || true; done
    if ((status != 0)); then
        tail -n 5 "$WORK"/*.err "$WORK/webhook.log" 2>/dev/null >&2 || true
        printf '\nThe demo stopped: the step above did not happen.\n' >&2
    fi
    rm -rf "$WORK"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
number=0
step() {
    number=$((number + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$number" "$1" "$plain"
}
why() { printf '%s\n' "$*" | fold -s -w 110 | sed 's/^/   /'; }
show() { sed 's/^/    /'; }
die() {
    printf '%s\n' "error: $*" >&2
    exit 1
}

review() { python3 scripts/demo/review.py "$@"; }

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || die "this did not come true in time: $*"
        sleep 0.1
    done
}

# send REVIEW ANSWER: as a kube-apiserver sends it (HTTP/1.1 over TLS, these headers).
send() {
    curl --silent --show-error --fail-with-body --http1.1 --cacert "$WORK/dev/devvault-ca.pem" \
        --user-agent kube-apiserver-admission -H 'Accept: application/json, */*' -H 'Content-Type: application/json' \
        --data-binary "@$1" --output "$2" "https://localhost:$WEBHOOK_PORT/mutate?timeout=10s"
}

# as_yaml POD: the pod as kubectl would show it. A document without a kind passes through `latchkey inject` as it is.
as_yaml() {
    { printf '{"pod":'; cat "$1"; printf '}'; } |
        "$BIN/latchkey" inject -f - --output yaml | sed -e 1d -e 's/^  //'
}

# prepare_pod POD: what a kubelet has ready before it starts the patched pod's agent.
prepare_pod() {
    "$BIN/latchkey" dev token "$(review account "$1")" --audience "$(review audience "$1")" --data "$WORK/dev" \
        >"$WORK/token"
    : >"$WORK/termination-log"
}

# run_pod POD [COMMAND...]: the patched pod's agent, then the command where the application would see the files. It takes
# the place of the shell that calls it: a pod in the background is ended by that shell's process id.
run_pod() {
    local pod="$1"
    shift
    exec python3 scripts/demo/run-pod.py "$pod" "$AGENT" "$WORK/token" "$WORK/termination-log" "$@"
}

# run_agent POD COMMAND...: both, in the foreground.
run_agent() {
    prepare_pod "$1"
    (run_pod "$@")
}

for program in "$BIN/latchkey" "$BIN/latchkey-webhook" "$AGENT" "$(dirname "$AGENT")/latchkey-exec"; do
    [ -x "$program" ] || die "$program is missing: run 'make demo', which builds it"
done
if [ -f "$CAPTURED" ]; then
    REVIEW="$CAPTURED"
    origin="The AdmissionReview is one that a real kube-apiserver sent for a pod of a Deployment of Istio's Bookinfo."
else
    REVIEW=docs/demo/review.json
    origin="The AdmissionReview is docs/demo/review.json: made by hand in the shape that a kube-apiserver sends for a \
pod of a Deployment."
fi
review pod "$REVIEW" >"$WORK/original.json"
ACCOUNT="$(review account "$WORK/original.json")"
CLIENT=22222222-3333-4444-8555-666666666666
TENANT=11111111-2222-3333-4444-555555555555

# --------------------------------------------------------------------------------------------------------------------
step "A Key Vault and its login (Entra ID), on loopback"
why "The dev vault speaks Azure's protocols and really checks tokens: signature, issuer, subject, audience, expiry." \
    "It lets ServiceAccount $ACCOUNT log in as application $CLIENT."
"$BIN/latchkey" dev run --no-webhook --port 0 --data "$WORK/dev" --identity "$ACCOUNT=$CLIENT" \
    >"$WORK/dev.out" 2>"$WORK/dev.err" &
STARTED+=($!)
wait_for 20 test -s "$WORK/dev/running.json"
grep -E '^(Vault|Login|Identity)' "$WORK/dev.out" | show

step "Two secrets in the vault"
why "Git and the cluster will only ever hold references to them."
printf 'correct horse battery staple' | "$BIN/latchkey" dev secret set shop/db-password --file - --data "$WORK/dev" | show
printf '{"user":"reviews","api":{"key":"k-4711"}}' |
    "$BIN/latchkey" dev secret set shop/payment --file - --content-type application/json --data "$WORK/dev" | show

step "The webhook, over TLS"
why "The program latchkey-webhook with a configuration file, as a Deployment would run it."
show <"$WORK/dev/webhook.yaml"
"$BIN/latchkey-webhook" --config "$WORK/dev/webhook.yaml" --address 127.0.0.1:0 2>"$WORK/webhook.log" &
STARTED+=($!)
wait_for 20 grep -q '"message":"listening"' "$WORK/webhook.log"
WEBHOOK_PORT="$(sed -n 's/.*"message":"listening","port":\([0-9]*\).*/\1/p' "$WORK/webhook.log" | head -n 1)"
[ -n "$WEBHOOK_PORT" ] || die "the webhook does not say where it listens"
printf 'listening on https://localhost:%s/mutate\n' "$WEBHOOK_PORT" | show

# --------------------------------------------------------------------------------------------------------------------
step "A pod asks for two files"
why "$origin" "To its pod template somebody has added these annotations. (In a cluster the two ids come from the" \
    "ServiceAccount's annotations, which the webhook reads from the apiserver; there is none here.)"
annotations=(
    "latchkey.dev/secret.db-password=akv://shop/db-password"
    "latchkey.dev/secret.payment-key=akv://shop/payment#/api/key"
    "latchkey.dev/path.payment-key=payment/api-key"
    "latchkey.dev/azure-client-id=$CLIENT"
    "latchkey.dev/azure-tenant-id=$TENANT"
)
printf '%s\n' "${annotations[@]}" | sed 's/=/: /' | show
review annotate "$REVIEW" "${annotations[@]}" >"$WORK/review.json"
send "$WORK/review.json" "$WORK/answer.json"
review pod "$WORK/review.json" >"$WORK/before.json"
review patch "$WORK/review.json" "$WORK/answer.json" >"$WORK/after.json"

step "The webhook's answer, as a diff of the pod"
why "Only additions: a memory-backed volume, a token for Entra ID alone, a native sidecar that fetches before the" \
    "application starts and looks for rotation after, a read-only mount for the application. No secret is in it; the" \
    "plan holds references."
as_yaml "$WORK/before.json" >"$WORK/before.yaml"
as_yaml "$WORK/after.json" >"$WORK/after.yaml"
diff -u --label 'pod as created' --label 'pod as stored' "$WORK/before.yaml" "$WORK/after.yaml" >"$WORK/diff" &&
    die "nothing changed"
# The plan is one long line; a screen shows its beginning.
sed -E 's/^(.{150}).{40,}$/\1 ... (shortened)/' "$WORK/diff" | show
if tail -n +3 "$WORK/diff" | grep -q '^-'; then die "the patch takes something away"; fi
if grep -q -e 'correct horse' -e 'k-4711' "$WORK/answer.json" "$WORK/after.json" "$WORK/webhook.log"; then
    die "a secret is in the answer, the pod or the log"
fi

step "Asked again about the patched pod, the webhook changes nothing"
why "An apiserver does ask twice when other webhooks changed the pod."
review with-pod "$WORK/review.json" "$WORK/after.json" >"$WORK/again.json"
send "$WORK/again.json" "$WORK/again-answer.json"
review is-unchanged "$WORK/again-answer.json"
echo 'allowed, no patch' | show

# --------------------------------------------------------------------------------------------------------------------
step "The agent runs as the patched pod says, then the application sees its files"
why "Command, environment, user, mounts and the read-only root are taken from the pod above. The token is minted for" \
    "the pod's ServiceAccount with a key made for this demo, whose public half the dev vault trusts; in a cluster the" \
    "kubelet puts the apiserver's token there. The agent trades it for an access token and reads both secrets."
# shellcheck disable=SC2016  # expanded by the application's shell
run_agent "$WORK/after.json" sh -c '
    set -e
    echo "    in $(pwd):"
    for file in db-password payment/api-key; do
        stat -L -c "    %A %a uid %u gid %g  %s bytes  %n" "$file"
        printf "        %s\n" "$(cat "$file")"
    done
    test "$(cat db-password)" = "correct horse battery staple"
    test "$(cat payment/api-key)" = "k-4711"
    if touch intruder 2>/dev/null; then echo "    (the files are the owner'"'"'s to change here)"; else echo "    the mount is read-only"; fi
'

# --------------------------------------------------------------------------------------------------------------------
step "A secret is rotated while the application runs"
PORT="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
why "The pod says how often to look (every second, so that nobody has to wait here; 2 minutes unless it says so) and what" \
    "to do after a change: a request to a port of the pod's own loopback. The application reads its password at start and" \
    "on that request. Other choices: a signal, a restart, nothing."
following=(
    latchkey.dev/refresh=1s
    "latchkey.dev/on-change=POST http://127.0.0.1:$PORT/-/reload"
)
printf '%s\n' "${following[@]}" | sed 's/=/: /' | show
review annotate "$REVIEW" "${annotations[@]}" "${following[@]}" >"$WORK/following.json"
send "$WORK/following.json" "$WORK/following-answer.json"
review patch "$WORK/following.json" "$WORK/following-answer.json" >"$WORK/following-pod.json"
: >"$WORK/application.log"
prepare_pod "$WORK/following-pod.json"
run_pod "$WORK/following-pod.json" python3 "$PWD/scripts/demo/application.py" "$PORT" db-password \
    "$WORK/application.log" >"$WORK/rotation.out" 2>"$WORK/rotation.err" &
POD=$!
STARTED+=("$POD")
wait_for 30 grep -q 'reads' "$WORK/application.log"
cp "$WORK/application.log" "$WORK/shown.log"
show <"$WORK/shown.log"
printf '$ latchkey dev secret set shop/db-password\n' | show
printf 'Tr0ub4dor&3' | "$BIN/latchkey" dev secret set shop/db-password --file - --data "$WORK/dev" | show
wait_for 30 grep -q 'Tr0ub4dor&3' "$WORK/application.log"
tail -n "+$(($(wc -l <"$WORK/shown.log") + 1))" "$WORK/application.log" | show
why "The status file beside the secrets says what is there, since when, and how the reaction fared; no secret is in it:"
reaction_is_done() {
    curl --silent --fail "http://127.0.0.1:$PORT/status" >"$WORK/status.json" && grep -q '"done"' "$WORK/status.json"
}
wait_for 10 reaction_is_done
if grep -q -e 'correct horse' -e 'Tr0ub4dor' "$WORK/status.json" "$WORK/rotation.err"; then
    die "a secret is in the status file or the agent's log"
fi
python3 -m json.tool "$WORK/status.json" | show
curl --silent --show-error --fail --request POST "http://127.0.0.1:$PORT/-/quit" >/dev/null
wait "$POD" || die "the pod did not end well"
tail -n 1 "$WORK/rotation.out"

# --------------------------------------------------------------------------------------------------------------------
step "A secret in environment variables, with nothing of ours in the application"
why "The pod states references where it would state values; no annotation names them."
# The pod's own text, for the application's shell.
# shellcheck disable=SC2016
container='{
  "env": [
    {"name": "PASSWORD", "value": "akv://shop/db-password"},
    {"name": "URL", "value": "postgres://reviews:${akv://shop/db-password|url}@db/reviews"}
  ],
  "command": ["/bin/sh", "-c", "echo \"    process $$$$, started with $1\"; env | grep -E \"^(PASSWORD|URL)=\" | sed \"s/^/        /\"", "sh"],
  "args": ["--url=$(URL)"]
}'
show <<<"$container"
review annotate "$REVIEW" "latchkey.dev/azure-client-id=$CLIENT" "latchkey.dev/azure-tenant-id=$TENANT" \
    >"$WORK/identity.json"
review container "$WORK/identity.json" "$container" >"$WORK/variables.json"
send "$WORK/variables.json" "$WORK/variables-answer.json"
review patch "$WORK/variables.json" "$WORK/variables-answer.json" >"$WORK/variables-pod.json"
if grep -q 'Tr0ub4dor' "$WORK/variables-answer.json" "$WORK/variables-pod.json"; then die "a secret is in the pod"; fi
why "The stored pod: the kubelet does its own work with references in it, and latchkey-exec, which the agent has brought," \
    "puts the values in at the end. Then it is gone: it has become the command."
python3 - "$WORK/variables-pod.json" <<'EOF' | show
import json, sys
container = json.load(open(sys.argv[1], encoding="utf-8"))["spec"]["containers"][0]
for entry in container["env"]:
    print(f"{entry['name']}: {entry.get('value')}")
print("command:", *container["command"][:5], "...")
EOF
prepare_pod "$WORK/variables-pod.json"
(run_pod "$WORK/variables-pod.json") | tee "$WORK/variables.out"
grep -q 'PASSWORD=Tr0ub4dor&3$' "$WORK/variables.out" || die "the application has no password"
grep -q -F -- '--url=postgres://reviews:Tr0ub4dor%263@db/reviews' "$WORK/variables.out" || die "the argument has no value"

# --------------------------------------------------------------------------------------------------------------------
step "A reference that cannot be one is refused before the pod exists"
why "latchkey.dev/secret.db-password=akv://shop names no secret. kubectl shows this sentence to whoever applies it."
review annotate "$REVIEW" "${annotations[@]}" latchkey.dev/secret.db-password=akv://shop >"$WORK/wrong.json"
send "$WORK/wrong.json" "$WORK/wrong-answer.json"
review denial "$WORK/wrong-answer.json" | fold -s -w 106 | show

step "A secret that is not in the vault keeps the pod from starting"
why "akv://shop/db-pasword is well formed, so the pod is admitted; the vault knows no such secret. The agent says so" \
    "in its log and as termination message (kubectl describe pod shows it), writes nothing and fails. The kubelet would" \
    "start it again, and nothing behind it, until the secret is there."
review annotate "$REVIEW" "${annotations[@]}" latchkey.dev/secret.db-password=akv://shop/db-pasword >"$WORK/missing.json"
send "$WORK/missing.json" "$WORK/missing-answer.json"
review patch "$WORK/missing.json" "$WORK/missing-answer.json" >"$WORK/missing-pod.json"
status=0
run_agent "$WORK/missing-pod.json" echo 'the application started' >"$WORK/missing.out" 2>"$WORK/missing.err" || status=$?
cat "$WORK/missing.out"
show <"$WORK/missing.err"
((status != 0)) || die "the agent succeeded"
if grep -q 'the application started' "$WORK/missing.out"; then die "the application started"; fi
printf 'exit status %d\n' "$status" | show
if [ -e "$WORK/termination-log" ]; then
    grep -q 'db-pasword' "$WORK/termination-log" || die "the termination message does not name the reference"
    { printf 'termination message: '; cat "$WORK/termination-log"; } | fold -s -w 106 | show
fi
grep -q 'db-pasword' "$WORK/missing.err" || die "the agent does not name the reference"

printf '\n%sEverything above happened, in %d seconds.%s\n' "$bold" "$SECONDS" "$plain"
