"""Ports are checked before anything is started on them (`loadtests.jobs.prepare --port`)."""

import re
import socket

import pytest

from loadtests.jobs import prepare
from tests.running import free_ports, python


def test_a_taken_port_is_refused_with_the_name_of_who_has_it() -> None:
    """Before anything is started, with exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = python("-m", "loadtests.jobs.prepare", "--port", str(port))
    assert done.returncode == 2
    assert re.search(rf"^Error: port {port} is taken by \S+ \(pid \d+\)", done.stderr)
    assert "API_PORT=" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_range_is_refused_for_one_taken_port_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """As many replicas as ports: each must be free."""
    first = free_ports(3)
    with socket.create_server(("127.0.0.1", first + 2)):
        assert prepare.main(["--port", f"{first}-{first + 2}"]) == 2
    assert f"port {first + 2} is taken" in capsys.readouterr().err


def test_free_ports_are_no_reason_to_refuse() -> None:
    """Alone or as a range."""
    first = free_ports(3)
    assert prepare.main(["--port", str(first)]) == 0
    assert prepare.main(["--port", f"{first}-{first + 2}"]) == 0


@pytest.mark.parametrize("wanted", ["eight", "", "-1", "8000-", "8002-8000", "0", "65536", "1-2-3"])
def test_a_port_that_is_none_is_refused(wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to give instead."""
    assert prepare.main([f"--port={wanted}"]) == 2
    assert "give a number, or a range like 8000-8002" in capsys.readouterr().err


def test_fewer_ports_than_replicas_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before Compose starts some of them and fails with the rest; the range to give is said."""
    first = free_ports(3)
    assert prepare.main([f"--port={first}", "--replicas=3"]) == 2
    assert f"give API_PORT={first}-{first + 2}" in capsys.readouterr().err
