"""Each check: one trial that trips it, one that does not, and what it advises."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis.evidence import Check, Evidence, Voids
from loadtests.analysis.judge import judge
from loadtests.analysis.validity import checks
from loadtests.question import Question, Workload
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION, dead_from, evidence, growing_ms, slow_until, steady_ms
from tests.evidence_log import log_case


def check_of(given: Evidence, name: str) -> Check:
    """One check of a trial, by name."""
    return next(check for check in checks(given) if check.name == name)


FASTER = {"reference_us": 324.0, "work_us": 300.0}
NARROW = steady_ms(5.0, 0.2, 470.0)
# Half of the requests in 10 s and more, with all of the CPU in use.
SHORT = {"latency": steady_ms(8000.0), "cpu_share": 1.0}

# What was said of such trials once.
SLOW = "fails: p95 was 2,000 ms, above 500 ms"
BLAMED = "fails: the generator was healthy, so the service held its users back"


def told(check: Check) -> str:
    """What a check says, and what that voids."""
    if check.ok:
        return f"nothing: {check.seen}"
    takes = {
        Voids.BOTH: "any verdict",
        Voids.FAILS: "a fails",
        Voids.HOLDS: "a holds",
        Voids.NEITHER: "no verdict",
    }
    return f"{check.seen}; voids {takes[check.voids]}"


def test_a_trial_in_which_all_went_well_trips_nothing():
    """At a thousand users and at ten thousand."""
    for question in (QUESTION, Question()):
        assert [c.name for c in checks(evidence(question=question)) if not c.ok] == []


def thinks(share):
    """How often a thousand users of somebody's script thought in 30 s, of 3 times that they can."""
    return {"thinks_steady": int(share * 3000), "thinks": int(share * 5000), "own_script": False}


TRIPPED = [
    ("users", {"users_reached": 990}, Voids.BOTH, "ten users never came"),
    ("users", {"spawned_s": 14.0}, Voids.BOTH, "the ramp-up took 14 s instead of 10"),
    ("users", {"spawned_s": None, "users_reached": 300}, Voids.BOTH, "users never all came"),
    ("users", {"users_lost": 2}, Voids.BOTH, "two of a thousand users ended early"),
    (
        "users",
        {"users_ended": 10, "users_lost": 10, "script_errors": {"HTTPError": 10}},
        Voids.HOLDS,
        "ten users could not log in",
    ),
    ("delivered", {"dropped": 0.08}, Voids.BOTH, "users did not send, generator healthy"),
    ("delivered", {"dropped": 0.08, "cpu_cores": 0.95}, Voids.BOTH, "not sent, generator sick"),
    ("delivered", {"asked_twice": True, "own_script": True}, Voids.FAILS, "ours asks once a think"),
    ("delivered", {"dropped": 0.5} | thinks(0.5), Voids.BOTH, "users slept, by their own script"),
    ("delivered", {"dropped": 0.5, "cpu_cores": 0.95} | thinks(1), Voids.BOTH, "generator sick"),
    ("delivered", {"asked": 150} | thinks(0), Voids.FAILS, "a loop of the script's own"),
    ("own_errors", {"own_errors": {"other_host": 2}}, Voids.BOTH, "somebody else was asked"),
    ("generator_lag", {"heartbeat_lag_p99_ms": 51.0}, Voids.FAILS, "51 ms late of 50 allowed"),
    ("generator_lag", {"heartbeat_lag_max_ms": 501.0}, Voids.FAILS, "one pause above the SLO"),
    ("generator_cpu", {"cpu_cores": 0.81}, Voids.FAILS, "less than 20% idle"),
    ("generator_throttled", {"generator_throttled": 0.1}, Voids.FAILS, "generator had a limit"),
    ("connections", {"connects": 6000}, Voids.FAILS, "a client without keep-alive"),
    ("connections", {"connects": 5}, Voids.BOTH, "all users share a few connections"),
    ("own_errors", {"own_errors": {"emfile": 1}}, Voids.BOTH, "out of descriptors"),
    ("own_errors", {"own_errors": {"dns": 3}}, Voids.BOTH, "names lost with all replicas up"),
    ("own_limits", {"limits_hit": ("open files",)}, Voids.FAILS, "the service had no files left"),
    ("steal_time", {"steal": 0.03}, Voids.FAILS, "3% stolen"),
    ("steal_time", {"steal": 0.11}, Voids.FAILS, "11% stolen"),
    ("crowded_host", {"busy": 0.95}, Voids.FAILS, "the containers used 30% of a full host"),
    ("cpu_speed", {"reference_us": 300.0, "work_us": 323.0}, Voids.FAILS, "7.1% slower"),
    ("cpu_speed", FASTER | {"cpu_share": 0.84}, Voids.HOLDS, "8% faster, 91% of the CPU needed"),
    ("cpu_speed", FASTER | {"latency": NARROW}, Voids.HOLDS, "8% faster, a fifth took 470 ms"),
    ("clock", {"clock_drift_ms": -150.0}, Voids.BOTH, "the clock was set back"),
    ("samples", {"sampled": 0.8}, Voids.NEITHER, "a fifth of the samples missing"),
    ("steady", {"latency": growing_ms(30.0, 40.0)}, Voids.BOTH, "a queue grew all through"),
    ("steady", {"latency": slow_until(35.0)}, Voids.BOTH, "slow at first, then fast"),
]


