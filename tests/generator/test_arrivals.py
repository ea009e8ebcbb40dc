"""Open arrivals with the whole program: sent when meant, and what is late counts as late."""

import json
import subprocess
from types import SimpleNamespace

import gevent
import numpy as np
import pandas as pd
import pytest

from loadtests.generator.arrivals import Arrivals
from loadtests.generator.schedule import CONSTANT, Schedule
from tests.generator.conftest import command
from tests.generator.running import CLASSIC, FAST, PROJECT, ended, level

pytestmark = pytest.mark.waits

RATE_PER_S = 50.0
STALL_S = 2.0
HEALTH = "/health"


@pytest.fixture
def stalling():
    """The port of a server that stands still once, two seconds after its first request."""
    with subprocess.Popen(
        command("stalling", 3.0, STALL_S), cwd=PROJECT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def open_level(users=200, rate_per_s=RATE_PER_S, **times):
    """Return a level of an open load."""
    return level(users, **times) | {"rate_per_s": rate_per_s}


def measured(start, tmp_path, script=FAST, **job):
    """Run the generator to its end, and return its report and the requests of its steady state."""
    _, code = ended(start(script, **job))
    assert code == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    (only,) = report["levels"]
    steady = requests["start_s"].between(only["steady_start_s"], only["steady_end_s"])
    return SimpleNamespace(report=report, all=requests, steady=requests[steady], level=only)


def percentile_ms(seen, percent):
    return float(np.percentile(seen.steady["latency_ms"], percent))


STEADY = {"warm_up_s": 1.0, "steady_s": 6.0}


def test_a_stall_of_the_service_is_seen_by_all_who_came_meanwhile(start, tmp_path, stalling):
    """Half a stall's arrivals waited half of it, and more where the machine stood still as well."""
    seen = measured(
        start, tmp_path, port=stalling, health_path=HEALTH, arrivals=CONSTANT, spawn_rate=200.0,
        levels=[open_level(**STEADY)],
    )  # fmt: skip
    waited = (seen.steady["latency_ms"] > STALL_S * 500).sum()
    assert waited > RATE_PER_S * STALL_S / 2 - 5
    assert percentile_ms(seen, 99) > STALL_S * 700
    assert percentile_ms(seen, 50) < STALL_S * 300
    assert seen.report["arrivals_waited"] == 0, "there were users enough"
    assert len(seen.all) == pytest.approx(seen.report["arrivals"], abs=2)


def test_a_closed_user_hides_that_stall(start, tmp_path, stalling):
    """The same requests a second, yet only the one that was sent at its beginning is slow."""
    seen = measured(
        start, tmp_path, port=stalling, health_path=HEALTH,
        levels=[level(1, **STEADY)], think_time_s=[0.015, 0.02],
    )  # fmt: skip
    assert (seen.steady["latency_ms"] > STALL_S * 500).sum() == 1
    assert percentile_ms(seen, 99) < STALL_S * 300


def test_what_finds_no_user_free_is_late_and_the_service_is_why(start, tmp_path, stalling):
    """Five users wait through the stall, all others for one of them: they are as late as ever."""
    seen = measured(
        start, tmp_path, port=stalling, health_path=HEALTH, arrivals=CONSTANT, spawn_rate=200.0,
        levels=[open_level(users=5, **STEADY)],
    )  # fmt: skip
    waited = (seen.steady["latency_ms"] > STALL_S * 500).sum()
    assert waited > RATE_PER_S * STALL_S / 2 - 5
    assert percentile_ms(seen, 50) < STALL_S * 300
    assert seen.report["arrivals_waited"] > 0.8 * RATE_PER_S * STALL_S
    # The five begin within their first second or so, and some arrive before them.
    assert seen.report["arrivals_unexplained"] < seen.report["arrivals_waited"] / 2


OWN_TIME = FAST.replace("import FastHttpUser", "import FastHttpUser, between").replace(
    'self.client.get("/")', 'self.client.get("/"); __import__("time").sleep(0.5)'
)


def test_a_script_that_takes_its_own_time_is_told_apart_from_a_slow_service(start, tmp_path, port):
    seen = measured(
        start, tmp_path, OWN_TIME, port=port, arrivals=CONSTANT, spawn_rate=20.0,
        levels=[open_level(users=10, **STEADY)],
    )  # fmt: skip
    assert seen.report["arrivals_waited"] > 100
    assert seen.report["arrivals_unexplained"] == seen.report["arrivals_waited"]
    # Ten users make twenty requests a second of the fifty; the rest waits until the end.
    never = seen.all[(seen.all["outcome"] == "in_flight") & (seen.all["latency_ms"] > 500)]
    assert len(never) > 100
    assert len(seen.all) == pytest.approx(seen.report["arrivals"], abs=12), "none is lost"


def test_a_generator_that_stands_still_says_so_itself(start, tmp_path, port):
    """All are late then, and the heartbeat is too: it is none of the service's doing."""
    stops = FAST + (
        "import time, gevent\n"
        "def stop():\n"
        "    gevent.sleep(4)\n"
        "    until = time.perf_counter() + 1.5\n"
        "    while time.perf_counter() < until: pass\n"
        "gevent.spawn(stop)\n"
    )
    seen = measured(
        start, tmp_path, stops, port=port, arrivals=CONSTANT, spawn_rate=200.0,
        levels=[open_level(**STEADY)],
    )  # fmt: skip
    assert (seen.steady["latency_ms"] > 750).sum() > 20
    assert seen.report["heartbeat_lag_max_ms"] > 1000


def test_so_many_requests_begin_as_arrive_with_the_other_client_too(start, tmp_path, port):
    seen = measured(
        start, tmp_path, CLASSIC, port=port, arrivals=CONSTANT, spawn_rate=100.0,
        levels=[open_level(users=100, warm_up_s=1.2, steady_s=3.0)],
    )  # fmt: skip
    steady_s = seen.level["steady_end_s"] - seen.level["steady_start_s"]
    assert len(seen.steady) == pytest.approx(RATE_PER_S * steady_s, abs=2)
    assert len(seen.all) == pytest.approx(seen.report["arrivals"], abs=2)
    assert seen.level["rate_per_s"] == RATE_PER_S
    assert set(seen.all["outcome"]) <= {"ok", "in_flight"}


TWICE = """
from locust import FastHttpUser, TaskSet, task
class Visitor(FastHttpUser):
    @task
    class Inner(TaskSet):
        @task
        def look(self):
            self.client.get("/", name="first")
            self.client.get("/", name="second")
            self.interrupt(reschedule=False)
"""


def test_a_task_within_another_is_one_arrival_with_all_its_requests(start, tmp_path, port):
    seen = measured(
        start, tmp_path, TWICE, port=port, arrivals=CONSTANT, spawn_rate=100.0,
        levels=[open_level(users=50, warm_up_s=0.5, steady_s=1.5)],
    )  # fmt: skip
    counts = seen.all["name"].value_counts()
    assert counts["first"] == pytest.approx(seen.report["arrivals"], abs=2)
    assert counts["second"] == pytest.approx(counts["first"], abs=2)


class Hand:
    """Time that a test moves, and a schedule that it writes."""

    def __init__(self, *due_s):
        self.now_s, self._due_s = 0.0, list(due_s)

    def monotonic(self):
        return self.now_s

    def change(self, start_s, rate_per_s, seconds):
        """Take no notice."""

    def next_s(self):
        return self._due_s.pop(0) if self._due_s else 1e9


def test_what_nobody_has_taken_ages_from_when_it_was_meant():
    hand = Hand(-3.0, -1.0)
    arrivals = Arrivals(hand, lambda: True, hand.monotonic)
    arrivals.change_rate(1.0, 0.0)
    gevent.sleep(0)
    assert (arrivals.made, arrivals.waited, arrivals.unexplained) == (2, 2, 0)
    assert arrivals.ages_s() == [3.0, 1.0]
    user = gevent.getcurrent()
    arrivals.take(user)
    assert arrivals.ages_s() == [1.0]
    assert arrivals.is_with(user)
    assert (arrivals.spend_late_s(user), arrivals.spend_late_s(user)) == (3.0, 0.0)
    arrivals.end()


def test_a_request_of_a_greenlet_that_the_user_spawned_is_the_user_s():
    hand = Hand(-3.0)
    arrivals = Arrivals(hand, lambda: True, hand.monotonic)
    arrivals.change_rate(1.0, 0.0)
    gevent.sleep(0)
    arrivals.take(gevent.getcurrent())
    spent = []
    child = gevent.spawn(lambda: spent.append(arrivals.spend_late_s(gevent.getcurrent())))
    child.join()
    assert spent == [3.0]
    arrivals.end()


def test_who_has_been_free_the_longest_goes_next_and_who_is_gone_is_passed_over():
    arrivals = Arrivals(Schedule(CONSTANT, 1), lambda: True)
    went = []

    def ready(number):
        arrivals.take(gevent.getcurrent())
        went.append(number)

    users = [gevent.spawn(ready, number) for number in range(6)]
    gevent.sleep(0)
    users[2].kill()
    arrivals.change_rate(1000.0, 0.0)
    gevent.joinall(users)
    assert went == [0, 1, 3, 4, 5]
    arrivals.end()
