"""Which tasks had their turn, and one user of every kind, in the whole program."""

import json

import pytest

from tests.generator.running import ended, level

pytestmark = pytest.mark.waits

SCRIPT = """
from locust import FastHttpUser, TaskSet, task

class Corner(TaskSet):
    @task
    def stand(self):
        self.client.get("/", name="stand")
        self.interrupt()

    @task(0)
    def hide(self):
        self.client.get("/", name="hide")

class Many(FastHttpUser):
    weight = 1000
    tasks = {Corner: 1}

    @task
    def look(self):
        self.client.get("/", name="look")

    @task(0)
    def leave(self):
        self.client.get("/", name="leave")

class Rare(FastHttpUser):
    weight = 1

    @task(10 ** 6)
    def come(self):
        self.client.get("/", name="come")

    @task(1)
    def buy(self):
        self.client.get("/", name="buy")
"""


def seen(start, tmp_path, **changes):
    """Return the report of a short load with that script, and the names that were asked for."""
    lines, code = ended(
        start(SCRIPT, think_time_s=[0.01, 0.02], levels=[level(2, 0.2, 1.5)], **changes)
    )
    assert code == 0, lines
    rows = (tmp_path / "out" / "requests.csv").read_text().splitlines()[1:]
    return json.loads((tmp_path / "out" / "report.json").read_text()), {
        row.rpartition(",")[2] for row in rows
    }


def test_one_user_of_each_kind_comes_and_a_task_without_its_turn_is_named(start, tmp_path):
    report, names = seen(start, tmp_path, one_of_each=True)
    assert {"look", "stand", "come"} <= names
    assert report["users_reached"] == 2
    assert report["rarest_share"] == 1 / 1001
    # A task of weight 0 is none to Locust, so it is not missed.
    assert report["tasks_not_run"] == ["Rare.buy"]


def test_without_it_kinds_of_users_come_by_their_weight(start, tmp_path):
    report, names = seen(start, tmp_path)
    assert "come" not in names
    assert report["tasks_not_run"] == ["Rare.come", "Rare.buy"]