@pytest.mark.parametrize(("name", "mishap", "voids", "what"), TRIPPED)
def test_a_mishap_trips_its_check_in_its_direction_with_advice(name, mishap, voids, what):
    """And the check says in numbers what was seen."""
    found = check_of(evidence(**mishap), name)
    right = not found.ok and found.voids is voids and bool(found.advice)
    log_case("check", name, what, told(found), right)
    assert not found.ok, what
    assert found.voids is voids, what
    assert found.advice, what
    assert any(letter.isdigit() for letter in found.seen), found.seen


PASSED = [
    ("users", {"spawned_s": 13.0}, "a quarter of the ramp-up and a second late"),
    ("users", {"users_lost": 1}, "one of a thousand lost"),
    ("delivered", {"dropped": 0.01}, "one percent short, which chance explains"),
    ("delivered", {"latency": steady_ms(3000.0)}, "slow answers slow the users down: Little"),
    ("delivered", {"latency": steady_ms(5.0, 0.3, 1e6)}, "timeouts slow the users down too"),
    ("delivered", {"asked_twice": True}, "a script of one's own may ask twice"),
    ("delivered", {"asked_twice": True} | thinks(1), "which is told by how often users think"),
    ("delivered", {"dropped": 0.5} | thinks(1), "half of the script's tasks ask nothing"),
    ("delivered", {"asked": 150} | thinks(1), "150 calls a task, and a think after it"),
    (
        "delivered",
        {"dropped": 0.3, "users_ended": 300, "script_errors": {"HTTPError": 300}},
        "three in ten users were not let in",
    ),
    (
        "delivered",
        {"latency": dead_from(12.0), "steady_s": 2.0} | thinks(0),
        "users whom a service that is gone keeps waiting have nothing to think about",
    ),
    ("delivered", {"own_script": True}, "our script, once a think"),
    ("generator_lag", {"heartbeat_lag_p99_ms": 50.0}, "50 ms of 50 allowed"),
    ("generator_lag", {"heartbeat_lag_max_ms": 500.0}, "one pause of 500 ms"),
    ("generator_cpu", {"cpu_cores": 0.8}, "just 20% idle"),
    ("generator_throttled", {"generator_throttled": 0.0}, "never throttled"),
    ("connections", {"connects": None}, "a client without a counter"),
    ("connections", {"connects": 1020}, "a few reconnects"),
    ("connections", {"connects": 0, "failures": {"refused": 1.0}}, "nobody was let in"),
    ("connections", {"connects": 2000, "failures": {"refused": 0.2}}, "after refusals"),
    ("connections", {"connects": 6000, "closed_by_service": 5000}, "the service hangs up politely"),
    ("connections", {"connects": 6000, "failures": {"reset": 0.04}}, "the service closes them"),
    ("own_errors", {"own_errors": {"dns": 3}, "oom_s": 5.0}, "the only replica was gone"),
    ("own_errors", {"own_errors": {"emfile": 0}}, "counted, none"),
    ("steal_time", {"steal": 0.019}, "not quite 2% stolen"),
    ("steal_time", {"steal": None}, "a host that does not report it"),
    ("crowded_host", {"busy": 0.88}, "busy with others, yet with CPU to spare"),
    ("crowded_host", {"busy": 0.95, "cpu_share": 3.2}, "full, but of the trial's own doing"),
    ("crowded_host", {"busy": 0.95, "steal": None}, "a host that does not report it"),
    ("crowded_host", {"busy": 0.95, "sampled": 0.0}, "containers that were not sampled"),
    ("crowded_host", {"busy": 0.95, "sampled": 0.8}, "containers that were sampled too seldom"),
    ("cpu_speed", {"reference_us": 279.0, "work_us": 300.0}, "7% slower"),
    ("cpu_speed", {"reference_us": 321.0, "work_us": 300.0, "cpu_share": 0.9}, "7% faster"),
    ("cpu_speed", SHORT | {"reference_us": 300.0, "work_us": 375.0}, "slower, and short anyway"),
    ("cpu_speed", FASTER | {"cpu_share": 0.84, "sampled": 0.0}, "faster, CPU use not reported"),
    ("cpu_speed", {"reference_us": 440.0, "work_us": 300.0}, "much faster, 88% of the CPU needed"),
    ("cpu_speed", {"work_us": 900.0}, "no reference"),
    ("cpu_speed", {"reference_us": 300.0}, "no gauge"),
    ("clock", {"clock_drift_ms": 100.0}, "100 ms allowed"),
    ("samples", {"sampled": 0.95}, "a few samples missing"),
    ("steady", {"latency": steady_ms(5.0, 0.05)}, "the same share slow all along"),
    ("steady", {"latency": growing_ms(10.0, 120.0)}, "grows, but both halves fail"),
    ("steady", {"steady_s": 8.0}, "too short to tell"),
]


