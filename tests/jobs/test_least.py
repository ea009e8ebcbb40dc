"""What was found is written into the README, and each way asks what its name says."""

import json
from dataclasses import replace

import pytest

from loadtests.analysis.answer import ANSWER
from loadtests.errors import RecordError
from loadtests.jobs import least
from loadtests.peers.least import WAYS, write
from loadtests.studies.minimum_search import read_minimum_search
from loadtests.studies.parameters import EXAMPLE
from loadtests.verdicts import Verdict
from tests.analysis.records import row
from tests.peers.test_least import HELD
from tests.studies.test_replica_search import FOUND, TWO, several
from tests.told import measured


def test_the_readme_has_what_was_found(tmp_path):
    kept, readme = tmp_path / "least.json", tmp_path / "README.md"
    write(kept, [HELD])
    readme.write_text("# A\n<!-- least: written by it -->\nold\n<!-- /least -->\nrest\n")
    least.keep(kept, readme)
    said = readme.read_text()
    assert "0.25 CPU / 200 MiB" in said
    assert "\nold\n" not in said
    assert said.endswith("rest\n")


def test_what_a_recorded_search_found_is_what_its_report_answered():
    found = least.found_by(WAYS[0], read_minimum_search(EXAMPLE))
    answer = json.loads((EXAMPLE / ANSWER).read_text())
    cpus, memory_mib = answer["minimum"]["cpus"], answer["minimum"]["memory_mib"]
    assert found.least == f"{cpus:g} CPU / {memory_mib} MiB"
    assert (found.users, found.cpus) == (10_000, answer["host"]["cpus"])
    assert found.fails_to_cpus < cpus <= found.holds_from_cpus
    assert 0.9 <= found.expected < 1
    assert found.least in found.said


def test_a_search_that_measured_nothing_is_refused_with_what_to_do():
    made = read_minimum_search(EXAMPLE)
    empty = replace(made, table=replace(made.table, results=()))
    with pytest.raises(RecordError, match="search ours measured nothing; remove its run"):
        least.found_by(WAYS[0], empty)


def test_the_band_of_several_replicas_is_that_of_as_many():
    trials = several(measured(TWO, Verdict.HOLDS, Verdict.HOLDS, Verdict.HOLDS))
    assert least.band_of(FOUND.with_replicas(trials)).replicas == TWO.replicas
    assert least.band_of(FOUND).replicas == 1


def test_where_no_trial_could_be_trusted_nothing_is_said_of_the_service():
    rows = [row(cpus, 200, verdict=Verdict.INVALID) for cpus in (0.8, 1.0)]
    rows = [replace(each, trials=("a", "b"), reasons=("too little was sent",)) for each in rows]
    said = least.said_of(rows, "The service sleeps.")
    assert said == (
        "none of 4 trials of 2 settings can be trusted; in the last, too little was sent."
    )
    rows[0] = replace(rows[0], verdict=Verdict.FAILS)
    assert least.said_of(rows, "The service sleeps.") == "The service sleeps."


def test_all_ways_ask_for_the_same_load_within_the_same_limits():
    asked = [least.asked_of(way) for way in WAYS]
    assert len({each.question for each in asked}) == 1
    assert len({(each.target, each.locustfile) for each in asked}) == len(WAYS)
