"""A webhook as operators run it, for tests that speak to it as the apiserver does."""
import dataclasses
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import time

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARIES = pathlib.Path(os.environ.get("LATCHKEY_BIN_DIR", REPOSITORY / ".build/debug"))
FIXTURES = pathlib.Path(os.environ.get("LATCHKEY_FIXTURES", REPOSITORY.parent / "shared/fixtures"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class Shape:
    """What pods get where this version is the oldest kubelet's, and whose schemas must find it valid."""

    name: str
    cluster_version: str
    schemas: list[str]


# Strictly: a field that a version does not know is an error in it.
SHAPES = [
    Shape("newest", "1.35", ["1.35", "1.37"]),
    Shape("native", "1.29", ["1.29", "1.30", "1.33", "1.35", "1.37"]),
    Shape("older", "1.25", ["1.25", "1.28", "1.37"]),
]


class Webhook:
    def __init__(self, directory, cluster_version):
        self.port, metrics = free_port(), free_port()
        subprocess.run(
            [REPOSITORY / "certs/dev-ca.sh", "--out", directory, "127.0.0.1"], check=True, capture_output=True
        )
        configuration = directory / "latchkey.yaml"
        configuration.write_text(
            f"""
cluster: {{ version: "{cluster_version}" }}
agent: {{ image: "registry.example/latchkey/agent:1.0" }}
server:
  address: 127.0.0.1:{self.port}
  metricsAddress: 127.0.0.1:{metrics}
  tls: {{ certificateFile: {directory}/tls.crt, keyFile: {directory}/tls.key }}
"""
        )
        self.context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
        self.log = open(directory / "webhook.log", "wb")
        self.process = subprocess.Popen([BINARIES / "latchkey-webhook", "--config", configuration], stderr=self.log)
        self.connection = None
        deadline = time.monotonic() + 20
        while True:
            try:
                if self.request("GET", "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError((directory / "webhook.log").read_text())
            time.sleep(0.05)

    def request(self, method, path, body=None):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=10)
        try:
            self.connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def review(self, review):
        status, body = self.request("POST", "/mutate?timeout=5s", json.dumps(review))
        assert status == 200, body
        return json.loads(body)["response"]

    def stop(self):
        if self.connection:
            self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture(scope="session", params=[shape.name for shape in SHAPES])
def shape(request):
    """What pods get, for newer and for older kubelets."""
    return next(shape for shape in SHAPES if shape.name == request.param)


@pytest.fixture(scope="session")
def webhook(tmp_path_factory, shape):
    if not (BINARIES / "latchkey-webhook").exists():
        pytest.fail(f"{BINARIES}/latchkey-webhook is missing: run `make build`")
    server = Webhook(tmp_path_factory.mktemp("webhook"), shape.cluster_version)
    yield server
    server.stop()
    assert server.process.returncode == 0


def pytest_generate_tests(metafunc):
    """One test per captured review or published manifest, so that a failure names its file."""
    for argument, folder, pattern in (
        ("review_file", "admission", "*.json"),
        ("restricted_file", "corpora/pod-security-restricted/pass", "*.yaml"),
    ):
        if argument in metafunc.fixturenames:
            files = sorted((FIXTURES / folder).glob(pattern))
            marks = [] if files else [pytest.mark.skip(reason="fixtures missing: set LATCHKEY_FIXTURES")]
            parameters = [pytest.param(file, id=file.stem) for file in files] or [pytest.param(None, marks=marks)]
            metafunc.parametrize(argument, parameters)
