"""Latchkey's own programs, configured for the test cluster."""

import base64
import json
import pathlib
import ssl
import urllib.request

import jsonpatch

from .control_plane import REPOSITORY, ControlPlane, make_certificate
from .processes import Server, eventually, free_port

WEBHOOK = REPOSITORY / ".build/debug/latchkey-webhook"
AGENT = REPOSITORY / ".build/bin/latchkey-agent"
WRAPPER = REPOSITORY / ".build/bin/latchkey-exec"
AGENT_IMAGE = "registry.example/latchkey/agent:test"
TENANT = "11111111-2222-3333-4444-555555555555"
SELECTOR = {"matchLabels": {"latchkey.dev/inject": "true"}}


def built(program: pathlib.Path) -> pathlib.Path:
    """`program`, or a failure that says how to get it."""
    assert program.exists(), f"{program} is missing: run 'make build agent exec'"
    return program


class LatchkeyWebhook:
    """`latchkey-webhook` with a configuration file, its certificate, and the ServiceAccount's token that it runs with.

    Its ServiceAccount is `latchkey-webhook` in `namespace`, which is made with it.
    """

    def __init__(
        self, folder: pathlib.Path, plane: ControlPlane, kubectl, vault, cluster_version: str, namespace: str,
        registries: tuple[str, ...] = (),
    ):
        folder.mkdir()
        self.folder = folder
        self.cluster_version = cluster_version
        self.registries = registries
        make_certificate(folder / "tls", "127.0.0.1")
        self.ca_file = folder / "tls/ca.crt"
        self.port, self.metrics_port = free_port(), free_port()
        token_file = folder / "token"
        token_file.write_text(_token_of_its_own(kubectl, plane.issuer, namespace))
        token_file.chmod(0o600)
        self.configuration = folder / "configuration.yaml"
        # JSON is YAML too.
        self.configuration.write_text(json.dumps(self._configuration(plane, vault, token_file)))
        self.server = self._start()

    @property
    def url(self) -> str:
        """Where the apiserver calls."""
        return f"https://127.0.0.1:{self.port}/mutate"

    def metrics(self) -> str:
        """The text of `/metrics`."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10).read().decode()

    def mutated(self, pod: dict) -> dict:
        """The pod as the webhook wants it, asked as the apiserver asks."""
        metadata = pod["metadata"]
        request = {
            "uid": "8f2f8f4e-0000-4000-8000-000000000000",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "operation": "CREATE",
            "object": pod,
        }
        review = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
        call = urllib.request.Request(
            self.url, json.dumps(review).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with self._opener().open(call, timeout=30) as answer:
            response = json.load(answer)["response"]
        assert response["allowed"], response
        return jsonpatch.apply_patch(pod, json.loads(base64.b64decode(response.get("patch", "W10="))))

    def stop(self) -> int:
        """Ends the webhook by SIGTERM; returns its exit status."""
        return self.server.stop(60)

    def start_again(self) -> None:
        """The same webhook anew, at the same address."""
        self.server = self._start()

    def _start(self) -> Server:
        server = Server("latchkey-webhook", [built(WEBHOOK), "--config", self.configuration], self.folder)
        try:
            eventually(self._is_ready, "latchkey-webhook", 30, server.failure)
        except BaseException:
            server.stop()
            raise
        return server

    def _opener(self) -> urllib.request.OpenerDirector:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def _is_ready(self) -> bool:
        return self._opener().open(f"https://127.0.0.1:{self.port}/readyz", timeout=5).status == 200

    def _configuration(self, plane: ControlPlane, vault, token_file: pathlib.Path) -> dict:
        return {
            "cluster": {"version": self.cluster_version},
            "agent": {"image": AGENT_IMAGE, "startDeadline": "20s", "caBundleFile": str(vault.ca_file)},
            "azure": {"authority": vault.authority, "vaultDnsSuffix": vault.suffix},
            "server": {
                "address": f"127.0.0.1:{self.port}",
                "metricsAddress": f"127.0.0.1:{self.metrics_port}",
                "tls": {
                    "certificateFile": str(self.folder / "tls/tls.crt"),
                    "keyFile": str(self.folder / "tls/tls.key"),
                },
                "drainDelay": "0s",
                "drainTimeout": "5s",
            },
            "registries": [{"host": host, "plainHTTP": True} for host in self.registries],
            "kubernetes": {
                "url": plane.url, "tokenFile": str(token_file), "caFile": str(plane.ca_file),
                "readPullSecrets": bool(self.registries),
            },
        }


def _token_of_its_own(kubectl, audience: str, namespace: str) -> str:
    """A token of the webhook's ServiceAccount, which may read ServiceAccounts and nothing else."""
    kubectl("create", "namespace", namespace)
    kubectl("create", "serviceaccount", "latchkey-webhook", "-n", namespace)
    grant(kubectl, namespace, "get", "serviceaccounts")
    return kubectl.token(namespace, "latchkey-webhook", audience, 86400)


def grant(kubectl, namespace: str, verb: str, resource: str) -> None:
    """A right of the webhook's ServiceAccount, in the whole cluster."""
    name = f"{namespace}-{verb}-{resource}"
    kubectl("create", "clusterrole", name, f"--verb={verb}", f"--resource={resource}")
    account = f"--serviceaccount={namespace}:latchkey-webhook"
    kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", account)