@pytest.mark.parametrize(("name", "given", "what"), PASSED)
def test_what_is_allowed_or_not_reported_trips_nothing(name, given, what):
    """The other side of each threshold."""
    found = check_of(evidence(**given), name)
    log_case("check", name, f"allowed: {what}", told(found), found.ok)
    assert found.ok, f"{what}: {found.seen}"


@pytest.mark.parametrize(
    ("steal", "leaves"),
    [(0.05, Verdict.UNDECIDED), (0.099, Verdict.UNDECIDED), (0.2, Verdict.INVALID)],
)
def test_a_little_stolen_cpu_leaves_doubt_and_much_of_it_leaves_nothing(steal, leaves):
    """2 to 10% undecided, above it void."""
    assert check_of(evidence(steal=steal), "steal_time").leaves is leaves


@pytest.mark.parametrize(
    ("cpu_share", "leaves"),
    [(2.8, Verdict.UNDECIDED), (2.5, Verdict.UNDECIDED), (1.0, Verdict.INVALID)],
)
def test_a_crowded_host_leaves_doubt_or_nothing(cpu_share, leaves):
    """All CPUs busy: 10 and 17% with others leave doubt, 55% voids."""
    found = check_of(evidence(busy=0.95, cpu_share=cpu_share), "crowded_host")
    assert (found.ok, found.leaves) == (False, leaves), found.seen


@pytest.mark.parametrize("think_s", [(10.0, 10.0), (0.5, 1.5), (0.0, 4.0)])
@pytest.mark.parametrize("spawn_rate", [50.0, 1000.0])
@pytest.mark.parametrize("users", [30, 1000])
def test_a_sound_load_is_delivered_whatever_its_rhythm(think_s, spawn_rate, users):
    """Users who arrive together and think alike send in waves; few users by chance."""
    workload = Workload(users=users, spawn_rate=spawn_rate, think_time_s=think_s, steady_s=27.0)
    for seed in range(3):
        found = check_of(evidence(question=Question(workload), seed=seed), "delivered")
        assert found.ok, found.seen


@pytest.mark.parametrize("until_s", [22.0, 27.0, 29.5, 31.0])
def test_users_whom_a_stall_made_think_alike_have_sent_what_they_should(until_s):
    """They are all answered at once, and then all think at once: nobody sends for a while."""
    workload = Workload(users=1000, spawn_rate=100.0, steady_s=12.0)

    def stalled_ms(start_s, rng):
        waits_s = np.where(start_s >= until_s - 9.0, until_s - start_s, 0.0)
        return 5.0 + 1000 * waits_s.clip(0.0)

    found = check_of(evidence(question=Question(workload), latency=stalled_ms), "delivered")
    assert found.ok, found.seen


def test_a_steady_state_of_nearly_one_cycle_is_enough_to_tell_what_was_delivered():
    """A think time of 10 s and answers of 5 ms in a steady state of 10 s."""
    question = Question(Workload(users=1000, spawn_rate=100.0, steady_s=10.0))
    assert "implied" in check_of(evidence(question=question), "delivered").seen


