"""The order of the trials, a neighbour that ends, and work pinned to each CPU."""

import math
import os
import subprocess
import sys
import time
from collections import Counter

import pytest

from loadtests.analysis.speed import NOBODY
from loadtests.jobs.neighbour import CACHE, neighbour
from loadtests.jobs.pinned_work import mean_us, pinned_work
from loadtests.jobs.repeatability import NEIGHBOURS, SETTINGS, turns


def children():
    """Return the commands of this process's children."""
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "args="],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in listed.stdout.splitlines() if "loadtests.jobs" in line]


def test_every_round_has_every_setting_beside_every_neighbour_in_an_order_of_its_own():
    order = turns(3, seed=1)
    assert len(order) == 3 * len(SETTINGS) * len(NEIGHBOURS) >= 40
    counts = Counter((turn.setting, turn.neighbour) for turn in order)
    assert set(counts.values()) == {3}
    size = len(order) // 3
    rounds = [[(t.setting, t.neighbour) for t in order[n : n + size]] for n in (0, size, 2 * size)]
    assert rounds[0] != rounds[1] != rounds[2]
    assert len({(turn.setting, turn.repeat) for turn in order}) == len(order)
    assert turns(3, seed=1) == order


def test_a_neighbour_is_there_within_its_block_only():
    with neighbour(CACHE, 0, 60):
        assert len(children()) == 1
    with neighbour(NOBODY, 0, 60):
        assert children() == []
    assert children() == []


def test_a_neighbour_ends_by_itself_when_its_time_is_over():
    command = [sys.executable, "-m", "loadtests.jobs.neighbour", "busy loop", "0", "0.2"]
    assert subprocess.run(command, check=False, timeout=60).returncode == 0


def test_work_is_timed_on_each_cpu_and_read_back_between_two_moments(tmp_path):
    began = time.time()
    lines = tmp_path / "pinned.csv"
    with pinned_work(lines):
        cpus = len(os.sched_getaffinity(0))
        while len(lines.read_text().splitlines()) < 2 * cpus:
            time.sleep(0.05)
    assert mean_us(lines, began, time.time()) > 0
    assert math.isnan(mean_us(lines, began - 10, began - 5))
    assert children() == []


@pytest.mark.parametrize("missing", ["", "1.0,0,"])
def test_a_torn_last_line_does_no_harm(tmp_path, missing):
    lines = tmp_path / "pinned.csv"
    lines.write_text("1.0,0,300.0\n1.1,1,500.0\n" + missing)
    assert mean_us(lines, 0.5, 2.0) == 400.0
