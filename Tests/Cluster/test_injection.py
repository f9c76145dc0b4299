"""Pods created at a real apiserver with Latchkey's webhook registered: what is stored, and what is refused."""

import copy
import json

import pytest
from conftest import CLIENT_ID, WORKLOAD_IDENTITY, create_service_account
from harness.injected import OURS, REFRESH, check_additions, comparable, is_injected, without_additions
from harness.kubectl import KubectlError
from harness.latchkey import SELECTOR
from harness.mutating_webhook import MutatingWebhook, add_sidecar
from harness.pods import REFUSED_BY_APISERVER, captured_pods, simple_pod
from harness.registration import registered

ANNOTATIONS = {
    f"{OURS}secret.db-password": "akv://shop/db-password",
    f"{OURS}secret.user": "akv://shop/settings#user",
    f"{OURS}path.user": "settings/user",
}
# `spec.os` is newer than 1.20 and does not get through to a webhook; these say Windows in other ways.
WINDOWS = {"daemonset-website-windows", "pod-website-windows-runAsUserName"}
MIRROR = "mirror-pod-of-static-pod"


@pytest.fixture(scope="module")
def registration(kubectl, webhook):
    """Latchkey's webhook, registered as it is installed: for labelled pods, failing closed."""
    with registered(kubectl, "latchkey", webhook.url, webhook.ca_file, object_selector=SELECTOR):
        yield


def labelled(pod: dict, annotations: dict = ANNOTATIONS) -> dict:
    """A copy of the pod that asks for secrets."""
    pod = copy.deepcopy(pod)
    pod["metadata"].setdefault("labels", {}).update(SELECTOR["matchLabels"])
    pod["metadata"].setdefault("annotations", {}).update(annotations)
    return pod


def create_all(kubectl, pods: dict[str, dict], namespace: str) -> dict[str, dict]:
    """Creates all pods by one call and returns what was stored, by the keys of `pods`."""
    items = []
    for name, pod in pods.items():
        pod = copy.deepcopy(pod)
        # Captured names repeat.
        pod["metadata"].update(name=name.lower(), namespace=namespace)
        items.append(pod)
    kubectl("create", "--validate=false", "-f", "-", stdin={"apiVersion": "v1", "kind": "List", "items": items})
    stored = {pod["metadata"]["name"]: pod for pod in kubectl.list("pods", namespace)}
    return {name: stored[name.lower()] for name in pods}


@pytest.fixture(scope="module")
def captured(kubectl, registration) -> dict[str, tuple[dict, dict]]:
    """All captured pods, stored without and with injection."""
    pods = {k: v for k, v in captured_pods().items() if k not in REFUSED_BY_APISERVER | WINDOWS | {MIRROR}}
    if not pods:
        pytest.skip("no captured reviews: set LATCHKEY_FIXTURES to the folder of the fixtures")
    for namespace in ("captured-plain", "captured-injected"):
        kubectl("create", "namespace", namespace)
        create_service_account(kubectl, namespace, "default")
    plain = create_all(kubectl, pods, "captured-plain")
    injected = create_all(kubectl, {name: labelled(pod) for name, pod in pods.items()}, "captured-injected")
    return {name: (plain[name], injected[name]) for name in pods}


def test_pods_of_every_shape_are_injected(captured):
    assert len(captured) > 40
    for name, (plain, injected) in captured.items():
        assert not is_injected(plain), name
        check_additions(injected)


def test_nothing_else_changes(captured):
    for name, (plain, injected) in captured.items():
        assert without_additions(injected) == comparable(plain), name


def test_quality_of_service_is_kept(captured):
    classes = {name: [pod["status"]["qosClass"] for pod in pods] for name, pods in captured.items()}
    assert {name: pair for name, pair in classes.items() if pair[0] != pair[1]} == {}
    assert len({pair[0] for pair in classes.values()}) > 1, "the captured pods are of several classes"


def test_second_mutation_changes_nothing(kubectl, captured, namespace):
    def as_new(pod: dict) -> dict:
        pod = copy.deepcopy(pod)
        pod.pop("status")
        for key in ("uid", "resourceVersion", "creationTimestamp", "selfLink", "managedFields", "generateName"):
            pod["metadata"].pop(key, None)
        return pod

    again = create_all(kubectl, {name: as_new(pod) for name, (_, pod) in captured.items()}, namespace)
    for name, pod in again.items():
        assert comparable(pod) == comparable(captured[name][1]), name


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_windows_pods_are_denied(kubectl, registration, namespace, name):
    pods = captured_pods()
    if not pods:
        pytest.skip("no captured reviews: set LATCHKEY_FIXTURES to the folder of the fixtures")
    with pytest.raises(KubectlError, match="(?i)denied the request.*windows"):
        kubectl.create(labelled(pods[name]), "-n", namespace, "--validate=false")


def test_mirror_pods_are_left_alone(kubectl, registration, namespace):
    pods = captured_pods()
    if not pods:
        pytest.skip("no captured reviews: set LATCHKEY_FIXTURES to the folder of the fixtures")
    pod = kubectl.create(labelled(pods[MIRROR]), "-n", namespace)
    assert not is_injected(pod)


