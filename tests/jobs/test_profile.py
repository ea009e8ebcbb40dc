"""py-spy looks at a real process, and what cannot be looked at is said."""

import subprocess
import sys

import pytest

from loadtests.errors import HostError
from loadtests.jobs import profile

SPINNING = """\
def spin():
    while True:
        pass

print("started", flush=True)
spin()
"""


def test_a_process_is_seen_in_the_function_whose_code_runs(tmp_path):
    script = tmp_path / "spinning.py"
    script.write_text(SPINNING)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            found = profile.seen(process.pid, 1, tmp_path)
        finally:
            process.kill()
    assert "spin (spinning.py)" in found


def test_a_process_that_is_not_there_is_named(tmp_path):
    with subprocess.Popen(["true"]) as process:
        process.wait()
    with pytest.raises(HostError, match=f"process {process.pid}, try as root"):
        profile.seen(process.pid, 1, tmp_path)


def test_without_py_spy_it_is_said_how_to_have_it(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostError, match="make env-dev"):
        profile.profiler()
