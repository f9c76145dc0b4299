#!/usr/bin/env python3
"""Writes scripts/agent-symbol-order.txt: the functions that one run of the static agent executes, in the order of their
first call.

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
import ssl
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / ".build/static/release/latchkey-agent"
TARGET = ROOT / "scripts/agent-symbol-order.txt"
REFERENCES = 20


class Vault(http.server.BaseHTTPRequestHandler):
    """Login and vault in one."""

    protocol_version = "HTTP/1.1"

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
        value = json.dumps({"user": "u", "password": "p"})
        self.answer({"value": value, "id": f"https://127.0.0.1/secrets/{name}/{'0' * 32}", "attributes": {"enabled": True}})


def token():
    parts = ['{"alg":"RS256"}', '{"aud":["api://AzureADTokenExchange"],"exp":4000000000,"iat":1700000000}', "signature"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def plan(folder, origin, certificate):
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
    return json.dumps(
        {"version": 1, "directory": f"{folder}/out", "startDeadlineSeconds": 60, "files": files, "azure": azure,
         "caBundle": certificate.read_text()})


def functions(profile):
    seen = {}
    for name in re.findall(r"fn=\(\d+\) (\S+)", profile):
        seen.setdefault(re.sub(r"'\d+$", "", name))
    return list(seen)


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
        environment = {
            "LATCHKEY_PLAN": plan(folder, f"https://127.0.0.1:{server.server_address[1]}", certificate),
            "PATH": os.environ["PATH"],
        }
        # valgrind complains of openat2, which the agent can do without.
        run = subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={folder}/profile", agent,
             "init"], env=environment, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(run.stderr)
        names = functions((folder / "profile").read_text())
    TARGET.write_text("".join(f"{name}\n" for name in names))
    print(f"{TARGET}: {len(names)} functions")


if __name__ == "__main__":
    main()
