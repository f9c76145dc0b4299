"""The command sees what it would see without the wrapper: no difference but the added variables."""
import itertools
import os
import random
import resource
import shutil
import signal
import subprocess

import pytest

from wrapper_bench import WRAPPER, libc, merge

ALL_BYTES = bytes(range(1, 256))
SECRET = [(b"DB_PASSWORD", b"pa=ss\nwo\xffrd"), (b"EMPTY", b"")]


def test_a_plain_start(bench):
    dump = bench.compare(SECRET, [b"PATH=/usr/bin", b"HOME=/root"])
    assert "env " + b"DB_PASSWORD=pa=ss\nwo\xffrd".hex() in dump
    assert "env " + b"EMPTY=".hex() in dump


def test_the_same_process_goes_on(bench):
    # `dump_of` holds the number of the process against the dump, for both ways.
    bench.compare(SECRET, [], setup=os.setsid)


def test_every_exit_status(bench):
    bench.write(SECRET)
    for status in range(256):
        words = [bytes(bench.probe), b"exit", str(status).encode()]
        assert bench.wrapped(words, []).status == bench.direct(words, []).status == status << 8


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def test_death_by_every_signal(bench):
    bench.write(SECRET)
    deaths = 0
    for number in range(1, 65):
        words = [bytes(bench.probe), b"kill", str(number).encode()]
        wrapped = bench.wrapped(words, [], no_core)
        assert wrapped.status == bench.direct(words, [], no_core).status, number
        deaths += os.WIFSIGNALED(wrapped.status)
    assert deaths > 50


@pytest.mark.parametrize("number", range(1, 65))
def test_signals_are_inherited(bench, number):
    """Each signal blocked, ignored, and pending at the start."""
    bench.write(SECRET)
    bit = 1 << (number - 1)
    cannot = (1 << (signal.SIGKILL - 1)) | (1 << (signal.SIGSTOP - 1))
    for blocked, ignored, pending in [(bit, 0, bit & ~cannot), (0, bit & ~cannot, 0), (bit, bit & ~cannot, 0)]:
        launch = [bytes(bench.probe), b"launch"] + [b"%x" % group for group in (blocked, ignored, pending)]
        command, environment = [bytes(bench.probe), b"dump"], bench.environment(b"A=1")
        wrapper = [bytes(WRAPPER), b"run", bytes(bench.file), b"--"]
        wrapped = bench.dump_of(lambda: bench.direct(launch + wrapper + command, environment))
        direct = bench.dump_of(lambda: bench.direct(launch + command, merge(environment, SECRET)))
        assert wrapped == direct
        line = next(line for line in direct if line.startswith("blocked"))
        assert int(line.split()[1], 16) == blocked & ~cannot
        assert int(line.split()[3], 16) == pending


def test_arguments_of_every_byte(bench):
    generator = random.Random(1)
    arguments = [bytes([byte]) for byte in ALL_BYTES] + [ALL_BYTES, b"", b"", b"--", b"--help", b"run", b"$(A)", b"$$"]
    arguments += [bytes(generator.choices(ALL_BYTES, k=generator.randrange(300))) for _ in range(500)]
    dump = bench.compare(SECRET, [], arguments)
    assert sum(line.startswith("arg ") for line in dump) == len(arguments) + 2


def test_the_first_argument_is_the_original(bench):
    bench.compare(SECRET, [b"PATH=" + bytes(bench.probe.parent)], command=b"probe", path=bench.probe)


def test_10000_variables_of_1500000_bytes(bench):
    variables = [(b"VARIABLE_%d" % number, b"v" * 140) for number in range(10_000)]
    assert 1_490_000 < len(b"".join(name + value for name, value in variables)) < 1_600_000
    bench.compare(variables, [b"A=1"])


def test_10000_variables_that_replace_10000(bench):
    inherited = [b"VARIABLE_%d=%s" % (number, b"akv://shop/db" if number >= 5_000 else b"x")
                 for number in range(10_000)]
    variables = [(b"VARIABLE_%d" % number, b"value") for number in reversed(range(5_000, 15_000))]
    bench.compare(variables, inherited)


def test_values_of_every_byte_and_length(bench):
    generator = random.Random(2)
    names = [bytes([byte]) for byte in ALL_BYTES if byte != ord("=")] + [b"N" * length for length in range(2, 200)]
    variables = [(name, bytes(generator.choices(ALL_BYTES, k=generator.randrange(100)))) for name in names]
    variables.append((b"LONGEST", b"x" * (128 * 1024 - len("LONGEST=") - 1)))
    bench.compare(variables, [name + b"=before" for name in names[::2]])


@pytest.mark.parametrize("inherited", [
    [],
    [b"A=1", b"A=2", b"B=1", b"A=3"],
    [b"DB_PASSWORD=akv://shop/db", b"X=1", b"DB_PASSWORD=akv://shop/other", b"Y=2"],
    [b"", b"=", b"=x", b"NOVALUE", b"DB_PASSWORD", b"A=", b"A==", b"DB_PASSWORDX=1", b"DB_PASSWOR=1"],
    [ALL_BYTES, b"\xff=\xfe", b"db_password=lower"],
], ids=["none", "doubles", "doubles of ours", "strange", "bytes"])
def test_what_stands_in_the_environment(bench, inherited):
    bench.compare(SECRET, inherited)


