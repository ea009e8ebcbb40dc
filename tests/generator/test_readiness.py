"""Replicas are asked side by side."""

import json
import time
from types import SimpleNamespace

import gevent
import pytest

from loadtests.generator import readiness
from loadtests.generator.job import Job
from tests.generator.test_job import GIVEN

REPLICAS = [f"10.0.0.{number}" for number in range(2, 22)]
SLOW_S = 0.2  # for each answer


@pytest.fixture
def replicas(monkeypatch):
    """Twenty replicas on one processor, each slow to answer; those in `dead` never do."""
    dead = set()

    def answers(address, _job):
        gevent.sleep(SLOW_S)
        return address not in dead

    monkeypatch.setattr(readiness, "_addresses", lambda _: REPLICAS)
    monkeypatch.setattr(readiness, "_answers", answers)
    return dead


def waited_for(ready_timeout_s):
    """Wait for all replicas."""
    job = Job.from_json(json.dumps(GIVEN | {"replicas": 20, "ready_timeout_s": ready_timeout_s}))
    return readiness.await_replicas(job, SimpleNamespace(requested=False))


def test_slow_replicas_are_slow_together_and_not_one_after_the_other(replicas):
    began_s = time.monotonic()
    assert waited_for(30.0) == sorted(REPLICAS)
    assert time.monotonic() - began_s < 5 * SLOW_S


def test_one_that_never_answers_is_missed_and_the_others_are_counted(replicas):
    replicas.add(REPLICAS[0])
    with pytest.raises(TimeoutError, match="19 of 20 replicas answered"):
        waited_for(0.5)
