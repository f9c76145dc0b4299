"""The development vault: `latchkey dev`, told to trust the test cluster's service-account tokens."""

import json
import pathlib
import subprocess

from .control_plane import REPOSITORY, ControlPlane
from .processes import Server, eventually

PROGRAM = REPOSITORY / ".build/debug/latchkey"
AUDIENCE = "api://AzureADTokenExchange"


class DevVault:
    """One vault `shop` with secrets, and the applications that may read it.

    `applications`: client id by (namespace, ServiceAccount), as federated identity credentials in Entra ID say it.
    Tokens are verified with the keys that the cluster's issuer publishes, found by its discovery document.
    """

    def __init__(self, folder: pathlib.Path, plane: ControlPlane, applications: dict, secrets: dict[str, str]):
        assert PROGRAM.exists(), f"{PROGRAM} is missing: run 'make build'"
        folder.mkdir()
        self.data = folder / "data"
        self.ca_file = self.data / "devvault-ca.pem"
        configuration = folder / "vault.yaml"
        configuration.write_text(json.dumps(self._configuration(plane, applications)))
        self.server = Server(
            "latchkey-dev",
            [PROGRAM, "dev", "run", "--data", self.data, "--no-webhook", "--vault-config", configuration],
            folder,
        )
        try:
            session = eventually(self._session, "latchkey dev", 60, self.server.failure)
            self.authority = f"https://localhost:{session['port']}"
            self.suffix = f"{session['dnsSuffix']}:{session['port']}"
            for name, value in secrets.items():
                self.set(name, value)
        except BaseException:
            self.stop()
            raise

    def set(self, name: str, value: str) -> None:
        """A new version of a secret."""
        # A line break at the end of the input is a text editor's, and left out.
        subprocess.run(
            [PROGRAM, "dev", "secret", "set", "--data", self.data, f"shop/{name}", "--file", "-"],
            input=value + "\n", text=True, check=True, stdout=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """Ends the vault."""
        self.server.stop()

    def _session(self) -> dict | None:
        file = self.data / "running.json"
        return json.loads(file.read_text()) if file.exists() else None

    @staticmethod
    def _configuration(plane: ControlPlane, applications: dict) -> dict:
        readers = [
            {"clientID": client, "secrets": ["get"], "keys": ["get"], "certificates": ["get"]}
            for client in sorted(set(applications.values()))
        ]
        return {
            "port": 0,
            "vaults": [{"name": "shop", "grants": readers}],
            "issuers": [{"issuer": plane.issuer, "caFile": str(plane.ca_file)}],
            "identities": [
                {
                    "issuer": plane.issuer,
                    "subject": f"system:serviceaccount:{namespace}:{account}",
                    "audience": AUDIENCE,
                    "clientID": client,
                }
                for (namespace, account), client in applications.items()
            ],
        }
