"""From a pod's creation to the files that its application reads, every link real: the webhook rewrites the pod, the
apiserver's TokenRequest mints the agent's token, the vault verifies it with the keys that the apiserver publishes."""

import itertools
import json

import pytest
from conftest import CHAIN_NAMESPACE, SECRETS, WORKLOAD_IDENTITY, create_service_account
from harness.injected import OURS, check_additions
from harness.latchkey import SELECTOR
from harness.pods import simple_pod
from harness.processes import eventually
from harness.registration import registered

FILES = "/run/secrets/latchkey"
STATUS = "..status.json"
ANNOTATIONS = {
    f"{OURS}secret.db-password": "akv://shop/db-password",
    f"{OURS}secret.user": "akv://shop/settings#user",
    f"{OURS}path.user": "settings/user",
}
EXPECTED = {"db-password": SECRETS["db-password"], "settings/user": "app"}
_numbers = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def registration(kubectl, webhook):
    """Latchkey's webhook."""
    with registered(kubectl, "latchkey", webhook.url, webhook.ca_file, object_selector=SELECTOR):
        yield


@pytest.fixture
def start(kubectl, kubelet):
    """Creates a pod for ServiceAccount `app` and starts what was stored."""

    def start(annotations: dict = ANNOTATIONS, service_account: str = "app", **spec):
        pod = simple_pod(
            f"p{next(_numbers)}", CHAIN_NAMESPACE, annotations, serviceAccountName=service_account, **spec
        )
        kubectl.create(pod)
        stored = kubectl.get("pod", pod["metadata"]["name"], CHAIN_NAMESPACE)
        check_additions(stored)
        return kubelet.run(stored)

    return start


@pytest.fixture
def created(kubectl):
    """Creates a pod for ServiceAccount `app` and returns what was stored."""

    def created(annotations: dict, **spec) -> dict:
        name = f"p{next(_numbers)}"
        kubectl.create(simple_pod(name, CHAIN_NAMESPACE, annotations, serviceAccountName="app", **spec))
        return kubectl.get("pod", name, CHAIN_NAMESPACE)

    return created


def contents(run, container: str = "app", path: str = FILES) -> dict[str, str]:
    """The files' contents as a container reads them, but for the status file."""
    files = run.files(container, path)
    return {name: file.get("content", file.get("error")) for name, file in files.items() if name != STATUS}


def status(run) -> dict:
    """What the status file says."""
    return json.loads(run.files("app", FILES)[STATUS]["content"])


