"""Runs programs with exactly the arguments, environment and process state that a test asks for."""
import ctypes
import mmap
import os
import pathlib
import re
import signal
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
WRAPPER = pathlib.Path(os.environ.get("LATCHKEY_EXEC", REPOSITORY / ".build/bin/latchkey-exec"))
libc = ctypes.CDLL(None, use_errno=True)


def encode(variables, replacements=()):
    """The environment file's format, written down a second time."""
    body = b"akv://\0" + b"".join(text + b"\0" + value + b"\0" for text, value in replacements)
    body += b"".join(name + b"=" + value + b"\0" for name, value in variables)
    return b"latchkey-environment 1 1 %d %d %d\n" % (len(replacements), len(variables), len(body)) + body


class Refused(Exception):
    """The wrapper must not start such a command."""


REFERENCES = re.compile(
    rb"(?P<literal>\$\$\{akv://)|(?P<braced>\$\{akv://[^}]*\})|(?P<unclosed>\$\{akv://)"
    rb"|(?P<scheme>[a-z0-9+.-]akv://)|(?P<bare>akv://)", re.IGNORECASE)


def substitute(text, replacements):
    """What the wrapper makes of one value or argument, by other means than its own."""
    known = dict(replacements)

    def value(key):
        if key not in known:
            raise Refused("has not resolved")
        return known[key]

    def one(match):
        found = match.group()
        if match.lastgroup == "literal":
            return found[1:]
        if match.lastgroup == "braced":
            return value(found)
        if match.lastgroup == "scheme" and all(key.startswith(b"$") for key in known):
            return found
        raise Refused("without '}'" if match.lastgroup == "unclosed" else "within a longer text")

    return value(text) if text[:6].lower() == b"akv://" else REFERENCES.sub(one, text)


def merge(inherited, variables, replacements=()):
    """What the wrapper does with an environment: a list of entries, and what is in the file."""
    ours, placed, merged = dict(variables), set(), []
    for entry in inherited:
        name, equals, value = entry.partition(b"=")
        if not name or not equals or name not in ours:
            start = name + equals if equals else b""
            merged.append(start + substitute(value if equals else entry, replacements))
        elif name not in placed:
            merged.append(name + b"=" + ours[name])
            placed.add(name)
    return merged + [name + b"=" + value for name, value in variables if name not in placed]


class Result:
    """How a program ended: the errno of execve, or the status of waitpid."""

    def __init__(self, errno, status, pid):
        self.errno, self.status, self.pid = errno, status, pid

    @property
    def code(self):
        return os.waitstatus_to_exitcode(self.status)


def texts(items):
    return (ctypes.c_char_p * (len(items) + 1))(*items, None)


def execute(path, arguments, environment, setup=None):
    """Forks, calls `setup`, executes; waits until the program ends or stops, and ends it then."""
    path, arguments, environment = os.fsencode(path), texts(arguments), texts(environment)
    shared = mmap.mmap(-1, 4096)
    pid = os.fork()
    if pid == 0:
        try:
            if setup:
                setup()
            libc.execve(path, arguments, environment)
            shared[:4] = ctypes.get_errno().to_bytes(4, "little")
        except BaseException as problem:
            shared[:4] = (1 << 20).to_bytes(4, "little")
            shared[4:2004] = repr(problem).encode()[:2000].ljust(2000)
        os._exit(96)
    status = wait(pid)
    number = int.from_bytes(shared[:4], "little")
    assert number != 1 << 20, shared[4:2004]
    return Result(number, status, pid)


def wait(pid):
    """The status of a child that ended or stopped; one that hangs is killed, which no test expects."""
    deadline, ended = time.monotonic() + 60, 0
    while not ended and time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if not ended:
            time.sleep(0.0002)
    if not ended or os.WIFSTOPPED(status):
        os.kill(pid, signal.SIGKILL)
        _, killed = os.waitpid(pid, 0)
    return status if ended else killed


class Bench:
    """A folder with a probe, the wrapper and an environment file, for direct and wrapped runs alike."""

    def __init__(self, folder, probe):
        self.folder, self.probe = folder, probe
        self.file, self.output, self.errors = folder / "environment", folder / "dump", folder / "errors"

    def write(self, variables, replacements=()):
        self.file.write_bytes(encode(variables, replacements))

    def dump_of(self, run):
        """The probe's dump, its own number left out after a look at it."""
        self.output.unlink(missing_ok=True)
        result = run()
        assert (result.errno, result.status) == (0, 0), (result.errno, result.status, self.said())
        lines = self.output.read_text().splitlines()
        assert lines[0].startswith(f"pid {result.pid} ")
        head = ["itself" if word == str(result.pid) else word for word in lines[0].split()]
        return head + lines[1:]

    def environment(self, *entries):
        return [b"PROBE_OUTPUT=" + bytes(self.output), *entries]

    def direct(self, arguments, environment, setup=None, path=None):
        return execute(path or arguments[0], arguments, environment, setup)

    def wrapped(self, arguments, environment, setup=None, wrapper=WRAPPER, file=None):
        words = [b"latchkey-exec", b"run", os.fsencode(file or self.file), b"--"]
        return execute(wrapper, words + arguments, environment, setup)

    def compare(self, variables, environment, arguments=(), setup=None, command=None, path=None, replacements=()):
        """Both ways, and no difference but what the file says. The dump, for a test that wants to see more."""
        self.write(variables, replacements)
        words = [command or bytes(self.probe), b"dump", *arguments]
        environment = self.environment(*environment)
        wrapped = self.dump_of(lambda: self.wrapped(words, environment, setup))
        words = [substitute(word, replacements) for word in words]
        environment = merge(environment, variables, replacements)
        direct = self.dump_of(lambda: self.direct(words, environment, setup, path))
        assert wrapped == direct
        return direct

    def fault(self, arguments, environment=(), setup=None, **options):
        """A run that must not come to its command: exit code and what was said."""
        self.errors.unlink(missing_ok=True)

        def with_errors():
            descriptor = os.open(self.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            if setup:
                setup()

        result = self.wrapped(arguments, list(environment), with_errors, **options)
        return result.code, self.said()

    def said(self):
        return self.errors.read_text() if self.errors.exists() else ""
