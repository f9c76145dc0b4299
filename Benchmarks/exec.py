"""Measures latchkey-exec against a static C program that only calls execve; see exec.sh."""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import thresholds

parser = argparse.ArgumentParser()
parser.add_argument("--wrapper", type=pathlib.Path, required=True)
parser.add_argument("--rounds", type=int, required=True)
options = parser.parse_args()
here = pathlib.Path(__file__).parent
FLOOR = "#include <unistd.h>\nint main(int c, char **v, char **e) { execve(v[1], v + 1, e); return 127; }\n"
NOTHING = "int main(void) { return 0; }\n"


def build(work):
    (work / "floor.c").write_text(FLOOR)
    (work / "nothing.c").write_text(NOTHING)
    for source in (here / "measure.c", work / "floor.c", work / "nothing.c"):
        subprocess.run(["cc", "-O2", "-static", "-s", "-o", work / source.stem, source], check=True)
    shutil.copy(options.wrapper, work / "wrapper")


def write_file(path, count, length, replaces=False):
    """Variables that are added, or values for the placeholders of `placeholders`."""
    entry = b"${akv://shop/%d}\0" if replaces else b"VARIABLE_%d="
    body = b"akv://\0" + b"".join(entry % number + b"v" * length + b"\0" for number in range(count))
    counts = (count, 0) if replaces else (0, count)
    path.write_bytes(b"latchkey-environment 1 1 %d %d %d\n" % (*counts, len(body)) + body)


def placeholders(count):
    return {f"VARIABLE_{number}": f"${{akv://shop/{number}}}" for number in range(count)}


def measure(work, command, expected, environment={}):
    output = subprocess.run([work / "measure", *command], env={"PATH": "/usr/bin", **environment}, check=True,
                            capture_output=True, text=True)
    wall, cpu, memory, status = map(int, output.stdout.split()[-4:])
    if status != expected:
        raise SystemExit(f"{command[0]} ended with {status}: {output.stderr}")
    return wall, cpu, memory


def run(work):
    build(work)
    write_file(work / "small", 20, 40)
    write_file(work / "large", 10_000, 140)
    write_file(work / "replaced", 10_000, 140, replaces=True)
    starts = {
        "nothing (static C)": [],
        "static C execve": [work / "floor"],
        "latchkey-exec, 20 variables": [work / "wrapper", "run", work / "small", "--"],
        "latchkey-exec, 10,000 variables": [work / "wrapper", "run", work / "large", "--"],
        "static C execve, 10,000 texts": [work / "floor"],
        "latchkey-exec, 10,000 texts": [work / "wrapper", "run", work / "replaced", "--"],
    }
    environments = {name: placeholders(10_000) for name in starts if name.endswith("texts")}
    samples = {name: [] for name in starts}
    for _ in range(options.rounds):
        for name, start in starts.items():
            samples[name].append(measure(work, [*start, work / "nothing"], 0, environments.get(name, {})))
    # The memory of the program itself: it finds nothing to become. Otherwise the larger of the two counts.
    memory = {name: max(measure(work, [*start, work / "missing"], 127, environments.get(name, {}))[2]
                        for _ in range(20))
              for name, start in starts.items() if start}
    return samples, memory


def report(samples, memory):
    print(f"\n{'with the program that it becomes':34}{'wall us':>10}{'p90':>8}{'cpu us':>10}{'KB, alone':>12}")
    medians = {}
    for name, rows in samples.items():
        walls = sorted(row[0] for row in rows)
        medians[name] = statistics.median(row[1] for row in rows)
        print(f"{name:34}{statistics.median(walls):10.0f}{walls[len(walls) * 9 // 10]:8}{medians[name]:10.0f}"
              f"{memory.get(name, ''):>12}")
    (nothing, floor, small, large, texts_floor, texts), size = medians.values(), options.wrapper.stat().st_size
    print(f"\nof its own, cpu us: {small - nothing:.0f} with 20 variables, {large - nothing:.0f} with 10,000; "
          f"static C execve {floor - nothing:.0f}; 10,000 texts that are replaced {texts - texts_floor:.0f} more")

    measured = {
        "exec: bytes of the executable": size,
        "exec: time with 20 variables to a static C execve": small / floor,
        "exec: memory with 20 variables to a static C execve":
            memory["latchkey-exec, 20 variables"] / memory["static C execve"],
    }
    return thresholds.kept(measured)


with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as work:
    kept = report(*run(pathlib.Path(work)))
sys.exit(0 if kept else 1)
