"""A small mutating webhook of the tests' own, for a second one beside Latchkey's and for checking the harness."""

import base64
import http.server
import json
import pathlib
import ssl
import threading

from .control_plane import make_certificate


class MutatingWebhook:
    """Answers every review with the patch that `mutate(pod)` returns (a list; empty: none) and remembers the reviews."""

    def __init__(self, folder: pathlib.Path, mutate):
        folder.mkdir()
        make_certificate(folder, "127.0.0.1")
        self.ca_file = folder / "ca.crt"
        self.reviews: list[dict] = []
        reviews = self.reviews

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                request = review["request"]
                reviews.append(request)
                response = {"uid": request["uid"], "allowed": True}
                if patch := mutate(request["object"]):
                    response["patchType"] = "JSONPatch"
                    response["patch"] = base64.b64encode(json.dumps(patch).encode()).decode()
                body = json.dumps({**review, "request": None, "response": response}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        # The handshake belongs to the connection's own thread, else one slow client stops the others.
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}/mutate"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reviews_in(self, namespace: str) -> list[dict]:
        """The requests about pods of a namespace, in their order."""
        return [review for review in self.reviews if review["namespace"] == namespace]

    def stop(self) -> None:
        """Closes the server."""
        self.server.shutdown()
        self.server.server_close()


def add_sidecar(name: str):
    """What a service mesh does: adds a container once."""

    def mutate(pod: dict) -> list:
        if any(container["name"] == name for container in pod["spec"]["containers"]):
            return []
        container = {"name": name, "image": "registry.example/mesh:1"}
        return [{"op": "add", "path": "/spec/containers/-", "value": container}]

    return mutate
