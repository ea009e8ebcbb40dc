"""What the generator is asked, as it arrives in its environment."""

import json
from pathlib import Path

import pytest

from loadtests.generator.early_stop import EarlyStop
from loadtests.generator.job import Job, Level

GIVEN = {
    "host": "api-1",
    "port": 8000,
    "health_path": "/health",
    "replicas": 3,
    "spawn_rate": 500.0,
    "think_time_s": [5.0, 15.0],
    "levels": [{"users": 1000, "warm_up_s": 10.0, "steady_s": 30.0}],
    "timeout_s": 10.0,
    "slow_ms": 500.0,
    "early_stop": {"error_rate": 0.001, "requests": 60_000, "user_s": 500_000.0},
    "ready_timeout_s": 60.0,
    "seed": 7,
    "locustfile": "/tmp/users.py",
    "results": "/tmp/out",
}


def test_a_job_is_read_from_json():
    job = Job.from_json(json.dumps(GIVEN))
    assert job.think_time_s == (5.0, 15.0)
    assert (job.locustfile, job.results) == (Path("/tmp/users.py"), Path("/tmp/out"))
    assert job.base_url == "http://api-1:8000"
    assert job.levels == (Level(1000, 10.0, 30.0),)
    assert job.early_stop == EarlyStop(0.001, 60_000, 500_000.0)


@pytest.mark.parametrize("missing", GIVEN)
def test_a_job_that_is_not_whole_is_refused(missing):
    given = {name: value for name, value in GIVEN.items() if name != missing}
    with pytest.raises((KeyError, TypeError), match=missing):
        Job.from_json(json.dumps(given))


def test_a_job_without_a_rule_is_never_stopped_early():
    assert Job.from_json(json.dumps(GIVEN | {"early_stop": None})).early_stop is None


def test_a_job_with_an_unknown_part_is_refused():
    """Bench and generator are of different versions."""
    with pytest.raises(TypeError, match="colour"):
        Job.from_json(json.dumps(GIVEN | {"colour": "red"}))


@pytest.mark.parametrize(
    ("users", "spawn_rate", "limit_s"),
    [(10_000, 500, 25.0), (100, 100, 4.0), (6000, 500, 15.0)],
)
def test_users_may_arrive_a_quarter_of_the_ramp_up_late_and_at_least_three_seconds(
    users, spawn_rate, limit_s
):
    job = Job.from_json(json.dumps(GIVEN | {"spawn_rate": spawn_rate}))
    assert job.spawn_limit_s(users) == limit_s
