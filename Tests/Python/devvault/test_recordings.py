"""The dev vault answers like the real service: recorded sessions of Key Vault, request by request.

The recordings (azure-sdk-for-cpp, see the fixtures' README) have no request bodies, so each body is made from what the
service answered to it; names are the recorded ones, versions and page tokens are translated. Compared are status, the
headers that clients read, the names and types of all members, and error bodies character by character.
"""

import base64
import collections
import hashlib
import json
import os
import pathlib
import re

import pytest
import requests
from conftest import ROOT, DevVault
from cryptography.hazmat.primitives.asymmetric import rsa

FIXTURES = pathlib.Path(os.environ.get("LATCHKEY_FIXTURES", ROOT.parent / "shared" / "fixtures"))
RECORDINGS = FIXTURES / "azure-recordings"
SESSIONS = sorted(RECORDINGS.glob("*/*.json"))

pytestmark = pytest.mark.skipif(
    not SESSIONS, reason="the shared fixtures are missing; set LATCHKEY_FIXTURES to their folder"
)

# Deliberately out, by session: the dev vault is a vault of the standard kind without an HSM.
OUT = {
    "CreateEcHsmKey": "a managed HSM, another service with another shape of answers",
    "CreateRsaHsmKey": "a managed HSM",
    "GetRandomBytes": "a managed HSM's /rng",
    "CreateKeyWithReleasePolicyOptions": "secure key release needs HSM keys and attestation",
    "ReleaseKey2": "secure key release, and a backup that only the real vault can open",
}

# Deliberately different, by pattern of the member's path.
DIFFERENT = {
    r"attributes\.exportable$": "new members of later service builds: only in two sessions of 2022",
    r"ImportKey:.*key\.crv$": "an echo of a curve that the client sent with an RSA key by mistake",
}

SAME_VALUE = {"cache-control", "pragma", "expires", "strict-transport-security", "x-content-type-options", "content-type"}
PRESENT = SAME_VALUE | {
    "date", "location", "retry-after", "x-ms-client-request-id", "x-ms-keyvault-network-info", "x-ms-keyvault-region",
    "x-ms-keyvault-service-version", "x-ms-request-id",
}
VERSION = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def name_of(path):
    return path.stem.split(".", 1)[1]


def exchanges(path):
    for call in json.loads(path.read_text())["networkCallRecords"]:
        body = call["Response"].get("BODY", "")
        headers = {name.lower(): value for name, value in call["Response"].items() if name not in ("BODY", "STATUS_CODE")}
        target = re.sub(r"^https://[^/]+", "", call["Url"])
        yield {
            "method": call["Method"], "target": target, "path": target.split("?")[0].strip("/").split("/"),
            "status": int(call["Response"]["STATUS_CODE"]), "headers": headers, "body": json.loads(body) if body else None,
        }


def grouped(path):
    """Polls of one address are one step with several recorded answers."""
    steps = []
    for exchange in exchanges(path):
        if steps and exchange["method"] == "GET" and steps[-1][0]["method"] == "GET" and steps[-1][0]["target"] == exchange["target"]:
            steps[-1].append(exchange)
        else:
            steps.append([exchange])
    return steps


def shape(value):
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value]
    return type(value).__name__


def differences(recorded, ours, path=""):
    if isinstance(recorded, dict) and isinstance(ours, dict):
        found = [f"{path}.{name}: missing" for name in recorded.keys() - ours.keys()]
        found += [f"{path}.{name}: not in the recording" for name in ours.keys() - recorded.keys()]
        for name in recorded.keys() & ours.keys():
            found += differences(recorded[name], ours[name], f"{path}.{name}")
        return found
    if isinstance(recorded, list) and isinstance(ours, list):
        found = [] if len(recorded) == len(ours) else [f"{path}: {len(recorded)} entries recorded, {len(ours)} here"]
        for index, (left, right) in enumerate(zip(recorded, ours)):
            found += differences(left, right, f"{path}[{index}]")
        return found
    return [] if shape(recorded) == shape(ours) else [f"{path}: {shape(recorded)} recorded, {shape(ours)} here"]


def identity(entry):
    return re.sub(r"^https://[^/]+", "", entry.get("id") or entry.get("kid"))


