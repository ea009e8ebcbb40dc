"""An endpoint of small weight that is always slow, in a real container: hidden, and told of."""

from dataclasses import replace

import pytest

from loadtests.analysis.answer import row_dict
from loadtests.analysis.by_objective import binding
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.hidden import hidden_endpoints
from loadtests.analysis.judge import judge
from loadtests.analysis.summary import measure_row
from loadtests.bench.trial import run_trial
from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.record import IN_FLIGHT
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from loadtests.studies.smoke import smoke_test
from loadtests.verdicts import Verdict
from tests.integration.measuring import Printed
from tests.integration.own_image import SHOP, built

pytestmark = pytest.mark.docker

# Answers at once, but for one page that waits longer than its objective lets it.
SLEEPY = "import time\n" + SHOP.replace(
    "def do_GET(self):", "def do_GET(self):\n        time.sleep(3 * (self.path == '/slow'))"
).replace('"/items")', '"/items", "/slow")')
VISITOR = """
from locust import FastHttpUser, between, task

class Visitor(FastHttpUser):
    wait_time = between(1, 2)

    @task(49)
    def quick(self):
        self.client.get("/items")

    @task
    def slow(self):
        self.client.get("/slow")
"""
OBJECTIVES = {"/slow": {"p95_ms": 1000}, "/items": {"p95_ms": 2000, "failure_ratio": 0.1}}


@pytest.fixture(scope="module")
def image(client, tmp_path_factory):
    with built(client, tmp_path_factory.mktemp("sleepy"), SLEEPY) as name:
        yield name


@pytest.fixture
def ask(tmp_path, monkeypatch, image):
    """Return how to ask with objectives."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")
    script = tmp_path / "script" / "visitor.py"
    script.parent.mkdir()
    script.write_text(VISITOR)

    def asking(objectives):
        return Parameters(
            run="objectives", image=image, port=8080, health_path="/ready",
            locustfile=str(script), users=120, spawn_rate=60, think_min=0.5,
            think_max=1.5, steady_s=10, p95_ms=2000, error_rate=0.05, objectives=objectives,
        )  # fmt: skip

    return asking


def test_a_slow_endpoint_of_small_weight_fails_by_its_own_objective_alone(client, ask):
    bench = Experiment(ask(OBJECTIVES), client, Printed()).bench
    asked = Evidence.read(run_trial(bench, Setting(1, 500), 0, lambda _: None))
    of_all, slow, quick = judge(asked).objectives
    assert (slow.objective.name, quick.objective.name) == ("/slow", "/items")
    assert slow.judgement.slow_share.estimate == 1.0, "each waits for 3 s, within the second"
    assert slow.judgement.slow_share.low > 0.05
    assert of_all.judgement.slow_share.estimate < 0.05, "which the total hides"
    # A busy machine may void it, and never make it hold.
    judgement = judge(asked)
    assert judgement.verdict is not Verdict.HOLDS
    assert any("/slow" in reason for reason in judgement.reasons)
    if judgement.verdict is Verdict.FAILS:
        assert binding(judgement).objective == slow.objective
        assert row_dict(measure_row(asked, judgement))["binding"]["endpoint"] == "/slow"

    # The same record, had nobody asked by endpoint: it may hold, and the slow one is named.
    slo = replace(asked.trial.question.slo, objectives=())
    trial = replace(asked.trial, question=replace(asked.trial.question, slo=slo))
    plain = replace(asked, trial=trial)
    held = replace(judge(plain), verdict=Verdict.HOLDS)
    assert [each.name for each in hidden_endpoints(plain, held)] == ["/slow"]
    # What was still waiting at the end is known by name.
    waiting = asked.requests[asked.requests["outcome"] == IN_FLIGHT]
    assert waiting["name"].notna().all()


def test_an_objective_of_an_endpoint_that_there_is_none_of_is_refused_before_the_load(ask):
    with pytest.raises(QuestionError, match=r"OBJECTIVES names '/itmes'.* did you mean '/items'\?"):
        smoke_test(ask({"/itmes": {"p95_ms": 1000}}))
