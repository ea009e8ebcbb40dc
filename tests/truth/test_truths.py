"""Every verdict, against services whose truth is known, on both sides of each edge."""

from collections.abc import Sequence

import pytest

from loadtests.analysis.evidence import Row
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.truth.measuring import measured, require_recount, said
from tests.truth.truths import TRUTHS, Truth

pytestmark = pytest.mark.docker

# Stands against whatever else takes the host's CPU. Failures do not: those may be its doing too.
SURE = ("out_of_memory",)


def each_of(truths: Sequence[Truth]):
    """Have a quiet host for all but what is sure on a busy one too."""
    return [
        pytest.param(truth, id=truth.name, marks=[pytest.mark.alone] * (truth.cause not in SURE))
        for truth in truths
    ]


def is_right(truth: Truth, row: Row) -> bool:
    """Say whether the verdict is one that is true, with the true cause if it fails."""
    explained = row.verdict is not Verdict.FAILS or truth.cause in (None, row.cause)
    return row.verdict in truth.expected and explained


@pytest.mark.parametrize("truth", each_of(TRUTHS))
def test_the_verdict_is_the_truth(truth, bench_of):
    """On both sides of each edge."""
    bench = bench_of(truth.image, truth.told, truth.workload)
    row = measured(bench, truth.setting, truth.expected).row
    right = is_right(truth, row)
    log_case("truth", truth.name, truth.what, said(row), right)
    assert right, f"{truth.what}: {said(row)}"
    if "fail_every" in truth.told:
        assert row.error_rate, "not one of the failures came out"


@pytest.mark.alone
def test_no_trial_that_holds_is_rejected_by_plain_loops(store):
    """Every trial above, by its raw requests."""
    require_recount(store)
