"""Requests are named by their paths, and by few names however many paths there are."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from loadtests.generator.naming import LISTED
from tests.generator.running import GIVE_UP_S, KINDS, PROJECT, level

pytestmark = pytest.mark.waits

HEAD = """
import itertools
from locust import FastHttpUser, HttpUser, task
from loadtests.generator.keep_alive_user import KeepAliveUser
numbers = itertools.count()
"""


@pytest.fixture(scope="module")
def called():
    """Return a function that tells what many names are called, at once and in the end."""

    def ask(*names):
        done = subprocess.run(
            [sys.executable, "-m", "tests.generator.programs.naming"],
            cwd=PROJECT, capture_output=True, text=True, timeout=GIVE_UP_S, check=True,
            input=json.dumps(names),
        )  # fmt: skip
        at_once, in_the_end = json.loads(done.stdout)
        return at_once, in_the_end

    return ask


def test_few_names_are_left_as_they_are(called):
    names = ["/", "/items/1", "/items/2", "/v1/items", "buy 1"]
    assert called(*names) == (names, names)


def test_many_paths_with_ids_are_called_alike_from_the_first_to_the_last(called):
    names = ["/health", *(f"/v1/items/{n}/parts" for n in range(500)), "/health"]
    at_once, in_the_end = called(*names)
    assert len(set(at_once)) == 101
    assert set(in_the_end) == {"/health", "/v1/items/{id}/parts"}
    assert in_the_end[0] == in_the_end[-1] == "/health"


def test_many_paths_of_words_are_called_by_what_is_before(called):
    words = ["/tags/" + "".join(chr(97 + int(digit)) for digit in str(n)) for n in range(500)]
    _, in_the_end = called("/health", *words)
    assert len(set(in_the_end)) <= 202
    assert in_the_end[-1] == "/tags/{…}"


def test_names_that_have_nothing_in_common_are_the_others(called):
    at_once, _ = called(*(f"step {n}" for n in range(500)))
    assert len(set(at_once)) == 301
    assert at_once[-1] == "(others)"


MANY = """
class Visitor({kind}):
    @task
    def look(self):
        for _ in range(20):
            self.client.get("/?n=1")
            self.client.get(f"/items/{{next(numbers)}}")
"""


@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_paths_are_few_rows_for_locust_and_one_endpoint_in_the_record(
    start, tmp_path, kind
):
    process = start(HEAD + MANY.format(kind=kind), levels=[level(20, 0.5, 3.0)])
    _, printed = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0, printed
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    assert len(requests) > 2 * LISTED
    assert set(requests["name"]) == {"/", "/items/{id}"}
    assert len(pd.read_csv(tmp_path / "out" / "locust_stats.csv")) < 110
    assert printed.count("requests have more than 100 names") == 1


def test_failures_that_say_something_else_each_time_are_few_rows_too(start, tmp_path):
    script = """
class Visitor(FastHttpUser):
    @task
    def look(self):
        for _ in range(20):
            with self.client.get("/", catch_response=True) as response:
                response.failure(f"wrong number {next(numbers)}")
"""
    process = start(HEAD + script, levels=[level(20, 0.5, 3.0)])
    process.communicate(timeout=GIVE_UP_S)
    assert len(pd.read_csv(tmp_path / "out" / "locust_failures.csv")) < LISTED + 10
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["failures"] == report["requests"] > LISTED + 10