def container(name: str, **fields) -> dict:
    """A container of the application."""
    return {"name": name, "image": "registry.example/app:1", **fields}


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({}, id="no securityContext"),
        pytest.param({"securityContext": {"runAsUser": 1000}}, id="a user"),
        pytest.param({"securityContext": {"runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000}}, id="user and groups"),
        pytest.param({"securityContext": {"fsGroup": 2000}}, id="fsGroup alone"),
        pytest.param({"automountServiceAccountToken": False}, id="no API token"),
        pytest.param(
            {"containers": [container("app", securityContext={"runAsUser": 1000}),
                            container("other", securityContext={"runAsUser": 2000})]},
            id="two users",
        ),
        pytest.param(
            {"initContainers": [container("other")], "containers": [container("app")],
             "securityContext": {"runAsUser": 1000, "supplementalGroups": [4000]}},
            id="an init container",
        ),
    ],
)
def test_applications_read_their_files(start, spec):
    run = start(**spec)
    assert run.status == 0, run.output
    for name in run.readers:
        assert contents(run, name) == EXPECTED
        assert not run.is_writable(name, FILES)


def test_mount_path_and_containers(start):
    annotations = {**ANNOTATIONS, f"{OURS}mount-path": "/etc/app/secrets", f"{OURS}mode.db-password": "0444"}
    run = start(annotations)
    assert run.status == 0, run.output
    assert contents(run, path="/etc/app/secrets") == EXPECTED
    assert run.files("app", "/etc/app/secrets")["db-password"]["mode"] == 0o444


def test_a_rotation_reaches_the_file(created, kubelet, vault):
    vault.set("rotated", "value-of-before")
    annotations = {f"{OURS}secret.rotated": "akv://shop/rotated", f"{OURS}refresh": "1s"}
    with kubelet.start(created(annotations, securityContext={"runAsUser": 1000})) as pod:
        assert pod.look().statuses == {"latchkey-agent": 0, "latchkey-refresh": None}
        assert contents(pod.look()) == {"rotated": "value-of-before"}
        (before,) = status(pod.look())["objects"]
        vault.set("rotated", "value-of-after")
        eventually(lambda: contents(pod.look()) == {"rotated": "value-of-after"}, "the rotation reaches the file")
        assert not pod.look().is_writable("app", FILES)
        (after,) = status(pod.look())["objects"]
        assert after["state"] == "current" and after["version"] != before["version"]
        assert "value-of" not in json.dumps([before, after])
        ended = pod.stop()
        assert ended.statuses == {"latchkey-agent": 0, "latchkey-refresh": 0}, ended.agents
    for agent in ended.agents:
        assert "value-of" not in agent["output"] + agent["terminationMessage"]


def test_a_native_sidecar_fetches_refreshes_and_ends(kubelet, vault, webhook_for_native_sidecars):
    """The pod is the webhook's answer itself: this apiserver would drop what it does not know."""
    vault.set("rotated", "first")
    annotations = {f"{OURS}secret.rotated": "akv://shop/rotated", f"{OURS}refresh": "1s"}
    pod = simple_pod("native", CHAIN_NAMESPACE, annotations, serviceAccountName="app")
    pod["metadata"]["uid"] = "native"
    pod = webhook_for_native_sidecars.mutated(pod)
    assert [c["name"] for c in pod["spec"]["containers"]] == ["app"]
    with kubelet.start(pod) as running:
        assert running.look().statuses == {"latchkey-agent": None}, running.look().output
        assert contents(running.look()) == {"rotated": "first"}
        vault.set("rotated", "second")
        eventually(lambda: contents(running.look()) == {"rotated": "second"}, "the rotation reaches the file")
        assert running.stop().status == 0


def test_a_job_fetches_first_and_refreshes_beside(kubelet, vault, webhook_for_native_sidecars):
    """An init container that a missing secret ends, and a native sidecar that is ended when the Job is done."""
    vault.set("of-a-job", "first")

    def stored(secret: str) -> dict:
        annotations = {f"{OURS}secret.of-a-job": f"akv://shop/{secret}", f"{OURS}refresh": "1s"}
        pod = simple_pod(
            f"job-{secret}", CHAIN_NAMESPACE, annotations, serviceAccountName="app", restartPolicy="Never"
        )
        pod["metadata"]["uid"] = f"job-{secret}"
        pod = webhook_for_native_sidecars.mutated(pod)
        inits = [(c["name"], c.get("restartPolicy")) for c in pod["spec"]["initContainers"]]
        assert inits == [("latchkey-agent", None), ("latchkey-refresh", "Always")]
        return pod

    with kubelet.start(stored("of-a-job")) as running:
        assert running.look().statuses == {"latchkey-agent": 0, "latchkey-refresh": None}, running.look().agents
        assert contents(running.look()) == {"of-a-job": "first"}
        vault.set("of-a-job", "second")
        eventually(lambda: contents(running.look()) == {"of-a-job": "second"}, "the rotation reaches the file")
        assert running.stop().statuses == {"latchkey-agent": 0, "latchkey-refresh": 0}
    with kubelet.start(stored("absent")) as running:
        statuses = running.look().statuses
        assert list(statuses) == ["latchkey-agent"] and statuses["latchkey-agent"] != 0
        assert running.look().readers == {}, "nothing starts after a failed init container"


def test_missing_secret_fails_the_pod_and_says_which(start):
    key = f"{OURS}secret.absent"
    run = start({**ANNOTATIONS, key: "akv://shop/absent"})
    assert run.status != 0
    assert run.readers == {}, "nothing starts after a failed init container"
    for text in (run.termination_message, run.output):
        assert "akv://shop/absent" in text
        assert SECRETS["db-password"] not in text


def test_unknown_service_account_is_refused_by_the_vault(kubectl, start):
    """A token of the cluster's issuer is not enough: the subject must be the application's."""
    create_service_account(kubectl, CHAIN_NAMESPACE, "stranger", WORKLOAD_IDENTITY)
    run = start(service_account="stranger")
    assert run.status != 0
    assert "AADSTS" in run.termination_message


def test_no_secret_and_no_token_is_stored_or_logged(kubectl, start, webhook, folder):
    run = start()
    assert run.status == 0, run.output
    token = kubectl.token(CHAIN_NAMESPACE, "app", "api://AzureADTokenExchange", 3600).split(".")[1]
    stored = kubectl("get", "pods", "-A", "-o", "json")
    for text in (stored, webhook.server.output(), webhook.metrics(), run.output, run.termination_message):
        assert SECRETS["db-password"] not in text
        # The claims of two tokens begin alike.
        assert token[:40] not in text
