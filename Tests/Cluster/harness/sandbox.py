"""Runs inside `unshare --mount`: makes the pod's volumes, runs the agent's containers, then reads as the others would.

Speaks JSON in lines: first comes a script (see `kubelet.py`), answered when the agents have ended or are ready; then "look", and
"stop", which sends SIGTERM to the agents. Each answer says how the agents fare, that to "look" also what the other
containers see. {"execute": container} runs one of those and is answered with its status and output. With the end of the
input everything ends.
"""

import ctypes
import json
import os
import pathlib
import stat
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def make_volume(volume: dict) -> None:
    """As the kubelet: an emptyDir is open to all; fsGroup owns a volume, writes in it, and is inherited."""
    path, group = volume["path"], volume["group"]
    if volume["size"] is not None:
        mount("-t", "tmpfs", "-o", f"size={volume['size']},mode=0777", "tmpfs", path)
    else:
        os.chmod(path, 0o777)
    if group is not None:
        chown(path, -1, group)
        os.chmod(path, 0o2777)


def chown(path: str, uid: int, gid: int) -> None:
    try:
        os.chown(path, uid, gid)
    except OSError:
        # In a user namespace of one user there are no others.
        pass


def enter(container: dict, script: dict, log: pathlib.Path) -> None:
    """In a child: the container's root with its mounts, its user, no privileges."""
    LIBC.unshare(0x00020000)  # CLONE_NEWNS: one container's mounts are not another's
    home = pathlib.Path(script["home"])
    root = home / "roots" / container["name"]
    root.mkdir(parents=True, exist_ok=True)
    mount("--bind", str(home / container["image"]), str(root))
    volumes = {volume["name"]: volume["path"] for volume in script["volumes"]}
    # Parents before children: a mount below another one lands in it.
    mounts = sorted(container["mounts"], key=lambda entry: entry["mountPath"].count("/"))
    for entry in mounts:
        source = pathlib.Path(volumes[entry["name"]], entry.get("subPath", ""))
        target = root / entry["mountPath"].lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        mount("--bind", str(source), str(target))
        if entry.get("readOnly"):
            mount("-o", "remount,bind,ro", str(target))
    mount("--rbind", "/proc", str(root / "proc"))
    message = root / container["terminationMessagePath"].lstrip("/")
    message.parent.mkdir(parents=True, exist_ok=True)
    message.touch()
    mount("--bind", str(log), str(message))
    if container["readOnlyRoot"]:
        mount("-o", "remount,bind,ro", str(root))
    os.chroot(root)
    os.chdir("/")
    become(container)


def become(container: dict) -> None:
    """The container's user, groups and capabilities, without a way to more."""
    pr_capbset_drop = 24
    if container["dropsCapabilities"]:
        for capability in range(64):
            LIBC.prctl(pr_capbset_drop, capability, 0, 0, 0)
    try:
        os.setgroups(container["groups"])
        os.setgid(container["gid"])
        os.setuid(container["uid"])
    except OSError:
        pass
    pr_set_no_new_privs = 38
    LIBC.prctl(pr_set_no_new_privs, 1, 0, 0, 0)


class Agent:
    """A container of the agent's, started."""

    def __init__(self, container: dict, script: dict):
        self.container = container
        self.script = script
        home = pathlib.Path(script["home"])
        self.log = home / f"{container['name']}.termination"
        self.log.touch()
        self.log.chmod(0o666)
        self.output = home / f"{container['name']}.output"
        self.process = self._execute(container["command"], self.output)
        if not container["lasts"]:
            self.process.wait()
        elif container["startupProbe"]:
            self._wait_for_startup()

    def outcome(self) -> dict:
        return {
            "name": self.container["name"],
            "status": self.process.poll(),
            "output": self.output.read_text(errors="replace"),
            "terminationMessage": self.log.read_text(errors="replace"),
        }

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait_for_startup(self) -> None:
        """As the kubelet, but more often: the probe succeeds, or the container has ended."""
        while self.process.poll() is None:
            probe = self._execute(self.container["startupProbe"], self.output.with_suffix(".probe"))
            if probe.wait(10) == 0:
                return
            time.sleep(0.1)

    def _execute(self, command: list[str], output: pathlib.Path) -> subprocess.Popen:
        with open(output, "ab") as file:
            return subprocess.Popen(
                command, env=self.container["environment"], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                preexec_fn=lambda: (die_with_parent(), enter(self.container, self.script, self.log)),
            )


