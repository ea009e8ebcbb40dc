"""What share of each limit a setting used."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.judge import judge
from loadtests.analysis.margins import Margins, margins
from loadtests.analysis.summary import measure_row
from loadtests.question import SLO
from tests.analysis.records import evidence, row, steady_ms

ASKED = SLO(latency_ms=500.0, error_rate=0.001)
FULL = replace(
    row(0.4, 200, 2, p95_ms=45.0),
    slow_share=0.01,
    error_rate=0.0005,
    memory_peak_mib=184.0,
    cpu_cores=0.72,
    demand_reference_cores=0.6,
)


def test_each_margin_is_a_share_of_its_own_limit():
    """CPU of all replicas together, memory of one."""
    used = margins(FULL, ASKED)
    shares = (used.latency, used.slow, used.failures, used.memory, used.cpu, used.cpu_at_reference)
    assert shares == pytest.approx((0.09, 0.2, 0.5, 0.92, 0.9, 0.75))


def test_a_margin_of_what_was_not_measured_is_none():
    nothing = replace(
        FULL, p95_ms=None, slow_share=None, error_rate=None, memory_peak_mib=None, cpu_cores=None,
        demand_reference_cores=None,
    )  # fmt: skip
    assert margins(nothing, ASKED) == Margins(None, None, None, None, None, None)
    assert margins(replace(FULL, slow_share=math.nan), ASKED).slow is None


def test_what_was_never_answered_is_without_end():
    assert margins(replace(FULL, p95_ms=math.inf), ASKED).latency == math.inf


def test_the_latency_is_that_of_the_percentile_that_the_slo_is_about():
    found = replace(FULL, slo_ms=250.0)
    assert margins(found, ASKED).latency == pytest.approx(0.09)
    assert margins(found, replace(ASKED, percentile=99.0)).latency == pytest.approx(0.5)


@pytest.mark.parametrize(("failed", "share"), [(0.0, 0.0), (0.002, math.inf)])
def test_where_no_request_may_fail_the_first_is_beyond_all_bounds(failed, share):
    strict = replace(ASKED, error_rate=0.0)
    assert margins(replace(FULL, error_rate=failed), strict).failures == share


def test_cpu_counts_at_the_reference_speed_where_that_is_known():
    """The raw share stays beside it."""
    used = margins(FULL, ASKED)
    assert (used.cpu_taken, used.cpu) == pytest.approx((0.75, 0.9))
    assert margins(replace(FULL, demand_reference_cores=None), ASKED).cpu_taken == used.cpu


@pytest.mark.parametrize("share", [-0.1, math.nan])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(ValueError, match="a share of a limit is at least 0"):
        Margins(share, None, None, None, None, None)


def test_a_trial_has_the_share_of_slow_requests_that_its_judgement_found():
    """1% of 5% that may be, and more than the whole where a tenth is slow."""
    for slow, low, high in ((0.01, 0.1, 0.4), (0.1, 1.5, 2.5)):
        given = evidence(latency=steady_ms(5.0, slow))
        used = margins(measure_row(given, judge(given)), given.trial.question.slo)
        assert low < used.slow < high
