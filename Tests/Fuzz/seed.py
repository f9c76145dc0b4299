"""Writes first inputs for the fuzzer: seed.py <corpus folder> <fixtures folder>. What is there already stays."""

import hashlib
import json
import pathlib
import sys

corpus, fixtures = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
here = pathlib.Path(__file__).parent


def put(target, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


# Seeds/<target>.txt: one input per line, Python's escapes in it.
for file in sorted((here / "Seeds").glob("*.txt")):
    for line in file.read_text().splitlines():
        put(file.stem, line.encode().decode("unicode_escape").encode("latin-1"))

for file in sorted((fixtures / "corpora/JSONTestSuite/test_parsing").glob("*.json")):
    data = file.read_bytes()
    if len(data) <= 4096:
        put("json", data)
        put("yaml", data)

for name in ("tests.json", "spec_tests.json"):
    file = fixtures / "corpora/json-patch-tests" / name
    for case in json.loads(file.read_text()) if file.exists() else []:
        if "doc" in case and "patch" in case:
            put("patch", json.dumps([case["doc"], case["patch"]]).encode())

for file in sorted((fixtures / "corpora/pod-security-restricted").glob("*/*.yaml")):
    put("yaml", file.read_bytes())

annotations = {"latchkey.dev/secret.db": "akv://shop/db-password#user", "latchkey.dev/mode.db": "440"}
for file in sorted((fixtures / "admission").glob("*.json")):
    data = file.read_bytes()
    if len(data) > 8192:
        continue
    put("review", data)
    review = json.loads(data)
    pod = review["request"].get("object")
    if pod:
        pod.setdefault("metadata", {}).setdefault("annotations", {}).update(annotations)
        put("review", json.dumps(review, separators=(",", ":")).encode())
