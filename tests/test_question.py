"""What can be asked, what cannot, and what follows from it."""

import math

import pytest

from loadtests.errors import QuestionError
from loadtests.question import SLO, EarlyStop, Objective, Question, Setting, Target, Workload

NAN, INF = math.nan, math.inf

REFUSED = [
    (Workload, {"users": 0}, "users", "nobody asks"),
    (Workload, {"users": -1}, "users", "fewer than nobody"),
    (Workload, {"users": 10.5}, "users", "half a user"),
    (Workload, {"users": True}, "users", "a truth is no number"),
    (Workload, {"users": "100"}, "users", "text is no number"),
    (Workload, {"spawn_rate": 0}, "spawn_rate", "nobody ever comes"),
    (Workload, {"spawn_rate": INF}, "spawn_rate", "all at once has no ramp"),
    (Workload, {"think_time_s": (5.0, 1.0)}, "think_time_s", "the wrong way round"),
    (Workload, {"think_time_s": (-1.0, 1.0)}, "think_time_s", "before the answer"),
    (Workload, {"think_time_s": (1.0,)}, "think_time_s", "one number"),
    (Workload, {"think_time_s": [1.0, 2.0]}, "think_time_s", "a list could be changed afterwards"),
    (Workload, {"think_time_s": (NAN, 2.0)}, "think_time_s", "not a number"),
    (Workload, {"think_time_s": (0.0, 0.0)}, "think_time_s", "no pause at all"),
    (Workload, {"think_time_s": (1.0, 111.0)}, "think_time_s", "longer than keep-alive"),
    (Workload, {"steady_s": 0}, "steady_s", "nothing to judge"),
    (Workload, {"timeout_s": NAN}, "timeout_s", "not a number"),
    (Workload, {"arrivals": "bursts"}, "arrivals", "of no known kind"),
    (Workload, {"rate_per_s": 10.0}, "rate_per_s", "a closed load has no rate of its own"),
    (Workload, {"arrivals": "poisson", "rate_per_s": None}, "rate_per_s", "how many a second?"),
    (Workload, {"arrivals": "constant", "rate_per_s": 0}, "rate_per_s", "nothing ever arrives"),
    (SLO, {"percentile": 0}, "percentile", "of nobody"),
    (SLO, {"percentile": 100}, "percentile", "never proven"),
    (SLO, {"latency_ms": 0}, "latency_ms", "before it was asked"),
    (SLO, {"error_rate": -0.1}, "error_rate", "fewer than none"),
    (SLO, {"error_rate": 1}, "error_rate", "all may fail"),
    (Objective, {"name": "/a", "percentile": 49, "latency_ms": 9}, "percentile", "no tail"),
    (Objective, {"name": "/a", "percentile": 99.95, "latency_ms": 9}, "percentile", "never shown"),
    (Setting, {"cpus": 0, "memory_mib": 300}, "cpus", "no CPU"),
    (Setting, {"cpus": 0.009, "memory_mib": 300}, "cpus", "less than an engine grants"),
    (Setting, {"cpus": "1", "memory_mib": 300}, "cpus", "text"),
    (Setting, {"cpus": NAN, "memory_mib": 300}, "cpus", "not a number"),
    (Setting, {"cpus": 1, "memory_mib": 5}, "memory_mib", "less than an engine grants"),
    (Setting, {"cpus": 1, "memory_mib": 300.5}, "memory_mib", "half a MiB"),
    (Setting, {"cpus": 1, "memory_mib": 300, "replicas": 0}, "replicas", "nobody answers"),
    (Target, {"image": " "}, "image", "no name"),
    (Target, {"image": "api", "port": 0}, "port", "no port"),
    (Target, {"image": "api", "port": 65536}, "port", "beyond the last port"),
    (Target, {"image": "api", "health_path": "health"}, "health_path", "not from the root"),
]


@pytest.mark.parametrize(("kind", "given", "name", "what"), REFUSED)
def test_what_makes_no_sense_is_refused_with_its_name_value_and_rule(kind, given, name, what):
    with pytest.raises(QuestionError) as refusal:
        kind(**given)
    assert str(refusal.value).startswith(f"{name} is {given[name]!r}; it must be "), what


ACCEPTED = [
    (Workload, {"users": 1, "spawn_rate": 0.1}, "one user in ten seconds"),
    (Workload, {"think_time_s": (0.0, 110.0)}, "up to what keep-alive allows"),
    (Workload, {"think_time_s": (3, 3)}, "always the same pause, in whole seconds"),
    (SLO, {"percentile": 99.9, "error_rate": 0}, "no failure at all"),
    (Setting, {"cpus": 0.01, "memory_mib": 6}, "the least an engine grants"),
    (Target, {"image": "a.b:5000/c@sha256:0", "port": 65535, "health_path": "/"}, "any name"),
]


@pytest.mark.parametrize(("kind", "given", "what"), ACCEPTED)
def test_the_other_side_of_each_limit_is_accepted(kind, given, what):
    assert kind(**given), what


@pytest.mark.parametrize(
    "given",
    [{}, {"percentile": 95}, {"latency_ms": 300}, {"percentile": 95, "error_rate": 0.1}],
    ids=["nothing", "no latency", "no percentile", "half of one"],
)
def test_an_objective_that_limits_nothing_whole_is_refused(given):
    with pytest.raises(QuestionError, match="a percentile with its latency_ms, an error_rate"):
        Objective("/a", **given)


