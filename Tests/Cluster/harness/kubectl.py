"""kubectl, as users run it."""

import json
import os
import pathlib
import subprocess


class KubectlError(Exception):
    """kubectl ended with an error; `message` is what the user reads."""

    def __init__(self, arguments: list[str], message: str):
        super().__init__(f"kubectl {' '.join(arguments)}: {message}")
        self.message = message


class Kubectl:
    """Runs kubectl against one cluster."""

    def __init__(self, program: pathlib.Path, kubeconfig: pathlib.Path):
        self.command = [str(program), f"--kubeconfig={kubeconfig}", f"--cache-dir={kubeconfig.parent / 'cache'}"]

    def __call__(self, *arguments: str, stdin: dict | None = None) -> str:
        """The output of a call that must succeed."""
        result = subprocess.run(
            [*self.command, *arguments],
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            timeout=120,
            # A user's own configuration must not decide here.
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        )
        if result.returncode != 0:
            raise KubectlError(list(arguments), result.stderr.strip())
        return result.stdout

    def create(self, manifest: dict, *arguments: str) -> dict:
        """Creates an object and returns what was stored (or with --dry-run=server: would be)."""
        return json.loads(self("create", "-f", "-", "-o", "json", *arguments, stdin=manifest))

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict:
        """A stored object."""
        where = ["-n", namespace] if namespace else []
        return json.loads(self("get", kind, name, *where, "-o", "json"))

    def list(self, kind: str, namespace: str) -> list[dict]:
        """All objects of a kind."""
        return json.loads(self("get", kind, "-n", namespace, "-o", "json"))["items"]

    def names(self, kind: str, namespace: str) -> set[str]:
        """The names of all objects of a kind."""
        return {line.split("/", 1)[1] for line in self("get", kind, "-n", namespace, "-o", "name").split()}

    def replay(self, path: str, body: dict) -> dict:
        """POSTs `body` to a path of the API, as a controller would."""
        return json.loads(self("create", "--raw", path, "-f", "-", stdin=body))

    def token(self, namespace: str, service_account: str, audience: str, seconds: int) -> str:
        """A token of a ServiceAccount by the TokenRequest API, as the kubelet gets it for a projected volume."""
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"audiences": [audience], "expirationSeconds": seconds},
        }
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        return self.replay(path, request)["status"]["token"]
