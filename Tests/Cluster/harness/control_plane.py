"""etcd and kube-apiserver on loopback, with certificates and service-account keys of their own."""

import base64
import json
import pathlib
import secrets
import ssl
import subprocess
import urllib.request

from .processes import Server, eventually, free_port

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


def make_certificate(folder: pathlib.Path, *names: str) -> None:
    """ca.crt, tls.crt and tls.key for `names` in `folder`, by the script that users have too."""
    subprocess.run(
        [REPOSITORY / "certs/dev-ca.sh", "--out", folder, *names], check=True, stderr=subprocess.DEVNULL
    )


class ControlPlane:
    """A cluster without nodes and controllers: what an apiserver does with a pod, and nothing after it.

    RBAC is on, as everywhere; `token` is an administrator's. (With AlwaysAllow nobody could come without a token, and
    managed clusters publish the keys of their service-account issuer to anybody.)
    """

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path):
        self.programs = programs
        self.folder = folder
        self.servers: list[Server] = []
        self.token = secrets.token_hex(16)
        self.certificates = folder / "apiserver"
        make_certificate(self.certificates, "localhost", "127.0.0.1", "kubernetes.default.svc")
        self.ca_file = self.certificates / "ca.crt"
        self._write_keys()
        try:
            self.etcd_url = self._start_etcd()
            self.url = self._start_apiserver()
        except BaseException:
            self.stop()
            raise
        self.kubeconfig = self._write_kubeconfig()

    @property
    def issuer(self) -> str:
        """The `iss` of service-account tokens; its discovery document and keys are served there."""
        return self.url

    def stop(self) -> None:
        """Stops both, the apiserver first."""
        for server in reversed(self.servers):
            server.stop()

    def get(self, path: str, token: str | None = None) -> dict:
        """The JSON at `path` of the apiserver."""
        request = urllib.request.Request(self.url + path)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        context = ssl.create_default_context(cafile=str(self.ca_file))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(request, timeout=30) as response:
            return json.load(response)

    def ca_bundle(self) -> str:
        """The apiserver's CA as `caBundle` and kubeconfig write it."""
        return base64.b64encode(self.ca_file.read_bytes()).decode()

    def _write_keys(self) -> None:
        self.signing_key = self.folder / "service-account.key"
        subprocess.run(
            ["openssl", "genrsa", "-out", self.signing_key, "2048"], check=True, stderr=subprocess.DEVNULL
        )
        self.token_file = self.folder / "tokens.csv"
        self.token_file.write_text(f'{self.token},admin,admin,"system:masters"\n')
        self.token_file.chmod(0o600)

    def _start_etcd(self) -> str:
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        etcd = self._start(
            "etcd",
            ["--data-dir", self.folder / "etcd", "--listen-client-urls", client, "--advertise-client-urls", client]
            + ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
            + ["--initial-cluster", f"default={peer}", "--log-level", "error"],
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        eventually(lambda: opener.open(f"{client}/health", timeout=5).status == 200, "etcd", 60, etcd.failure)
        return client

    def _start_apiserver(self) -> str:
        port = free_port()
        url = f"https://127.0.0.1:{port}"
        arguments = {
            "etcd-servers": self.etcd_url,
            "bind-address": "127.0.0.1",
            "advertise-address": "127.0.0.1",
            "secure-port": port,
            "cert-dir": self.folder / "apiserver-generated",
            "tls-cert-file": self.certificates / "tls.crt",
            "tls-private-key-file": self.certificates / "tls.key",
            "authorization-mode": "RBAC",
            "anonymous-auth": "true",
            "token-auth-file": self.token_file,
            "service-cluster-ip-range": "10.96.0.0/16",
            "service-account-issuer": url,
            "service-account-jwks-uri": f"{url}/openid/v1/jwks",
            "service-account-key-file": self.signing_key,
            "service-account-signing-key-file": self.signing_key,
            "allow-privileged": "true",
            "endpoint-reconciler-type": "none",
        }
        # Off by default in 1.20: with it pods get projected tokens, as in every cluster since 1.21.
        if self._version() < (1, 21):
            arguments["feature-gates"] = "BoundServiceAccountTokenVolume=true"
        apiserver = self._start("kube-apiserver", [f"--{key}={value}" for key, value in arguments.items()])
        self.url = url
        eventually(lambda: self._is_ready(url), "kube-apiserver", 120, apiserver.failure)
        return url

    def _is_ready(self, url: str) -> bool:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        return opener.open(f"{url}/readyz", timeout=5).read() == b"ok"

    def _version(self) -> tuple[int, int]:
        text = subprocess.run(
            [self.programs / "kube-apiserver", "--version"], check=True, capture_output=True, text=True
        ).stdout
        major, minor, *_ = text.split()[-1].lstrip("v").split(".")
        return int(major), int(minor)

    def _start(self, name: str, arguments: list) -> Server:
        server = Server(name, [self.programs / name, *arguments], self.folder)
        self.servers.append(server)
        return server

    def _write_kubeconfig(self) -> pathlib.Path:
        path = self.folder / "kubeconfig"
        cluster = {"server": self.url, "certificate-authority-data": self.ca_bundle()}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
        }
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        return path
