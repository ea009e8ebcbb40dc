"""A job that refuses says so; one that is broken itself shows how."""

import pytest

from loadtests.errors import HostError
from loadtests.jobs.console import ANSWERED, REFUSED, tells_refusals
from tests.running import python

# What an answer is computed and shown with; no step needs it, and reading it takes seconds.
HEAVY = ("pandas", "scipy", "pyarrow", "IPython", "matplotlib", "pydantic")


def test_a_job_that_refuses_says_why_in_one_line_and_hands_on_what_it_was_given(capfd):
    @tells_refusals
    def job(cpus, *, here):
        if cpus > here:
            raise HostError(f"{cpus} CPU asked, the host has {here}")
        return ANSWERED

    assert job(4, here=2) == REFUSED
    assert capfd.readouterr().err == "Error: 4 CPU asked, the host has 2\n"
    assert job(1, here=2) == ANSWERED


def test_a_fault_of_the_job_itself_is_not_hidden():
    """Its traceback is what whoever mends it needs."""

    @tells_refusals
    def job():
        raise KeyError("oops")

    with pytest.raises(KeyError):
        job()


def test_what_every_step_of_make_runs_begins_without_what_takes_long_to_read():
    """`make up` runs it three times."""
    look = "import sys, loadtests.jobs.prepare; print(*sys.modules)"
    done = python("-c", look)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()).isdisjoint(HEAVY)
