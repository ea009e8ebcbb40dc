"""Costs of settings."""

import pytest

from loadtests.analysis.cost import FARGATE_GIB_HOUR, FARGATE_VCPU_HOUR, Prices
from loadtests.errors import QuestionError
from loadtests.question import Setting


def test_a_setting_costs_its_cpu_and_memory_over_all_replicas():
    """Three replicas of half a CPU and half a GiB."""
    cost = Prices().per_hour(Setting(0.5, 512, 3))
    assert cost == pytest.approx(1.5 * FARGATE_VCPU_HOUR + 1.5 * FARGATE_GIB_HOUR)


def test_the_default_prices_say_where_they_come_from():
    """Currency, source and date are part of the answer."""
    prices = Prices()
    assert prices.currency == "USD"
    assert "aws.amazon.com" in prices.source
    assert prices.date


@pytest.mark.parametrize("wrong", [(-1.0, 1.0), (0.0, 0.0), (float("nan"), 1.0)])
def test_prices_under_which_less_is_not_cheaper_are_refused(wrong):
    """The least setting would have no meaning."""
    with pytest.raises(QuestionError, match="vCPU-hour"):
        Prices(*wrong)
