"""Environment variables, every link real: the apiserver accepts and stores what the webhook wants; the agent resolves; the
kubelet's rules make environment and command of the stored pod; latchkey-exec runs the program in a root of its own."""

import pathlib
import subprocess

import pytest
from conftest import CHAIN_NAMESPACE, SECRETS
from harness.control_plane import REPOSITORY
from harness.environment import expand_probe
from harness.injected import AGENT, OURS, REFRESH
from harness.kubectl import KubectlError
from harness.latchkey import SELECTOR
from harness.pods import simple_pod
from harness.processes import eventually
from harness.registration import registered

VALUE = SECRETS["db-password"]
WHOLE = "akv://shop/db-password"
INSIDE = "app:${akv://shop/settings#password}@db"
INSIDE_VALUE = "app:canary-77aa@db"
WRAPPER = "/run/latchkey/bin/latchkey-exec"

SOURCES = {
    "from-map": ("ConfigMap", {"P": WHOLE, "URL": INSIDE, "TEXT": "plain $(P) $$ text"}),
    "from-secret": ("Secret", {"P": WHOLE, "URL": INSIDE}),
}


def plain(name: str, value: str) -> dict:
    """A variable with a value."""
    return {"name": name, "value": value}


def of_key(name: str, kind: str, source: str, key: str) -> dict:
    """A variable with the value of a key."""
    return {"name": name, "valueFrom": {kind: {"name": source, "key": key}}}


class Form:
    """How a secret comes into a container's environment, and what the program must see of it."""

    def __init__(self, expected: dict, env=(), env_from=(), annotations=(), argument=VALUE):
        self.expected = expected
        self.env = list(env)
        self.env_from = list(env_from)
        self.annotations = dict(annotations)
        # What becomes of the argument `$(P)`, which the kubelet expands where it knows the name.
        self.argument = argument


MAP, SECRET = {"configMapRef": {"name": "from-map"}}, {"secretRef": {"name": "from-secret"}}
FORMS = {
    "a whole value": Form({"P": VALUE}, [plain("P", WHOLE)]),
    "inside a text": Form({"P": INSIDE_VALUE}, [plain("P", INSIDE)], argument=INSIDE_VALUE),
    "by the name of another": Form({"P": VALUE, "Q": f"<{VALUE}>"}, [plain("P", WHOLE), plain("Q", "<$(P)>")]),
    "with a filter": Form({"P": "correct%20horse%2F"}, [plain("P", "${akv://shop/phrase|url}")], argument="correct%20horse%2F"),
    "escaped": Form({"P": VALUE, "Q": "${" + WHOLE + "}"}, [plain("P", WHOLE), plain("Q", "$$$${" + WHOLE + "}")]),
    "an annotation": Form({"P": VALUE, "Q": f"<{VALUE}>"}, [plain("Q", "<$(P)>")], annotations={"env.P": WHOLE}),
    "every key": Form(
        {"user": "app", "password": "canary-77aa"}, annotations={"env-from.settings": "akv://shop/settings#*"}, argument="$(P)"
    ),
    "every key but an own one": Form(
        {"user": "mine", "password": "canary-77aa"}, [plain("user", "mine")],
        annotations={"env-from.settings": "akv://shop/settings#*"}, argument="$(P)",
    ),
    "a ConfigMap": Form({"P": VALUE, "URL": INSIDE_VALUE, "TEXT": "plain $(P) $$ text"}, env_from=[MAP]),
    "a ConfigMap with a prefix": Form(
        {"S_P": VALUE, "S_URL": INSIDE_VALUE}, env_from=[MAP | {"prefix": "S_"}], argument="$(P)"
    ),
    "a Secret": Form({"P": VALUE, "URL": INSIDE_VALUE}, env_from=[SECRET]),
    "a Secret under an own value": Form({"P": "own", "URL": INSIDE_VALUE}, [plain("P", "own")], [SECRET], argument="own"),
    "a key of a ConfigMap": Form({"P": VALUE}, [of_key("P", "configMapKeyRef", "from-map", "P")]),
    "a key of a Secret": Form(
        {"P": INSIDE_VALUE, "Q": f"<{INSIDE_VALUE}>"},
        [of_key("P", "secretKeyRef", "from-secret", "URL"), plain("Q", "<$(P)>")], argument=INSIDE_VALUE,
    ),
}
IMAGE = {"Entrypoint": ["/probe", "dump", "of-the-image"], "Cmd": ["$(P)", "$$"]}
# The container's fields and what the program must get, with the argument's value in the place of None.
COMMANDS = {
    "command": ({"command": ["/probe", "dump", "$(P)"]}, [None]),
    "command and args": ({"command": ["/probe", "dump"], "args": ["$(P)", "$$(P)"]}, [None, "$(P)"]),
    "args alone": ({"args": ["$(P)"]}, ["of-the-image", None]),
    "neither": ({}, ["of-the-image", "$(P)", "$$"]),
}


