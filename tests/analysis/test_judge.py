"""Validity with its direction first, then certain failure, then the interval."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.question import SLO, Question, Setting, Workload
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, growing_ms, steady_ms, with_requests, write
from tests.evidence_log import log_case

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
UNDECIDED, INVALID = Verdict.UNDECIDED, Verdict.INVALID
FAST, EDGE, SLOW = steady_ms(5.0), steady_ms(5.0, 0.05), steady_ms(5.0, 0.2)
DEAD = {"refused": 0.3}
SLOWER = {"reference_us": 300.0, "work_us": 375.0}  # 0.8 of the work a second
FASTER = {"reference_us": 330.0, "work_us": 300.0}  # 1.1
NARROW = steady_ms(5.0, 0.2, 480.0)
# All of 0.5 CPU for 55 answers a second, where 95 are asked within the SLO.
SHORT = {"latency": steady_ms(8000.0), "cpu_share": 1.0}

TABLE = [
    ({"latency": FAST}, HOLDS, "fast and sound"),
    ({"latency": steady_ms(5.0, 0.03)}, HOLDS, "3% slow where 5% may be"),
    ({"latency": EDGE}, UNDECIDED, "5% slow where 5% may be"),
    ({"latency": SLOW}, FAILS, "20% slow where 5% may be"),
    ({"latency": growing_ms(10.0, 120.0)}, FAILS, "slow, and slower still: fails all the same"),
    ({"latency": growing_ms(30.0, 40.0)}, UNDECIDED, "began well, was getting worse"),
    ({"failures": {"reset": 0.005}}, FAILS, "failures above one in a thousand"),
    ({"failures": {"reset": 0.003}}, UNDECIDED, "nine of 5,065: not clear of one in a thousand"),
    ({"failures": {"reset": 0.0005}, "seed": 3}, HOLDS, "failures below one in a thousand"),
    (
        {"failures": {"reset": 0.05}, "latency": growing_ms(30.0, 40.0)},
        FAILS,
        "too many failures, whether it had settled or not",
    ),
    # What makes the service look worse voids a fails, and cannot fake a holds.
    ({"steal": 0.2}, HOLDS, "holds in spite of steal time"),
    ({"steal": 0.05, "latency": SLOW}, UNDECIDED, "slow, but a little CPU was stolen"),
    ({"steal": 0.2, "latency": SLOW}, INVALID, "slow, but much CPU was stolen"),
    ({"steal": 0.2, "latency": EDGE}, UNDECIDED, "undecided stays so under steal time"),
    ({"steal": 0.05, "failures": {"timeout": 0.1}}, UNDECIDED, "steal time can cause timeouts"),
    ({"busy": 0.97}, HOLDS, "holds in spite of a crowded host"),
    ({"busy": 0.97, "latency": SLOW}, INVALID, "slow, but others had the CPU"),
    ({"busy": 0.97, "died_s": 25.0}, INVALID, "a watchdog may have killed what had no turn"),
    ({"busy": 0.97, "oom_s": 4.0}, FAILS, "OOM-killed, which others did not take"),
    ({"heartbeat_lag_p99_ms": 90.0}, HOLDS, "holds in spite of a late generator"),
    ({"heartbeat_lag_p99_ms": 90.0, "latency": SLOW}, INVALID, "the generator may be the slow one"),
    ({"heartbeat_lag_max_ms": 3000.0}, HOLDS, "holds in spite of a pause of 3 s"),
    ({"heartbeat_lag_max_ms": 3000.0, "latency": SLOW}, INVALID, "the generator stood still"),
    ({"connects": 6000, "latency": SLOW}, INVALID, "users reconnected all the time"),
    ({"cpu_cores": 0.95}, HOLDS, "holds in spite of a busy generator"),
    ({"limits_hit": ("open files",), "latency": SLOW}, INVALID, "out of files that we gave"),
    ({"limits_hit": ("open files",)}, HOLDS, "holds with the files it had"),
    # So does a CPU slower than the reference speed; a faster one can fake a holds near the edge.
    (SLOWER, HOLDS, "holds in spite of a slower CPU"),
    (SLOWER | {"latency": SLOW}, UNDECIDED, "slow, but so was the CPU"),
    (SLOWER | {"latency": EDGE}, UNDECIDED, "undecided stays so on a slower CPU"),
    (SLOWER | {"failures": {"timeout": 0.1}}, UNDECIDED, "a slower CPU can cause timeouts"),
    (SLOWER | SHORT, FAILS, "short of CPU at the reference speed too"),
    (SLOWER | {"died_s": 25.0}, UNDECIDED, "a watchdog may have killed what was slow"),
    (SLOWER | {"oom_s": 4.0}, FAILS, "OOM-killed, which takes no CPU"),
    (SLOWER | {"oom_s": 4.0, "steal": 0.3}, FAILS, "nor does it with CPU stolen besides"),
    (SLOWER | {"steal": 0.2, "latency": SLOW}, INVALID, "much CPU was stolen besides"),
    (FASTER, HOLDS, "faster, and far from the edge"),
    (FASTER | {"cpu_share": 0.9}, UNDECIDED, "it would have used 99% of its CPU"),
    (FASTER | {"latency": NARROW}, UNDECIDED, "20% took 480 ms, at that speed 528"),
    (FASTER | {"cpu_share": 0.9, "latency": SLOW}, FAILS, "slow on a faster CPU too"),
    (FASTER | {"cpu_share": 0.9, "died_s": 25.0}, FAILS, "died with more CPU than it may have"),
    (FASTER | {"cpu_share": 0.9, "users_lost": 50}, INVALID, "and users were missing"),
    (FASTER | {"cpu_share": 0.9, "steal": 0.05}, UNDECIDED, "steal time does not balance it"),
    # What makes the load lighter voids both.
    ({"users_lost": 50}, INVALID, "holds, but users were missing"),
    ({"users_lost": 50, "latency": SLOW}, INVALID, "fails, but users were missing"),
    ({"own_errors": {"emfile": 9}, "failures": {"emfile": 0.01}}, INVALID, "our own failures"),
    ({"dropped": 0.1, "cpu_cores": 0.95}, INVALID, "a sick generator sent too little"),
    ({"dropped": 0.1}, INVALID, "users who do not send are the script's, not the service's"),
    ({"dropped": 0.1, "latency": SLOW}, INVALID, "slow, but the load was another"),
    ({"dropped": 0.1, "oom_s": 4.0}, FAILS, "killed already under a lighter load"),
    ({"asked_twice": True}, HOLDS, "twice the requests, and in time"),
    ({"asked_twice": True, "latency": SLOW}, FAILS, "a script may ask more than once"),
    ({"asked_twice": True, "own_script": True, "latency": SLOW}, INVALID, "ours asks once"),
    ({"asked_twice": True, "own_script": True}, HOLDS, "more load cannot fake a holds"),
    ({"clock_drift_ms": 900.0}, INVALID, "the clock was set"),
    ({"sampled": 0.5}, HOLDS, "missing samples change no verdict"),
    # Memory is a wall: no disturbance explains a kill.
    ({"oom_s": 4.0, "failures": DEAD}, FAILS, "OOM-killed"),
    ({"oom_s": 4.0, "steal": 0.3}, FAILS, "OOM-killed; steal time takes no memory"),
    ({"oom_s": 4.0, "heartbeat_lag_p99_ms": 90.0}, FAILS, "killed; a late generator cannot do it"),
    ({"oom_s": 4.0, "users_lost": 500}, FAILS, "killed already under a lighter load"),
    ({"oom_s": 4.0, "own_errors": {"dns": 99}}, FAILS, "its name was gone with it"),
    ({"died_s": 25.0}, FAILS, "a replica died"),
    ({"died_s": 25.0, "heartbeat_lag_p99_ms": 90.0}, FAILS, "died; a generator cannot do that"),
    ({"died_s": 25.0, "steal": 0.2}, INVALID, "a watchdog may have killed what was starved"),
    # A host that ran out of memory kills whom it likes; its events tell nothing with cgroup v2.
    ({"oom_s": 30.0, "cgroup": "2"}, INVALID, "killed at 140 of 300 MiB"),
    ({"oom_s": 30.0, "oom_event": False}, INVALID, "killed at 140 MiB, the engine saw no limit"),
    ({"oom_s": 30.0, "cgroup": "2", "memory_peak_mib": 271.0}, FAILS, "killed at 271 of 300 MiB"),
    ({"oom_s": 30.0, "oom_event": False, "memory_peak_mib": 271.0}, FAILS, "271 of 300 MiB"),
    ({"limits_hit": ("processes",), "died_s": 25.0}, INVALID, "died of a limit of ours"),
    # A trial cut short.
    ({"steady_s": 8.0}, UNDECIDED, "fast, but the steady state was cut short"),
    ({"steady_s": 8.0, "latency": steady_ms(3000.0)}, FAILS, "hopeless, and so cut short"),
    ({"steady_s": 8.0, "failures": {"reset": 0.05}}, FAILS, "no rest could mend so many failures"),
]


@pytest.mark.parametrize(("given", "verdict", "what"), TABLE)
def test_the_verdict_of_a_trial(given, verdict, what):
    """The rows say what must come out, and why."""
    found = judge(evidence(**given))
    assert found.verdict is verdict, f"{what}: {found.reasons}"
    assert found.reasons
    assert (found.cause is not None) == (verdict is FAILS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"latency": FAST}, "within 500 ms"),
        ({"latency": steady_ms(1500.0)}, ", above 500 ms"),
        ({"latency": EDGE}, "where 5% may be; repeat"),
        (
            {"failures": {"reset": 0.3}},
            "requests failed (30% of the whole trial, 30% in steady state), above",
        ),
        ({"oom_s": 4.0}, "Replica 1 was OOM-killed at 300 MiB, 4 s into the ramp-up"),
        ({"oom_s": 12.0}, "300 MiB, 2 s after the last user came"),
        ({"died_s": 25.0}, "Replica 1 ended with exit code 137, 5 s into the steady state"),
        ({"died_s": -1.0}, "before the first user"),
        ({"dropped": 0.1}, "implied by 1,000 users"),
        ({"users_lost": 50}, "50 lost (all expected within 14 s). The load was lighter"),
    ],
)
def test_the_first_reason_is_concrete(given, said):
    """With numbers, in words for a person."""
    assert said in judge(evidence(**given)).reasons[0]


def test_a_disturbance_that_did_not_count_is_noted():
    """Holds stays holds; the reader learns of it."""
    found = judge(evidence(steal=0.2))
    assert any(reason.startswith("Noted: 20.0%") for reason in found.reasons)


def stopped_early(failed, requests_of_whole=0):
    """A trial of 1,000 users that ended early, and what it would have had.

    A burst of two seconds failed 200 of its requests, and so many failed in ten seconds afterwards.
    """
    given = evidence(steady_s=8.0, requests_of_whole=requests_of_whole)
    table = given.requests.sort_values("start_s", ignore_index=True)
    burst, later = (table.index[table["start_s"].between(*when)] for when in ((3, 6), (9, 19)))
    outcome = table["outcome"].astype(object)
    outcome[burst[:200]] = "reset"
    outcome[later[np.linspace(0, len(later) - 1, failed).astype(int)]] = "reset"
    return judge(with_requests(given, table.assign(outcome=outcome)))


@pytest.mark.parametrize(
    ("failed", "requests_of_whole", "verdict", "what"),
    [
        (6, 0, UNDECIDED, "more than may of 5,500, which chance may have"),
        (11, 0, UNDECIDED, "one fewer than proves it"),
        (12, 0, FAILS, "an older record, which tells no number: 5,500 if they ask once a cycle"),
        (75, 260_000, UNDECIDED, "users who ask often: 260 may fail"),
        (292, 260_000, UNDECIDED, "one fewer than proves it"),
        (293, 260_000, FAILS, "as many as prove it"),
        (12, 100, FAILS, "fewer than planned, as they were held back: it is the plan that counts"),
    ],
)
def test_a_trial_cut_short_fails_by_what_proves_too_many_failures_of_a_whole_one(
    failed, requests_of_whole, verdict, what
):
    """Its worst burst left out."""
    found = stopped_early(failed, requests_of_whole)
    assert found.error_rate > 0.001
    assert found.verdict is verdict, f"{what}: {found.reasons}"


def test_a_trial_stopped_early_says_when_it_ended_and_how_many_could_have_failed():
    assert stopped_early(75).reasons[0] == (
        "275 requests had failed when the load ended after 28 s, 0% in steady state; of the 5,500 "
        "of a whole trial 5 may (0.1%)"
    )
    whole = "of the 260,000 of a whole trial 260 may (0.1%)"
    assert whole in stopped_early(293, 260_000).reasons[0]


def test_a_trial_cut_short_whose_failures_prove_nothing_says_so():
    assert stopped_early(6).reasons[-1] == (
        "206 requests had failed, 6 of them outside the worst burst; of the 5,500 of a whole trial "
        "that is too few to say that more than 0.1% fail"
    )


def test_errors_of_the_ramp_up_are_told_apart_from_those_of_the_steady_state():
    """The SLO is about the whole trial; whoever reads must see where they happened."""
    given = evidence()
    outcome = given.requests["outcome"].astype(object)
    outcome[given.requests["start_s"] < 4] = "refused"
    failed = int((outcome == "refused").sum())
    found = judge(with_requests(given, given.requests.assign(outcome=outcome)))
    assert found.verdict is FAILS
    assert f"{failed} of " in found.reasons[0]
    assert "of the whole trial, 0% in steady state), above 0.1%" in found.reasons[0]


def test_failures_before_any_steady_state_are_said_to_be():
    first = judge(evidence(steady_s=1.0, failures={"reset": 0.3})).reasons[0]
    assert "had failed when the load ended after 21 s, before a steady state could be mea" in first


def test_a_voided_failure_is_still_told():
    """What was not held against the setting, so that the repeat can be compared."""
    reasons = judge(evidence(steal=0.2, latency=SLOW)).reasons
    assert any(reason.startswith("Not held against the setting: p95 of the") for reason in reasons)


def test_the_percentile_asked_for_is_the_one_judged():
    """3% slow holds p95 and fails p99."""
    three = steady_ms(5.0, 0.03)
    strict = Question(Workload(users=1000, spawn_rate=100.0), SLO(percentile=99.0))
    found = judge(evidence(question=strict, latency=three))
    assert found.verdict is FAILS
    assert found.reasons[0].startswith("p99 of the steady state was 2,000 ms")


def test_p95_that_only_failures_reach_says_so():
    """No number is made up for an answer that never came."""
    reasons = judge(evidence(failures={"timeout": 0.3})).reasons
    assert any(
        "p95 of the steady state was never answered: 30% slow" in reason for reason in reasons
    )


def test_a_trial_without_requests_is_invalid():
    """Nothing measured is not nothing wrong."""
    given = evidence()
    found = judge(with_requests(given, given.requests.iloc[:0]))
    assert (found.verdict, found.error_rate) == (INVALID, 0.0)


def test_a_record_with_nothing_but_requests_can_be_judged():
    """Other people's images and hosts: no counters, no samples, no address, no connection count."""
    given = evidence(throttled=None, steal=None, memory_peak_mib=None, connects=None)
    bare = replace(given, docker_stats=given.docker_stats.iloc[:0])
    assert judge(bare).verdict is HOLDS
    slow = evidence(throttled=None, steal=None, memory_peak_mib=None, latency=SLOW)
    found = judge(replace(slow, docker_stats=slow.docker_stats.iloc[:0]))
    assert (found.verdict, found.cause) == (FAILS, "unexplained")


