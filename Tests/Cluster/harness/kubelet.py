"""A kubelet's part of starting a pod: volumes, tokens, init containers, and what application containers then see.

The containers run in a mount namespace of their own (`sandbox.py`), as the stored pod says: command, arguments,
environment, user and groups, mounts and their read-only flags, no privileges, read-only root. Not done: images (the
root holds the agent alone), cgroups, seccomp, network namespaces.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys


class Kubelet:
    """Starts pods on this machine."""

    def __init__(self, kubectl, agent: pathlib.Path, folder: pathlib.Path):
        self.kubectl = kubectl
        self.agent = agent
        self.folder = folder

    def run(self, pod: dict, readers: list[str] | None = None, hosts: dict[str, str] | None = None) -> "PodRun":
        """Runs the agent's containers of `pod`, then looks at the files as each other container would see them.

        `readers`: the containers to look through; default all but the agent's.
        """
        home = self.folder / pod["metadata"]["uid"]
        home.mkdir(parents=True)
        spec = pod["spec"]
        agents = [c for c in spec.get("initContainers", []) if c["name"] == "latchkey-agent"]
        others = [c for c in spec.get("initContainers", []) + spec["containers"] if c["name"] != "latchkey-agent"]
        script = {
            "home": str(home),
            "volumes": [self._volume(volume, pod, home) for volume in spec.get("volumes", [])],
            "agents": [self._container(container, pod) for container in agents],
            "readers": [
                self._container(container, pod)
                for container in others
                if readers is None or container["name"] in readers
            ],
        }
        self._prepare_image(home, hosts or {})
        return PodRun(self._execute(script))

    def _execute(self, script: dict) -> dict:
        sandbox = pathlib.Path(__file__).with_name("sandbox.py")
        namespaces = ["unshare", "--mount", "--propagation", "private"]
        if os.geteuid() != 0:
            namespaces += ["--user", "--map-root-user"]
        result = subprocess.run(
            [*namespaces, sys.executable, "-I", str(sandbox)], input=json.dumps(script), capture_output=True, text=True,
            timeout=300,
        )
        assert result.returncode == 0, f"the sandbox failed: {result.stderr}"
        return json.loads(result.stdout)

    def _prepare_image(self, home: pathlib.Path, hosts: dict[str, str]) -> None:
        """The agent's image holds the agent and CA certificates; the kubelet adds resolv.conf and hosts."""
        image = home / "image"
        for name in ("etc/ssl/certs", "proc", "dev"):
            (image / name).mkdir(parents=True)
        shutil.copy(self.agent, image / "latchkey-agent")
        (image / "latchkey-agent").chmod(0o755)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", image / "etc/ssl/certs")
        shutil.copy("/etc/resolv.conf", image / "etc/resolv.conf")
        lines = ["127.0.0.1 localhost", "::1 localhost"] + [f"{address} {name}" for name, address in hosts.items()]
        (image / "etc/hosts").write_text("\n".join(lines) + "\n")

    def _volume(self, volume: dict, pod: dict, home: pathlib.Path) -> dict:
        folder = home / "volumes" / volume["name"]
        folder.mkdir(parents=True)
        context = pod["spec"].get("securityContext") or {}
        made = {"name": volume["name"], "path": str(folder), "group": context.get("fsGroup"), "size": None}
        if (empty := volume.get("emptyDir")) is not None and empty.get("medium") == "Memory":
            made["size"] = quantity(empty.get("sizeLimit", "64Mi"))
        tokens = [s["serviceAccountToken"] for s in volume.get("projected", {}).get("sources", []) if _is_token(s)]
        for source in tokens:
            audience = source.get("audience", "")
            token = self.kubectl.token(
                pod["metadata"]["namespace"], pod["spec"].get("serviceAccountName", "default"), audience,
                source.get("expirationSeconds", 3600),
            )
            file = folder / source["path"]
            file.write_text(token)
            # pkg/volume/projected: 0600 for the pod's one user or its fsGroup, else readable by all.
            user = common_user(pod)
            file.chmod(0o640 if made["group"] is not None else 0o600 if user is not None else 0o644)
            if os.geteuid() == 0:
                os.chown(file, user if user is not None else -1, made["group"] if made["group"] is not None else -1)
        return made

    def _container(self, container: dict, pod: dict) -> dict:
        context = {**(pod["spec"].get("securityContext") or {}), **(container.get("securityContext") or {})}
        shared = pod["spec"].get("securityContext") or {}
        groups = list(shared.get("supplementalGroups", []))
        if shared.get("fsGroup") is not None:
            groups.append(shared["fsGroup"])
        return {
            "name": container["name"],
            "command": container.get("command", []) + container.get("args", []),
            "environment": environment(container),
            "mounts": container.get("volumeMounts", []),
            "uid": context.get("runAsUser", 0),
            "gid": context.get("runAsGroup", 0),
            "groups": groups,
            "dropsCapabilities": "ALL" in (context.get("capabilities") or {}).get("drop", []),
            "readOnlyRoot": context.get("readOnlyRootFilesystem", False),
            "terminationMessagePath": container.get("terminationMessagePath", "/dev/termination-log"),
        }


class PodRun:
    """What happened."""

    def __init__(self, result: dict):
        self.agents = result["agents"]
        self.readers = {reader["name"]: reader["mounts"] for reader in result["readers"]}

    @property
    def status(self) -> int:
        """The agent's exit status."""
        (agent,) = self.agents
        return agent["status"]

    @property
    def termination_message(self) -> str:
        """What `kubectl describe pod` would show."""
        (agent,) = self.agents
        return agent["terminationMessage"]

    @property
    def output(self) -> str:
        """The agent's standard output and error."""
        (agent,) = self.agents
        return agent["output"]

    def files(self, container: str, path: str) -> dict[str, dict]:
        """The files below the mount at `path` in `container`, each with `content` (or `error`), `mode`, `uid`, `gid`."""
        return self.readers[container][path]["files"]

    def is_writable(self, container: str, path: str) -> bool:
        """Whether the container could make a file there."""
        return self.readers[container][path]["writable"]


def _is_token(source: dict) -> bool:
    return "serviceAccountToken" in source


def common_user(pod: dict) -> int | None:
    """The uid of all containers, if it is one and known."""
    default = (pod["spec"].get("securityContext") or {}).get("runAsUser")
    users = {
        (container.get("securityContext") or {}).get("runAsUser", default)
        for container in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
    }
    return users.pop() if len(users) == 1 else None


def quantity(text: str) -> int:
    """Bytes of a Kubernetes quantity without decimals."""
    number, unit = re.fullmatch(r"(\d+)(Ki|Mi|Gi|k|M|G|)", text).groups()
    factors = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}
    return int(number) * factors[unit]


def environment(container: dict) -> dict[str, str]:
    """The container's plain variables with `$(NAME)` and `$$` as the kubelet expands them."""
    result: dict[str, str] = {}

    def expand(match: re.Match) -> str:
        text = match.group()
        return "$" if text == "$$" else result.get(text[2:-1], text)

    for variable in container.get("env", []):
        assert "valueFrom" not in variable or container["name"] != "latchkey-agent", "a source is not supported here"
        if "value" in variable:
            result[variable["name"]] = re.sub(r"\$\$|\$\([-._a-zA-Z][-._a-zA-Z0-9]*\)", expand, variable["value"])
    return result
