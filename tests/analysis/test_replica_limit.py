"""What a replica answers however much CPU it has, read from records that were computed."""

from dataclasses import replace

import pytest

from loadtests.analysis import replica_limit as module
from loadtests.analysis.causes import diagnose
from loadtests.analysis.evidence import CauseName
from loadtests.analysis.replica_limit import Holds, replica_limit, seeming_limit
from loadtests.question import SLO, Question, Setting, Workload
from tests.analysis import records
from tests.analysis.queues import QUESTION, queued

MANY = Question(Workload(users=1000, spawn_rate=100.0))  # 100 requests/s: many time out


def sleeps(_rng):
    """A handler that sleeps: 18 requests a second, one after the other."""
    return 1 / 18


def test_a_handler_that_sleeps_is_told_by_its_rate_and_by_how_many_replicas_it_takes():
    found = replica_limit(queued(sleeps))
    assert found.rps == pytest.approx(18, rel=0.05)
    assert found.asked_rps == 30
    assert found.replicas_needed == 3  # 30 / 18 / 0.8 = 2.1
    assert found.held_by is Holds.ELSEWHERE
    assert (
        "more CPU does not help; it answers 18 requests/s a replica, and the load asks for 30 "
        "requests/s: that takes about 3 replicas"
    ) in found.sentence


def test_that_is_the_cause_of_the_failure_and_what_it_says():
    """Whether the trial saw a steady state, or was given up since nearly all timed out."""
    for evidence in (queued(sleeps), queued(sleeps, question=MANY)):
        cause = diagnose(evidence)
        assert cause.name == CauseName.HELD_BACK
        assert cause.sentence == replica_limit(evidence).sentence


def test_users_who_give_up_hide_the_rate_only_after_the_timeout():
    """A server that answers who has gone answers nobody: the rate is that of before."""
    found = replica_limit(queued(sleeps, question=MANY))
    assert found.rps == pytest.approx(18, rel=0.1)
    assert found.replicas_needed == 7  # 100 / 18 / 0.8


def test_several_workers_and_several_replicas_are_counted_as_they_are():
    found = replica_limit(queued(lambda rng: rng.exponential(0.4), slots=3, question=MANY))
    assert found.rps == pytest.approx(7.5, rel=0.3)  # by chance, of 60 answers
    two = queued(sleeps, question=MANY, setting=Setting(0.5, 300, 2))
    assert replica_limit(two).rps == pytest.approx(18, rel=0.1)
    assert replica_limit(two).replicas == 2


def test_a_thread_that_fills_one_core_of_several_is_told_as_that():
    busy = queued(sleeps, setting=Setting(2.0, 300), cpu_share=0.5)
    assert replica_limit(busy).held_by is Holds.ONE_THREAD
    assert "One busy core per replica" in diagnose(busy).sentence
    assert "about 3 replicas" in diagnose(busy).sentence


def slow_by_itself(rng):
    """An answer that takes its time whoever else asks, and not always the same."""
    return 0.7 * rng.lognormal(0, 0.5)


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (queued(sleeps, cpu_share=0.6), "it uses more than half of its CPU"),
        (queued(sleeps, throttled=0.2), "its quota holds it back now and then"),
        (queued(sleeps, memory_peak_mib=290.0), "its memory is full"),
        (queued(lambda _: 0.005), "nobody waits"),
        (queued(slow_by_itself, slots=300), "it is slow, and no queue"),
        (queued(lambda _: 0.6, question=MANY), "without a queue it is too slow already"),
        (queued(sleeps, slots=40, question=MANY), "it answers all that is asked"),
        (queued(sleeps, sampled=0.0001), "its CPU was not reported"),
        (records.evidence(failures={"http_500": 0.5}, cpu_share=0.02), "it fails"),
    ],
)
def test_whatever_may_be_otherwise_is_not_told_so(evidence, why):
    assert replica_limit(evidence) is None, why


def test_a_rate_that_still_grows_is_no_limit(monkeypatch):
    """As of a service that warms up: it answered half as much at first."""
    patient = Question(Workload(users=400, spawn_rate=100.0, timeout_s=60.0))

    def warms_up():
        turns = iter(range(10**6))
        return queued(lambda _: 0.1 if next(turns) < 200 else 0.05, question=patient)

    assert replica_limit(warms_up()) is None
    monkeypatch.setattr(module, "FLAT_SHARE", 9.0)
    assert replica_limit(warms_up()) is not None, "nothing else speaks against it"


