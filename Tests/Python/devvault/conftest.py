"""A dev vault as a process, and Microsoft's own clients pointed at it."""

import base64
import json
import os
import pathlib
import select
import socket
import subprocess
import time

import pytest
import requests
from azure.identity import WorkloadIdentityCredential
from azure.keyvault.certificates import CertificateClient
from azure.keyvault.keys import KeyClient
from azure.keyvault.secrets import SecretClient
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ROOT = pathlib.Path(__file__).resolve().parents[3]
ISSUER = "https://kubernetes.default.svc"
SUBJECT = "system:serviceaccount:shop:web"
AUDIENCE = "api://AzureADTokenExchange"
TENANT = "11111111-2222-3333-4444-555555555555"
OFFICER = "aaaaaaaa-0000-4000-8000-000000000001"
READER = "aaaaaaaa-0000-4000-8000-000000000002"
CONTROL = "control-token-of-the-tests"

_getaddrinfo = socket.getaddrinfo


def _resolve_localhost(host, *arguments, **options):
    """glibc knows localhost alone; names below it are loopback too (RFC 6761)."""
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *arguments, **options)


socket.getaddrinfo = _resolve_localhost


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Issuer:
    """What a kube-apiserver is to Entra ID: a key pair, its JWKS, tokens of service accounts."""

    def __init__(self):
        self.keys = {
            "rsa-1": rsa.generate_private_key(65537, 2048),
            "ec-1": ec.generate_private_key(ec.SECP256R1()),
        }

    def jwks(self):
        public = self.keys["rsa-1"].public_key().public_numbers()
        point = self.keys["ec-1"].public_key().public_numbers()
        return {
            "keys": [
                {"kty": "RSA", "use": "sig", "kid": "rsa-1", "alg": "RS256", "n": number(public.n), "e": number(public.e)},
                {"kty": "EC", "use": "sig", "kid": "ec-1", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)},
            ]
        }

    def token(self, kid="rsa-1", key=None, header=None, **claims):
        now = int(time.time())
        body = {"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": now, "nbf": now, "exp": now + 3600}
        body.update(claims)
        key = key or self.keys[kid]
        is_rsa = isinstance(key, rsa.RSAPrivateKey)
        head = {"alg": "RS256" if is_rsa else "ES256", "kid": kid, "typ": "JWT"}
        head.update(header or {})
        signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(body).encode())}"
        if is_rsa:
            signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{signed}.{b64(signature)}"


class DevVault:
    """The process. Ends when its standard input does."""

    def __init__(self, folder, issuer, **overrides):
        binaries = pathlib.Path(os.environ.get("LATCHKEY_BIN_DIR", ROOT / ".build" / "debug"))
        binary = binaries / "dev-vault-server"
        if not binary.exists():
            pytest.fail(f"{binary} is missing: swift build --product dev-vault-server")
        configuration = {
            "stateFile": str(folder / "vault.json"),
            "tenantID": TENANT,
            "controlToken": CONTROL,
            "vaults": [
                {
                    "name": "shop",
                    "grants": [
                        {"clientID": OFFICER},
                        {"clientID": READER, "secrets": ["get"], "keys": [], "certificates": []},
                    ],
                },
                {"name": "other", "authorization": "accessPolicy", "grants": []},
            ],
            "identities": [
                {"issuer": ISSUER, "subject": SUBJECT, "clientID": OFFICER},
                {"issuer": ISSUER, "subject": SUBJECT, "clientID": READER},
            ],
            "issuers": [{"issuer": ISSUER, "jwks": issuer.jwks()}],
        }
        configuration.update(overrides)
        configuration = {name: value for name, value in configuration.items() if value is not None}
        path = folder / "configuration.json"
        path.write_text(json.dumps(configuration))
        self.folder = folder
        self.process = subprocess.Popen(
            [str(binary), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.process.kill()
            pytest.fail("dev-vault-server did not start: " + self.process.stderr.read().decode())
        answer = json.loads(line)
        self.port = answer["port"]
        self.ca = answer["caFile"]

    def url(self, vault="shop"):
        return f"https://{vault}.vault.localhost:{self.port}"

    @property
    def authority(self):
        return f"https://localhost:{self.port}"

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def exchange(self, assertion, client=OFFICER, tenant=TENANT, **changes):
        form = {
            "client_id": client,
            "grant_type": "client_credentials",
            "scope": "https://vault.azure.net/.default",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        form.update(changes)
        form = {name: value for name, value in form.items() if value is not None}
        return requests.post(f"{self.authority}/{tenant}/oauth2/v2.0/token", data=form, verify=self.ca, timeout=30)

    def control(self, method, path, body=None):
        answer = requests.request(
            method,
            f"{self.authority}/_devvault/{path}",
            json=body,
            headers={"Authorization": f"Bearer {CONTROL}"},
            verify=self.ca,
            timeout=30,
        )
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="session")
def issuer():
    return Issuer()


@pytest.fixture(scope="session")
def dev_vault(tmp_path_factory, issuer):
    vault = DevVault(tmp_path_factory.mktemp("devvault"), issuer)
    yield vault
    vault.stop()


@pytest.fixture
def make_vault(tmp_path, issuer):
    """Dev vaults of one test's own."""
    started = []

    def make(**overrides):
        vault = DevVault(tmp_path, issuer, **overrides)
        started.append(vault)
        return vault

    yield make
    for vault in started:
        if vault.process.poll() is None:
            vault.stop()


@pytest.fixture(scope="session")
def token_file(tmp_path_factory, issuer):
    path = tmp_path_factory.mktemp("token") / "azure-identity-token"
    path.write_text(issuer.token())
    return path


def credential_for(vault, token_file, client_id=OFFICER):
    return WorkloadIdentityCredential(
        tenant_id=TENANT,
        client_id=client_id,
        token_file_path=str(token_file),
        authority=vault.authority,
        disable_instance_discovery=True,
        connection_verify=vault.ca,
    )


def client_of(kind, vault, credential, name="shop", **options):
    options.setdefault("retry_total", 0)
    return kind(vault.url(name), credential, connection_verify=vault.ca, **options)


@pytest.fixture(scope="session")
def credential(dev_vault, token_file):
    return credential_for(dev_vault, token_file)


@pytest.fixture(scope="session")
def secrets(dev_vault, credential):
    return client_of(SecretClient, dev_vault, credential)


@pytest.fixture(scope="session")
def keys(dev_vault, credential):
    return client_of(KeyClient, dev_vault, credential)


@pytest.fixture(scope="session")
def certificates(dev_vault, credential):
    return client_of(CertificateClient, dev_vault, credential)