def execute(container: dict, script: dict) -> dict:
    """Runs a container of the application to its end."""
    home = pathlib.Path(script["home"])
    log, output, errors = (home / f"{container['name']}.{kind}" for kind in ("termination", "output", "errors"))
    log.touch()
    with open(output, "wb") as stdout, open(errors, "wb") as stderr:
        # The program may open its output anew, as whoever it is by then.
        output.chmod(0o666)
        status = subprocess.run(
            container["command"], env=container["environment"], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            preexec_fn=lambda: (die_with_parent(), enter(container, script, log)), timeout=30,
        ).returncode
    return {"status": status, "output": output.read_text(errors="replace"), "errors": errors.read_text(errors="replace")}


def die_with_parent() -> None:
    pr_set_pdeathsig = 1
    LIBC.prctl(pr_set_pdeathsig, 9, 0, 0, 0)


def read_as(container: dict, script: dict) -> dict:
    """What the container sees in its mounts, found out by a child that has become it."""
    log = pathlib.Path(script["home"], f"{container['name']}.termination")
    log.touch()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            enter(container, script, log)
            mounts = {entry["mountPath"]: look(entry["mountPath"]) for entry in container["mounts"]}
            answer = json.dumps({"name": container["name"], "mounts": mounts})
        except BaseException as error:
            answer = json.dumps({"name": container["name"], "mounts": {}, "error": repr(error)})
        with os.fdopen(writer, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = json.load(pipe)
    os.waitpid(child, 0)
    return answer


def look(path: str) -> dict:
    """The files below a mount (without the hidden directories behind the links), and whether it can be written."""
    files = {}
    for folder, folders, names in os.walk(path, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith("..")]
        for name in names:
            file = os.path.join(folder, name)
            entry = files[os.path.relpath(file, path)] = {}
            try:
                status = os.stat(file)
                entry.update(mode=stat.S_IMODE(status.st_mode), uid=status.st_uid, gid=status.st_gid)
                with open(file, "rb") as handle:
                    entry["content"] = handle.read().decode(errors="backslashreplace")
            except OSError as error:
                entry["error"] = error.strerror
    probe = os.path.join(path, "written-by-a-test")
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_WRONLY))
        os.unlink(probe)
        writable = True
    except OSError:
        writable = False
    return {"files": files, "writable": writable}


def main() -> None:
    script = json.loads(sys.stdin.readline())
    for volume in script["volumes"]:
        make_volume(volume)
    agents: list[Agent] = []
    try:
        for container in script["agents"]:
            agents.append(Agent(container, script))
            # Like the kubelet: after a failed init container nothing else starts.
            if agents[-1].process.poll():
                break
        has_started = not any(agent.process.poll() for agent in agents)
        answer(agents, [])
        for line in sys.stdin:
            request = json.loads(line)
            if request == "stop":
                for agent in agents:
                    agent.stop()
                answer(agents, [])
            elif "execute" in request:
                assert has_started, "nothing starts after a failed init container"
                print(json.dumps(execute(request["execute"], script)), flush=True)
            else:
                answer(agents, [read_as(container, script) for container in script["readers"] if has_started])
    finally:
        for agent in agents:
            agent.stop()


def answer(agents: list[Agent], readers: list[dict]) -> None:
    print(json.dumps({"agents": [agent.outcome() for agent in agents], "readers": readers}), flush=True)


main()
