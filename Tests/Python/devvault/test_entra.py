"""The token endpoint, with azure-identity and by hand."""

import base64
import json
import time

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from conftest import AUDIENCE, ISSUER, OFFICER, TENANT, b64, credential_for
from cryptography.hazmat.primitives.asymmetric import rsa


def test_workload_identity_gets_a_token(credential):
    token = credential.get_token("https://vault.azure.net/.default")
    assert token.expires_on > time.time() + 3000
    claims = json.loads(base64.urlsafe_b64decode(token.token.split(".")[1] + "=="))
    assert claims["appid"] == OFFICER
    assert claims["tid"] == TENANT
    assert claims["aud"] == "https://vault.azure.net"


def test_an_elliptic_key_is_taken(dev_vault, issuer):
    assert dev_vault.exchange(issuer.token(kid="ec-1")).status_code == 200


def test_answer_has_the_known_members(dev_vault, issuer):
    answer = dev_vault.exchange(issuer.token())
    assert answer.status_code == 200
    assert set(answer.json()) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert answer.json()["token_type"] == "Bearer"


def refused(answer, status, error, code):
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [code])
    assert set(body) == {
        "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri",
    }
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    return body


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims, code",
    [
        ({"iss": "https://elsewhere"}, 700211),
        ({"sub": "system:serviceaccount:shop:other"}, 700213),
        ({"sub": "system:serviceaccount:Shop:web"}, 700213),
        ({"aud": ["https://kubernetes.default.svc"]}, 700212),
        ({"iat": NOW - 7200, "nbf": NOW - 7200, "exp": NOW - 301}, 700024),
        ({"nbf": NOW + 900}, 700024),
        ({"iat": NOW + 900, "nbf": NOW}, 700024),
    ],
)
def test_wrong_claims(dev_vault, issuer, claims, code):
    refused(dev_vault.exchange(issuer.token(**claims)), 401, "invalid_client", code)


def test_five_minutes_of_skew(dev_vault, issuer):
    now = int(time.time())
    assert dev_vault.exchange(issuer.token(exp=now - 200)).status_code == 200
    assert dev_vault.exchange(issuer.token(nbf=now + 200, iat=now + 200)).status_code == 200


def test_wrong_signatures(dev_vault, issuer):
    stranger = rsa.generate_private_key(65537, 2048)
    refused(dev_vault.exchange(issuer.token(key=stranger)), 401, "invalid_client", 50027)
    refused(dev_vault.exchange(issuer.token(kid="nobody", key=stranger)), 401, "invalid_client", 7000272)
    head, body, signature = issuer.token().split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed["jti"] = "changed"
    forged = f"{head}.{b64(json.dumps(changed).encode())}.{signature}"
    refused(dev_vault.exchange(forged), 401, "invalid_client", 50027)
    unsigned = b64(json.dumps({"alg": "none", "kid": "rsa-1"}).encode())
    refused(dev_vault.exchange(f"{unsigned}.{body}."), 401, "invalid_client", 50027)
    refused(dev_vault.exchange("no.token"), 401, "invalid_client", 50027)


@pytest.mark.parametrize(
    "changes, status, error, code",
    [
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"client_assertion": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "a b"}, 400, "invalid_scope", 70011),
        ({"scope": "https://vault.azure.net"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://elsewhere/.default"}, 400, "invalid_resource", 500011),
        ({"client_id": "00000000-0000-0000-0000-00000000dead"}, 400, "unauthorized_client", 700016),
    ],
)
def test_wrong_requests(dev_vault, issuer, changes, status, error, code):
    refused(dev_vault.exchange(issuer.token(), **changes), status, error, code)


def test_unknown_tenant(dev_vault, issuer):
    refused(dev_vault.exchange(issuer.token(), tenant="nowhere"), 400, "invalid_request", 90002)


def test_azure_identity_shows_the_code(dev_vault, issuer, tmp_path):
    path = tmp_path / "token"
    path.write_text(issuer.token(sub="system:serviceaccount:shop:stranger"))
    with pytest.raises(ClientAuthenticationError, match="AADSTS700213"):
        credential_for(dev_vault, path).get_token("https://vault.azure.net/.default")


def test_discovery_documents(dev_vault):
    document = requests.get(
        f"{dev_vault.authority}/{TENANT}/v2.0/.well-known/openid-configuration", verify=dev_vault.ca, timeout=30
    ).json()
    assert document["token_endpoint"] == f"{dev_vault.authority}/{TENANT}/oauth2/v2.0/token"
    keys = requests.get(document["jwks_uri"], verify=dev_vault.ca, timeout=30).json()["keys"]
    assert [(key["kty"], key["alg"]) for key in keys] == [("EC", "ES256")]
    instance = requests.get(
        f"{dev_vault.authority}/common/discovery/instance?api-version=1.1", verify=dev_vault.ca, timeout=30
    ).json()
    assert instance["tenant_discovery_endpoint"].endswith("/v2.0/.well-known/openid-configuration")


def test_keys_from_a_file_that_is_written_later(make_vault, issuer, tmp_path):
    path = tmp_path / "jwks.json"
    vault = make_vault(issuers=[{"issuer": ISSUER, "jwksFile": str(path)}])
    refused(vault.exchange(issuer.token()), 400, "invalid_request", 90061)
    path.write_text(json.dumps(issuer.jwks()))
    assert vault.exchange(issuer.token()).status_code == 200


def test_keys_by_discovery_with_a_bearer_token(make_vault, issuer, tmp_path):
    """As a kube-apiserver serves them: OpenID metadata first, then the key set, both behind a token."""
    import http.server
    import threading

    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, self.headers.get("Authorization")))
            base = f"http://127.0.0.1:{self.server.server_port}"
            body = {"issuer": base, "jwks_uri": f"{base}/openid/v1/jwks"}
            if self.path == "/openid/v1/jwks":
                body = issuer.jwks()
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        reviewer = tmp_path / "reviewer"
        reviewer.write_text("reviewer-token\n")
        subject = "system:serviceaccount:shop:web"
        vault = make_vault(
            issuers=[{"issuer": base, "bearerTokenFile": str(reviewer)}],
            identities=[{"issuer": base, "subject": subject, "audience": AUDIENCE, "clientID": OFFICER}],
        )
        assert vault.exchange(issuer.token(iss=base)).status_code == 200
        assert seen == [
            ("/.well-known/openid-configuration", "Bearer reviewer-token"),
            ("/openid/v1/jwks", "Bearer reviewer-token"),
        ]
    finally:
        server.shutdown()
        server.server_close()
