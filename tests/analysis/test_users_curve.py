"""The knee of a service under more and more users."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.staircase import LevelRow
from loadtests.analysis.users_curve import UsersCurve
from loadtests.question import SLO, Setting
from loadtests.record import Event
from tests.analysis.replicas import climb

THINK_S = 10.0


def curve(users, saturates_per_s):
    """The levels of a service that answers at once up to a rate."""
    levels = []
    for n in users:
        rps = min(n / THINK_S, saturates_per_s)
        late_ms = 1000 * (n / rps - THINK_S)
        levels.append(
            LevelRow(
                0.2, n, 0, 1, 6, late_ms <= 500, 2 + late_ms, 2 + late_ms, 0, 0, rps, 0.1, 0, 1
            )
        )
    return UsersCurve(Setting(0.2, 200), SLO(), THINK_S, tuple(levels))


def test_the_knee_is_where_throughput_ceases_to_grow():
    found = curve([500, 700, 850, 1000, 1200, 1500], 90.0)
    assert found.is_saturated
    assert found.knee_users == pytest.approx(900, rel=0.01)
    assert found.held == 850
    first, second, _ = found.sentences()
    assert first == "On the live staircase 0.2 CPU / 200 MiB met the SLO up to 850 users."
    assert "up to about 900" in second
    assert "to 90 requests/s" in second


def test_a_knee_that_was_not_reached_is_not_told():
    found = curve([500, 1000, 1500], 1e6)
    assert found.knee_users is None
    assert "the knee lies beyond" in found.sentences()[1]


def lost(**became):
    """A climb that a replica did not outlive, with what became of it, and who asked by then."""
    seen = climb([40.0, 60.0, 10.0], fails_from=2)
    died_s = seen.trial.steps[2].start_s + 2
    gone = {"running_at_end": False, "exit_code": None, **became}
    replica = replace(seen.trial.replicas[0], **gone)
    events = [Event(died_s, replica.name, "die"), Event(died_s + 3, "a-generator", "die")]
    events += [Event(died_s, replica.name, "oom")] * replica.oom_kills
    trial = replace(seen.trial, replicas=(replica,), events=tuple(events))
    seconds = seen.generator.assign(users=range(len(seen.generator)))
    users = int(seconds[seconds["time_s"] <= died_s]["users"].max())
    return UsersCurve.of(replace(seen, trial=trial, generator=seconds)), users


KILLED = {"oom_kills": 1, "exit_code": 137}


@pytest.mark.parametrize(
    ("became", "how", "so"),
    [
        (KILLED | {"ooms_at_limit": 1}, "was OOM-killed", "its memory carries no more users"),
        (KILLED | {"ooms_at_limit": 0}, "was killed below its memory limit", "perhaps the host"),
        ({"exit_code": 137, "memory_peak_mib": 60.0}, "was killed below", "perhaps the host"),
        ({"exit_code": 137, "memory_peak_mib": 99.0}, "ended with exit code 137", "who killed it"),
        ({"exit_code": 3}, "ended with exit code 3", "so its log has to tell why"),
        ({"exit_code": 0}, "ended with exit code 0", "so its log has to tell why"),
        ({"running_at_end": True, "restarts": 1}, "was restarted", "its log may tell why"),
        ({}, "ended", "its exit code was not reported"),
    ],
)
def test_of_users_that_no_replica_outlived_memory_alone_says_that_more_are_not_carried(
    became, how, so
):
    """What it answered while it died is no throughput, and no knee."""
    found, users = lost(**became)
    assert [level.users for level in found.levels] == [100, 200]
    assert found.held == 200
    told = " ".join(found.sentences())
    assert f"With {users} users a replica {how}" in told
    assert so in told
    by_memory = found.loss.how == "was OOM-killed"
    assert ("whatever the CPU" in told) is by_memory
    assert ("whether this size carries more users was not seen" in told) is not by_memory
    assert found.clauses()[-1] == f"{users} users: {found.loss.how}"


def test_one_that_died_before_its_level_was_seen_is_told_too():
    seen = climb([40.0, 60.0], fails_from=2)
    after = (Event(seen.trial.steps[-1].steady_end_s + 1, seen.trial.replicas[0].name, "die"),)
    found = UsersCurve.of(replace(seen, trial=replace(seen.trial, events=after)))
    assert (len(found.levels), found.loss is None) == (2, False)


def test_a_level_that_passes_above_one_that_fails_holds_nothing():
    found = curve([500, 1000], 1e6)
    levels = [found.levels[0], *[found.levels[1]] * 2]
    broken = UsersCurve(found.setting, SLO(), THINK_S, (
        LevelRow(0.2, 400, 0, 1, 6, False, 2, 900, 1, 0, 40, 0.1, 0, 1), *levels))  # fmt: skip
    assert broken.held is None
    assert broken.sentences()[0].startswith("0.2 CPU / 200 MiB does not meet the SLO with 400")


def test_answers_that_never_came_leave_the_bound_that_of_the_pauses():
    found = curve([500], 1e6)
    lost = LevelRow(0.2, 500, 0, 1, 6, False, math.inf, math.inf, 1, 1, 10, 0.1, 0, 1)
    assert UsersCurve(found.setting, SLO(), THINK_S, (lost,)).asked_per_s(500) == 50


def missed(p95_ms, error_rate):
    """A curve whose last level missed the SLO with that p95 and that share of failures."""
    level = LevelRow(0.2, 900, 0, 1, 6, False, 2, p95_ms, 0.05, error_rate, 90, 0.1, 0, 1)
    return UsersCurve(Setting(0.2, 200), SLO(), THINK_S, (level,))


@pytest.mark.parametrize(
    ("p95_ms", "error_rate", "why"),
    [
        (40.0, 0.021, "2.1% failed"),
        (40.0, 0.0, "by requests begun before"),
        (900.0, 0.021, ""),
        (math.inf, 0.3, ""),
        (math.nan, 0.0, ""),
    ],
)
def test_a_level_that_was_missed_though_its_p95_met_the_slo_says_why(p95_ms, error_rate, why):
    """Where its p95 is beyond the line, or there is none, that is to be seen."""
    found = missed(p95_ms, error_rate)
    assert found.hidden_miss(found.levels[0]) == why
    (told,) = found.clauses()
    assert told.endswith(f"fails ({why})" if why else "fails")


def test_a_level_that_met_the_slo_has_nothing_to_say():
    found = curve([500], 1e6)
    assert found.hidden_miss(found.levels[0]) == ""
    assert found.clauses()[0].endswith("passes")
