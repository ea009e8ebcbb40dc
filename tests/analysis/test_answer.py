"""answer.json: its schema, and that any JSON reader can read it."""

import json
import math
from dataclasses import replace

import pytest

from loadtests.analysis.answer import Effort, build, build_capacity, to_json
from loadtests.analysis.evidence import Skipped
from loadtests.question import Question, Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import HOST, row

ROW = {
    "cpus", "memory_mib", "replicas", "verdict", "reasons", "p50_ms", "p95_ms", "p99_ms",
    "failure_ratio", "rps", "cpu_cores", "memory_peak_mib", "throttled_ratio", "trials",
    "speed", "demand_reference_cores",
}  # fmt: skip
ROWS = [
    row(0.5, 300, verdict=Verdict.FAILS, p95_ms=math.inf),
    row(0.6, 200, verdict=Verdict.FAILS, cause="out_of_memory"),
    row(0.6, 300),
    row(0.5, 300, 3),
    row(0.5, 300, 5, verdict=Verdict.INVALID, p95_ms=None),
]
SKIPPED = [Skipped(Setting(4.0, 500), "the host has 2 CPUs")]


@pytest.fixture
def answer():
    """The answer of a small study."""
    return build(Question(), ROWS, SKIPPED, Effort(5, 2, 1, 300.0, 420.0), HOST, {"python": "3.11"})


def test_the_answer_has_the_published_keys(answer):
    """A gate reads it: no key goes or changes its meaning without a new format number."""
    assert set(answer) == {
        "format", "question", "minimum", "search", "repeat", "deploy", "without_quota",
        "reliability", "fails_below", "vertical", "scale_out", "skipped", "effort",
        "reference_us", "host", "versions",
    }  # fmt: skip
    assert set(answer["question"]) == {"users", "spawn_rate", "think_time_s", "objective"}
    assert set(answer["question"]["objective"]) == {"percentile", "latency_ms", "failure_ratio"}
    assert set(answer["minimum"]) == {
        "cpus", "memory_mib", "replicas", "verdict", "p95_ms", "failure_ratio", "trials",
    }  # fmt: skip
    assert set(answer["fails_below"]) == {"cpus", "memory_mib"}
    for part in (*answer["vertical"], *answer["scale_out"], *answer["fails_below"].values()):
        assert set(part) == ROW
    assert set(answer["effort"]) == {
        "trials_run", "trials_reused", "trials_invalid", "load_seconds", "wall_seconds",
    }  # fmt: skip
    assert answer["skipped"] == [
        {
            "setting": {"cpus": 4.0, "memory_mib": 500, "replicas": 1},
            "reason": "the host has 2 CPUs",
        }
    ]
    assert (answer["format"], answer["host"]["cpus"], answer["versions"]) == (
        1,
        2,
        {"python": "3.11"},
    )


def test_the_answer_gives_the_least_setting_and_what_fails_below(answer):
    """The same as the recommendation says."""
    assert (answer["minimum"]["cpus"], answer["minimum"]["memory_mib"]) == (0.6, 300)
    assert answer["fails_below"]["cpus"]["cpus"] == 0.5
    assert answer["fails_below"]["memory_mib"]["memory_mib"] == 200


def test_single_replicas_are_vertical_and_sizes_with_several_are_scale_out(answer):
    """One replica of a size that was scaled out stands in both."""

    def found(part):
        return [(r["cpus"], r["replicas"]) for r in answer[part]]

    assert found("vertical") == [(0.5, 1), (0.6, 1), (0.6, 1)]
    assert found("scale_out") == [(0.5, 1), (0.5, 3), (0.5, 5)]


def test_infinity_becomes_null_and_the_row_says_why(answer):
    """JSON knows no infinity; strict readers refuse it."""
    line = answer["vertical"][0]
    assert (line["p95_ms"], line["verdict"], line["reasons"]) == (None, "fails", ["because"])
    assert json.loads(to_json(answer)) == answer


def test_an_answer_without_any_row_is_an_answer():
    """Nothing measured: null, not an error."""
    empty = build(Question(), [], [], Effort(), None, {})
    assert (empty["minimum"], empty["vertical"], empty["host"]) == (None, [], {})
    assert empty["fails_below"] == {"cpus": None, "memory_mib": None}


def test_the_answer_tells_how_reliable_it_is_where_that_was_asked(answer):
    assert answer["reliability"] is None
    told = {"stated": 0.94, "asked": 0.9, "fails_to_cpus": None}
    said = build(Question(), ROWS, [], Effort(), HOST, {}, reliability=told)
    assert json.loads(to_json(said))["reliability"] == told


def test_the_answer_names_the_speed_it_was_found_at():
    """So that the answers of two hosts can be compared."""
    found = replace(row(0.5, 300), speed=0.9, demand_reference_cores=0.45)
    answer = build(Question(), [found], [], Effort(), HOST, {}, reference_us=330.5)
    assert answer["reference_us"] == 330.5
    line = answer["vertical"][0]
    assert (line["speed"], line["demand_reference_cores"]) == (0.9, 0.45)


def test_so_does_the_answer_in_users():
    answer = build_capacity(
        Question(), {100: row(0.5, 300)}, Effort(), HOST, {}, reference_us=330.5
    )
    assert answer["reference_us"] == 330.5
    assert "speed" in answer["rows"][0]
