"""Several workers seen as one load by their master, with messages as Locust hands them on."""

from types import SimpleNamespace

import gevent
import pytest

from loadtests.generator import messages
from loadtests.generator.clock_offset import UNKNOWN
from loadtests.generator.second import Second
from loadtests.generator.watch import POLL_S
from loadtests.generator.workers import SILENT, Workers


class Clients(dict):
    """Locust's workers by their ids, and those whose heartbeats are missing."""

    missing = ()


class FakeMaster:
    """Locust's master, as far as it is asked."""

    def __init__(self):
        self.listeners, self.sent = {}, []
        self.clients, self.user_count = Clients(), 0

    def register_message(self, name, listener):
        self.listeners[name] = listener

    def send_message(self, name, data=None, client_id=None):
        self.sent.append((name, data, client_id))

    def hear(self, name, worker, **told):
        """Hear a message of a worker."""
        msg = SimpleNamespace(
            type=name, node_id=f"id-{worker}", data={"worker": worker, "told": told}
        )
        self.listeners[name](environment=None, msg=msg)


class QuarterBusy:
    """A machine's CPU, as far as it is asked."""

    def take(self):
        return {"busy_ratio": 0.25, "steal_ratio": 0.0}


@pytest.fixture
def master():
    return FakeMaster()


@pytest.fixture
def workers(master):
    """Two of them, who listen."""
    found = Workers(master, 2, is_open=False, host=QuarterBusy())
    for worker in (0, 1):
        master.hear(messages.READY, worker)
        master.clients[f"id-{worker}"] = f"client {worker}"
    return found


def second(time_s, latencies_ms=(1.0,), **changes):
    given = {
        "time_s": time_s, "seconds": 1.0, "latencies_ms": [*latencies_ms], "failures": 0,
        "lag_p99_ms": 0.0, "lag_max_ms": 0.0, "cpu_cores": 0.1, "work_us": None, "users": 5,
        "in_flight": 1, "connects": 5, "failed": {},
    }  # fmt: skip
    return given | changes


def stop():
    return SimpleNamespace(requested=False)


def watched(workers, requested=False):
    """Let the workers be watched for a moment; return whether the load is to stop then."""
    told = stop()
    told.requested = requested
    watching = gevent.spawn(workers.stop_when_silent, told)
    gevent.sleep(3 * POLL_S)
    watching.kill()
    return told


def test_a_second_is_told_once_all_have_told_of_it(master, workers):
    master.hear(messages.SECOND, 0, **second(1.01))
    assert workers.take_second() is None
    master.hear(messages.SECOND, 1, **second(1.04, [2.0, 3.0]))
    found = workers.take_second()
    assert isinstance(found, Second)
    assert (sorted(found.latencies_ms), found.time_s, found.seconds) == (
        [1.0, 2.0, 3.0],
        1.04,
        1.04,
    )
    assert workers.take_second() is None


def test_a_worker_that_is_ahead_waits_for_the_others_in_its_seconds(master, workers):
    for time_s in (1.01, 2.01, 3.01):
        master.hear(messages.SECOND, 0, **second(time_s))
    master.hear(messages.SECOND, 1, **second(1.02))
    assert len(workers.take_second().latencies_ms) == 2
    assert workers.take_second() is None
    master.hear(messages.SECOND, 1, **second(2.02))
    assert workers.take_second().time_s == 2.02


def test_two_seconds_of_one_worker_that_are_one_of_another_are_told_as_one(master, workers):
    """The other paused, and no request is left out or told twice."""
    master.hear(messages.SECOND, 0, **second(1.01, [1.0]))
    master.hear(messages.SECOND, 1, **second(2.5, [2.0, 3.0]))
    assert workers.take_second() is None
    master.hear(messages.SECOND, 0, **second(2.01, [4.0]))
    found = workers.take_second()
    assert sorted(found.latencies_ms) == [1.0, 2.0, 3.0, 4.0]
    assert found.users == 10


