"""The probe, and a bench that runs it directly and through the wrapper."""
import pathlib
import subprocess

import pytest

from wrapper_bench import WRAPPER, Bench


@pytest.fixture(scope="session")
def probe(tmp_path_factory):
    """The probe, static, so that it runs in every root."""
    program = tmp_path_factory.mktemp("probe") / "probe"
    source = pathlib.Path(__file__).with_name("probe.c")
    subprocess.run(["cc", "-O1", "-static", "-Wall", "-Werror", "-o", program, source], check=True)
    program.parent.chmod(0o755)
    return program


@pytest.fixture
def bench(tmp_path, probe):
    if not WRAPPER.exists():
        pytest.fail(f"{WRAPPER} is missing: run `make exec`")
    return Bench(tmp_path, probe)
