#!/usr/bin/env python3
"""Writes scripts/agent-symbol-order.txt: the functions that a start of the static agent executes, and behind them those
that it needs to follow a rotation, each in the order of its first call.

The linker puts them next to each other (see Package.swift). The kernel maps an executable in pieces of 64 KB around each
page that is touched; with the functions of OpenSSL, libcurl and Swift spread over 9 MB that is nearly all of it. Together
they save about a quarter of the agent's resident memory. A name that no longer exists is ignored, a new function merely
lies elsewhere: run this again when the agent's work or its libraries change a lot.

Needs valgrind and openssl, and the agent as `make agent` leaves it in .build/static (with its symbols).
"""

import base64
import http.server
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / ".build/static/release/latchkey-agent"
TARGET = ROOT / "scripts/agent-symbol-order.txt"
REFERENCES = 20


class Vault(http.server.BaseHTTPRequestHandler):
    """Login and vault in one."""

    protocol_version = "HTTP/1.1"
    version = 0

    def log_message(self, *arguments):
        pass

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"token_type": "Bearer", "expires_in": 3600, "access_token": "x" * 1500})

    def do_GET(self):
        name = self.path.split("?")[0].split("/")[2]
        value = json.dumps({"user": "u", "password": "p"} if Vault.version == 0 else {"user": "new"})
        self.answer({"value": value, "id": f"https://127.0.0.1/secrets/{name}/{Vault.version:032x}",
                     "attributes": {"enabled": True}})


def token():
    parts = ['{"alg":"RS256"}', '{"aud":["api://AzureADTokenExchange"],"exp":4000000000,"iat":1700000000}', "signature"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def plan(folder, origin, certificate, refresh=None):
    files = [
        {"source": f"latchkey.dev/secret.s{i}", "path": f"s{i}", "mode": "440", "reference": f"akv://shop/s{i}#user"}
        for i in range(REFERENCES)
    ]
    azure = {
        "authority": origin,
        "tokenFile": f"{folder}/token",
        "domains": [{"suffix": "vault.azure.net", "scope": "https://vault.azure.net/.default"}],
        "endpoints": {"shop": origin},
        "identity": {"tenantID": "1" * 8 + "-1111-1111-1111-" + "1" * 12, "clientID": "2" * 8 + "-2222-2222-2222-" + "2" * 12},
    }
    more = {"refresh": refresh} if refresh else {}
    return json.dumps(
        {"version": 1, "directory": f"{folder}/out", "startDeadlineSeconds": 60, "files": files, "azure": azure,
         "caBundle": certificate.read_text(), **more})


def functions(profile):
    seen = {}
    for name in re.findall(r"fn=\(\d+\) (\S+)", profile):
        seen.setdefault(re.sub(r"'\d+$", "", name))
    return list(seen)


def profile(folder, agent, mode, plan, during=None):
    """What callgrind says of one run."""
    output = folder / f"profile-{mode}"
    # valgrind complains of openat2, which the agent can do without.
    run = subprocess.Popen(
        ["valgrind", "--quiet", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={output}", agent, mode],
        env={"LATCHKEY_PLAN": plan, "PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True)
    if during:
        try:
            during(folder / "out")
        finally:
            run.send_signal(signal.SIGTERM)
    _, errors = run.communicate()
    if run.returncode != 0:
        sys.exit(errors)
    return output.read_text()


def rotate(volume):
    """Waits for looks that find nothing new, and for one that finds something."""
    def wait_for_other(read):
        old = read()
        for _ in range(1200):
            if read() != old:
                return
            time.sleep(0.1)
        raise SystemExit("the agent does not look")

    status = volume / "..status.json"
    for _ in range(3):
        wait_for_other(lambda: os.stat(status).st_ino)
    Vault.version = 1
    wait_for_other(lambda: os.readlink(volume / "..data"))
    time.sleep(1)


def main():
    if not BUILT.exists():
        sys.exit(f"{BUILT} is missing: run 'make agent'")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
             key, "-out", certificate, "-days", "2", "-subj", "/CN=vault", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vault)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()

        (folder / "out").mkdir()
        (folder / "token").write_text(token())
        agent = folder / "agent"
        # valgrind cannot read Swift's debug information.
        subprocess.run(["strip", "--strip-debug", "-o", agent, BUILT], check=True)
        origin = f"https://127.0.0.1:{server.server_address[1]}"
        names = functions(profile(folder, agent, "init", plan(folder, origin, certificate)))
        refresh = {"intervalMilliseconds": 500, "onRevoked": "keep", "restartSpreadSeconds": 0}
        names += functions(profile(folder, agent, "refresh", plan(folder, origin, certificate, refresh), rotate))
    names = list(dict.fromkeys(names))
    TARGET.write_text("".join(f"{name}\n" for name in names))
    print(f"{TARGET}: {len(names)} functions")


if __name__ == "__main__":
    main()