def test_a_stored_trial_is_judged_like_the_one_in_memory(tmp_path):
    """The record is the seam: written, read, judged the same."""
    given = evidence(setting=Setting(0.25, 200, 3), latency=SLOW)
    read = judge(Evidence.read(write(given, tmp_path / "trial")))
    fresh = judge(given)
    assert (read.verdict, read.cause) == (fresh.verdict, fresh.cause)
    assert read.slow_share.estimate == pytest.approx(fresh.slow_share.estimate)


def test_a_steady_state_that_most_users_spent_with_an_older_request_is_no_evidence():
    """A stall of 7 s from before it: those who ask in its last second are answered at once."""
    workload = Workload(users=300, spawn_rate=300.0, think_time_s=(0.5, 1.5), steady_s=8.0)

    def stalled_ms(start_s, rng):
        return 5.0 + 1000 * np.where(start_s >= 2.0, (10.0 - start_s).clip(0.0), 0.0)

    found = judge(evidence(question=Question(workload), latency=stalled_ms))
    log_case(
        "mended",
        "users stuck from before",
        "8 s without an answer, which began in the warm-up",
        f"{found.verdict}: {found.reasons[0]}",
        found.verdict is UNDECIDED,
        "fails: the generator was healthy, so the service held its users back",
    )
    assert found.verdict is UNDECIDED
    assert "users waited for over half of it with a request from before" in found.reasons[0]


