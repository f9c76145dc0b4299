"""The webhook's patches, judged by others: applied by the jsonpatch package, validated by Kubernetes' own schemas."""
import base64
import copy
import json

import jsonpatch
import kubernetes_validate
import pytest
import yaml

from restricted import violations

ANNOTATIONS = {
    "latchkey.dev/secret.db-password": "akv://shop/db-password",
    "latchkey.dev/secret.settings": "akv://shop/settings#*",
    "latchkey.dev/secret.tls": "akv://shop.vault.azure.net/web?type=certificate&format=pem",
    "latchkey.dev/path.tls": "tls/server.pem",
    "latchkey.dev/azure-client-id": "11111111-2222-3333-4444-555555555555",
    "latchkey.dev/azure-tenant-id": "66666666-7777-8888-9999-000000000000",
}
OURS = {"latchkey-secrets", "latchkey-tokens", "latchkey-no-api-token"}
# Junk in fields that other validation than the schema's refuses; the schema has nothing to say about it before either.
NOT_VALID_BEFORE = {"pod-api-testdata-every-field"}


def annotate(review):
    review = copy.deepcopy(review)
    metadata = review["request"]["object"]["metadata"]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **ANNOTATIONS}
    return review


def apply(review, response):
    assert response["allowed"], response
    assert ("patch" in response) == ("patchType" in response)
    if "patch" not in response:
        return review["request"]["object"]
    assert response["patchType"] == "JSONPatch"
    return jsonpatch.apply_patch(review["request"]["object"], json.loads(base64.b64decode(response["patch"])))


def without_injection(pod, original):
    """The pod less what is ours; lists that were absent before and are empty now are taken away."""
    pod = copy.deepcopy(pod)

    def keep(owner, before, name, wanted):
        if name in owner and isinstance(owner[name], list):
            owner[name] = [entry for entry in owner[name] if wanted(entry)]
            if not owner[name] and not before.get(name):
                owner.pop(name)
                if name in before:
                    owner[name] = before[name]

    spec, before = pod["spec"], original["spec"]
    keep(spec, before, "volumes", lambda volume: volume["name"] not in OURS)
    keep(spec, before, "initContainers", lambda container: container["name"] != "latchkey-agent")
    for kind in ("initContainers", "containers"):
        for container, same in zip(spec.get(kind) or [], before.get(kind) or []):
            keep(container, same, "volumeMounts", lambda mount: mount["name"] not in OURS)
    return pod


def schema_errors(pod, version):
    try:
        kubernetes_validate.validate(pod, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error).splitlines()[0]
    return None


def test_captured_review(webhook, review_file):
    review = annotate(json.loads(review_file.read_bytes()))
    response = webhook.review(review)
    assert response["uid"] == review["request"]["uid"]
    original = review["request"]["object"]
    if review["request"]["operation"] != "CREATE" or "mirror-pod" in review_file.stem:
        assert response["allowed"] and "patch" not in response
        return
    if "windows" in review_file.stem:
        assert not response["allowed"]
        assert "Windows" in response["status"]["message"]
        return
    pod = apply(review, response)
    assert without_injection(pod, original) == original
    names = [container["name"] for container in pod["spec"]["initContainers"]]
    assert names.count("latchkey-agent") == 1

    version = "1.37" if not review_file.stem.startswith("v120-") else "1.25"
    if review_file.stem not in NOT_VALID_BEFORE and schema_errors(original, version) is None:
        assert schema_errors(pod, version) is None
    else:
        # What the schema refused before, it refuses in the same words: nothing of ours is at fault.
        assert schema_errors(pod, version) == schema_errors(original, version)

    again = copy.deepcopy(review)
    again["request"]["object"] = pod
    again["request"]["uid"] = "second-call"
    response = webhook.review(again)
    assert response["uid"] == "second-call"
    assert response["allowed"] and "patch" not in response


def test_most_reviews_are_valid_pods(webhook):
    """The comparison above must not hide that nothing was ever validated."""
    from conftest import FIXTURES

    files = [file for file in sorted((FIXTURES / "admission").glob("*.json"))]
    if not files:
        pytest.skip("fixtures missing: set LATCHKEY_FIXTURES")
    valid = 0
    for file in files:
        review = json.loads(file.read_bytes())
        if review["request"]["operation"] == "CREATE" and "windows" not in file.stem and "mirror" not in file.stem:
            version = "1.37" if not file.stem.startswith("v120-") else "1.25"
            valid += schema_errors(review["request"]["object"], version) is None
    assert valid >= 50


def test_pod_security_restricted(webhook, restricted_file):
    """A pod that the restricted profile admits is still admitted after injection."""
    pod = yaml.safe_load(restricted_file.read_text())
    review = annotate(
        {
            "kind": "AdmissionReview",
            "apiVersion": "admission.k8s.io/v1",
            "request": {
                "uid": "1",
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "namespace": "shop",
                "operation": "CREATE",
                "object": pod,
            },
        }
    )
    assert violations(pod) == []
    response = webhook.review(review)
    if (pod["spec"].get("os") or {}).get("name") == "windows":
        assert not response["allowed"]
        return
    assert violations(apply(review, response)) == []


def test_the_restricted_check_refuses_what_it_must():
    """The check itself, against the published manifests that the profile refuses."""
    from conftest import FIXTURES

    files = sorted((FIXTURES / "corpora/pod-security-restricted/fail").glob("*.yaml"))
    if not files:
        pytest.skip("fixtures missing: set LATCHKEY_FIXTURES")
    missed = [file.name for file in files if not violations(yaml.safe_load(file.read_text()))]
    assert missed == []