@pytest.mark.parametrize(
    ("steady_s", "dropped", "sound"), [(4, 0, True), (7, 0, True), (7, 0.2, False)]
)
def test_less_than_one_cycle_tells_too_what_users_sent(steady_s, dropped, sound):
    """A think time of 10 s: else users who sleep would make a slow service hold unnoticed."""
    question = Question(Workload(users=1000, spawn_rate=100.0, steady_s=steady_s))
    found = check_of(evidence(question=question, dropped=dropped), "delivered")
    if not sound:
        what = f"a fifth less was sent, in a steady state of {steady_s} s and thinks of 10 s"
        before = "nothing: steady state shorter than one cycle of 10 s: not told"
        log_case("mended", "less than one cycle", what, told(found), found.ok is sound, before)
    assert found.ok is sound, found.seen


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "look at the users' script: a task that sends nothing"),
        ({"script_errors": {"KeyError": 7, "OSError": 90}}, "raised OSError 90 times"),
    ],
)
def test_users_who_did_not_send_are_told_as_the_scripts(given, said):
    """Those who wait for the service are taken out before: it cannot be to blame."""
    found = check_of(evidence(dropped=0.1, **given), "delivered")
    right = said in found.advice and "service" not in found.advice
    told_now = f"{told(found)}. {found.advice}"
    what = "a tenth less was sent" + ", the script raised" * bool(given)
    log_case("mended", "users who do not send", what, told_now, right, BLAMED)
    assert said in found.advice
    assert "service" not in found.advice


def test_users_who_did_not_send_are_told_as_the_generators_where_it_was_not_healthy():
    advice = check_of(evidence(dropped=0.1, cpu_cores=0.95), "delivered").advice
    assert "The generator was not healthy" in advice
    assert "service" not in advice


def test_a_limit_that_is_not_the_settings_is_named():
    """Whoever reads "fails" would grant more CPU in vain."""
    found = judge(evidence(limits_hit=("open files",), latency=steady_ms(5.0, 0.2)))
    said = f"{found.verdict}: {found.reasons[0]}"
    right = found.verdict is Verdict.INVALID and "open files" in said
    what = "slow, and the service's log says that it had no files left"
    log_case("mended", "limits of our own", what, said, right, SLOW)
    assert right, said


def test_a_script_that_asks_more_often_than_it_thinks_is_told_by_how_much():
    found = check_of(evidence(asked_twice=True), "delivered")
    assert "2.0 requests for every think time" in found.seen


def test_a_trial_without_requests_is_the_generators_fault():
    """Nothing was sent, so nothing can be said of the service."""
    given = evidence()
    found = check_of(replace(given, requests=given.requests.iloc[:0]), "delivered")
    assert (found.ok, found.voids) == (False, Voids.BOTH)


def test_users_of_a_trial_that_ended_in_its_ramp_up_must_have_been_on_schedule():
    """Half of them after half the ramp-up is on time, a tenth is not."""
    given = evidence(spawned_s=None)
    for reached, ok in ((500, True), (100, False)):
        phases = replace(given.trial.phases, steady_start_s=5.0, steady_end_s=5.0)
        generator = replace(given.trial.generator, users_reached=reached)
        trial = replace(given.trial, phases=phases, generator=generator)
        assert check_of(replace(given, trial=trial), "users").ok is ok


def test_a_replica_without_any_sample_is_missing_not_idle():
    """Coverage is that of the worst replica, also of one that is not in the table."""
    given = evidence()
    stats = given.docker_stats[given.docker_stats["role"] != "replica"]
    assert check_of(replace(given, docker_stats=pd.DataFrame(stats)), "samples").ok is False


def test_users_whom_the_service_would_not_let_in_do_not_void_its_failing():
    """Three in ten fail to log in, and their script ends them; the others send what they should."""
    given = evidence(
        dropped=0.3,
        failures={"http_503": 0.2},
        users_lost=300,
        users_ended=300,
        script_errors={"StopUser": 300},
        connects=1000,
    )
    assert judge(given).verdict is Verdict.FAILS


def test_users_whom_their_script_ends_are_told_as_the_scripts():
    found = check_of(evidence(users_lost=500, script_errors={"StopUser": 500}), "users")
    assert "The script ended its users itself (StopUser, 500 times)" in found.advice
    assert "generator" not in found.advice


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"script_errors": {"IndexError": 90}},
            "no request was recorded: the users' script raised IndexError 90 times before any call",
        ),
        (
            {"not_judged": {"step": 1200}},
            "no HTTP call was made, and what the script reports is not judged: 1,200 step",
        ),
    ],
)
def test_why_no_request_was_recorded_is_told(given, said):
    silent = evidence(**given)
    found = check_of(replace(silent, requests=silent.requests.iloc[:0]), "delivered")
    assert (found.ok, found.seen) == (False, said)


def test_users_of_a_script_who_sleep_in_it_are_told_by_how_seldom_they_think():
    """Two calls a task and a sleep as long as the think: as many requests as one call a task."""
    found = check_of(evidence(**thinks(0.5)), "delivered")
    assert found.ok
    assert (
        "2.0 requests for every think, and 50% of the thinks that users had time for" in found.seen
    )
