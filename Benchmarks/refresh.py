"""Measures the agent's `refresh` on loopback; see refresh.sh."""

import argparse
import base64
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import thresholds

parser = argparse.ArgumentParser()
parser.add_argument("--agent", type=pathlib.Path, required=True)
parser.add_argument("--rotations", type=int, required=True)
parser.add_argument("--soak", type=float, required=True, help="seconds")
parser.add_argument("--idle", type=float, required=True, help="seconds")
options = parser.parse_args()
AGENTS = 8


class Vault(http.server.ThreadingHTTPServer):
    """Login and vault in one. The value of every secret is the moment, in nanoseconds, at which it was written."""
    daemon_threads = True

    def __init__(self, work):
        super().__init__(("127.0.0.1", 0), Answer)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
             work / "key.pem", "-out", work / "ca.pem", "-days", "2", "-subj", "/CN=benchmark", "-addext",
             "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(work / "ca.pem", work / "key.pem")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.authority = (work / "ca.pem").read_text()
        self.value = time.time_ns()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"token_type": "Bearer", "expires_in": 86400, "access_token": "token"})

    def do_GET(self):
        name, value = self.path.split("?")[0].split("/")[2], self.server.value
        self.answer({"value": str(value), "id": f"https://127.0.0.1/secrets/{name}/{value:032x}",
                     "attributes": {"enabled": True, "created": 1700000000, "updated": 1700000000}})

    def answer(self, body):
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Agent:
    """A running agent and its volume."""

    def __init__(self, program, work, vault, interval, count=2, under=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=work))
        self.files = self.folder / "files"
        self.files.mkdir()
        part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        token = self.folder / "token"
        token.write_text(".".join([
            part({"alg": "RS256"}), part({"aud": ["api://AzureADTokenExchange"], "exp": 4000000000, "iat": 1700000000}),
            "signature"]))
        origin = f"https://127.0.0.1:{vault.server_port}"
        plan = {
            "version": 1, "directory": str(self.files), "startDeadlineSeconds": 10,
            "files": [{"source": f"latchkey.dev/secret.s{i}", "path": f"s{i}", "mode": "444",
                       "reference": f"akv://shop/s{i}"} for i in range(count)],
            "refresh": {"intervalMilliseconds": interval, "onRevoked": "keep", "restartSpreadSeconds": 0},
            "azure": {
                "authority": origin, "tokenFile": str(token), "endpoints": {"shop": origin},
                "domains": [{"suffix": "vault.azure.net", "scope": "https://vault.azure.net/.default"}],
                "identity": {"tenantID": "11111111-1111-1111-1111-111111111111",
                             "clientID": "22222222-2222-2222-2222-222222222222"}},
            "caBundle": vault.authority}
        self.process = subprocess.Popen(
            [*under, program, "refresh"], stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LATCHKEY_PLAN": json.dumps(plan)})
        while not (self.files / "..status.json").exists():
            if self.process.poll() is not None:
                raise SystemExit(f"the agent ended with {self.process.returncode}")
            time.sleep(0.01)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def generation(self):
        return os.readlink(self.files / "..data")

    def looked(self):
        return os.stat(self.files / "..status.json").st_ino

    def memory(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {name: int(kilobytes) for name, kilobytes in re.findall(r"(VmRSS|RssAnon):\s+(\d+) kB", text)}

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def processor_seconds(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def rotation(program, work, vault):
    """From the vault's new value to the file that shows it, at an interval of 1 s."""
    agents = [Agent(program, work, vault, 1000, count=1) for _ in range(AGENTS)]
    delays, seen = [], {agent: agent.generation() for agent in agents}

    def collect(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for agent in agents:
                generation = agent.generation()
                if generation != seen[agent]:
                    now = time.time_ns()
                    seen[agent] = generation
                    delays.append((now - int((agent.files / "s0").read_text())) / 1e6)
            time.sleep(0.001)

    collect(2)  # The first look comes later than the others.
    for _ in range(options.rotations):
        vault.value = time.time_ns()
        collect(1.5 + random.random())
    for agent in agents:
        agent.stop()
    print(f"rotation to file at 1 s: {len(delays)} of {AGENTS * options.rotations} seen, median "
          f"{statistics.median(delays):.0f} ms, p99 {percentile(delays, 0.99):.0f} ms, most {max(delays):.0f} ms")
    return {"refresh: rotations missed": AGENTS * options.rotations - len(delays),
            "refresh: p99 from rotation to file, in intervals": percentile(delays, 0.99) / 1000}


def writing(program, work, vault):
    """The publication alone: from the volume's lock to its release."""
    strace = shutil.which("strace")
    if not strace:
        print("publication: not measured, there is no strace")
        return {}
    trace = work / "trace"
    agent = Agent(program, work, vault, 30,
                  under=(strace, "-f", "--seccomp-bpf", "-ttt", "-e", "trace=flock", "-o", str(trace)))
    for _ in range(100):
        vault.value = time.time_ns()
        time.sleep(0.03)
    child = int(trace.read_text().split()[0])
    os.kill(child, signal.SIGTERM)
    agent.process.wait(10)
    times = [(float(when), "LOCK_UN" in rest)
             for when, rest in re.findall(r"^\d+ +([\d.]+) flock\((.*)$", trace.read_text(), re.M)]
    spans = [(after[0] - before[0]) * 1000
             for before, after in zip(times, times[1:]) if not before[1] and after[1]]
    print(f"publication of 2 files (under strace): {len(spans)}, median {statistics.median(spans):.2f} ms, "
          f"p99 {percentile(spans, 0.99):.2f} ms")
    return {"refresh: ms of a publication under strace, p99": percentile(spans, 0.99)}


def idle(program, work, vault):
    """What an agent costs that finds nothing new, with 20 secrets. Looks come each 2 s; they are counted out."""
    agent = Agent(program, work, vault, 2000, count=20)
    time.sleep(5)
    looks, last, most = 0, agent.looked(), 0
    start = agent.processor_seconds()
    end = time.monotonic() + options.idle
    while time.monotonic() < end:
        time.sleep(0.25)
        if agent.looked() != last:
            last, looks = agent.looked(), looks + 1
            time.sleep(0.25)
            most = max(most, agent.memory()["VmRSS"])
    spent = agent.processor_seconds() - start
    share = spent / looks / 120 * 100
    agent.stop()
    print(f"idle, 20 secrets: {most} KB resident between looks, {spent / looks * 1000:.1f} ms of processor per look: "
          f"{share:.4f} % of a core at 2 min")
    return {"refresh: KB of memory when idle": most, "refresh: percent of a core at 2 min": share}


def soak(program, work, vault):
    """Rotations each 30 ms: nothing grows once the first third of the time is over."""
    agent = Agent(program, work, vault, 30)
    samples, generations, seen = [], 0, agent.generation()
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < options.soak:
        vault.value = time.time_ns()
        time.sleep(0.03)
        if agent.generation() != seen:
            seen, generations = agent.generation(), generations + 1
        if elapsed >= options.soak / 30 * len(samples):
            samples.append((agent.memory()["RssAnon"], agent.descriptors(), len(os.listdir(agent.files))))
    if agent.stop() != 0:
        raise SystemExit("the agent did not end well")
    third = len(samples) // 3
    early, late = samples[third:2 * third], samples[2 * third:]
    growth = [max(row[i] for row in late) - max(row[i] for row in early) for i in range(3)]
    print(f"soak: {generations} generations in {options.soak:.0f} s, private memory {samples[0][0]} -> {samples[-1][0]} KB, "
          f"descriptors {samples[0][1]} -> {samples[-1][1]}, names in the volume at most "
          f"{max(row[2] for row in samples)}")
    return {"refresh: KB of private memory grown in a soak": growth[0], "refresh: descriptors grown in a soak": growth[1]}


def run(work):
    vault = Vault(work)
    # A copy: see agent.py.
    program = shutil.copy(options.agent, work / "agent")
    measured = rotation(program, work, vault)
    measured |= writing(program, work, vault)
    measured |= idle(program, work, vault)
    measured |= soak(program, work, vault)
    print()
    return thresholds.kept(measured)


with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as work:
    kept = run(pathlib.Path(work))
sys.exit(0 if kept else 1)
