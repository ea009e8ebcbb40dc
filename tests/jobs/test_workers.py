"""One load by one process and by several, compared figure by figure."""

import pandas as pd
import pytest

from loadtests.jobs.workers import FIGURES, ratios, row
from tests.analysis.records import evidence
from tests.analysis.several_workers import sent_by, worker


def test_a_trial_is_told_with_how_many_sent_it():
    alone, several = row(evidence()), row(sent_by(worker(1), worker(2)))
    assert (alone["workers"], several["workers"]) == (1, 2)
    assert set(FIGURES) <= set(alone) == set(several)
    assert alone["verdict"] == "holds"


def test_figures_are_compared_pair_by_pair_whatever_the_order():
    lines = [
        {"pair": pair, "workers": workers} | dict.fromkeys(FIGURES, value * pair)
        for pair in (1, 2, 3)
        for workers, value in ((2, 11.0), (1, 10.0))
    ]
    found = ratios(pd.DataFrame(lines)).set_index("figure")
    assert list(found.index) == [*FIGURES]
    assert found["ratio"].to_numpy() == pytest.approx(1.1)
    assert found["low"].to_numpy() == pytest.approx(1.1), "the pairs agree"