def test_a_script_that_asks_more_than_once_between_two_thinks_asks_for_more():
    given = queued(sleeps)
    generator = replace(given.trial.generator, requests=600, thinks=200)
    trial = replace(given.trial, generator=generator, own_script=False)
    assert replica_limit(replace(given, trial=trial)).asked_rps == 90
    own = replace(trial, own_script=True)
    assert replica_limit(replace(given, trial=own)).asked_rps == 30


def test_a_quick_endpoint_beside_it_makes_a_slow_one_no_quicker():
    """One turn in ten is short, and the others take longer than the SLO without any queue."""
    given = queued(lambda _: 0.6, question=MANY)
    requests = given.requests.copy()
    quick = requests.index % 10 == 0
    requests.loc[quick, "name"] = "/quick"
    requests.loc[quick & (requests["outcome"] == "ok"), "latency_ms"] *= 0.001
    assert replica_limit(replace(given, requests=requests)) is None


def test_the_slo_decides_whether_a_turn_is_short_enough():
    strict = Question(QUESTION.workload, SLO(latency_ms=50))
    assert replica_limit(queued(sleeps, question=strict)) is None


def test_of_an_open_load_it_is_arrivals_that_are_asked_for():
    given = queued(sleeps)
    opened = given.trial.question.workload.opened("poisson", 30.0)
    trial = replace(given.trial, question=replace(given.trial.question, workload=opened))
    assert "answers 18 requests/s a replica, and the load asks for 30 arrivals/s" in (
        replica_limit(replace(given, trial=trial)).law
    )


# --- on a host that is busy


def with_latency(given, change):
    """The same record with latencies (ms) that a function makes of those there are, by start."""
    requests = given.requests.sort_values("start_s", kind="stable").reset_index(drop=True)
    requests["latency_ms"] = change(requests["start_s"], requests["latency_ms"])
    return replace(given, requests=requests)


def test_first_answers_that_were_late_hide_no_queue():
    """A host that is busy, or a service not warm yet: they took longer than the queue later on."""
    patient = Question(QUESTION.workload, SLO(latency_ms=2000))
    given = queued(sleeps, question=patient)
    late = with_latency(given, lambda _, ms: ms.where(ms.index >= 10, 4000.0))
    assert replica_limit(late).rps == pytest.approx(18, rel=0.1)


def test_what_is_quick_by_another_name_makes_nobody_wait():
    """Users who log in quickly first do not wait later, when their calls take what they take."""
    given = queued(lambda _: 0.4, slots=300)
    requests = given.requests.sort_values("start_s", kind="stable").reset_index(drop=True)
    logins = requests.index < 10
    requests["name"] = requests["name"].where(~logins, "/login")
    requests.loc[logins, "latency_ms"] = 2.0
    assert replica_limit(replace(given, requests=requests)) is None


def test_names_of_few_requests_each_are_one():
    """As where paths carry ids: of most of them the first came when a queue was there."""
    given = queued(sleeps)
    requests = given.requests.copy()
    requests["name"] = [f"/items/{n % 90}" for n in range(len(requests))]
    found = replica_limit(replace(given, requests=requests))
    assert found.rps == pytest.approx(18, rel=0.1)


def test_a_second_in_which_nothing_ended_breaks_no_run():
    """The machine stood still; those who waited were answered right after."""

    def stands_still(start_s, ms):
        end_s = start_s + ms / 1000
        still = (end_s >= 20) & (end_s < 21)
        return ms.where(~still, 1000 * (21.01 - start_s))

    whole, broken = queued(sleeps), with_latency(queued(sleeps), stands_still)
    assert replica_limit(broken).seconds == replica_limit(whole).seconds


@pytest.mark.parametrize(("from_s", "to_s", "told"), [(20, 40, True), (20, 23, False)])
def test_where_docker_stats_came_late_and_ended_early_what_they_saw_counts(from_s, to_s, told):
    given = queued(sleeps)
    stats = given.docker_stats
    seen = stats[(stats["time_s"] >= from_s) & (stats["time_s"] <= to_s)]
    found = replica_limit(replace(given, docker_stats=seen))
    assert (found is not None) is told
    if found is not None:
        assert found.seconds == to_s - from_s + 1
        assert found.rps == pytest.approx(18, rel=0.1)


def test_on_a_host_without_an_idle_cpu_nothing_is_told_apart():
    """It may sleep, or wait for a turn of the CPU: both use little of it, and answer at a rate."""
    busy = queued(sleeps, busy=0.97)
    assert replica_limit(busy) is None
    assert seeming_limit(busy).rps == pytest.approx(18, rel=0.1)
    cause = diagnose(busy)
    assert cause.name == CauseName.QUEUEING
    assert "which its counters do not tell apart" in cause.sentence
    assert "to spare" not in cause.sentence
