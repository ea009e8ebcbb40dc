"""The throttled queue as a predictor."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.latency import percentile
from loadtests.analysis.observed import LEVELS
from loadtests.analysis.predictors import Unfitted
from loadtests.analysis.request_demand import Demand
from loadtests.analysis.throttled_prediction import ThrottledQueue, throttled_queue, waits_ms
from loadtests.question import SLO, Setting
from tests.analysis.observations import EACH_S, climbed, seen

WORKLOAD = seen().workload  # 100 requests/s, 0.4 ms each and 20 ms a second beside


@pytest.fixture(scope="module")
def queue():
    """Fitted to trials with CPU to spare."""
    found = throttled_queue([seen(replicas=n) for n in (1, 2, 3, 5)])
    assert isinstance(found, ThrottledQueue)
    return found


def test_with_cpu_to_spare_an_answer_takes_what_it_took_there(queue):
    found = queue.p95_ms(Setting(1.0, 300), WORKLOAD)
    assert found.estimate == pytest.approx(seen().p95_ms.estimate, rel=0.1)
    assert found.low <= found.estimate <= found.high


@pytest.mark.parametrize("cpus", [0.061, 1.0])
def test_no_answer_is_predicted_to_take_less_than_its_own_cpu(cpus):
    """Fitted to a trial short of CPU that was quicker all the same than the queue expects."""
    quick = replace(seen(0.061), quantiles_ms=np.full(LEVELS, 0.3))
    found = throttled_queue([quick]).p95_ms(Setting(cpus, 300), WORKLOAD)
    assert found.estimate >= 1000 * EACH_S


def test_less_cpu_is_slower_and_too_little_is_as_slow_as_the_law_says(queue):
    found = [queue.p95_ms(Setting(cpus, 300), WORKLOAD).estimate for cpus in (0.5, 0.06, 0.03)]
    assert found[0] < found[1] < found[2]
    # Without a pause nobody wakes it: 40 ms of CPU a second are asked of 30.
    assert found[2] == pytest.approx(1000 * (1000 * EACH_S / 0.03 - 10), rel=0.35)


def test_capacity_is_nearly_what_the_quota_is_worth(queue):
    found = queue.capacity_rps(Setting(0.1, 300, 2), SLO())
    assert found.estimate == pytest.approx(2 * 0.1 / EACH_S, rel=0.05)
    assert found.low < found.estimate < found.high


def test_one_thread_uses_one_core_however_many_there_are(queue):
    one, two = (queue.capacity_rps(Setting(cpus, 300), SLO()).estimate for cpus in (1.0, 2.0))
    assert two == pytest.approx(one)


def test_an_slo_that_no_answer_meets_leaves_no_capacity(queue):
    assert queue.capacity_rps(Setting(0.1, 300), SLO(latency_ms=1.0)) is None


def test_the_edge_lies_between_what_is_too_little_and_what_is_ample(queue):
    found = queue.least_cpus(WORKLOAD, SLO())
    assert 0.03 < found.low <= found.estimate <= found.high < 0.1
    at = queue.p95_ms(Setting(found.estimate, 300), WORKLOAD).estimate
    below = queue.p95_ms(Setting(found.estimate * 0.97, 300), WORKLOAD).estimate
    assert at <= 500 < below


def test_no_limit_is_enough_for_an_slo_that_no_answer_meets(queue):
    assert queue.least_cpus(WORKLOAD, SLO(latency_ms=1.0)) is None


def test_arrivals_come_by_chance_or_evenly():
    demand, shape = Demand(EACH_S, 0.0, 0.1), np.ones(1)
    setting = Setting(0.045, 300)
    by_chance, evenly = (
        percentile(waits_ms(setting, WORKLOAD.opened(how, 100.0), demand, shape, 1), 95)
        for how in ("poisson", "constant")
    )
    assert by_chance > 10 * evenly


def test_latencies_too_short_for_their_record_are_no_zero():
    none = replace(seen(), quantiles_ms=np.zeros(LEVELS))
    assert throttled_queue([none]).p95_ms(Setting(1.0, 300), WORKLOAD).estimate > 0


def test_where_next_to_nobody_asks_a_request_takes_its_own_cpu():
    demand, shape = Demand(EACH_S, 0.0, 0.1), np.ones(1)
    seldom = WORKLOAD.opened("poisson", 1e-6)
    assert waits_ms(Setting(0.5, 300), seldom, demand, shape, 1) == pytest.approx([1000 * EACH_S])


def test_users_without_a_pause_are_simulated_too():
    demand, shape = Demand(EACH_S, 0.0, 0.1), np.ones(1)
    restless = replace(WORKLOAD, users=20, think_time_s=(0.0, 1e-6), steady_s=5.0)
    found = waits_ms(Setting(0.1, 300), restless, demand, shape, 1)
    # All wait for each other: 20 of them, 0.4 ms each of a tenth of a core.
    assert found.mean() == pytest.approx(20 * 0.4 / 0.1, rel=0.05)


def test_without_a_latency_there_is_no_queue_to_speak_of():
    assert isinstance(throttled_queue([climbed(1, 250.0)]), Unfitted)
