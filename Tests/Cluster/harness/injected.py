"""What an injected pod must look like, whatever it was before."""

import copy

OURS = "latchkey.dev/"
AGENT, REFRESH = "latchkey-agent", "latchkey-refresh"
SECRETS, TOKENS, NO_API_TOKEN = "latchkey-secrets", "latchkey-tokens", "latchkey-no-api-token"
# Only in pods whose environments may have secrets.
ENVIRONMENT, SOURCE = "latchkey-environment", "latchkey-source-"
WRAPPER = "/run/latchkey/bin/latchkey-exec"
# They get files only where they are named.
MESH_PROXIES = {"istio-proxy", "linkerd-proxy", "kuma-sidecar", "consul-dataplane"}
API_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def is_injected(pod: dict) -> bool:
    """Whether the agent is in the pod."""
    return any(container["name"] == AGENT for container in pod["spec"].get("initContainers", []))


def check_additions(pod: dict, refreshes: bool = True) -> None:
    """Everything that is added is there, once, and nothing more is open to the application than its files.

    `refreshes`: whether a pod that goes on running follows rotation.
    """
    spec = pod["spec"]
    inits = spec["initContainers"]
    assert [container["name"] for container in inits].index(AGENT) == 0, "the agent runs before all others"
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert len(volumes) == len(spec["volumes"]), "each volume is there once"
    assert volumes[SECRETS]["emptyDir"]["medium"] == "Memory"
    assert volumes[SECRETS]["emptyDir"]["sizeLimit"]
    (source,) = volumes[TOKENS]["projected"]["sources"]
    assert source["serviceAccountToken"]["audience"] == "api://AzureADTokenExchange"
    ours = [c for c in inits + spec["containers"] if c["name"] in (AGENT, REFRESH)]
    # The shape for clusters without native sidecars. What is meant to end has nothing that would go on.
    lasts = spec.get("restartPolicy", "Always") == "Always" and refreshes
    assert [c["name"] for c in ours] == [AGENT] + [REFRESH] * lasts
    assert [c["command"][1] for c in ours] == ["init"] + ["refresh"] * lasts
    for container in ours:
        check_agent(container)
    for container in [c for c in inits + spec["containers"] if c["name"] not in (AGENT, REFRESH)]:
        mounts = container.get("volumeMounts", [])
        files = [mount for mount in mounts if mount["name"] == SECRETS]
        assert [mount["readOnly"] for mount in files] == [True] * (container["name"] not in MESH_PROXIES)
        names = {mount["name"] for mount in mounts}
        assert not names & {TOKENS, NO_API_TOKEN}, container["name"]
        assert not any(name.startswith(SOURCE) for name in names), container["name"]
        parts = [(mount.get("subPath"), mount["readOnly"]) for mount in mounts if mount["name"] == ENVIRONMENT]
        is_wrapped = container.get("command", [""])[0] == WRAPPER
        assert parts == [(container["name"], True), (".bin", True)] * is_wrapped


def check_agent(agent: dict) -> None:
    """The agent's container: what it mounts, and Pod Security's `restricted`."""
    mounts = {mount["mountPath"]: mount["name"] for mount in agent["volumeMounts"]}
    assert mounts[API_TOKEN_PATH] == NO_API_TOKEN, "the agent holds no token for the Kubernetes API"
    ours = {name for name in mounts.values() if name != ENVIRONMENT and not name.startswith(SOURCE)}
    assert ours == {SECRETS, TOKENS, NO_API_TOKEN}
    context = agent["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["readOnlyRootFilesystem"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}


def without_additions(pod: dict) -> dict:
    """The pod as it would be had it not been injected, and without what differs between any two pods."""
    pod = comparable(pod)
    spec, annotations = pod["spec"], pod["metadata"].get("annotations", {})
    # The apiserver's own, until 1.24: what the agent's seccompProfile says, once more as an annotation.
    for name in (AGENT, REFRESH):
        if annotations.pop(f"container.seccomp.security.alpha.kubernetes.io/{name}", None) and not annotations:
            del pod["metadata"]["annotations"]
    for kind in ("initContainers", "containers"):
        spec[kind] = [c for c in spec.get(kind, []) if c["name"] not in (AGENT, REFRESH)]
    spec["volumes"] = [volume for volume in spec.get("volumes", []) if not is_ours(volume)]
    for container in spec["initContainers"] + spec["containers"]:
        container["volumeMounts"] = [mount for mount in container.get("volumeMounts", []) if not is_ours(mount)]
        for holder in commands(container):
            if holder.get("command", [""])[0] == WRAPPER:
                holder["command"] = holder["command"][4:]
    return _without_empty_lists(pod)


def is_ours(volume: dict) -> bool:
    """Whether a volume, or what is mounted, is the webhook's."""
    return volume["name"] in (SECRETS, TOKENS, NO_API_TOKEN, ENVIRONMENT) or volume["name"].startswith(SOURCE)


def commands(container: dict) -> list[dict]:
    """What may hold a command: the container, its probes and its hooks."""
    handlers = [container.get(probe, {}) for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += container.get("lifecycle", {}).values()
    return [container] + [handler["exec"] for handler in handlers if "exec" in handler]


def comparable(pod: dict) -> dict:
    """`pod` without identity, time, our annotations, and with one name for the API token's volume."""
    pod = copy.deepcopy(pod)
    metadata, spec = pod["metadata"], pod["spec"]
    for key in ("uid", "resourceVersion", "creationTimestamp", "selfLink", "managedFields", "namespace", "generateName"):
        metadata.pop(key, None)
    for kind in ("annotations", "labels"):
        metadata[kind] = {k: v for k, v in metadata.get(kind, {}).items() if not k.startswith(OURS)}
        if not metadata[kind]:
            del metadata[kind]
    for volume in spec.get("volumes", []):
        volume["name"] = _without_random_suffix(volume["name"])
    for container in spec.get("initContainers", []) + spec["containers"]:
        for mount in container.get("volumeMounts", []):
            mount["name"] = _without_random_suffix(mount["name"])
    return _without_empty_lists(pod)


def _without_random_suffix(name: str) -> str:
    return "kube-api-access" if name.startswith("kube-api-access-") else name


def _without_empty_lists(pod: dict) -> dict:
    spec = pod["spec"]
    for holder in [spec, *spec.get("initContainers", []), *spec["containers"]]:
        for key in ("initContainers", "volumes", "volumeMounts"):
            if holder.get(key) == []:
                del holder[key]
    return pod
