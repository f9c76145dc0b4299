"""Latchkey's own programs, configured for the test cluster."""

import json
import pathlib
import ssl
import urllib.request

from .control_plane import REPOSITORY, ControlPlane, make_certificate
from .processes import Server, eventually, free_port

WEBHOOK = REPOSITORY / ".build/debug/latchkey-webhook"
AGENT = REPOSITORY / ".build/bin/latchkey-agent"
AGENT_IMAGE = "registry.example/latchkey/agent:test"
TENANT = "11111111-2222-3333-4444-555555555555"
SELECTOR = {"matchLabels": {"latchkey.dev/inject": "true"}}


def built(program: pathlib.Path) -> pathlib.Path:
    """`program`, or a failure that says how to get it."""
    assert program.exists(), f"{program} is missing: run 'make build agent'"
    return program


class LatchkeyWebhook:
    """`latchkey-webhook` with a configuration file, its certificate, and the ServiceAccount's token that it runs with."""

    def __init__(self, folder: pathlib.Path, plane: ControlPlane, kubectl, vault):
        folder.mkdir()
        self.folder = folder
        make_certificate(folder / "tls", "127.0.0.1")
        self.ca_file = folder / "tls/ca.crt"
        self.port, self.metrics_port = free_port(), free_port()
        token_file = folder / "token"
        token_file.write_text(_token_of_its_own(kubectl, plane.issuer))
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

    def _is_ready(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        return opener.open(f"https://127.0.0.1:{self.port}/readyz", timeout=5).status == 200

    def _configuration(self, plane: ControlPlane, vault, token_file: pathlib.Path) -> dict:
        return {
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
            "kubernetes": {"url": plane.url, "tokenFile": str(token_file), "caFile": str(plane.ca_file)},
        }


def _token_of_its_own(kubectl, audience: str) -> str:
    """A token of the webhook's ServiceAccount, which may read ServiceAccounts and nothing else."""
    kubectl("create", "namespace", "latchkey")
    kubectl("create", "serviceaccount", "latchkey-webhook", "-n", "latchkey")
    kubectl("create", "clusterrole", "latchkey-webhook", "--verb=get", "--resource=serviceaccounts")
    kubectl(
        "create", "clusterrolebinding", "latchkey-webhook", "--clusterrole=latchkey-webhook",
        "--serviceaccount=latchkey:latchkey-webhook",
    )
    return kubectl.token("latchkey", "latchkey-webhook", audience, 86400)
