#!/usr/bin/env python3
"""Runs the agent of a patched pod, and beside it a command in the place of its application: the part of the kubelet that
scripts/demo.sh needs.

  run-pod.py POD AGENT TOKEN TERMINATION_LOG [COMMAND...]

Without COMMAND the application is the first container's own command in its own environment, both as the pod says, with the
programs of this machine in the place of its image.

Taken from the pod: the agent's command, arguments, environment, startup probe, user and group, its volumes with their
sizes and where they are mounted, the read-only root, and the application's mount. AGENT is the program that the image would hold, TOKEN
the file that the projected volume would hold.

It all happens in a user and mount namespace of its own, which needs no root: the volumes are real tmpfs mounts, the
agent's root is an empty one with the program alone, the pod's uid is what it sees of itself. Where the kernel gives no
such namespace (or LATCHKEY_DEMO_NAMESPACE=no), the paths in the agent's plan are rewritten to a folder instead, and the
output says so; TERMINATION_LOG is then removed, as nothing can be mounted at its place.

The agent is a native sidecar: the command starts when the agent's startup probe succeeds, and when the command has
ended the agent gets SIGTERM. A SIGTERM to this program goes to the command.

Exits with the agent's status if that is not 0, else with the command's.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 32, 4096, 16384
PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
AGENT = "latchkey-agent"
ENVIRONMENT = "latchkey-environment"
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "": 1}

libc = ctypes.CDLL(None, use_errno=True)


def say(text):
    print("    " + text, flush=True)


def mount(source, target, kind=None, flags=0, options=None):
    arguments = [None if text is None else text.encode() for text in (source, target, kind)]
    if libc.mount(*arguments, ctypes.c_ulong(flags), options and options.encode()) != 0:
        sys.exit(f"cannot mount {kind or source} at {target}: {os.strerror(ctypes.get_errno())}")


def bind(source, target, read_only=False):
    mount(source, target, flags=MS_BIND | MS_REC)
    if read_only:
        mount(None, target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY)


def size_in_bytes(quantity):
    unit = quantity.lstrip("0123456789")
    return int(quantity[: len(quantity) - len(unit)]) * UNITS[unit]


def agent_of(pod):
    return next(entry for entry in pod["spec"]["initContainers"] if entry["name"] == AGENT)


def volume(pod, name):
    return next(entry for entry in pod["spec"]["volumes"] if entry["name"] == name)


def application_mount(pod):
    """Where the first application container sees the agent's volume."""
    names = {entry["name"] for entry in agent_of(pod)["volumeMounts"] if not entry.get("readOnly")}
    for container in pod["spec"]["containers"]:
        for entry in container.get("volumeMounts", []):
            if entry["name"] in names:
                return entry
    sys.exit("no application container mounts the agent's volume")


def make_volume(pod, name, folder, token, mounts):
    """Fills `folder` as the kubelet would fill the volume."""
    os.makedirs(folder)
    source = volume(pod, name)
    if "emptyDir" in source:
        if mounts:
            limit = size_in_bytes(source["emptyDir"]["sizeLimit"])
            mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, f"size={limit},mode=0777")
            say(f"volume {name}: memory, at most {source['emptyDir']['sizeLimit']}")
    elif "projected" in source:
        if mounts:
            mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755")
        for part in source["projected"]["sources"]:
            shutil.copy(token, os.path.join(folder, part["serviceAccountToken"]["path"]))
        say(f"volume {name}: the ServiceAccount's token for {part['serviceAccountToken']['audience']}")
    else:
        sys.exit(f"the demo has no volume like {source}")


