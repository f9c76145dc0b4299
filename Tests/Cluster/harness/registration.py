"""MutatingWebhookConfigurations, made and removed around a piece of a test."""

import base64
import contextlib
import pathlib

from .kubectl import KubectlError
from .processes import eventually, free_port


def webhook_configuration(
    name: str,
    url: str,
    ca_file: pathlib.Path,
    object_selector: dict | None = None,
    namespace_selector: dict | None = None,
    failure_policy: str = "Fail",
    timeout_seconds: int = 10,
) -> dict:
    """A configuration for the creation of pods, as Latchkey is installed: no UPDATE, reinvoked if needed."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [
            {
                "name": f"{name}.latchkey.dev",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": failure_policy,
                "reinvocationPolicy": "IfNeeded",
                "timeoutSeconds": timeout_seconds,
                "clientConfig": {"url": url, "caBundle": base64.b64encode(ca_file.read_bytes()).decode()},
                "objectSelector": object_selector or {},
                "namespaceSelector": namespace_selector or {},
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["pods"],
                        "scope": "Namespaced",
                    }
                ],
            }
        ],
    }


@contextlib.contextmanager
def registered(kubectl, name: str, url: str, ca_file: pathlib.Path, **options):
    """The webhook is registered, and known to take effect, while the block runs.

    The apiserver reads configurations with a delay and nothing tells when it has. So the configuration holds a second
    webhook at an address where nobody listens: as long as it refuses its probe pod, the first is in effect too.
    """
    configuration = webhook_configuration(name, url, ca_file, **options)
    probe = webhook_configuration(
        f"{name}-probe", f"https://127.0.0.1:{free_port()}/", ca_file, {"matchLabels": {_PROBE: name}}
    )
    configuration["webhooks"] += probe["webhooks"]
    kubectl.create(configuration)
    try:
        eventually(lambda: _is_in_effect(kubectl, name), f"webhook {name} takes effect")
        yield
    finally:
        kubectl("delete", "mutatingwebhookconfiguration", name)
        eventually(lambda: not _is_in_effect(kubectl, name), f"webhook {name} is gone")


_PROBE = "harness/probe"


def _is_in_effect(kubectl, name: str) -> bool:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe", "namespace": "default", "labels": {_PROBE: name}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    try:
        kubectl.create(pod, "--dry-run=server")
    except KubectlError as error:
        if f'failed calling webhook "{name}-probe.latchkey.dev"' in error.message:
            return True
        raise
    return False
