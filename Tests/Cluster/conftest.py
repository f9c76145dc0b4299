"""One control plane for all tests; a namespace for each."""

import itertools
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness.control_plane import REPOSITORY, ControlPlane  # noqa: E402
from harness.dev_vault import DevVault  # noqa: E402
from harness.kubectl import Kubectl  # noqa: E402
from harness.kubelet import Kubelet  # noqa: E402
from harness.latchkey import AGENT, TENANT, WRAPPER, LatchkeyWebhook, built, grant  # noqa: E402
from harness.registry import Registry  # noqa: E402

CLIENT_ID = "22222222-0000-4000-8000-000000000001"
WORKLOAD_IDENTITY = {
    "azure.workload.identity/client-id": CLIENT_ID,
    "azure.workload.identity/tenant-id": TENANT,
}
# Where ServiceAccount `app` is known to the vault.
CHAIN_NAMESPACE = "shop"
SECRETS = {
    "db-password": "canary-3f1c4e \u00e9$(HOME)\n",
    "settings": '{"user": "app", "password": "canary-77aa"}',
}

_numbers = itertools.count()


@pytest.fixture(scope="session")
def programs() -> pathlib.Path:
    """The folder of kube-apiserver, kubectl and etcd."""
    script = REPOSITORY / "scripts/kube-apiserver.sh"
    return pathlib.Path(subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> pathlib.Path:
    """The session's files: logs, certificates, state."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="session")
def control_plane(programs, folder):
    """etcd and kube-apiserver."""
    plane = ControlPlane(programs, folder)
    yield plane
    plane.stop()


@pytest.fixture(scope="session")
def kubectl(control_plane) -> Kubectl:
    """kubectl as an administrator."""
    kubectl = Kubectl(control_plane.programs / "kubectl", control_plane.kubeconfig)
    # No controller makes it here.
    create_service_account(kubectl, "default", "default")
    # As a managed cluster's, the issuer's keys are public.
    discovery = ["--clusterrole=system:service-account-issuer-discovery", "--group=system:unauthenticated"]
    kubectl("create", "clusterrolebinding", "public-issuer-discovery", *discovery)
    return kubectl


@pytest.fixture(scope="session")
def vault(control_plane, kubectl, folder):
    """The development vault, which trusts ServiceAccount `app` of this cluster."""
    kubectl("create", "namespace", CHAIN_NAMESPACE)
    create_service_account(kubectl, CHAIN_NAMESPACE, "app")
    vault = DevVault(folder / "vault", control_plane, {(CHAIN_NAMESPACE, "app"): CLIENT_ID}, SECRETS)
    yield vault
    vault.stop()


@pytest.fixture(scope="session")
def registry(folder):
    """A registry that wants a password."""
    registry = Registry(folder / "registry")
    yield registry
    registry.stop()


@pytest.fixture(scope="session")
def webhook(control_plane, kubectl, vault, registry, folder):
    """`latchkey-webhook`, running, for a cluster of this age. It may ask the registry, and read pull secrets."""
    webhook = LatchkeyWebhook(
        folder / "webhook", control_plane, kubectl, vault, "1.20", "latchkey", registries=(registry.host,)
    )
    grant(kubectl, "latchkey", "get", "secrets")
    yield webhook
    webhook.stop()


@pytest.fixture(scope="session")
def webhook_for_native_sidecars(control_plane, kubectl, vault, folder):
    """`latchkey-webhook`, running, for a cluster of today; not registered with the apiserver, which is none."""
    webhook = LatchkeyWebhook(folder / "native", control_plane, kubectl, vault, "1.30", "latchkey-native")
    yield webhook
    webhook.stop()


@pytest.fixture
def kubelet(kubectl, tmp_path) -> Kubelet:
    """Starts pods on this machine."""
    return Kubelet(kubectl, built(AGENT), built(WRAPPER), tmp_path / "kubelet")


@pytest.fixture
def namespace(kubectl) -> str:
    """A namespace of the test's own with its `default` ServiceAccount."""
    name = f"test-{next(_numbers)}"
    kubectl("create", "namespace", name)
    create_service_account(kubectl, name, "default")
    return name


def create_service_account(kubectl: Kubectl, namespace: str, name: str, annotations: dict = WORKLOAD_IDENTITY) -> None:
    """A ServiceAccount, annotated as workload identity wants it."""
    metadata = {"name": name, "namespace": namespace, "annotations": annotations}
    kubectl.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
