"""`cluster.version: auto`: the shape of pods follows the Node objects of a real apiserver."""

import pytest
from harness.injected import AGENT, OURS, REFRESH
from harness.latchkey import LatchkeyWebhook, grant
from harness.pods import simple_pod
from harness.processes import eventually

NATIVE = [("initContainers", AGENT, "Always")]
OLDER = [("initContainers", AGENT, None), ("containers", REFRESH, None)]


@pytest.fixture
def start(control_plane, kubectl, vault, tmp_path):
    """Starts a webhook that reads the nodes, in a namespace of that name."""
    webhooks = []

    def start(namespace: str) -> LatchkeyWebhook:
        webhook = LatchkeyWebhook(tmp_path / namespace, control_plane, kubectl, vault, "auto", namespace)
        webhooks.append(webhook)
        return webhook

    yield start
    for webhook in webhooks:
        webhook.stop()


@pytest.fixture
def nodes(kubectl):
    """Makes nodes as kubelets do when they register."""
    names = []

    def make(**versions: str):
        for name, version in versions.items():
            node = {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": name},
                "status": {"nodeInfo": {"kubeletVersion": version}},
            }
            # A whole nodeInfo has nine fields more.
            kubectl.create(node, "--validate=false")
            names.append(name)
            assert kubectl.get("node", name)["status"]["nodeInfo"]["kubeletVersion"] == version

    yield make
    for name in names:
        kubectl("delete", "node", name, "--ignore-not-found")


def shape(webhook: LatchkeyWebhook, namespace: str) -> list[tuple]:
    """What the webhook adds to a pod."""
    pod = simple_pod("p", namespace, {f"{OURS}secret.db-password": "akv://shop/db-password"})
    spec = webhook.mutated(pod)["spec"]
    return [
        (kind, container["name"], container.get("restartPolicy"))
        for kind in ("initContainers", "containers")
        for container in spec[kind]
        if container["name"] in (AGENT, REFRESH)
    ]


def test_without_the_right_pods_get_the_older_shape_until_it_is_granted(kubectl, namespace, nodes, start):
    nodes(a="v1.31.2-eks-a1b2c3d", b="v1.30.4+k3s1")
    webhook = start("auto-granted")
    assert shape(webhook, namespace) == OLDER
    (line,) = [line for line in webhook.server.output().splitlines() if "kubelet versions not known" in line]
    assert "'list' on 'nodes'" in line and "cluster.version" in line
    grant(kubectl, "auto-granted", "list", "nodes")
    eventually(lambda: "latchkey_native_sidecars 1\n" in webhook.metrics(), "the versions are read again", 60)
    assert shape(webhook, namespace) == NATIVE
    assert 'latchkey_oldest_kubelet_info{version="1.30"} 1\n' in webhook.metrics()


def test_the_oldest_kubelet_counts(kubectl, namespace, nodes, start):
    nodes(a="v1.30.4", b="v1.28.9-gke.100", **{f"n{number}": "v1.31.0" for number in range(120)})
    webhook = start("auto-oldest")
    grant(kubectl, "auto-oldest", "list", "nodes")
    webhook.stop()
    webhook.start_again()
    assert 'latchkey_oldest_kubelet_info{version="1.28"} 1\n' in webhook.metrics()
    assert shape(webhook, namespace) == OLDER
    kubectl("delete", "node", "b")
    webhook.stop()
    webhook.start_again()
    assert shape(webhook, namespace) == NATIVE


def test_a_cluster_without_nodes_gets_the_older_shape(kubectl, namespace, start):
    webhook = start("auto-none")
    grant(kubectl, "auto-none", "list", "nodes")
    webhook.stop()
    webhook.start_again()
    assert shape(webhook, namespace) == OLDER
    assert 'latchkey_kubelet_version_reads_total{outcome="no-nodes"} 1\n' in webhook.metrics()