class Replay:
    def __init__(self, session_path, vault, token):
        self.name = name_of(session_path)
        self.steps = grouped(session_path)
        self.vault = vault
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.http.verify = vault.ca
        # Else a REQUESTS_CA_BUNDLE of the machine would win over the line above.
        self.http.trust_env = False
        self.versions = {}
        self.carried = {}
        self.next_link = None
        self.found = []

    def run(self):
        for step in self.steps:
            self.step(step)
        return [
            text for text in self.found
            if not any(re.search(pattern, f"{self.name}:{text.rsplit(': ', 1)[0]}") for pattern in DIFFERENT)
        ]

    def step(self, step):
        last = step[-1]
        if "skiptoken" in last["target"]:
            if not self.next_link:
                return
            url = self.next_link
        else:
            url = self.vault.url() + self.translate(last["target"])
        wanted = (last["status"], (last["body"] or {}).get("status"))
        for attempt in range(4):
            body = self.body(last)
            answer = self.http.request(
                last["method"], url, json=body, headers={"x-ms-client-request-id": "c0ffee"}, timeout=30
            )
            ours = answer.json() if answer.content else None
            is_final = (answer.status_code, (ours or {}).get("status")) == wanted
            if is_final or last["method"] != "GET":
                break
            # Not yet: the recording must have such an answer, or at least end in the one that is awaited.
            same = [exchange for exchange in step if exchange["status"] == answer.status_code]
            if same:
                self.compare(same[0], answer, ours)
        self.compare(last, answer, ours)
        self.carry(last, ours)

    def translate(self, text):
        return VERSION.sub(lambda match: self.versions.get(match.group(), match.group()), text)

    def compare(self, recorded, answer, ours):
        where = f"{recorded['method']} {recorded['target']}"
        if recorded["status"] != answer.status_code:
            self.found.append(f"{where}: {recorded['status']} recorded, {answer.status_code} here: {answer.text[:300]}")
            return
        for header in PRESENT & recorded["headers"].keys():
            value = answer.headers.get(header)
            if value is None:
                self.found.append(f"{where} header {header}: missing")
            elif header in SAME_VALUE and value != recorded["headers"][header]:
                self.found.append(f"{where} header {header}: {value} instead of {recorded['headers'][header]}")
        if recorded["status"] >= 400:
            if recorded["body"] != ours:
                self.found.append(f"{where} error: {ours} instead of {recorded['body']}")
        elif isinstance((recorded["body"] or {}).get("value"), list):
            mine = {identity(entry): entry for entry in ours["value"]}
            left, right = {**recorded["body"], "value": []}, {**ours, "value": []}
            left.pop("nextLink"), right.pop("nextLink")
            self.found += [f"{where} {text}" for text in differences(left, right)]
            for entry in recorded["body"]["value"]:
                if self.translate(identity(entry)) in mine:
                    other = mine[self.translate(identity(entry))]
                    self.found += [f"{where} item {text}" for text in differences(entry, other)]
        else:
            self.found += [f"{where} {text}" for text in differences(recorded["body"], ours)]

    def carry(self, recorded, ours):
        if not ours or recorded["status"] >= 300:
            return
        for pick in (lambda body: body.get("id"), lambda body: body.get("key", {}).get("kid")):
            old, new = pick(recorded["body"]), pick(ours)
            if old and new and VERSION.search(old) and VERSION.search(new):
                self.versions[VERSION.search(old).group()] = VERSION.search(new).group()
        path = recorded["path"]
        self.next_link = ours.get("nextLink") if isinstance(ours.get("value"), list) else self.next_link
        if path[-1] in ("backup", "encrypt", "wrapKey", "sign"):
            self.carried[path[-1]] = ours["value"]
        if path[0] == "secrets" and isinstance(ours.get("value"), str):
            self.carried["secret"] = ours["value"]
        if path[0] == "keys" and "key" in ours:
            self.carried["crv"] = ours["key"].get("crv")

    def body(self, recorded):
        method, path, answer = recorded["method"], recorded["path"], recorded["body"] or {}
        if method in ("GET", "DELETE"):
            return None
        body = {name: answer[name] for name in ("tags", "contentType") if name in answer}
        times = {
            name: value for name, value in answer.get("attributes", {}).items() if name in ("enabled", "nbf", "exp")
        }
        kind, last = path[0], path[-1]
        if last in ("backup", "recover", "rotate"):
            return None
        if last == "restore":
            return {"value": self.carried["backup"]}
        if kind == "keys":
            return self.key_body(method, last, answer, body, times)
        if kind == "certificates":
            return self.certificate_body(method, path, answer, body, times)
        if method == "PUT":
            body["value"] = answer.get("value", "x")
        return {**body, "attributes": times}

    def key_body(self, method, last, answer, body, times):
        if last == "create":
            key = answer.get("key", {"kty": "EC"})
            body.update({name: key[name] for name in ("kty", "crv", "key_ops") if name in key})
            if "n" in key:
                body["key_size"] = len(base64.urlsafe_b64decode(key["n"] + "==")) * 8
            return {**body, "attributes": times}
        if last == "rotationpolicy":
            return {name: value for name, value in answer.items() if name != "id"}
        if last in ("encrypt", "wrapKey"):
            return {"alg": "RSA-OAEP", "value": "AAECAwQFBgcICQ"}
        if last in ("decrypt", "unwrapKey"):
            return {"alg": "RSA-OAEP", "value": self.carried["encrypt" if last == "decrypt" else "wrapKey"]}
        if last in ("sign", "verify"):
            size = re.search(r"(256|384|512)", self.name).group()
            curve = self.carried.get("crv")
            algorithm = {"P-256": "ES256", "P-256K": "ES256K", None: f"RS{size}"}[curve]
            digest = base64.urlsafe_b64encode(hashlib.new(f"sha{size}", b"x").digest()).rstrip(b"=").decode()
            if last == "sign":
                return {"alg": algorithm, "value": digest}
            return {"alg": algorithm, "digest": digest, "value": self.carried["sign"]}
        if method == "PUT":
            return {"key": {**private_jwk(), "key_ops": answer["key"]["key_ops"]}, **body, "attributes": times}
        return {**body, "key_ops": answer["key"]["key_ops"], "attributes": times}

    def certificate_body(self, method, path, answer, body, times):
        if path[1] in ("contacts", "issuers") or path[-1] == "policy":
            return {name: value for name, value in answer.items() if name != "id"}
        if path[-1] == "create":
            bundles = [step[-1]["body"] for step in self.steps if step[-1]["path"] == ["certificates", path[1]]]
            policies = [bundle["policy"] for bundle in bundles if bundle and "policy" in bundle]
            tags = next((bundle["tags"] for bundle in bundles if bundle and "tags" in bundle), None)
            policy = policies[0] if policies else {"issuer": {"name": "Self"}, "x509_props": {"subject": "CN=xyz"}}
            return {"policy": policy, "tags": tags if tags is not None else {}}
        if path[-1] == "import":
            return {"value": self.carried["secret"], "policy": answer["policy"], **body}
        return {**body, "attributes": {"enabled": times["enabled"]}}