def test_no_variable_changes_nothing(bench):
    bench.compare([], [b"A=1", b"A=1"])


@pytest.mark.parametrize("closed", [c for n in range(4) for c in itertools.combinations((0, 1, 2), n)])
def test_closed_descriptors(bench, closed):
    def close():
        for descriptor in closed:
            os.close(descriptor)

    dump = bench.compare(SECRET, [], setup=close)
    opened = {int(line.split()[1]) for line in dump if line.startswith("descriptor")}
    assert not opened & set(closed)


def test_open_descriptors(bench):
    def open_some():
        reading, writing = os.pipe()
        for target in (3, 4, 9, 700, 1023):
            os.dup2(reading if target % 2 else writing, target, inheritable=True)
        os.dup2(reading, 50, inheritable=False)
        os.close(0)

    # The pipes differ from run to run; everything else is compared.
    bench.write(SECRET)
    words, environment = [bytes(bench.probe), b"dump"], bench.environment()

    def without_pipes(dump):
        return [line for line in dump if not line.startswith("descriptor")], [
            line.split()[:4] + line.split()[6:] for line in dump if line.startswith("descriptor")]

    wrapped = without_pipes(bench.dump_of(lambda: bench.wrapped(words, environment, open_some)))
    direct = without_pipes(bench.dump_of(lambda: bench.direct(words, merge(environment, SECRET), open_some)))
    assert wrapped == direct
    opened = {int(line[1]) for line in direct[1]}
    assert {3, 4, 9, 700, 1023} <= opened and not {0, 50} & opened


def test_the_state_of_the_process(bench):
    def change():
        os.umask(0o137)
        os.nice(3)
        os.setpgid(0, 0)
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))
        resource.setrlimit(resource.RLIMIT_CORE, (4096, 4096))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 31))
        signal.setitimer(signal.ITIMER_REAL, 1000)
        prctl(1, signal.SIGUSR1)  # PR_SET_PDEATHSIG
        prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
        prctl(29, 123456)  # PR_SET_TIMERSLACK

    dump = "\n".join(bench.compare(SECRET, [], setup=change))
    assert "umask 137" in dump and "dumpable 1 privileges 1" in dump and f"pdeath {signal.SIGUSR1:d}" in dump


def prctl(option, value):
    assert libc.prctl(option, value, 0, 0, 0) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_another_user(bench):
    for folder in [bench.folder, *bench.folder.parents][:4]:
        folder.chmod(0o777)

    def become():
        os.setgroups([1, 2, 3])
        os.setgid(65532)
        os.setuid(65532)

    bench.write(SECRET)
    bench.output.touch()
    bench.output.chmod(0o666)
    wrapper = bench.folder / "latchkey-exec"
    wrapper.write_bytes(WRAPPER.read_bytes())
    wrapper.chmod(0o755)
    probe = bench.folder / "probe"
    probe.write_bytes(bench.probe.read_bytes())
    probe.chmod(0o755)
    words, environment = [bytes(probe), b"dump"], bench.environment()
    wrapped = bench.dump_of(lambda: bench.wrapped(words, environment, become, wrapper=wrapper))
    direct = bench.dump_of(lambda: bench.direct(words, merge(environment, SECRET), become))
    assert wrapped == direct
    assert "uids 65532 65532 65532 gids 65532 65532 65532 groups 1 2 3" in "\n".join(direct)


@pytest.mark.parametrize("place", ["/", "{folder}/a b/é", "gone"])
def test_the_directory(bench, place):
    folder = bench.folder / "a b/é"
    folder.mkdir(parents=True)

    def change():
        if place == "gone":
            os.mkdir(bench.folder / "gone")
            os.chdir(bench.folder / "gone")
            os.rmdir(bench.folder / "gone")
        else:
            os.chdir(place.format(folder=bench.folder))

    bench.compare(SECRET, [], setup=change)


def test_a_script_runs_by_its_interpreter(bench):
    script = bench.folder / "script"
    script.write_text(f"#!{bench.probe} dump\n")
    script.chmod(0o755)
    bench.compare(SECRET, [], command=bytes(script), path=script)


STRACE = shutil.which("strace")


def test_its_system_calls_are_these_alone(bench):
    """Nothing else is touched; and the file is closed before the command begins."""
    bench.write(SECRET)
    log = bench.folder / "calls"
    words = [str(WRAPPER), "run", str(bench.file), "--", "probe", "exit", "0"]
    environment = {"PATH": f"/nowhere:{bench.probe.parent}"}
    if not STRACE or subprocess.run([STRACE, "-o", log, *words], env=environment).returncode != 0:
        pytest.skip("no strace, or it may not trace")
    calls = [line.partition("(")[0] for line in log.read_text().splitlines()]
    own = calls[1:calls.index("execve", 1) + 1]
    assert [call for call in own if call != "mmap"] == [
        "prctl", "openat", "fstat", "read", "read", "close", "newfstatat", "newfstatat", "faccessat2", "execve"]
    assert "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)" in log.read_text()
