"""Measures the agent's `init` against the dev vault on loopback; see agent.sh."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import thresholds

parser = argparse.ArgumentParser()
parser.add_argument("--agent", type=pathlib.Path, required=True)
parser.add_argument("--latchkey", type=pathlib.Path, required=True)
parser.add_argument("--rounds", type=int, required=True)
options = parser.parse_args()
here = pathlib.Path(__file__).parent
SECRETS = 20
CLIENT = "22222222-3333-4444-8555-666666666666"
SCOPE = "https://vault.azure.net/.default"


def build(work):
    """The launcher, which measures, and a program that does nothing, static as the agent is."""
    nothing = work / "nothing.c"
    nothing.write_text("int main(void) { return 0; }\n")
    for source in (here / "measure.c", nothing):
        subprocess.run(["cc", "-O2", "-static", "-o", work / source.stem, source], check=True)


def latchkey(*arguments):
    return subprocess.run([options.latchkey, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def start_vault(folder, log):
    vault = subprocess.Popen(
        [options.latchkey, "dev", "run", "--no-webhook", "--port", "0", "--data", folder], stdout=log, stderr=log)
    for _ in range(300):
        if (folder / "running.json").exists():
            return vault, json.loads((folder / "running.json").read_text())
        if vault.poll() is not None:
            break
        time.sleep(0.1)
    stop(vault)
    raise SystemExit("the dev vault did not start: " + (folder.parent / "vault.log").read_text())


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def plan(session, folder, token, directory, count):
    return json.dumps({
        "version": 1, "directory": str(directory), "startDeadlineSeconds": 10,
        "files": [
            {"source": f"latchkey.dev/secret.s{i}", "path": f"s{i}", "mode": "400", "reference": f"akv://shop/s{i}"}
            for i in range(count)
        ],
        "azure": {
            "authority": f"https://localhost:{session['port']}", "tokenFile": str(token),
            "domains": [{"suffix": f"{session['dnsSuffix']}:{session['port']}", "scope": SCOPE}],
            "identity": {"tenantID": session["tenantID"], "clientID": CLIENT},
        },
        "caBundle": (folder / "devvault-ca.pem").read_text(),
    })


def access_token(session, folder, assertion):
    form = urllib.parse.urlencode({
        "client_id": CLIENT, "grant_type": "client_credentials", "scope": SCOPE, "client_assertion": assertion,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"})
    url = f"https://localhost:{session['port']}/{session['tenantID']}/oauth2/v2.0/token"
    context = ssl.create_default_context(cafile=folder / "devvault-ca.pem")
    with urllib.request.urlopen(urllib.request.Request(url, form.encode()), context=context) as answer:
        return json.load(answer)["access_token"]


def measure(work, command, environment):
    output = subprocess.run(
        [work / "measure", *command], env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True)
    wall, cpu, memory, status = map(int, output.stdout.split()[-4:])
    if status != 0:
        raise SystemExit(f"{command[0]} ended with {status}: {output.stderr}")
    return wall / 1000, cpu / 1000, memory


def check(directory, count):
    for i in range(count):
        value = (directory / f"s{i}").read_text()
        if value != f"value-{i}":
            raise SystemExit(f"s{i} holds something else")


def run(work):
    build(work)
    folder, token = work / "dev", work / "token"
    with open(work / "vault.log", "w") as log:
        vault, session = start_vault(folder, log)
    try:
        for i in range(SECRETS):
            latchkey("dev", "secret", "set", f"shop/s{i}", f"value-{i}", "--data", folder)
        token.write_text(latchkey("dev", "token", "default/default", "--data", folder))
        header = work / "header"
        header.write_text("Authorization: Bearer " + access_token(session, folder, token.read_text()))
        url = f"https://shop.{session['dnsSuffix']}:{session['port']}/secrets/s0?api-version=7.4"
        curl = [shutil.which("curl"), "-fsS", "-o", "/dev/null", "--cacert", folder / "devvault-ca.pem",
                "-H", f"@{header}", url]
        # A copy: of a file that the linker has just written, the kernel maps larger pieces than of one that a node has
        # read from an image, and counts them as the agent's memory.
        agent = shutil.copy(options.agent, work / "agent")
        samples = {name: [] for name in ("nothing (static C)", "curl, one secret", "agent, 1 reference",
                                         f"agent, {SECRETS} references")}
        for round in range(options.rounds):
            for name, count in zip(samples, (None, None, 1, SECRETS)):
                environment = {"PATH": os.environ["PATH"]}
                if count is None:
                    command = [work / "nothing"] if name.startswith("nothing") else curl
                else:
                    directory = work / f"files-{round}-{count}"
                    directory.mkdir()
                    environment["LATCHKEY_PLAN"] = plan(session, folder, token, directory, count)
                    command = [agent, "init"]
                samples[name].append(measure(work, command, environment))
                if count is not None:
                    check(directory, count)
                    shutil.rmtree(directory)
        return samples
    finally:
        stop(vault)


def report(samples):
    print(f"\n{'':24}{'wall ms':>10}{'p90':>8}{'cpu ms':>10}{'max rss KB':>12}")
    for name, rows in samples.items():
        walls = sorted(row[0] for row in rows)
        print(f"{name:24}{statistics.median(walls):10.2f}{walls[len(walls) * 9 // 10]:8.2f}"
              f"{statistics.median(row[1] for row in rows):10.2f}{max(row[2] for row in rows):12}")

    print(f"\n{'executable':40}{'bytes':>12}")
    sizes = {"agent": options.agent, "latchkey": options.latchkey,
             "latchkey-webhook": options.latchkey.parent / "latchkey-webhook"}
    for name, file in sizes.items():
        if file.exists():
            print(f"{str(file):40}{file.stat().st_size:12}")

    measured = {
        "agent: bytes of the static executable": options.agent.stat().st_size,
        f"agent: KB of memory, {SECRETS} references": max(row[2] for row in samples[f"agent, {SECRETS} references"]),
    }
    print()
    return thresholds.kept(measured)


with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as work:
    kept = report(run(pathlib.Path(work)))
sys.exit(0 if kept else 1)
