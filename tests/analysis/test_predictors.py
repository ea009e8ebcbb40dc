"""The utilisation law, the scalability law and the line of memory as predictors."""

import math
from dataclasses import replace

import pytest

from loadtests.analysis.predictors import (
    AMPLE,
    ScalabilityPrediction,
    Unfitted,
    UtilisationLaw,
    ample,
    memory_line,
    scalability_law,
    utilisation_law,
)
from loadtests.question import SLO, Setting, Workload
from tests.analysis.observations import BASE_MIB, BESIDE, EACH_MIB, EACH_S, climbed, seen

WORKLOAD = seen().workload


def fitted():
    """The utilisation law of one-replica trials with CPU to spare."""
    law = utilisation_law([seen(), seen(cpus=1.0)])
    assert isinstance(law, UtilisationLaw)
    return law


def test_the_utilisation_law_says_the_rate_at_the_knee():
    each_s = EACH_S + BESIDE / 100
    found = fitted().capacity_rps(Setting(0.2, 300, 3), SLO())
    assert found.estimate == pytest.approx(0.8 * 0.6 / each_s)


def test_latency_grows_as_that_of_a_single_server():
    law, use = fitted(), 0.06 / 0.1
    alone = law.stretch.alone_ms.estimate
    found = law.p95_ms(Setting(0.1, 300), WORKLOAD)
    assert found.estimate == pytest.approx(alone / (1 - use), rel=0.01)
    wide = law.p95_ms(Setting(1.0, 300), WORKLOAD)
    assert wide.estimate == pytest.approx(alone / (1 - 0.06), rel=0.01)


def test_users_who_wait_bound_the_latency_of_an_overload():
    # R = N / X - Z (Denning & Buzen 1978): 1,000 users, 0.6 ms a request of 0.03 cores, Z = 10 s.
    found = fitted().p95_ms(Setting(0.03, 300), WORKLOAD)
    assert found.estimate == pytest.approx(1000 * (1000 * 0.0006 / 0.03 - 10), rel=0.01)


def test_open_arrivals_beyond_what_can_be_answered_have_no_latency():
    at_rate = WORKLOAD.opened("poisson", 100.0)
    assert fitted().p95_ms(Setting(0.05, 300), at_rate) is None
    found = fitted().p95_ms(Setting(0.12, 300), at_rate)
    assert found.estimate == pytest.approx(2 * fitted().stretch.alone_ms.estimate)


def test_latency_without_a_queue_is_taken_where_cpu_is_ample():
    tight = seen(cpus=0.07)
    assert tight.use > AMPLE
    assert ample([tight, seen()]) == [seen()]


def test_without_any_such_trial_the_nearest_to_it_has_to_do():
    tight, tighter = seen(cpus=0.08), seen(cpus=0.07)
    assert ample([tighter, tight]) == [tight]


def test_trials_without_a_latency_fit_no_law_of_latency():
    assert isinstance(utilisation_law([climbed(1, 250.0)]), Unfitted)


# X(n) of lambda 250, sigma 5%, kappa 0.2%.
CLIMBS = [climbed(n, 250 * n / (1 + 0.05 * (n - 1) + 0.002 * n * (n - 1))) for n in range(1, 9)]


def test_the_scalability_law_says_the_capacity_of_a_count_that_it_has_not_seen():
    law = scalability_law([climb for climb in CLIMBS if climb.setting.replicas not in (4, 7)])
    assert isinstance(law, ScalabilityPrediction)
    for truth in (CLIMBS[3], CLIMBS[6]):
        found = law.capacity_rps(truth.setting, SLO())
        assert found.estimate == pytest.approx(truth.rps, rel=0.01)


def test_of_another_size_the_scalability_law_says_nothing():
    law = scalability_law([*CLIMBS, seen()])
    assert law.capacity_rps(Setting(0.2, 200, 3), SLO()) is None
    assert law.p95_ms(Setting(0.2, 200, 3), WORKLOAD) is None
    assert law.p95_ms(Setting(0.1, 200, 3), WORKLOAD).estimate > 0


def test_too_few_counts_fit_no_scalability_law_and_it_says_how_many_there_are():
    law = scalability_law(CLIMBS[:5])
    assert isinstance(law, Unfitted)
    assert "at least 6" in law.why
    assert scalability_law([seen()]) == Unfitted(
        "the capacity of no number of replicas was measured"
    )


def test_memory_is_a_line_through_the_connections_of_a_replica():
    line = memory_line([seen(replicas=n) for n in (1, 2, 5)])
    assert (line.base_mib, line.each_mib) == pytest.approx((BASE_MIB, EACH_MIB))
    assert line.peak_mib(333).estimate == pytest.approx(BASE_MIB + 333 * EACH_MIB)


def test_memory_at_one_number_of_connections_is_their_mean():
    line = memory_line([replace(seen(), memory_mib=peak) for peak in (90.0, 100.0, 110.0)])
    found = line.peak_mib(1000)
    assert found.estimate == pytest.approx(100)
    # Student's t of two degrees of freedom, one more value.
    assert found.high - 100 == pytest.approx(4.303 * 10 * math.sqrt(4 / 3), rel=1e-3)


def test_a_single_trial_tells_no_bounds_of_memory():
    assert math.isnan(memory_line([seen()]).peak_mib(1000).low)


def test_trials_without_memory_fit_no_line():
    assert isinstance(memory_line([climbed(1, 250.0)]), Unfitted)


def test_the_stretch_of_open_arrivals_does_not_depend_on_who_waits():
    workload = Workload(users=50).opened("constant", 50.0)
    found = fitted().p95_ms(Setting(0.1, 300), workload)
    assert found.estimate == pytest.approx(fitted().stretch.alone_ms.estimate / 0.7)