def drop_rights():
    """No capability is left after the exec that follows, and none can be gained."""
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    capability = 0
    while libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def start(work):
    """Runs `work`, which ends in an exec, in a process of its own, which dies with this one."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            work()
        except OSError as error:
            print(f"run-pod.py: {error}", file=sys.stderr, flush=True)
        os._exit(125)
    return pid


def status_of(pid, options=0):
    """The exit status of a process, or None where it still runs and `options` do not wait for it."""
    ended, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if ended else None


def run_beside(agent, execute, start_application):
    """Starts the agent and, once its startup probe succeeds, the application; the status to exit with.

    `execute(command)` becomes that command in the agent's container.
    """
    sidecar = start(lambda: execute(agent["command"] + agent.get("args", [])))
    probe = agent["startupProbe"]["exec"]["command"]
    while (status := status_of(sidecar, os.WNOHANG)) is None:
        # Until it succeeds, what it says is of no interest.
        if status_of(start(lambda: (silence(), execute(probe)))) == 0:
            break
        time.sleep(0.1)
    else:
        return status or 1
    say(f"startup probe: {' '.join(probe)} succeeds")
    application = start(start_application)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(application, signal.SIGTERM))
    status = status_of(application)
    if (ended := status_of(sidecar, os.WNOHANG)) is not None:
        print(f"run-pod.py: the agent ended by itself with status {ended}", file=sys.stderr, flush=True)
        return ended or 1
    os.kill(sidecar, signal.SIGTERM)
    ended = status_of(sidecar)
    say(f"the application has ended with status {status}; the agent gets SIGTERM and ends with status {ended}")
    return ended or status


def silence():
    null = os.open("/dev/null", os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)


def run_in_namespace(pod, program, token, log, command, work):
    agent = agent_of(pod)
    arguments = agent["command"] + agent.get("args", [])
    root = os.path.join(work, "root")
    os.makedirs(root)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    shutil.copy(program, root + arguments[0])
    shutil.copy(wrapper_beside(program), root + "/latchkey-exec")
    folders = {}
    for entry in agent["volumeMounts"]:
        folders[entry["name"]] = os.path.join(work, "volumes", entry["name"])
        make_volume(pod, entry["name"], folders[entry["name"]], token, mounts=True)
        os.makedirs(root + entry["mountPath"])
        bind(folders[entry["name"]], root + entry["mountPath"], entry.get("readOnly", False))
    os.makedirs(root + "/proc")
    bind("/proc", root + "/proc")
    os.makedirs(root + "/dev")
    for device in ("null", "urandom"):
        open(f"{root}/dev/{device}", "w").close()
        bind(f"/dev/{device}", f"{root}/dev/{device}")
    message = root + agent.get("terminationMessagePath", "/dev/termination-log")
    open(message, "w").close()
    bind(log, message)
    if agent["securityContext"].get("readOnlyRootFilesystem"):
        mount(None, root, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)

    def execute(arguments):
        os.chroot(root)
        os.chdir("/")
        drop_rights()
        os.execve(arguments[0], arguments, environment(agent))

    say(f"uid {os.getuid()}, gid {os.getgid()}, no capability, read-only root: {' '.join(arguments)}")
    if not command:
        return run_beside(agent, execute, lambda: start_container(pod, folders[ENVIRONMENT]))
    seen = application_mount(pod)
    if not seen["mountPath"].startswith("/run/"):
        sys.exit("the demo shows the application's files below /run only")
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    os.makedirs(seen["mountPath"])
    bind(folders[seen["name"]], seen["mountPath"], seen.get("readOnly", False))

    def start_application():
        os.chdir(seen["mountPath"])
        drop_rights()
        os.execvp(command[0], command)

    return run_beside(agent, execute, start_application)


def start_container(pod, folder):
    """The first container's mounts of the environment volume, then its command; in the child that becomes it."""
    container = pod["spec"]["containers"][0]
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    for entry in container["volumeMounts"]:
        if entry["name"] == ENVIRONMENT:
            os.makedirs(entry["mountPath"])
            bind(os.path.join(folder, entry["subPath"]), entry["mountPath"], entry["readOnly"])
    variables, command = started(container)
    drop_rights()
    os.execve(command[0], command, variables)


def started(container):
    """Environment and command as the kubelet makes them of plain values."""
    variables = {}

    def expand(text):
        return re.sub(
            r"\$\$|\$\(([^)]*)\)", lambda m: "$" if m[0] == "$$" else variables.get(m[1], m[0]), text
        )

    for entry in container["env"]:
        if "value" in entry:
            variables[entry["name"]] = expand(entry["value"])
    return variables, [expand(word) for word in container["command"] + container.get("args", [])]


def wrapper_beside(program):
    return os.path.join(os.path.dirname(program), "latchkey-exec")


def run_with_rewritten_paths(pod, program, token, log, command, work):
    say("This kernel gives no user namespace. The agent runs as you, and the paths in its plan lead to a folder of")
    say(f"the demo's ({work}) instead of the pod's mounts; there is no read-only root and no termination")
    say("message. Everything else is as the pod says.")
    os.remove(log)
    agent = agent_of(pod)
    variables = environment(agent)
    plan = variables["LATCHKEY_PLAN"]
    for entry in agent["volumeMounts"]:
        folder = os.path.join(work, "volumes", entry["name"])
        make_volume(pod, entry["name"], folder, token, mounts=False)
        plan = plan.replace(json.dumps(entry["mountPath"])[1:-1], json.dumps(folder)[1:-1])
    variables["LATCHKEY_PLAN"] = plan
    variables["LATCHKEY_EXEC"] = wrapper_beside(program)
    execute = lambda arguments: os.execve(program, arguments, variables)
    if not command:
        return run_beside(agent, execute, lambda: start_with_rewritten_paths(pod, work))
    folder = os.path.join(work, "volumes", application_mount(pod)["name"])

    def start_application():
        os.chdir(folder)
        os.execvp(command[0], command)

    return run_beside(agent, execute, start_application)


def start_with_rewritten_paths(pod, work):
    container = pod["spec"]["containers"][0]
    variables, command = started(container)
    for entry in container["volumeMounts"]:
        if entry["name"] == ENVIRONMENT:
            folder = os.path.join(work, "volumes", ENVIRONMENT, entry["subPath"])
            command = [word.replace(entry["mountPath"], folder) for word in command]
    os.execve(command[0], command, variables)


def environment(agent):
    return {entry["name"]: entry["value"] for entry in agent["env"]}


def may_unshare(user, group):
    if os.environ.get("LATCHKEY_DEMO_NAMESPACE") == "no":
        return False
    probe = ["unshare", "--user", f"--map-user={user}", f"--map-group={group}", "--mount", "true"]
    return subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0


def main():
    inside = sys.argv[1] == "--inside"
    path, program, token, log, *command = sys.argv[2:] if inside else sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        pod = json.load(file)
    context = agent_of(pod)["securityContext"]
    user, group = context.get("runAsUser", 65532), context.get("runAsGroup", 65532)
    if not inside and may_unshare(user, group):
        own = [sys.executable, os.path.abspath(__file__), "--inside"] + sys.argv[1:]
        unshare = ["unshare", "--user", f"--map-user={user}", f"--map-group={group}", "--mount", "--keep-caps"]
        os.execvp("unshare", unshare + own)
    run = run_in_namespace if inside else run_with_rewritten_paths
    work = tempfile.mkdtemp(prefix="pod-", dir=os.path.dirname(os.path.abspath(log)))
    sys.exit(run(pod, os.path.abspath(program), token, log, command, work))


main()
