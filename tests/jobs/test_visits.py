"""A neighbour that comes and goes: its pattern, its end, and what it leaves behind."""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loadtests.jobs import visits as module
from loadtests.jobs.neighbour import BUSY, CACHE
from loadtests.jobs.visits import LONGEST_S, SHORTEST_S, comes_and_goes, visits, worked_share
from tests.jobs.test_repeatability import children

HOUR_S = 3600.0


def test_the_pattern_is_the_same_for_a_seed_and_another_for_another():
    assert visits(6, HOUR_S) == visits(6, HOUR_S)
    assert visits(6, HOUR_S) != visits(7, HOUR_S)


@pytest.mark.parametrize("seed", range(6, 11))
def test_visits_and_the_quiet_between_them_last_some_minutes(seed):
    found = visits(seed, HOUR_S)
    assert all(SHORTEST_S <= v.end_s - v.start_s <= LONGEST_S for v in found[:-1])
    quiet = [after.start_s - before.end_s for before, after in itertools.pairwise(found)]
    assert all(SHORTEST_S <= pause_s <= LONGEST_S for pause_s in [found[0].start_s, *quiet])
    assert found[-1].end_s <= HOUR_S


def test_both_kinds_come():
    assert {visit.kind for seed in range(6, 11) for visit in visits(seed, HOUR_S)} == {BUSY, CACHE}


@pytest.fixture
def at_once(monkeypatch):
    """A neighbour that is there from the first moment on, in this process."""
    monkeypatch.setattr(module, "visits", lambda _seed, for_s: [module.Visit(BUSY, 0.0, for_s)])
    before = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, before)


def test_it_ends_by_itself_when_its_time_is_over_and_tells_when_it_worked(at_once, capsys):
    module.main(["1", "0", "0.3", str(os.getppid())])
    told = capsys.readouterr().out.splitlines()
    assert told
    assert all(line.endswith(f",{BUSY}") for line in told)


def test_without_who_started_it_it_does_nothing(at_once, capsys):
    module.main(["1", "0", "600", "0"])
    assert capsys.readouterr().out == ""


JOB = """
import sys, time
from pathlib import Path
from loadtests.jobs.visits import comes_and_goes
with comes_and_goes(6, 0, 600, Path(sys.argv[1])):
    print("there", flush=True)
    time.sleep(600)
"""


def test_it_ends_when_its_job_is_killed_outright(tmp_path):
    """Such a job cannot tell its neighbour to end."""
    command = [sys.executable, "-c", JOB, str(tmp_path / "neighbour.csv")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == "there\n"
        listed = subprocess.run(
            ["ps", "--ppid", str(job.pid), "-o", "pid="], capture_output=True, text=True, check=True
        )
        neighbour = int(listed.stdout)
        job.kill()
    while is_alive(neighbour):  # for good, were it not to end
        time.sleep(0.05)


def is_alive(pid):
    """Say whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_it_is_there_within_its_block_only(tmp_path):
    with comes_and_goes(6, 0, 600, tmp_path / "run" / "neighbour.csv"):
        assert len(children()) == 1
    assert children() == []


def test_the_share_of_a_time_in_which_it_worked_is_read_from_its_lines(tmp_path):
    lines = tmp_path / "neighbour.csv"
    assert worked_share(lines, 0, 10) == 0
    lines.write_text("".join(f"10{n}.250,{BUSY}\n" for n in range(5)))
    assert worked_share(lines, 100, 110) == 0.5
    assert worked_share(lines, 100, 105) == 1.0
    assert worked_share(lines, 105, 110) == 0.0
    assert worked_share(lines, 105, 105) == 0.0


@pytest.mark.parametrize("torn", ["103.2", "103.250,", "103.2103.250,busy loop\n"])
def test_a_torn_line_is_no_line(tmp_path, torn):
    lines = tmp_path / "neighbour.csv"
    lines.write_text(f"101.000,{BUSY}\n{torn}")
    assert worked_share(lines, 100, 110) == 0.1
