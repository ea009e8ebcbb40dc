"""Kernel counters over the steady state; what was not reported stays unknown."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis import counters
from loadtests.question import Setting
from tests.analysis.records import evidence
from tests.evidence_log import log_case


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


def test_steal_is_that_of_the_steady_state_and_unknown_without_a_host_table():
    """Steal in the ramp-up does not count."""
    given = evidence(steal=0.0)
    host = given.host.copy()
    host.loc[host["time_s"] < 20, "steal_ratio"] = 0.5
    assert counters.steal_ratio(replace(given, host=host)) == 0.0
    assert counters.steal_ratio(evidence(steal=None)) is None


def test_a_container_without_samples_is_not_taken_for_other_processes():
    """Nor is the generator: its CPU would be the neighbours'."""
    given = evidence(busy=0.95, cpu_share=3.2)
    assert counters.crowded_ratio(given) == pytest.approx(0.0, abs=0.01)
    for role, before in (("replica", "80%"), ("generator", "15%")):
        stats = given.docker_stats[given.docker_stats["role"] != role]
        found = counters.crowded_ratio(replace(given, docker_stats=stats))
        log_case(
            "mended",
            "containers without samples",
            f"a busy host, and the {role} was not sampled",
            "CPU of other processes not reported" if found is None else f"{found:.0%} of the CPU",
            found is None,
            f"other processes took {before} of the host's CPU",
        )
        assert found is None, role
    stats = given.docker_stats
    few = stats[(stats["role"] == "generator") | (stats["time_s"] % 2 < 1)]
    assert counters.crowded_ratio(replace(given, docker_stats=few)) is None


def test_a_replica_that_ended_uses_no_cpu_from_then_on():
    """Half of the steady state without it: what is busy then is busy with others."""
    given = evidence(busy=0.95, cpu_share=3.2, died_s=35.0)
    stats = given.docker_stats
    stats = stats[(stats["role"] == "generator") | (stats["time_s"] <= 35.0)]
    found = counters.crowded_ratio(replace(given, docker_stats=stats))
    assert found == pytest.approx(0.95 - (0.3 + 1.6 / 2) / 2)
