"""Somebody's own image, asked by an ordinary locustfile that knows nothing of this project."""

from collections.abc import Iterator

import pytest

from loadtests.analysis.balance import is_uneven
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from tests.integration.benches import bench_at, ignore
from tests.integration.own_image import SHOP, built

pytestmark = pytest.mark.docker

USERS = 60
SHOPPERS = """
from locust import HttpUser, constant, task

class Shopper(HttpUser):
    wait_time = constant(3600)

    @task(3)
    def look(self):
        self.client.get("/items")

    @task(1)
    def get_lost(self):
        with self.client.get("/nowhere", catch_response=True) as answer:
            answer.success()
"""


@pytest.fixture(scope="module")
def evidence(client, generator_image, tmp_path_factory) -> Iterator[Evidence]:
    """Two replicas of a shop, asked by classic HttpUsers."""
    folder = tmp_path_factory.mktemp("shop")
    users = folder / "shop_users.py"
    users.write_text(SHOPPERS)
    with (
        built(client, folder, SHOP) as image,
        bench_at(
            client,
            folder / "run",
            generator_image,
            image=image,
            port=8080,
            health_path="/ready",
            locustfile=users,
            users=USERS,
            steady_s=6.0,
        ) as bench,
    ):
        yield Evidence.read(run_trial(bench, Setting(0.5, 100, 2), 0, ignore))


def test_its_users_think_as_long_as_the_question_says(evidence):
    """Not as long as the locustfile says, which would be an hour."""
    assert len(evidence.requests) > 3 * USERS


def test_every_request_is_counted_with_its_name(evidence):
    requests = evidence.requests
    ended = requests[requests["outcome"] != "in_flight"]
    assert len(ended) == evidence.trial.generator.requests
    assert set(ended["name"]) == {"/items", "/nowhere"}
    assert set(ended["outcome"]) == {"ok"}


def test_its_connections_are_counted_and_shared_between_the_replicas(evidence):
    assert evidence.trial.generator.connects == USERS
    assert evidence.requests["replica"].nunique() == 2
    assert not is_uneven(evidence)


def test_it_is_judged_like_any_other(evidence):
    judgement = judge(evidence)
    assert judgement.error_rate == 0
    # The others may trip where the machine is busy.
    sound = {check.name for check in judgement.checks if check.ok}
    assert sound >= {"users", "connections", "own_errors", "generator_throttled"}
