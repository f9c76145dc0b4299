"""Pods to create, taken out of AdmissionReviews that an apiserver sent once."""

import copy
import json
import os
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
FIXTURES = pathlib.Path(os.environ.get("LATCHKEY_FIXTURES", REPOSITORY.parent / "shared/fixtures")) / "admission"

# What the apiserver sets, refuses to be given, or looks up among objects that the test cluster does not have.
_SERVER_SET_METADATA = (
    "uid", "creationTimestamp", "resourceVersion", "selfLink", "generation", "managedFields", "ownerReferences",
    "deletionTimestamp", "deletionGracePeriodSeconds", "namespace",
)
_CLUSTER_SPECIFIC_SPEC = (
    "nodeName", "priority", "priorityClassName", "preemptionPolicy", "runtimeClassName", "overhead",
    "ephemeralContainers", "serviceAccount", "serviceAccountName",
)
_MIRROR = "kubernetes.io/config.mirror"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_TOKEN_VOLUMES = ("kube-api-access-", "default-token-")


def captured_pods() -> dict[str, dict]:
    """The pods of all captured creations by the name of their file, ready to be created anew."""
    pods = {}
    for path in sorted(FIXTURES.glob("*.json")):
        request = json.loads(path.read_bytes())["request"]
        if request["operation"] == "CREATE" and request["resource"]["resource"] == "pods":
            pods[path.stem] = as_manifest(request["object"])
    return pods


# What a 1.20 apiserver refuses by itself, for its age (native sidecars with probes, fileKeyRef) or for good.
REFUSED_BY_APISERVER = {
    "pod-api-testdata-every-field",
    "pod-istio-injected-native-sidecar",
    "pod-website-env-fileKeyRef",
}


def as_manifest(pod: dict) -> dict:
    """`pod` as a user would write it: without what an apiserver put in."""
    pod = copy.deepcopy(pod)
    pod.pop("status", None)
    metadata, spec = pod["metadata"], pod["spec"]
    for key in _SERVER_SET_METADATA:
        metadata.pop(key, None)
    # kubectl would write it anew.
    metadata.get("annotations", {}).pop("kubectl.kubernetes.io/last-applied-configuration", None)
    # Webhooks run before validation, so illegal names were captured too.
    metadata["name"] = metadata.get("name", metadata.pop("generateName", "") + "0").replace("_", "-")
    for key in _CLUSTER_SPECIFIC_SPEC:
        # The kubelet's own pods are on a node.
        if key != "nodeName" or _MIRROR not in metadata.get("annotations", {}):
            spec.pop(key, None)
    _drop_token_volumes(spec)
    for container in spec["containers"]:
        for probe in _PROBES:
            # Newer than the cluster, which would see a probe without a handler.
            if "grpc" in container.get(probe, {}):
                del container[probe]
    return pod


def _drop_token_volumes(spec: dict) -> None:
    def is_token(name: str) -> bool:
        return name.startswith(_TOKEN_VOLUMES) or "-token-" in name

    if volumes := [volume for volume in spec.pop("volumes", []) if not is_token(volume["name"])]:
        spec["volumes"] = volumes
    for container in spec.get("initContainers", []) + spec["containers"]:
        if mounts := [mount for mount in container.pop("volumeMounts", []) if not is_token(mount["name"])]:
            container["volumeMounts"] = mounts


def simple_pod(name: str, namespace: str, annotations: dict | None = None, selected: bool = True, **spec) -> dict:
    """A pod of one container; `selected`: with the label by which the webhook's configuration selects."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"latchkey.dev/inject": "true"} if selected else {},
            "annotations": annotations or {},
        },
        "spec": {"containers": [{"name": "app", "image": "registry.example/app:1"}], **spec},
    }
