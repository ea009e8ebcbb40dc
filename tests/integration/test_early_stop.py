"""What is stopped early, and what is not, in real containers: by the load and by the verdict."""

import time
from dataclasses import replace

import pytest

from loadtests.analysis.error_rate import failed_by_second, requests_of_whole
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.trial_length import ended_early
from loadtests.bench.trial import run_trial
from loadtests.generator.early_stop import proves_failing
from loadtests.question import SLO, Setting
from tests.integration.benches import ignore, part_of
from tests.integration.faults import asking, once

pytestmark = pytest.mark.docker

AMPLE = Setting(1, 300)
STRICT = SLO(error_rate=0.001)
LOST = """
from locust import FastHttpUser, task
class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/nowhere")
"""


def proven(evidence):
    """Say whether the failures in the record prove what a load is stopped for."""
    failed, whole = failed_by_second(evidence), requests_of_whole(evidence)
    return proves_failing(failed, whole, STRICT.error_rate)


def test_a_service_that_fails_all_along_is_stopped_and_fails_by_that(bench, tmp_path):
    """Nobody finds a page that is not there."""
    script = tmp_path / "lost.py"
    script.write_text(LOST)
    here = replace(asking(bench(locustfile=script), STRICT, steady_s=60.0), stops_early=True)
    evidence = Evidence.read(run_trial(here, AMPLE, 0, ignore))
    generator = evidence.trial.generator
    assert generator.stopped_early == f"{generator.failures} requests had failed"
    assert sum(failed_by_second(evidence).values()) == generator.failures
    assert ended_early(evidence)
    assert proven(evidence)
    found = judge(evidence)
    assert any(f"{generator.failures:,} requests had failed when" in said for said in found.reasons)


def test_a_service_that_is_paused_once_is_looked_at_to_the_end(bench):
    """Who asks in the first half of the pause gets no answer in time."""

    def pause():
        replica = part_of(here, "api-1")
        replica.pause()
        time.sleep(1.5)
        replica.unpause()

    here = replace(asking(bench(), STRICT, timeout_s=0.8), stops_early=True)
    evidence = Evidence.read(run_trial(here, AMPLE, 0, once("steady state", pause)))
    generator = evidence.trial.generator
    assert generator.failures > 5 * STRICT.error_rate * requests_of_whole(evidence)
    # An engine that takes its time over it makes a longer pause, which is no lone burst.
    assert (generator.stopped_early is not None) == proven(evidence)