@pytest.mark.parametrize(("locked_out", "verdict"), [(0, HOLDS), (3, HOLDS), (120, FAILS)])
def test_users_who_are_locked_out_are_not_outvoted_by_those_who_are_served(locked_out, verdict):
    """A server too short of CPU to accept connections: those inside are answered in time.

    By the count of requests the others outvote them, since they ask once and wait. Three of 300
    are fewer than the SLO's 5%.
    """
    workload = Workload(users=300, spawn_rate=300.0, think_time_s=(0.5, 1.5), steady_s=8.0)
    served = evidence(question=Question(replace(workload, users=300 - locked_out)), throttled=0.99)
    since_s, end_s = 2.0, served.trial.phases.steady_end_s
    stuck = pd.DataFrame(
        {"start_s": since_s, "latency_ms": 1000 * (end_s - since_s), "outcome": "in_flight",
         "replica": "", "name": ""}, index=range(locked_out)
    )  # fmt: skip
    table = pd.concat([served.requests.astype({"outcome": str}), stuck], ignore_index=True)
    trial = replace(
        served.trial,
        question=Question(workload),
        generator=replace(served.trial.generator, users_reached=300, connects=300),
    )
    found = judge(replace(served, trial=trial, requests=table))
    assert found.verdict is verdict, found.reasons
    if verdict is FAILS:
        assert (
            found.reasons[0] == "120 of 300 users were not answered once in the whole steady state"
        )
        assert found.cause == "cpu_throttled"