@pytest.fixture(scope="module", autouse=True)
def registration(kubectl, webhook):
    """Latchkey's webhook."""
    with registered(kubectl, "latchkey", webhook.url, webhook.ca_file, object_selector=SELECTOR):
        yield


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> pathlib.Path:
    """A static program that shows its arguments and environment."""
    program = tmp_path_factory.mktemp("probe") / "probe"
    subprocess.run(["cc", "-O1", "-static", "-o", program, REPOSITORY / "Tests/Python/exec/probe.c"], check=True)
    return program


@pytest.fixture(scope="module")
def image(kubectl, registry) -> str:
    """An image in the registry, and the pull secret for it."""
    kubectl.create(registry.pull_secret("pull", CHAIN_NAMESPACE))
    return registry.push("shop/probe", IMAGE)


@pytest.fixture(scope="module")
def sources(kubectl, vault) -> None:
    """The ConfigMap and the Secret with references."""
    vault.set("phrase", "correct horse/")
    for name, (kind, data) in SOURCES.items():
        kubectl.create(source(name, kind, data))


@pytest.fixture(scope="module")
def stored(kubectl, sources, image) -> dict[tuple[str, str], dict]:
    """The pods of all forms and commands, created by one call, as they were stored."""
    names = {(form, command): f"env-{f}-{c}" for f, form in enumerate(FORMS) for c, command in enumerate(COMMANDS)}
    items = []
    for (form, command), name in names.items():
        wanted = FORMS[form]
        fields = {"env": [plain("PROBE_OUTPUT", "/proc/self/fd/1")] + wanted.env, "envFrom": wanted.env_from}
        items.append(pod(name, image, wanted.annotations, **fields, **COMMANDS[command][0]))
    kubectl("create", "-f", "-", stdin={"apiVersion": "v1", "kind": "List", "items": items})
    pods = {pod["metadata"]["name"]: pod for pod in kubectl.list("pods", CHAIN_NAMESPACE)}
    return {key: pods[name] for key, name in names.items()}


def source(name: str, kind: str, data: dict) -> dict:
    """A ConfigMap or Secret."""
    field = "data" if kind == "ConfigMap" else "stringData"
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": CHAIN_NAMESPACE}, field: data}


def pod(name: str, image: str, annotations: dict, spec: dict = {}, **container) -> dict:
    """A pod of one container for ServiceAccount `app`."""
    annotations = {f"{OURS}{key}": value for key, value in annotations.items()}
    made = simple_pod(name, CHAIN_NAMESPACE, annotations, serviceAccountName="app", imagePullSecrets=[{"name": "pull"}])
    made["spec"] |= spec
    made["spec"]["containers"] = [{"name": "app", "image": image, **container}]
    return made


def app(stored: dict) -> dict:
    """The application's container."""
    (container,) = [c for c in stored["spec"]["containers"] if c["name"] == "app"]
    return container


