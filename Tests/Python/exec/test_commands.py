"""Which command is started, and what is said where none can be."""
import errno
import os
import random
import resource
import subprocess

import pytest

from wrapper_bench import WRAPPER, encode, execute

SECRET = [(b"DB_PASSWORD", b"canary-5f2c91")]


def look_up(command, search_path):
    """exec.LookPath of Go, which runc uses, in Python: the path, "relative" or None."""
    def is_executable(path):
        try:
            return not os.path.isdir(path) and os.access(path, os.X_OK, effective_ids=True)
        except ValueError:
            return False

    def clean(path):
        rooted, parts = path.startswith("/"), []
        for part in path.split("/"):
            if part in ("", "."):
                continue
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part != ".." or not rooted:
                parts.append(part)
        return ("/" if rooted else "") + "/".join(parts)

    if "/" in command:
        return command
    if command in ("", ".", "..") or not search_path:
        return None
    for folder in search_path.split(":"):
        path = clean((folder or ".") + "/" + command)
        if is_executable(path):
            return path if path.startswith("/") else "relative"
    return None


@pytest.fixture
def tree(bench):
    """Folders in which `tool` is executable, is a folder, cannot be executed, is missing, or is a link."""
    for name in ("good", "folder/tool", "plain", "missing", "links", "broken"):
        (bench.folder / name).mkdir(parents=True)
    (bench.folder / "good/tool").write_bytes(bench.probe.read_bytes())
    (bench.folder / "good/tool").chmod(0o755)
    (bench.folder / "plain/tool").write_text("no program")
    (bench.folder / "links/tool").symlink_to("../good/tool")
    (bench.folder / "broken/tool").symlink_to("nowhere")
    return bench


def test_the_search_in_path(tree, monkeypatch):
    monkeypatch.chdir(tree.folder)
    generator = random.Random(3)
    root = str(tree.folder)
    names = ["good", "folder", "plain", "missing", "links", "broken", "good/../good", "good/", "./good//.", "a/../../x"]
    seen = set()
    for _ in range(300):
        parts = [f"{root}/{name}" for name in generator.choices(names, k=generator.randrange(1, 4))]
        if generator.random() < 0.3:
            relative = generator.choice(["", ".", "good", "../x", "/", "//", "/.."])
            parts.insert(generator.randrange(len(parts) + 1), relative)
        search_path = ":".join(parts)
        found = look_up("tool", search_path)
        check(tree, search_path, found)
        seen.add("found" if found and found != "relative" else found)
    assert seen == {"found", "relative", None}


def check(tree, search_path, found):
    tree.write([(b"PATH", search_path.encode()), *SECRET])
    inherited = [b"PATH=/does/not/count"]
    if found is None or found == "relative":
        code, said = tree.fault([b"tool", b"exit", b"1"], inherited)
        assert code == (126 if found else 127), (search_path, said)
        assert said.count("\n") == 1 and "'tool'" in said
        return
    dump = tree.dump_of(lambda: tree.wrapped([b"tool", b"dump"], tree.environment(*inherited)))
    assert "execfn " + found.encode().hex() in dump, search_path


@pytest.mark.parametrize("search_path", [None, b"", b":", b"/nowhere:"])
def test_a_path_without_the_command(tree, search_path):
    tree.write(SECRET)
    code, said = tree.fault([b"tool"], [] if search_path is None else [b"PATH=" + search_path])
    said = said.removeprefix("latchkey-exec: the command 'tool' is no executable file in any directory of PATH")
    assert (code, said) == (127, ": correct the command or PATH\n")


@pytest.mark.parametrize("command", [b"", b".", b".."])
def test_names_that_are_no_command(tree, command):
    tree.write(SECRET)
    assert tree.fault([command], [b"PATH=/usr/bin:/bin:"])[0] == 127


def test_a_relative_command_is_found_from_the_directory(tree, monkeypatch):
    monkeypatch.chdir(tree.folder / "good")
    tree.compare(SECRET, [], command=b"./tool", path="./tool")
    tree.compare(SECRET, [], command=b"../links/tool", path="../links/tool")


