"""Debian's docker-registry on loopback, which lets one user in."""

import base64
import hashlib
import json
import pathlib
import subprocess
import urllib.request

from .control_plane import REPOSITORY
from .processes import Server, eventually, free_port

USER, PASSWORD = "bob", "canary-password"
# Of that password, by htpasswd -B.
_PASSWORDS = f"{USER}:$2y$05$SwKjHgVtqy4fL3IdZ7uBlOvl8MZOVFKsOGzcVB9p497E5bGgqWaMS\n"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """Over plain HTTP, with Basic authentication."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir()
        program = subprocess.run(
            [REPOSITORY / "scripts/docker-registry.sh"], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        self.host = f"127.0.0.1:{free_port()}"
        (folder / "passwords").write_text(_PASSWORDS)
        configuration = folder / "registry.yaml"
        configuration.write_text(
            json.dumps(
                {
                    "version": "0.1",
                    "log": {"level": "info"},
                    "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
                    "http": {"addr": self.host},
                    "auth": {"htpasswd": {"realm": "test", "path": str(folder / "passwords")}},
                }
            )
        )
        self.server = Server("docker-registry", [program, "serve", configuration], folder, {"OTEL_TRACES_EXPORTER": "none"})
        try:
            eventually(lambda: self._send("GET", f"http://{self.host}/v2/"), "docker-registry", 30, self.server.failure)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the registry."""
        self.server.stop()

    def pull_secret(self, name: str, namespace: str, password: str = PASSWORD) -> dict:
        """A Secret for `imagePullSecrets`."""
        auths = {"auths": {self.host: {"username": USER, "password": password}}}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/dockerconfigjson",
            "metadata": {"name": name, "namespace": namespace},
            "stringData": {".dockerconfigjson": json.dumps(auths)},
        }

    def push(self, repository: str, config: dict) -> str:
        """Puts an image that runs what `config` says; its reference."""
        content = json.dumps({"os": "linux", "architecture": "amd64", "config": config}).encode()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        base = f"http://{self.host}/v2/{repository}"
        upload = self._send("POST", f"{base}/blobs/uploads/").headers["Location"]
        self._send("PUT", f"{upload}&digest={digest}", content, "application/octet-stream")
        described = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(content)}
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described, "layers": []}
        self._send("PUT", f"{base}/manifests/1", json.dumps(manifest).encode(), _MANIFEST)
        return f"{self.host}/{repository}:1"

    def _send(self, method: str, url: str, body: bytes | None = None, kind: str | None = None):
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"} | ({"Content-Type": kind} if kind else {})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(urllib.request.Request(url, body, headers, method=method), timeout=10)
