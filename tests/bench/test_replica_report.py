"""What a replica's log says of limits that are not the setting's."""

import pytest

from loadtests.bench.replica_report import limits_named

LOGS = [
    ("GET /health 200\nready\n", (), "nothing of the kind"),
    ("OSError: [Errno 24] Too many open files\n", ("open files",), "Python"),
    ("Error: accept EMFILE\n", ("open files",), "Node"),
    ("accept4: too many open files; retrying in 5ms\n", ("open files",), "Go"),
    ("RuntimeError: can't start new thread\n", ("processes",), "Python's threads"),
    (
        "Too many open files\nsh: fork: Resource temporarily unavailable\n",
        ("open files", "processes"),
        "both",
    ),
]


@pytest.mark.parametrize(("log", "limits", "what"), LOGS)
def test_a_limit_that_is_not_the_settings_is_read_from_the_log(log, limits, what):
    """Else a service would be told to fail for want of what it was never asked about."""
    assert limits_named(log) == limits, what
