"""A kubelet's part of starting a pod: volumes, tokens, init containers, and what application containers then see.

The containers run in a mount namespace of their own (`sandbox.py`), as the stored pod says: command, arguments,
environment, user and groups, mounts and their read-only flags, no privileges, read-only root. ConfigMaps and Secrets are projected from the apiserver's objects. Not done: images (a
root holds the agent, or the application's program, alone), cgroups, seccomp, network namespaces.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from .environment import Environment, expand

OURS = ("latchkey-agent", "latchkey-refresh")


class Kubelet:
    """Starts pods on this machine."""

    def __init__(self, kubectl, agent: pathlib.Path, wrapper: pathlib.Path, folder: pathlib.Path):
        self.kubectl = kubectl
        self.agent = agent
        self.wrapper = wrapper
        self.folder = folder

    def run(self, pod: dict, readers: list[str] | None = None, hosts: dict[str, str] | None = None) -> "PodRun":
        """Runs the agent's containers of `pod`, then looks at the files as each other container would see them.

        `readers`: the containers to look through; default all but the agent's.
        """
        with self.start(pod, readers, hosts, refreshes=False) as running:
            return running.look()

    @contextlib.contextmanager
    def start(
        self, pod: dict, readers: list[str] | None = None, hosts: dict[str, str] | None = None, refreshes: bool = True
    ):
        """Like `run`, but what refreshes goes on while the block runs: a `RunningPod`.

        A native sidecar has succeeded at its startup probe before anything behind it starts.
        """
        home = self.folder / pod["metadata"]["uid"]
        home.mkdir(parents=True)
        spec = pod["spec"]
        containers = spec.get("initContainers", []) + spec["containers"]
        script = {
            "home": str(home),
            "volumes": [self._volume(volume, pod, home) for volume in spec.get("volumes", [])],
            "agents": [
                self._container(container, pod)
                for container in containers
                if container["name"] in OURS and (refreshes or not is_lasting(container, spec))
            ],
            "readers": [
                self._container(container, pod)
                for container in containers
                if container["name"] not in OURS and (readers is None or container["name"] in readers)
            ],
        }
        self._prepare_image(home, hosts or {})
        with RunningPod(script) as running:
            yield running

    def execute(
        self, running: "RunningPod", pod: dict, name: str, program: pathlib.Path, image: dict = {}, command=None
    ) -> dict:
        """Starts a container of the application now and waits for its end: `status`, `output`, `errors`.

        `program`: what its root holds, as /probe. `image`: its configuration's Entrypoint and Cmd. `command`: that of a
        probe or hook, to be run in the place of the container's.
        """
        root = self.folder / pod["metadata"]["uid"] / "application"
        if not root.exists():
            (root / "proc").mkdir(parents=True)
            shutil.copy(program, root / "probe")
        (container,) = [c for c in pod["spec"]["containers"] if c["name"] == name]
        environment = Environment(self.kubectl, pod)
        variables = environment.variables(container)
        started = self._container(container, pod) | {
            "image": "application",
            "environment": variables,
            "command": command or environment.command(container, image, variables),
        }
        return running.execute(started)

    def sync(self, pod: dict) -> None:
        """Brings the pod's ConfigMap and Secret volumes up to date, as the kubelet does every minute or so."""
        for volume in pod["spec"].get("volumes", []):
            self._project(volume, pod, self.folder / pod["metadata"]["uid"] / "volumes" / volume["name"])

    def _project(self, volume: dict, pod: dict, folder: pathlib.Path) -> None:
        for kind, field, key in (("configmap", "configMap", "name"), ("secret", "secret", "secretName")):
            if source := volume.get(field):
                publish(folder, Environment(self.kubectl, pod).data(kind, source[key]))

    def _prepare_image(self, home: pathlib.Path, hosts: dict[str, str]) -> None:
        """The agent's image holds the agent and CA certificates; the kubelet adds resolv.conf and hosts."""
        image = home / "image"
        for name in ("etc/ssl/certs", "proc", "dev"):
            (image / name).mkdir(parents=True)
        shutil.copy(self.agent, image / "latchkey-agent")
        (image / "latchkey-agent").chmod(0o755)
        shutil.copy(self.wrapper, image / "latchkey-exec")
        (image / "latchkey-exec").chmod(0o755)
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
        self._project(volume, pod, folder)
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
            "image": "image",
            "lasts": is_lasting(container, pod["spec"]),
            "startupProbe": container.get("startupProbe", {}).get("exec", {}).get("command"),
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


class RunningPod:
    """A sandbox with a pod in it, from the start of its agent on."""

    def __init__(self, script: dict):
        sandbox = pathlib.Path(__file__).with_name("sandbox.py")
        namespaces = ["unshare", "--mount", "--propagation", "private"]
        if os.geteuid() != 0:
            namespaces += ["--user", "--map-root-user"]
        self.process = subprocess.Popen(
            [*namespaces, sys.executable, "-I", str(sandbox)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        self._ask(script)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            # The sandbox ends what it has started when its input ends.
            self.process.stdin.close()
            self.process.wait(60)
        self.process.stdout.close()
        self.process.stderr.close()

    def look(self) -> "PodRun":
        """What has happened so far, and the files as the containers see them now."""
        return self._ask("look")

    def execute(self, container: dict) -> dict:
        """Runs a container of the application; see `Kubelet.execute`."""
        return self._send({"execute": container})

    def stop(self) -> "PodRun":
        """Ends what refreshes by SIGTERM; the outcome of all agents, and no readers."""
        return self._ask("stop")

    def _ask(self, request) -> "PodRun":
        return PodRun(self._send(request))

    def _send(self, request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the sandbox failed: {self.process.stderr.read()}"
        return json.loads(answer)


class PodRun:
    """What happened."""

    def __init__(self, result: dict):
        self.agents = result["agents"]
        self.readers = {reader["name"]: reader["mounts"] for reader in result["readers"]}

    @property
    def statuses(self) -> dict[str, int | None]:
        """The exit status of each agent that was started, None while it runs."""
        return {agent["name"]: agent["status"] for agent in self.agents}

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


def is_lasting(container: dict, spec: dict) -> bool:
    """Whether the container is meant to go on running."""
    return container in spec["containers"] or container.get("restartPolicy") == "Always"


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
    for variable in container.get("env", []):
        assert "valueFrom" not in variable or container["name"] not in OURS, "a source is not supported here"
        if "value" in variable:
            result[variable["name"]] = expand(variable["value"], result)
    return result


def publish(folder: pathlib.Path, files: dict[str, bytes]) -> None:
    """As the kubelet's AtomicWriter: a new directory, and one rename that makes it current."""
    current = folder / "..data"
    number = int(os.readlink(current).rsplit("_", 1)[1]) + 1 if current.is_symlink() else 0
    made = folder / f"..generation_{number}"
    made.mkdir()
    for name, content in files.items():
        (made / name).write_bytes(content)
    (folder / "..data_tmp").symlink_to(made.name)
    os.rename(folder / "..data_tmp", current)
    for name in files:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    for entry in folder.iterdir():
        if not entry.name.startswith("..") and entry.name not in files:
            entry.unlink()