def unusable(folder, probe):
    """Name, path, what is said; the errno is found out by executing directly."""
    def file(name, content, mode=0o755):
        (folder / name).write_bytes(content)
        (folder / name).chmod(mode)
        return folder / name

    (folder / "loop").symlink_to("loop")
    return {
        "missing": (folder / "missing/command", 127, "no such file or directory"),
        "below a file": (file("file", b"x") / "command", 127, "not a directory"),
        "not executable": (file("plain", probe.read_bytes(), 0o644), 126, "permission denied"),
        "folder": (folder, 126, "is a directory"),
        "script without #!": (file("script", b"echo x\n"), 126, "exec format error"),
        "empty": (file("empty", b""), 126, "exec format error"),
        "no interpreter": (file("no-interpreter", b"#!/no/such/shell\n"), 126, "needs an interpreter"),
        "loop": (folder / "loop", 126, "too many levels"),
        "long name": (folder / ("n" * 300), 126, "file name too long"),
    }


CASES = ["missing", "below a file", "not executable", "folder", "script without #!", "empty", "no interpreter", "loop",
         "long name"]


@pytest.mark.parametrize("case", CASES)
def test_commands_that_cannot_be_executed(bench, case):
    path, code, words = unusable(bench.folder, bench.probe)[case]
    bench.write(SECRET)
    assert bench.direct([os.fsencode(path)], []).errno != 0
    result, said = bench.fault([os.fsencode(path)])
    assert (result, said.count("\n")) == (code, 1) and words in said and ": " in said
    assert "canary" not in said


def test_a_program_that_is_being_written(bench):
    program = bench.folder / "busy"
    program.write_bytes(bench.probe.read_bytes())
    program.chmod(0o755)
    bench.write(SECRET)
    with open(program, "r+b"):
        assert bench.direct([os.fsencode(program)], []).errno == errno.ETXTBSY
        assert bench.fault([os.fsencode(program)])[0] == 126


def test_an_environment_that_is_too_large(bench):
    """Whatever the kernel takes directly, it takes through the wrapper, and the other way round."""
    words = [bytes(bench.probe), b"exit", b"7"]
    outcomes = set()
    for megabytes in (0.2, 0.24, 0.26, 0.3, 1.5):
        size = int(megabytes * 1_000_000 / 100)
        variables = [(b"V%05d" % number, b"x" * 92) for number in range(size)]
        bench.write(variables)

        def small_stack():
            resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.RLIM_INFINITY))

        direct = bench.direct(words, [name + b"=" + value for name, value in variables], small_stack)
        code, said = bench.fault(words, setup=small_stack)
        assert code == (124 if direct.errno == errno.E2BIG else 7), said
        if direct.errno:
            assert "argument list too long" in said
        outcomes.add(code)
    assert outcomes == {7, 124}


def test_an_entry_that_is_too_long(bench):
    bench.write([(b"LONG", b"x" * (128 * 1024 - 5))])
    assert bench.fault([bytes(bench.probe), b"exit", b"7"])[0] == 124


@pytest.mark.parametrize("words", [
    [], [b"--run"], [b"run"], [b"run", b"FILE"], [b"run", b"FILE", b"--"], [b"run", b"--", b"x"],
    [b"run", b"", b"--", b"x"], [b"run", b"FILE", b"x"], [b"run", b"--keep", b"FILE", b"--", b"x"],
    [b"FILE", b"--", b"x"],
    [b"run", b"--join=1,4", b"FILE", b"--", b"a", b"b", b"c", b"d"],
], ids=lambda words: b" ".join(words).decode() or "nothing")
def test_command_lines_that_are_wrong(bench, words):
    bench.write(SECRET)
    words = [bytes(bench.file) if word == b"FILE" else word for word in words]
    read, write = os.pipe()
    result = execute(WRAPPER, [b"latchkey-exec", *words], [], lambda: os.dup2(write, 2))
    os.close(write)
    with os.fdopen(read) as reading:
        said = reading.read()
    assert result.code == 121 and said.count("\n") == 1 and "latchkey-exec --help" in said


def test_no_arguments_at_all(bench):
    result = execute(WRAPPER, [], [], lambda: os.close(2))
    assert result.errno == 0 and result.code == 121


def test_what_is_quoted_stays_one_line(bench):
    bench.write(SECRET)
    _, said = bench.fault([b"/no\n\x1b[31m\r" + b"x" * 5000])
    assert said.count("\n") == 1 and "\x1b" not in said and "\r" not in said and len(said) < 600


