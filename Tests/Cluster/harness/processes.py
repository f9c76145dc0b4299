"""Servers as child processes: started, waited for, stopped by process id."""

import os
import pathlib
import signal
import socket
import subprocess
import time


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(condition, what: str, seconds: float = 30, give_up=lambda: None):
    """Returns the first truthy result of `condition`; fails with `what` when there is none in time.

    `give_up` may return a text that says why waiting on is useless.
    """
    deadline = time.monotonic() + seconds
    problem: Exception | None = None
    while time.monotonic() < deadline:
        try:
            if result := condition():
                return result
        except (OSError, ValueError, AssertionError) as error:
            problem = error
        if reason := give_up():
            raise RuntimeError(f"{what}: {reason}")
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {seconds} s ({problem})")


class Server:
    """A child process with its output in a file. It dies with us, even if we are killed."""

    def __init__(self, name: str, command: list, folder: pathlib.Path, environment: dict | None = None):
        self.name = name
        self.log = folder / f"{name}.log"
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                preexec_fn=_die_with_parent,
            )

    def failure(self) -> str | None:
        """Why the server is no longer there, or None while it runs."""
        if self.process.poll() is None:
            return None
        return f"{self.name} ended with status {self.process.returncode}:\n{self.output()[-4000:]}"

    def output(self) -> str:
        """Everything the server has printed."""
        return self.log.read_text(errors="replace")

    def stop(self, grace: float = 30) -> int:
        """Ends the server: SIGTERM, after `grace` seconds SIGKILL. Returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def _die_with_parent():
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
