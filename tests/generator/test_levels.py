"""The way through the levels of a load, on a clock that goes only when someone sleeps."""

import json
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from loadtests.generator.alone import Alone
from loadtests.generator.cpu import CpuMeter
from loadtests.generator.early_stop import EarlyStop
from loadtests.generator.fixed_work import FixedWork
from loadtests.generator.heartbeat import Heartbeat
from loadtests.generator.job import Job, Level
from loadtests.generator.journal import Journal
from loadtests.generator.levels import LevelRunner
from loadtests.generator.own_load import OwnLoad
from loadtests.generator.speed_gauge import SpeedGauge
from loadtests.generator.ticks import Ticks
from loadtests.generator.users import UserCount
from loadtests.generator.watch import POLL_S, Watch
from tests.generator.fakes import FakeTime, FakeTraffic
from tests.generator.test_job import GIVEN

LEVEL = Level(users=20, warm_up_s=3.0, steady_s=5.0)  # at 10 users/s: a ramp-up of 2 s
REFUSED = ConnectionRefusedError(111, "refused")


@dataclass
class Load:
    """A load on a clock of its own, and what a test may do to it."""

    time: FakeTime
    traffic: FakeTraffic
    journal: Journal
    heartbeat: Heartbeat
    stop: SimpleNamespace
    watch: Watch
    runner: LevelRunner


@pytest.fixture
def load(tmp_path):
    """A load whose users come ten a second; later than 500 ms is slow."""
    time = FakeTime()
    clock, users = time.clock(), UserCount()
    traffic, stop = FakeTraffic(time, spawn_rate=10.0), SimpleNamespace(requested=False)
    job = Job.from_json(json.dumps(GIVEN | {"spawn_rate": 10.0, "slow_ms": 500.0}))
    journal = Journal(tmp_path / "requests.csv", clock, job.slow_ms, str)
    heartbeat = Heartbeat(clock)
    ticks = Ticks(clock, job.timeout_s, lambda: 0.0)
    gauge = SpeedGauge(clock, FixedWork())
    own, part = OwnLoad(traffic, journal, heartbeat, gauge, ticks), Alone(files=None)
    watch = Watch(own, stop, clock, users, None, part.tell_second)
    runner = LevelRunner(job, own, clock, CpuMeter(clock), watch, part)
    return Load(time, traffic, journal, heartbeat, stop, watch, runner)


def lines(capsys):
    """Return the lines that were printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_level_is_ramp_up_then_warm_up_then_steady_state(load, capsys):
    level = load.runner.run(LEVEL)
    assert (level.users, level.start_s) == (20, 0.0)
    assert level.spawned_s == pytest.approx(2.0, abs=POLL_S)
    assert level.steady_start_s - level.spawned_s == pytest.approx(3.0, abs=POLL_S)
    assert level.steady_end_s - level.steady_start_s == pytest.approx(5.0, abs=POLL_S)
    assert load.traffic.spared == 1
    phases = [line["phase"] for line in lines(capsys)]
    assert list(dict.fromkeys(phases)) == ["ramp-up", "warm-up", "steady state"]
    assert len(phases) == pytest.approx(10, abs=1)


def test_users_who_do_not_all_come_are_waited_for_only_so_long(load):
    """3 s longer than the ramp-up; the load goes on with those who are there."""
    load.traffic.missing = 1
    level = load.runner.run(LEVEL)
    assert level.spawned_s is None
    assert level.steady_start_s == pytest.approx(2.0 + 3.0 + 3.0, abs=POLL_S)
    assert load.watch.users.reached == 19


def test_users_are_added_to_those_of_the_level_before(load):
    first = load.runner.run(LEVEL)
    second = load.runner.run(Level(30, 1.0, 5.0))
    third = load.runner.run(Level(30, 1.0, 5.0))
    assert load.traffic.started == [20, 30], "nobody is started where all are there"
    assert second.start_s == first.steady_end_s
    assert second.spawned_s - second.start_s == pytest.approx(1.0, abs=2 * POLL_S)
    assert third.spawned_s - third.start_s == pytest.approx(0.0, abs=2 * POLL_S)


def test_a_level_counts_what_ended_in_its_steady_state_only(load):
    """Of each poll one quick answer, one slow one and one failure."""

    def requests():
        for latency_ms, exception in ((1.0, None), (501.0, None), (1.0, REFUSED)):
            load.journal.on_request("/", latency_ms, exception=exception)

    load.time.meanwhile = requests
    level = load.runner.run(LEVEL)
    polls = 5.0 / POLL_S
    assert level.requests == pytest.approx(3 * polls, abs=3)
    assert (level.slow, level.failures) == (2 * level.requests // 3, level.requests // 3)
    assert load.journal.counts.requests > 1.5 * level.requests


def test_a_user_who_still_waits_for_too_long_counts_as_a_slow_request(load):
    """One began with the load, the other just before its end."""
    load.traffic.in_flight.begin("stuck")

    def begin_late():
        if load.time.passed_s > 9.8 and len(load.traffic.in_flight) == 1:
            load.traffic.in_flight.begin("just asked")

    load.time.meanwhile = begin_late
    level = load.runner.run(LEVEL)
    assert (level.requests, level.slow, level.failures) == (1, 1, 0)
    assert len(load.traffic.in_flight) == 2


@pytest.mark.parametrize(
    ("due_s", "late_s", "p99_ms", "max_ms", "what"),
    [
        (1.0, 3.5, 0.0, 0.0, "over before the steady state"),
        (4.0, 3.0, 1950.0, 3000.0, "in the way of its beginning, at 5 s"),
        (6.0, 3.0, 2950.0, 3000.0, "within"),
        (9.0, 3.0, 2930.0, 3000.0, "in the way of its end, at 10 s, which comes at 12 s"),
    ],
)
def test_a_pause_is_late_for_as_much_of_the_steady_state_as_it_covers(
    load, due_s, late_s, p99_ms, max_ms, what
):
    """Nothing runs during a pause, the load's own way through its phases neither."""

    def pause():
        if load.time.passed_s >= due_s and not paused:
            paused.append(load.time.passed_s)
            load.time.passed_s += late_s
            load.heartbeat.note(paused[0], load.time.passed_s)

    paused = []
    load.time.meanwhile = pause
    load.runner.run(LEVEL)
    late = load.heartbeat.lateness()
    assert late.p99_ms == pytest.approx(p99_ms, abs=2000 * POLL_S), what
    assert late.max_ms == pytest.approx(max_ms, abs=1), what