def seen(outcome: dict) -> tuple[list[str], dict[str, str]]:
    """The arguments behind the first, and the environment, of the program."""
    assert outcome["status"] == 0, outcome["errors"]
    arguments, variables = [], {}
    for line in outcome["output"].splitlines():
        kind, _, text = line.partition(" ")
        if kind == "arg":
            arguments.append(bytes.fromhex(text).decode())
        elif kind == "env":
            name, _, value = bytes.fromhex(text).decode().partition("=")
            variables[name] = value
    assert arguments[:2] == ["/probe", "dump"]
    return arguments[2:], variables


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", FORMS)
def test_programs_see_values(stored, kubelet, program, form, command):
    wanted, pod = FORMS[form], stored[form, command]
    assert app(pod)["command"][0] == WRAPPER
    assert VALUE not in str(pod) and "canary-77aa" not in str(pod)
    with kubelet.start(pod, refreshes=False) as running:
        assert running.look().status == 0, running.look().output
        arguments, variables = seen(kubelet.execute(running, pod, "app", program, IMAGE))
    assert arguments == [wanted.argument if text is None else text for text in COMMANDS[command][1]]
    assert {name: variables.get(name) for name in wanted.expected} == wanted.expected
    assert not any("akv://" in value for name, value in variables.items() if form != "escaped" or name != "Q")


