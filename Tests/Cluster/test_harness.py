"""The harness itself: without these, a cluster test could pass because nothing happened."""

import subprocess

import pytest
from harness.kubectl import KubectlError
from harness.mutating_webhook import MutatingWebhook, add_sidecar
from harness.pods import REFUSED_BY_APISERVER, captured_pods, simple_pod
from harness.registration import registered


def label_pod(pod: dict) -> list:
    """A patch that can be seen, and that counts the calls."""
    annotations = pod["metadata"].get("annotations")
    count = int((annotations or {}).get("calls", "0")) + 1
    if annotations is None:
        return [{"op": "add", "path": "/metadata/annotations", "value": {"calls": str(count)}}]
    return [{"op": "add", "path": "/metadata/annotations/calls", "value": str(count)}]


@pytest.fixture
def webhook(tmp_path):
    """A webhook that labels pods."""
    server = MutatingWebhook(tmp_path / "first", label_pod)
    yield server
    server.stop()


def test_webhook_changes_the_stored_pod(kubectl, namespace, webhook):
    with registered(kubectl, "first", webhook.url, webhook.ca_file):
        kubectl.create(simple_pod("p", namespace))
    stored = kubectl.get("pod", "p", namespace)
    assert stored["metadata"]["annotations"]["calls"] in ("1", "2")
    assert webhook.reviews_in(namespace)
    kubectl.create(simple_pod("q", namespace))
    assert "calls" not in kubectl.get("pod", "q", namespace)["metadata"].get("annotations", {})


def test_a_later_webhook_causes_reinvocation(kubectl, namespace, webhook, tmp_path):
    mesh = MutatingWebhook(tmp_path / "second", add_sidecar("mesh"))
    try:
        # Configurations are called in the order of their names.
        with registered(kubectl, "a-first", webhook.url, webhook.ca_file):
            with registered(kubectl, "b-mesh", mesh.url, mesh.ca_file):
                kubectl.create(simple_pod("p", namespace, automountServiceAccountToken=False))
    finally:
        mesh.stop()
    seen = [[c["name"] for c in review["object"]["spec"]["containers"]] for review in webhook.reviews_in(namespace)]
    assert seen == [["app"], ["app", "mesh"]]
    assert kubectl.get("pod", "p", namespace)["metadata"]["annotations"]["calls"] == "2"


def test_dry_run_stores_nothing(kubectl, namespace, webhook):
    with registered(kubectl, "first", webhook.url, webhook.ca_file):
        answer = kubectl.create(simple_pod("p", namespace, automountServiceAccountToken=False), "--dry-run=server")
    assert "calls" in answer["metadata"]["annotations"]
    assert [review["dryRun"] for review in webhook.reviews_in(namespace)] == [True]
    assert kubectl.names("pods", namespace) == set()


def test_unreachable_webhook_refuses_only_what_it_selects(kubectl, namespace, webhook):
    selector = {"matchLabels": {"latchkey.dev/inject": "true"}}
    with registered(kubectl, "first", webhook.url, webhook.ca_file, object_selector=selector):
        webhook.stop()
        with pytest.raises(KubectlError, match="failed calling webhook"):
            kubectl.create(simple_pod("selected", namespace))
        kubectl.create(simple_pod("other", namespace, selected=False))
    assert kubectl.names("pods", namespace) == {"other"}


def test_tokens_are_signed_with_published_keys(control_plane, kubectl, namespace, tmp_path):
    token = kubectl.token(namespace, "default", "api://AzureADTokenExchange", 3600)
    discovery = control_plane.get("/.well-known/openid-configuration")
    assert discovery["issuer"] == control_plane.issuer
    assert discovery["jwks_uri"] == f"{control_plane.url}/openid/v1/jwks"
    claims = verified_claims(token, control_plane.get("/openid/v1/jwks"), tmp_path)
    assert claims["iss"] == control_plane.issuer
    assert claims["sub"] == f"system:serviceaccount:{namespace}:default"
    assert claims["aud"] == ["api://AzureADTokenExchange"]
    assert claims["exp"] - claims["iat"] == 3600


def verified_claims(token: str, keys: dict, folder) -> dict:
    """The claims of a JWT whose signature one of the keys made, by openssl's judgement."""
    import base64
    import json

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    def decoded(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    header, claims, signature = token.split(".")
    key = next(key for key in keys["keys"] if key["kid"] == json.loads(decoded(header))["kid"])
    n, e = (int.from_bytes(decoded(key[part]), "big") for part in "ne")
    pem = RSAPublicNumbers(e, n).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "key.pem").write_bytes(pem)
    (folder / "signature").write_bytes(decoded(signature))
    subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", folder / "key.pem", "-signature", folder / "signature"],
        input=f"{header}.{claims}".encode(), check=True, stdout=subprocess.DEVNULL,
    )
    return json.loads(decoded(claims))


def test_captured_pods_can_be_created_again(kubectl, namespace):
    pods = captured_pods()
    if not pods:
        pytest.skip("no captured reviews: set LATCHKEY_FIXTURES to the folder of the fixtures")
    refused = {}
    for name, pod in pods.items():
        try:
            kubectl.create(pod, "-n", namespace, "--dry-run=server", "--validate=false")
        except KubectlError as error:
            refused[name] = error.message
    assert {name: text[:300] for name, text in refused.items() if name not in REFUSED_BY_APISERVER} == {}