@pytest.mark.parametrize(("at_s", "phase"), [(1.0, "ramp-up"), (4.0, "warm-up")])
def test_a_level_that_is_stopped_before_its_steady_state_has_none(load, at_s, phase):
    """Nothing of it was measured, whatever was answered until then, and whoever still waits."""
    load.traffic.in_flight.begin("stuck")

    def stop():
        load.journal.on_request("/", 1.0)
        load.stop.requested = load.time.passed_s >= at_s

    load.time.meanwhile = stop
    level = load.runner.run(LEVEL)
    assert level.steady_start_s == level.steady_end_s == pytest.approx(at_s, abs=POLL_S), phase
    assert not level.has_steady_state
    assert (level.requests, level.slow, level.failures) == (0, 0, 0)
    assert load.runner.cpu.cores == 0.0


def test_a_level_that_is_stopped_in_its_steady_state_tells_what_it_saw(load):
    def stop():
        load.journal.on_request("/", 1.0)
        load.stop.requested = load.time.passed_s >= 7.0

    load.time.meanwhile = stop
    level = load.runner.run(LEVEL)
    assert level.has_steady_state
    assert level.steady_end_s - level.steady_start_s == pytest.approx(2.0, abs=2 * POLL_S)
    assert level.requests == pytest.approx(2.0 / POLL_S, abs=2)


def test_a_hopeless_load_is_stopped_with_its_reason_and_size(load):
    """Each poll one fails; eleven of 5,000, besides those of four seconds, are too many."""
    load.watch.early_stop = EarlyStop(0.001, 5000, 0.0)
    load.time.meanwhile = lambda: load.journal.on_request("/", 1.0, exception=REFUSED)
    level = load.runner.run(Level(users=50, warm_up_s=3.0, steady_s=5.0))
    failures = load.journal.counts.failures
    assert failures == pytest.approx(4 / POLL_S + 11, abs=2)
    assert load.watch.stopped_early.reason == f"{failures} requests had failed"
    assert load.watch.stopped_early.requests_of_whole == 5000
    assert load.stop.requested
    assert level.spawned_s is None
    assert level.steady_end_s == pytest.approx(failures * POLL_S)


def run_with_two_bursts_of_failures(load, under_way):
    """Run a level in which three requests fail at 1 s and at 6 s, so many others under way."""
    for user in range(under_way):
        load.traffic.in_flight.begin(user)
    due_s = [1.0, 6.0]

    def fail_twice():
        if due_s and load.time.passed_s > due_s[0]:
            due_s.pop(0)
            for _ in range(3):
                load.journal.on_request("/", 1.0, exception=REFUSED)

    load.time.meanwhile = fail_twice
    load.runner.run(LEVEL)


def test_requests_under_way_belong_to_the_load_that_failures_are_held_against(load):
    """One of a hundred may fail. Six did, in two bursts; a thousand more requests were sent."""
    load.watch.early_stop = EarlyStop(0.01, 1, 1000.0)
    run_with_two_bursts_of_failures(load, 1000)
    assert load.journal.counts.failures == 6
    assert load.watch.stopped_early is None


def test_a_level_of_an_open_load_lets_the_rate_grow_while_its_users_come(load):
    load.runner.run(Level(20, 3.0, 5.0, rate_per_s=50.0))
    level = load.runner.run(Level(30, 1.0, 1.0, rate_per_s=60.0))
    assert load.traffic.rates == [(50.0, 2.0), (60.0, 1.0)]
    assert level.rate_per_s == 60.0


def test_who_arrived_and_found_no_user_for_too_long_counts_as_a_slow_request(load):
    """One for 0.6 s where 0.5 are slow, one since just now."""
    load.traffic.waiting_s = [0.6, 0.1]
    level = load.runner.run(LEVEL)
    assert (level.requests, level.slow, level.failures) == (1, 1, 0)


@pytest.mark.parametrize("is_open", [False, True])
def test_how_much_a_whole_open_load_sends_is_told_by_what_it_sent_alone(load, is_open):
    """Twenty users sent twenty requests; of closed ones that is their first, and says no more."""
    load.traffic.arrivals = object() if is_open else None
    load.watch.early_stop = EarlyStop(0.01, 1, 1000.0)
    run_with_two_bursts_of_failures(load, 20)
    assert (load.watch.stopped_early is None) is is_open
