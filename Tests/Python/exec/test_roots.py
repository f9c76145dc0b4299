"""The wrapper in the roots of other people's images: nothing at all, musl, Debian."""
import os
import pathlib
import platform
import shutil
import subprocess

import pytest

from wrapper_bench import REPOSITORY, WRAPPER, Bench, encode, merge

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for chroot")
SECRET = [(b"DB_PASSWORD", b"canary-5f2c91"), (b"PATH", b"/usr/bin:/bin")]
HERE = pathlib.Path(__file__).parent


class Root(Bench):
    """The same comparison with both programs in a root of their own, as a user who is nobody there."""

    def __init__(self, root):
        super().__init__(root, pathlib.Path("/usr/bin/probe"))
        self.root = root
        for name in ("usr/bin", "run/latchkey/bin", "run/latchkey/env", "out", "dev", "work"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "out").chmod(0o777)
        shutil.copy(WRAPPER, root / "run/latchkey/bin/latchkey-exec")
        self.file = root / "run/latchkey/env/environment"
        self.output = root / "out/dump"

    def inside(self):
        os.chroot(self.root)
        os.chdir("/work")
        os.setgroups([])
        os.setgid(65532)
        os.setuid(65532)

    def both(self, command, path=None):
        self.file.write_bytes(encode(SECRET))
        self.file.chmod(0o444)
        environment = [b"PROBE_OUTPUT=/out/dump", b"PATH=/nowhere", b"DB_PASSWORD=akv://shop/db"]
        wrapped = self.dump_of(lambda: self.through_wrapper(command, environment))
        direct = self.dump_of(lambda: self.direct(command, merge(environment, SECRET), self.inside, path))
        assert wrapped == direct
        assert "env " + b"DB_PASSWORD=canary-5f2c91".hex() in direct
        return direct

    def through_wrapper(self, command, environment=(), setup=None):
        return self.wrapped(command, list(environment), setup or self.inside,
                            wrapper="/run/latchkey/bin/latchkey-exec", file="/run/latchkey/env/environment")


@pytest.fixture
def scratch(tmp_path, probe):
    tmp_path.chmod(0o755)
    root = Root(tmp_path)
    shutil.copy(probe, tmp_path / "usr/bin/probe")
    return root


def test_an_empty_root(scratch):
    files = sorted(str(path.relative_to(scratch.root)) for path in scratch.root.rglob("*") if path.is_file())
    assert files == ["run/latchkey/bin/latchkey-exec", "usr/bin/probe"]
    scratch.both([b"/usr/bin/probe", b"dump"])
    scratch.both([b"probe", b"dump"], path="/usr/bin/probe")


def test_a_fault_is_the_termination_message(scratch):
    log = scratch.root / "dev/termination-log"
    log.write_text("before\n")
    log.chmod(0o666)
    assert scratch.through_wrapper([b"missing"], setup=lambda: (os.dup2(os.open("/dev/null", os.O_WRONLY), 2),
                                                                scratch.inside())).code == 122
    said = log.read_text()
    assert said.startswith("before\nlatchkey-exec: the environment file '/run/latchkey/env/environment' cannot be read")
    scratch.file.write_bytes(encode(SECRET))
    assert scratch.through_wrapper([b"probe", b"exit", b"3"]).code == 3
    assert log.read_text() == said


def test_a_musl_root(tmp_path):
    if platform.machine() != "x86_64":
        pytest.skip("Debian's folders of musl are spelt out for x86_64")
    fetched = subprocess.run([REPOSITORY / "scripts/musl.sh"], capture_output=True, text=True)
    if fetched.returncode != 0:
        pytest.skip(f"no musl: {fetched.stderr.strip().splitlines()[-1:]}")
    musl = pathlib.Path(fetched.stdout.strip())
    tmp_path.chmod(0o755)
    root = Root(tmp_path)
    libraries = musl / "usr/lib/x86_64-linux-musl"
    (tmp_path / "lib").mkdir()
    shutil.copy(musl / "lib/x86_64-linux-musl/libc.so", tmp_path / "lib/ld-musl-x86_64.so.1")
    subprocess.run(
        ["cc", "-O1", "-nostdinc", "-isystem", musl / "usr/include/x86_64-linux-musl", "-fno-pie", "-no-pie",
         "-fno-stack-protector", "-nostdlib", "-o", tmp_path / "usr/bin/probe", libraries / "crt1.o",
         libraries / "crti.o", HERE / "probe.c", "-L", musl / "lib/x86_64-linux-musl", "-l:libc.so",
         libraries / "crtn.o", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1"], check=True)
    root.both([b"probe", b"dump", b"x"], path="/usr/bin/probe")


def test_a_debian_root(tmp_path):
    """This machine's own C library and shell, and a script that is started through PATH."""
    tmp_path.chmod(0o755)
    root = Root(tmp_path)
    subprocess.run(["cc", "-O1", "-o", tmp_path / "usr/bin/probe", HERE / "probe.c"], check=True)
    for program in (pathlib.Path("/bin/sh").resolve(), tmp_path / "usr/bin/probe"):
        listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
        for library in (pathlib.Path(word) for word in listed.split() if word.startswith("/")):
            target = tmp_path / library.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)
    (tmp_path / "bin").mkdir(exist_ok=True)
    shutil.copy("/bin/sh", tmp_path / "bin/sh")
    script = tmp_path / "usr/bin/start"
    script.write_text('#!/bin/sh\nexec probe dump "$0" "$DB_PASSWORD"\n')
    script.chmod(0o755)
    root.both([b"probe", b"dump", b"x"], path="/usr/bin/probe")
    dump = root.both([b"start"], path="/usr/bin/start")
    arguments = [bytes.fromhex(line[4:]) for line in dump if line.startswith("arg ")]
    assert arguments == [b"probe", b"dump", b"/usr/bin/start", b"canary-5f2c91"]
