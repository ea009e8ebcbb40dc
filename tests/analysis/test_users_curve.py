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


@pytest.mark.parametrize(("kills", "how"), [(1, "was OOM-killed"), (0, "ended")])
def test_users_that_no_replica_outlived_are_told_as_that_and_are_no_level(kills, how):
    """What it answered while it died is no throughput, and no knee."""
    seen = climb([40.0, 60.0, 10.0], fails_from=2)
    replica = replace(seen.trial.replicas[0], oom_kills=kills)
    died_s = seen.trial.steps[2].start_s + 2
    events = (Event(died_s, replica.name, "die"), Event(died_s + 3, "a-generator", "die"))
    trial = replace(seen.trial, replicas=(replica,), events=events)
    seconds = seen.generator.assign(users=range(len(seen.generator)))
    found = UsersCurve.of(replace(seen, trial=trial, generator=seconds))
    users = int(seconds[seconds["time_s"] <= died_s]["users"].max())
    assert [level.users for level in found.levels] == [100, 200]
    assert found.held == 200
    told = " ".join(found.sentences())
    assert f"With {users} users a replica {how}: more users are not carried" in told
    assert found.clauses()[-1] == f"{users} users: {how}"


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