@pytest.mark.parametrize("name", ["", " ", "/a\nreplicas: 9"])
def test_an_objective_s_name_is_one_line_of_text(name):
    """It is written into files of other programs, as a comment."""
    with pytest.raises(QuestionError, match="an objective is"):
        Objective(name, 95, 300)


def test_what_an_objective_does_not_limit_is_let_be():
    """Any answer within the timeout is quick enough, and any share but all may fail."""
    failures = Objective("/a", error_rate=0.1).slo(10.0)
    assert (failures.slow_share, failures.error_rate) == (0.5, 0.1)
    assert 9999 < failures.latency_ms < 10_000
    latency = Objective("/a", 99, 300).slo(10.0)
    assert (latency.percentile, latency.latency_ms) == (99, 300)
    assert 0.999 < latency.error_rate < 1


def test_a_timeout_within_the_objective_of_an_endpoint_is_refused():
    slo = SLO(objectives=(Objective("/a", 95, 800),))
    with pytest.raises(QuestionError, match=r"timeout_s is 0\.7; it must be longer .* 800 ms"):
        Question(Workload(timeout_s=0.7), slo)


def test_a_timeout_within_the_objective_is_refused():
    """It would cut off answers that the SLO still calls good."""
    with pytest.raises(QuestionError, match=r"timeout_s is 0\.5; it must be longer .* 500 ms"):
        Question(Workload(timeout_s=0.5), SLO(latency_ms=500))


def test_a_load_tells_its_phases():
    """10,000 users at 500/s who think 5 to 15 s: ramp-up, warm-up, and steady state add up."""
    workload = Workload()
    assert (workload.ramp_up_s, workload.think_mean_s, workload.warm_up_s, workload.steady_s) == (
        20,
        10,
        10,
        30,
    )
    assert workload.duration_s == 60


def test_a_load_tells_how_long_a_staircase_of_it_takes():
    """Ramp 20 s, settle 10 s, then 5 s a level, and 2.5 s before each but the first."""
    assert Workload().staircase_s(1) == 20 + 10 + 5
    assert Workload().staircase_s(3) == 20 + 10 + 5 + 2 * (2.5 + 5)


def test_a_load_tells_the_time_its_users_spend_and_what_they_ask_in_it():
    """10,000 users: on average half the ramp-up, then 40 s; one request in 10 s after the first."""
    assert Workload().user_s == 10_000 * (10 + 10 + 30)
    assert Workload().requests_at_most == 10_000 + 50_000


def test_patience_is_what_a_whole_trial_of_the_question_may_have():
    question = Question(Workload(), SLO(error_rate=0.01))
    assert EarlyStop.of(question) == EarlyStop(0.01, requests=60_000, user_s=500_000)


def test_users_who_hardly_think_still_get_two_seconds_to_settle():
    assert Workload(think_time_s=(0.1, 0.3)).warm_up_s == 2


def test_slow_answers_lower_the_expected_rate():
    """Little's law: 10,000 users, 10 s of thought, and 0 or 10 s of waiting."""
    assert Workload().expected_rps() == 1000
    assert Workload().expected_rps(latency_s=10.0) == 500


def test_an_objective_tells_the_share_that_may_be_slow():
    assert SLO(percentile=95).slow_share == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("setting", "label", "total"),
    [
        (Setting(0.5, 300), "0.5 CPU / 300 MiB", (0.5, 300)),
        (Setting(2, 1000, 3), "3 x 2 CPU / 1000 MiB", (6, 3000)),
    ],
)
def test_a_setting_is_written_as_a_person_would_and_adds_up(setting, label, total):
    assert setting.label == label
    assert (setting.total_cpus, setting.total_memory_mib) == total


def test_settings_that_grant_the_same_are_the_same():
    """So that a table does not measure 1 CPU and 1.0 CPU twice."""
    assert len({Setting(1, 300), Setting(1.0, 300, 1)}) == 1


def test_an_open_load_has_users_enough_for_all_who_wait_until_the_timeout():
    """100 requests/s that each wait 10 s are 1,000 users, and by chance some more."""
    closed = Workload(users=7, steady_s=20, timeout_s=10)
    opened = closed.opened("poisson", 100)
    assert (opened.arrivals, opened.rate_per_s, opened.steady_s) == ("poisson", 100.0, 20)
    assert 1000 + 3 * math.sqrt(1000) < opened.users < 1200
    assert closed.opened("poisson", 0.1).users >= 10
    assert closed.opened("constant", 5_000).users == 10_000, "what one generator can be asked for"
    assert (opened.label, closed.label) == ("100 arrivals/s", "7 users")


def test_an_open_load_implies_its_rate_however_slow_the_answers():
    opened = Workload(users=100, spawn_rate=10.0, steady_s=20).opened("poisson", 50)
    assert opened.expected_rps() == opened.expected_rps(latency_s=8.0) == 50
    expected = 50 * (opened.ramp_up_s / 2 + opened.warm_up_s + 20)
    assert expected < opened.requests_at_most < 1.2 * expected