_JWK = {}


def private_jwk():
    if not _JWK:
        parts = rsa.generate_private_key(65537, 2048).private_numbers()
        named = {
            "n": parts.public_numbers.n, "e": 65537, "d": parts.d, "p": parts.p, "q": parts.q, "dp": parts.dmp1,
            "dq": parts.dmq1, "qi": parts.iqmp,
        }
        for name, value in named.items():
            data = value.to_bytes((value.bit_length() + 7) // 8, "big")
            _JWK[name] = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        _JWK["kty"] = "RSA"
    return dict(_JWK)


@pytest.fixture(scope="module")
def vaults(tmp_path_factory, issuer):
    """One vault where deletions are done at once, one where they are seen as done at the second poll."""
    made = {}
    for polls in (0, 1):
        folder = tmp_path_factory.mktemp(f"replay-{polls}")
        made[polls] = DevVault(
            folder, issuer, pollsUntilSettled=polls, stateFile=None, certificateFolder=str(folder)
        )
    tokens = {polls: vault.exchange(issuer.token()).json()["access_token"] for polls, vault in made.items()}
    yield made, tokens
    for vault in made.values():
        vault.stop()


def shows_delay(path):
    """Whether the session saw an object between two states."""
    text = path.read_text()
    polled = any(
        step[0]["status"] == 404 and (step[-1]["status"] == 200 or step[0]["target"].startswith("/deleted"))
        for step in grouped(path)
    )
    return polled or "ObjectIsBeingDeleted" in text or '\\"inProgress\\"' in text


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session(path, vaults):
    name = name_of(path)
    if name in OUT:
        pytest.skip(OUT[name])
    polls = 1 if shows_delay(path) else 0
    made, tokens = vaults
    assert Replay(path, made[polls], tokens[polls]).run() == []


def test_the_list_of_what_is_out_is_true():
    names = collections.Counter(name_of(path) for path in SESSIONS)
    assert set(OUT) <= set(names)
    assert len(SESSIONS) - len(OUT) >= 135