class TestEnvironmentFile:
    def refused(self, bench, content, code=123):
        bench.file.write_bytes(content)
        result, said = bench.fault([bytes(bench.probe), b"exit", b"0"])
        assert (result, said.count("\n")) == (code, 1), said
        assert said.startswith("latchkey-exec: the environment file '") and "canary" not in said

    def test_cut_short_anywhere(self, bench):
        content = encode([(b"A", b"1"), (b"DB_PASSWORD", b"canary-5f2c91"), (b"EMPTY", b"")])
        for length in range(len(content)):
            self.refused(bench, content[:length])

    @pytest.mark.parametrize("content", [
        b"", b"\n", b"2 0 0 0 0\n", b"1 0 0\n", b"1 0 0 0 0", b"1 0 0 0 0 \n", b"1 0 0 0  0\n", b"1 0 0 0 00\n",
        b"1 0 0 0 -0\n", b"1 0 0 0 0\nA=1\0", b"1 0 0 1 4\nA=1\0B=2\0", b"1 0 0 1 8\nA=1\0B=2\0",
        b"1 0 0 3 8\nA=1\0B=2\0", b"1 0 0 2 8\nA=1\0A=2\0", b"1 0 0 1 4\n=1x\0", b"1 0 0 1 4\nABC\0",
        b"1 0 0 1 4\nA=12", b"1 0 0 1 3\n=\0\0", b"1 0 0 999999999 4\nA=1\0", b"1 0 999999999 0 4\nA=1\0",
        b"1 999999999 0 0 4\nA=1\0", b"1 0 0 18446744073709551615 4\nA=1\0",
        b"1 0 0 1 99999999999999999999\nA=1\0", b"1 1 0 0 6\nakv:/\0", b"1 1 0 0 7\nAKV://\0", b"1 1 0 0 4\n://\0",
        b"1 1 0 0 8\na1v://x\0", b"1 2 0 0 7\nakv://\0", b"1 0 1 0 3\na\0b", b"1 0 1 0 2\na\0", b"1 0 1 0 2\n\0\0",
        b"1 0 2 0 8\na\0b\0a\0b\0", b"1 0 1 0 8\na\0b\0a\0b\0", b"1 0 1 1 8\na\0b\0a\0b\0",
    ])
    def test_damaged(self, bench, content):
        self.refused(bench, b"latchkey-environment " + content if content else content)

    def test_too_large(self, bench):
        fits = [(b"V%02d" % number, b"x" * 100_000) for number in range(20)]
        header = len(encode(fits))
        fits.append((b"LAST", b"x" * ((2 << 20) - header - 6)))
        assert len(encode(fits)) == 2 << 20
        bench.write(fits)
        assert bench.fault([bytes(bench.probe), b"exit", b"0"])[0] in (0, 124)
        self.refused(bench, encode(fits[:-1] + [(b"LAST", fits[-1][1] + b"x")]))

    def test_missing(self, bench):
        code, said = bench.fault([bytes(bench.probe)])
        assert code == 122 and "latchkey-agent has not written it" in said

    def test_no_file(self, bench):
        bench.file.mkdir()
        assert bench.fault([bytes(bench.probe)])[0] == 123

    def test_a_pipe_does_not_make_it_wait(self, bench):
        os.mkfifo(bench.file)
        assert bench.fault([bytes(bench.probe)])[0] == 123

    def test_by_links_as_the_agent_writes_it(self, bench):
        (bench.folder / "..2026").mkdir()
        (bench.folder / "..2026/environment").write_bytes(encode(SECRET))
        (bench.folder / "..data").symlink_to("..2026")
        bench.file.symlink_to("..data/environment")
        assert bench.fault([bytes(bench.probe), b"exit", b"3"])[0] == 3

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
    def test_not_readable(self, bench):
        for folder in [bench.folder, *bench.folder.parents][:4]:
            folder.chmod(0o777)
        bench.write(SECRET)
        bench.file.chmod(0o400)
        wrapper = bench.folder / "latchkey-exec"
        wrapper.write_bytes(WRAPPER.read_bytes())
        wrapper.chmod(0o755)
        code, said = bench.fault([bytes(bench.probe)], setup=lambda: os.setuid(65532), wrapper=wrapper)
        assert code == 122 and "permission denied" in said and "uid" in said


def test_the_help_lists_every_exit_code():
    said = subprocess.run([WRAPPER, "--help"], check=True, capture_output=True, text=True).stdout
    listed = [int(line.split()[0]) for line in said.partition("exit status")[2].splitlines()[1:] if line]
    assert listed == [0, 120, 121, 122, 123, 124, 125, 126, 127]