def test_the_application_mounts_its_own_part_alone(stored):
    pod = stored["a ConfigMap", "command"]
    mounts = {mount["mountPath"]: mount for mount in app(pod)["volumeMounts"]}
    environment, programs = mounts["/run/latchkey/environment"], mounts["/run/latchkey/bin"]
    assert environment["name"] == programs["name"] == "latchkey-environment"
    assert environment["subPath"] == "app" and environment["readOnly"] and programs["readOnly"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["latchkey-environment"]["emptyDir"]["medium"] == "Memory"
    assert volumes["latchkey-source-0"]["configMap"]["name"] == "from-map"
    for container in pod["spec"]["initContainers"] + pod["spec"]["containers"]:
        names = {mount["name"] for mount in container["volumeMounts"]}
        assert ("latchkey-source-0" in names) == (container["name"] in (AGENT, REFRESH))


@pytest.mark.parametrize("user", [None, 1000])
def test_probes_and_hooks_see_the_same(kubectl, kubelet, program, sources, image, user):
    hook = ["/probe", "dump", "hook", "$(P)"]
    name = f"hooks-of-{user or 0}"
    kubectl.create(
        pod(
            name, image, {}, {"securityContext": {"runAsUser": user}} if user else {},
            env=[plain("PROBE_OUTPUT", "/proc/self/fd/1"), plain("P", WHOLE)], command=["/probe", "dump"],
            livenessProbe={"exec": {"command": hook}}, readinessProbe={"exec": {"command": hook}},
            startupProbe={"exec": {"command": hook}},
            lifecycle={"postStart": {"exec": {"command": hook}}, "preStop": {"exec": {"command": hook}}},
        )
    )
    stored = kubectl.get("pod", name, CHAIN_NAMESPACE)
    container = app(stored)
    probes = [container[probe] for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers = probes + list(container["lifecycle"].values())
    with kubelet.start(stored, refreshes=False) as running:
        assert running.look().status == 0, running.look().output
        for handler in handlers:
            command = handler["exec"]["command"]
            assert command[0] == WRAPPER and len(handlers) == 5
            if handler in probes:
                command = expand_probe(command, container)
            arguments, variables = seen(kubelet.execute(running, stored, "app", program, command=command))
            # The kubelet expands the commands of probes and not those of hooks.
            assert arguments == ["hook", VALUE if handler in probes else "$(P)"] and variables["P"] == VALUE


def test_a_secret_that_is_not_there_stops_the_start(kubectl, kubelet, sources, image):
    kubectl.create(pod("absent", image, {}, env=[plain("P", "akv://shop/absent")], command=["/probe"]))
    with kubelet.start(kubectl.get("pod", "absent", CHAIN_NAMESPACE), refreshes=False) as running:
        run = running.look()
    assert run.status != 0 and run.readers == {}
    assert "akv://shop/absent" in run.termination_message


def test_a_changed_source_fails_closed_and_is_followed(kubectl, kubelet, program, vault, image):
    vault.set("first", "value-of-first")
    vault.set("second", "value-of-second")
    kubectl.create(source("changing", "ConfigMap", {"P": "akv://shop/first"}))
    env = [plain("PROBE_OUTPUT", "/proc/self/fd/1")]
    reference = [{"configMapRef": {"name": "changing"}}]
    kubectl.create(pod("changing", image, {"refresh": "1s"}, env=env, envFrom=reference, command=["/probe", "dump"]))
    stored = kubectl.get("pod", "changing", CHAIN_NAMESPACE)
    with kubelet.start(stored) as running:

        def start() -> dict:
            return kubelet.execute(running, stored, "app", program)

        assert seen(start())[1]["P"] == "value-of-first"
        kubectl("patch", "configmap", "changing", "-n", CHAIN_NAMESPACE, "-p", '{"data":{"P":"akv://shop/second"}}')
        refused = start()
        assert refused["status"] == 120 and refused["output"] == ""
        assert "P" in refused["errors"] and "value-of" not in refused["errors"]
        kubelet.sync(stored)
        eventually(lambda: start()["status"] == 0, "the agent follows the ConfigMap")
        assert seen(start())[1]["P"] == "value-of-second"


class TestImages:
    """Commands that the pod does not state."""

    @pytest.fixture
    def denial(self, kubectl):
        """Tries to create a pod; the sentence of its denial."""

        def denial(pod: dict, *arguments: str) -> str:
            with pytest.raises(KubectlError, match="denied the request") as refusal:
                kubectl.create(pod, *arguments)
            return refusal.value.message

        return denial

    def test_a_registry_that_is_not_listed_is_not_asked(self, denial):
        message = denial(pod("unlisted", "elsewhere.example/app:1", {}, env=[plain("P", WHOLE)]))
        assert "spec.containers[0].command" in message and "'registries'" in message

    def test_a_dry_run_asks_no_registry(self, denial, registry, kubectl, image):
        other = registry.push("shop/never-seen", IMAGE)
        asked = registry.server.output().count("shop/never-seen")
        message = denial(pod("dry", other, {}, env=[plain("P", WHOLE)]), "--dry-run=server")
        assert "dry run" in message
        assert registry.server.output().count("shop/never-seen") == asked
        kubectl.create(pod("wet", other, {}, env=[plain("P", WHOLE)]))
        assert registry.server.output().count("shop/never-seen") > asked
        # What is known is known to a dry run too.
        kubectl.create(pod("dry", other, {}, env=[plain("P", WHOLE)]), "--dry-run=server")

    def test_the_secrets_of_other_namespaces_are_not_used(self, denial, kubectl, namespace, image):
        """The same image, known already; the namespace has no pull secret of that name."""
        made = pod("p", image, {"azure-client-id": "22222222-0000-4000-8000-000000000001",
                                "azure-tenant-id": "11111111-2222-3333-4444-555555555555"}, env=[plain("P", WHOLE)])
        made["metadata"]["namespace"] = namespace
        made["spec"]["serviceAccountName"] = "default"
        assert "imagePullSecrets" in denial(made)

    def test_credentials_stay_secret(self, denial, registry, webhook, kubectl, image):
        kubectl.create(registry.pull_secret("wrong", CHAIN_NAMESPACE, "canary-wrong"))
        made = pod("wrong", registry.push("shop/private", IMAGE), {}, env=[plain("P", WHOLE)])
        made["spec"]["imagePullSecrets"] = [{"name": "wrong"}]
        message = denial(made)
        assert "HTTP status 401" in message
        for text in (message, webhook.server.output(), webhook.metrics()):
            assert "canary" not in text
        assert 'latchkey_image_lookups_total{outcome="denied"}' in webhook.metrics()

    def test_pods_with_a_command_ask_nothing(self, kubectl, registry, image):
        other = registry.push("shop/not-asked", IMAGE)
        asked = registry.server.output().count("shop/not-asked")
        kubectl.create(pod("stated", other, {}, env=[plain("P", WHOLE)], command=["/probe"]))
        kubectl.create(pod("files", other, {"secret.p": WHOLE}))
        assert registry.server.output().count("shop/not-asked") == asked