def test_container_of_a_later_webhook_gets_the_files(kubectl, registration, namespace, tmp_path):
    mesh = MutatingWebhook(tmp_path / "mesh", add_sidecar("mesh"))
    try:
        # "zz": called after Latchkey, which is then called again.
        with registered(kubectl, "zz-mesh", mesh.url, mesh.ca_file, object_selector=SELECTOR):
            kubectl.create(simple_pod("p", namespace, ANNOTATIONS))
    finally:
        mesh.stop()
    pod = kubectl.get("pod", "p", namespace)
    assert [container["name"] for container in pod["spec"]["containers"]] == ["app", REFRESH, "mesh"]
    check_additions(pod)


@pytest.mark.parametrize("policy", ["Never", "OnFailure"])
def test_what_is_meant_to_end_has_nothing_that_goes_on(kubectl, registration, namespace, policy):
    pod = kubectl.create(simple_pod("p", namespace, ANNOTATIONS, restartPolicy=policy))
    check_additions(pod)
    asking = {**ANNOTATIONS, f"{OURS}refresh": "1m"}
    with pytest.raises(KubectlError, match="denied the request.*latchkey.dev/refresh.*1.29"):
        kubectl.create(simple_pod("q", namespace, asking, restartPolicy=policy))


def test_without_refresh_there_is_an_init_container_alone(kubectl, registration, namespace):
    pod = kubectl.create(simple_pod("p", namespace, {**ANNOTATIONS, f"{OURS}refresh": "off"}))
    check_additions(pod, refreshes=False)


def test_restart_probes_are_stored(kubectl, registration, namespace):
    pod = kubectl.create(simple_pod("p", namespace, {**ANNOTATIONS, f"{OURS}on-change": "restart"}))
    check_additions(pod)
    app, agent = pod["spec"]["containers"]
    assert app["livenessProbe"]["httpGet"]["path"] == "/restart/app"
    (plan,) = [variable["value"] for variable in agent["env"] if variable["name"] == "LATCHKEY_PLAN"]
    assert json.loads(plan)["refresh"]["port"] == app["livenessProbe"]["httpGet"]["port"]


def test_unselected_pods_are_not_touched(kubectl, registration, namespace):
    pod = kubectl.create(simple_pod("p", namespace, ANNOTATIONS, selected=False))
    assert not is_injected(pod)


def test_opted_out_pods_are_not_touched(kubectl, registration, namespace):
    pod = kubectl.create(simple_pod("p", namespace, {**ANNOTATIONS, f"{OURS}inject": "false"}))
    assert not is_injected(pod)


def test_dry_run_shows_the_pod_and_stores_nothing(kubectl, registration, namespace):
    shown = kubectl.create(simple_pod("p", namespace, ANNOTATIONS), "--dry-run=server")
    check_additions(shown)
    assert kubectl.names("pods", namespace) == set()


def test_every_problem_is_named_to_the_user(kubectl, registration, namespace):
    wrong = {
        f"{OURS}secret.a": "akv:/shop/x",
        f"{OURS}path.a": "../../etc/passwd",
        f"{OURS}sceret.b": "akv://shop/x",
    }
    with pytest.raises(KubectlError, match="denied the request") as refusal:
        kubectl.create(simple_pod("p", namespace, wrong))
    for key in wrong:
        assert key in refusal.value.message
    assert kubectl.names("pods", namespace) == set()


def test_service_account_of_the_same_apply_is_seen(kubectl, registration):
    """The ServiceAccount's annotations count although it was made a moment before."""
    annotations = {**WORKLOAD_IDENTITY, "azure.workload.identity/client-id": "99999999-0000-4000-8000-000000000001"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "same-apply"}}
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "fresh", "namespace": "same-apply", "annotations": annotations},
    }
    pod = simple_pod("p", "same-apply", ANNOTATIONS, serviceAccountName="fresh")
    kubectl("apply", "-f", "-", stdin={"apiVersion": "v1", "kind": "List", "items": [namespace, account, pod]})
    (agent,) = kubectl.get("pod", "p", "same-apply")["spec"]["initContainers"]
    assert annotations["azure.workload.identity/client-id"] in str(agent["env"])
    assert CLIENT_ID not in str(agent["env"])


class TestWebhookDown:
    """What a failing webhook may and may not hold up. Each test stops it; it is started again afterwards."""

    @pytest.fixture
    def down(self, registration, webhook):
        """A function that stops the webhook."""
        yield webhook.stop
        webhook.stop()
        webhook.start_again()

    def test_only_selected_pods_are_refused(self, kubectl, namespace, down):
        assert down() == 0, "SIGTERM ends the webhook with status 0"
        with pytest.raises(KubectlError, match="failed calling webhook"):
            kubectl.create(simple_pod("selected", namespace, ANNOTATIONS))
        kubectl.create(simple_pod("other", namespace, selected=False))
        assert kubectl.names("pods", namespace) == {"other"}

    def test_pods_can_be_changed_and_removed(self, kubectl, namespace, down):
        pod = simple_pod("p", namespace, ANNOTATIONS)
        pod["metadata"]["finalizers"] = ["example.com/held"]
        kubectl.create(pod)
        down()
        kubectl("label", "pod", "p", "-n", namespace, "changed=yes")
        kubectl("delete", "pod", "p", "-n", namespace, "--grace-period=0", "--force", "--wait=false")
        assert kubectl.names("pods", namespace) == {"p"}
        kubectl("patch", "pod", "p", "-n", namespace, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        assert kubectl.names("pods", namespace) == set()

    def test_injection_goes_on_after_a_restart(self, kubectl, namespace, webhook, down):
        down()
        webhook.start_again()
        check_additions(kubectl.create(simple_pod("p", namespace, ANNOTATIONS)))