def test_what_was_sent_and_what_failed_adds_up_over_workers(master, workers):
    master.hear(messages.SECOND, 0, **second(1.01, [1.0] * 10, in_flight=3, failed={0: 2}))
    master.hear(messages.SECOND, 1, **second(1.01, [1.0] * 20, in_flight=4, failed={0: 1}))
    master.hear(messages.SECOND, 1, **second(2.01, [1.0] * 5, in_flight=1, failed={1: 1}))
    assert workers.sent == 35 + 3 + 1
    assert workers.failed == {0: 3, 1: 1}


@pytest.mark.parametrize("gone", ["missing", "away"])
def test_a_worker_whose_heartbeats_are_missing_ends_the_load_and_is_remembered(
    master, workers, gone
):
    if gone == "missing":
        master.clients.missing = ("client 1",)
    else:
        del master.clients["id-1"]
    told = watched(workers)
    assert told.requested
    assert workers.silences == {1: SILENT}


@pytest.mark.parametrize(
    ("requested", "reported", "silences", "what"),
    [
        (True, True, {}, "it left as the load was over"),
        (True, False, {1: SILENT}, "it was gone before it could report"),
        (False, True, {1: SILENT}, "it was told to end by somebody else"),
    ],
)
def test_a_worker_that_left_is_lost_unless_the_load_was_over(
    master, workers, requested, reported, silences, what
):
    del master.clients["id-1"]
    if reported:
        master.hear(messages.REPORT, 1, requests=1)
    watched(workers, requested=requested)
    assert workers.silences == silences, what


def test_nobody_waits_for_a_worker_that_is_silent(master, workers):
    del master.clients["id-1"]
    watched(workers)
    master.hear(messages.REPORT, 0, requests=1)
    assert workers.await_all(messages.REPORT, 1, limit_s=3600.0) == {0: {"requests": 1}}


def test_those_who_never_came_are_named_by_their_numbers(master):
    found = Workers(master, 3, is_open=False)
    master.hear(messages.READY, 1)
    assert found.await_joined(0.0, stop()) == [1, 3]


def test_who_has_not_told_in_time_is_left_out_of_what_was_told(master, workers):
    master.hear(messages.LEVEL, 0, requests=1)
    master.hear(messages.LEVEL, 1, requests=2)
    master.hear(messages.LEVEL, 0, requests=3)
    assert workers.await_all(messages.LEVEL, 1, 0.0) == {0: {"requests": 1}, 1: {"requests": 2}}
    assert workers.await_all(messages.LEVEL, 2, 0.0) == {0: {"requests": 3}}


def test_a_report_is_confirmed_to_whoever_sent_it(master, workers):
    """A worker ends only once it is heard."""
    master.hear(messages.REPORT, 1, requests=1)
    assert master.sent == [(messages.HEARD, None, "id-1")]
    assert workers.await_all(messages.REPORT, 1, 0.0) == {1: {"requests": 1}}


def test_of_a_clock_the_quickest_answer_counts(master, workers, monkeypatch):
    monkeypatch.setattr("loadtests.generator.workers.time.time", lambda: 100.4)
    master.hear(messages.CLOCK_TOLD, 0, sent_s=100.0, wall_s=103.0)
    master.hear(messages.CLOCK_TOLD, 0, sent_s=100.3, wall_s=103.35)
    found = workers.clock_offset(0)
    assert (found.ahead_ms, found.within_ms) == pytest.approx((3000.0, 50.0))
    assert workers.clock_offset(1) == UNKNOWN, "it never answered"


def test_each_worker_is_told_by_its_own_clock_when_the_load_began(master, workers, monkeypatch):
    monkeypatch.setattr("loadtests.generator.workers.time.time", lambda: 100.0)
    master.hear(messages.CLOCK_TOLD, 0, sent_s=100.0, wall_s=103.0)
    workers.begin(200.0)
    assert master.sent == [
        (messages.BEGIN, {"wall_s": 203.0}, "id-0"),
        (messages.BEGIN, {"wall_s": 200.0}, "id-1"),
    ]


def test_a_second_tells_how_busy_the_master_s_own_machine_was(master, workers):
    """Workers tell of theirs, which may be others, in their own seconds."""
    for worker in (0, 1):
        master.hear(messages.SECOND, worker, **second(1.01, busy_ratio=0.9, steal_ratio=0.1))
    found = workers.take_second()
    assert (found.busy_ratio, found.steal_ratio) == (0.25, 0.0)
