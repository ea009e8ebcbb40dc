"""Kernel counters over the steady state; what was not reported stays unknown."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis import counters
from loadtests.question import Setting
from tests.analysis.records import evidence


def test_cpu_is_the_sum_over_replicas_and_blank_with_too_few_samples():
    """Blank, never zero."""
    setting = Setting(0.5, 300, 3)
    assert counters.cpu_cores(evidence(setting=setting, cpu_share=0.6)) == pytest.approx(0.9)
    assert counters.cpu_cores(evidence(setting=setting, sampled=0.5)) is None


def test_throttling_is_that_of_the_steady_state_and_of_the_worst_replica():
    """A storm in the ramp-up does not count."""
    given = evidence(setting=Setting(0.5, 300, 2), throttled=0.2)
    stats = given.docker_stats.copy()
    worst = (stats["container"] == "replica-2") & (stats["time_s"] >= 20)
    stats.loc[worst, "throttled_periods"] = 5000 + stats.loc[worst, "periods"] * 0.7
    assert counters.throttled_ratio(replace(given, docker_stats=stats)) == pytest.approx(0.7)


def test_throttling_falls_back_to_the_whole_trial_and_then_to_not_reported():
    """Sampled counters, final counters, none."""
    given = evidence(throttled=0.4)
    stats = given.docker_stats.assign(periods=np.nan, throttled_periods=np.nan)
    assert counters.throttled_ratio(replace(given, docker_stats=stats)) == pytest.approx(0.4)
    assert counters.throttled_ratio(evidence(throttled=None)) is None


def test_the_memory_peak_is_the_kernels_or_the_highest_sample():
    """A counter that is not reported is replaced by what docker stats saw."""
    assert counters.memory_peak_mib(evidence(memory_peak_mib=222.0)) == 222.0
    assert counters.memory_peak_mib(evidence(memory_peak_mib=None)) == 120.0
