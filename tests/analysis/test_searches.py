"""Whether whole searches come to the same answer, and the tables they are kept in."""

import math

import pytest
from pydantic import ValidationError

from loadtests.analysis.evidence import CauseName
from loadtests.analysis.searches import disturbed, shared_band, spread_s, steps_apart
from loadtests.analysis.searches_table import (
    DEPLOY,
    SearchLine,
    TrialLine,
    read_lines,
    write_lines,
)
from loadtests.verdicts import Verdict
from tests.report.ten_searches import search, ten, trial

BANDS = [
    ([(0.2, 0.3), (0.2, 0.3)], (0.2, 0.3), "the same"),
    ([(0.2, 0.3), (0.25, 0.4)], (0.25, 0.3), "part of both"),
    ([(0.2, 0.25), (0.25, 0.3)], None, "what one says holds fails for sure by the other"),
    ([(0.1, 0.4), (0.2, 0.25), (0.3, 0.4)], None, "one of the pairs does not overlap"),
    ([(None, 0.3), (0.2, None)], (0.2, 0.3), "open ends"),
    ([(None, None)], (0.0, math.inf), "nothing is sure"),
]


@pytest.mark.parametrize(("bands", "shared", "what"), BANDS)
def test_bands_overlap_where_all_share_some_cpu(bands, shared, what):
    lines = [
        search(number, fails_to_cpus=low, holds_from_cpus=high)
        for number, (low, high) in enumerate(bands, start=1)
    ]
    assert shared_band([*lines, search(10, band_memory_mib=None)]) == shared, what


def test_answers_are_so_many_steps_apart_as_the_two_farthest():
    lines = [search(1), search(2, cpu_step=5), search(3, cpu_step=3, memory_step=5)]
    assert steps_apart(lines[:1]) == (0, 0)
    assert steps_apart(lines) == (2, 1)
    assert steps_apart([*lines, search(4, cpu_step=None, memory_step=None)]) is None


BESIDE = {"neighbour_share": 0.6}
SEEN = [
    ({}, (0, 0, 0, 0, 0), "without the neighbour nothing is disturbed"),
    ({"part": DEPLOY, **BESIDE}, (0, 0, 0, 0, 0), "no trial of a search"),
    ({"verdict": Verdict.HOLDS, **BESIDE}, (1, 1, 0, 0, 0), "what holds, holds in spite of it"),
    ({"verdict": Verdict.UNDECIDED, **BESIDE}, (1, 0, 0, 0, 0), "its speed made it no evidence"),
    ({"cause": CauseName.OUT_OF_MEMORY, **BESIDE}, (1, 0, 1, 0, 0), "no neighbour kills"),
    (BESIDE, (1, 0, 0, 1, 0), "evidence, and right: alone it does not hold for sure"),
    ({"cpus": 0.3, **BESIDE}, (1, 0, 0, 1, 1), "evidence, and wrong: alone it holds for sure"),
    ({"cpus": 0.3, "memory_mib": 150, **BESIDE}, (1, 0, 0, 1, 0), "alone with more memory only"),
]


@pytest.mark.parametrize(("changes", "counted", "what"), SEEN)
def test_a_failure_beside_the_neighbour_is_wrong_evidence_where_it_holds_alone(
    changes, counted, what
):
    seen = disturbed([search(1), search(2), search(6)], [trial(6, **changes)])
    assert (seen.beside, seen.held, seen.killed, seen.failed, seen.contradicted) == counted, what
    assert seen.no_evidence == counted[0] - sum(counted[1:4])


def test_without_a_band_of_a_search_alone_it_is_unknown_what_is_wrong():
    seen = disturbed([search(1, band_memory_mib=None), search(6)], [trial(6, **BESIDE)])
    assert seen.contradicted is None


def test_the_trials_of_the_size_to_deploy_are_spread_from_the_first_to_the_last():
    assert spread_s(ten().searches) == 9 * 20 * 60
    assert spread_s([search(1, deploy_verdict=None)]) == 0


def test_lines_are_read_as_they_were_written(tmp_path):
    searches = [search(1), SearchLine(
        number=2, started_at="2026-01-01T00:00:00+00:00", neighbour="nobody", cpu_model="CPU",
        users=1, trials=0, load_min=0.5, wall_min=1.0, finished=False,
    )]  # fmt: skip
    trials = [trial(1, p95_ms=math.inf, cause=CauseName.CPU_THROTTLED), trial(2, reasons=None)]
    write_lines(tmp_path / "searches.csv", SearchLine, searches)
    write_lines(tmp_path / "trials.csv", TrialLine, trials)
    assert read_lines(tmp_path / "searches.csv", SearchLine) == searches
    assert read_lines(tmp_path / "trials.csv", TrialLine) == trials
    assert read_lines(tmp_path / "none.csv", TrialLine) == []
    with pytest.raises(ValidationError):
        read_lines(tmp_path / "trials.csv", SearchLine)


def test_figures_are_kept_with_four_digits(tmp_path):
    write_lines(tmp_path / "t.csv", TrialLine, [trial(1, error_rate=1 / 3)])
    assert read_lines(tmp_path / "t.csv", TrialLine)[0].error_rate == 0.3333
