"""The intervals of a calibration, worked out by hand, and what is too little to have one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats as student

from loadtests.analysis.calibration import Calibration, calibrate, memory_error
from loadtests.analysis.evidence import Interval
from tests.analysis import staircases
from tests.analysis.records import row
from tests.analysis.staircases import staircase

FOUND = Calibration(
    cpu_ms_per_request=Interval(2.0, 1.0, 4.0),
    base_mib=Interval(100.0, 97.0, 103.0),
    kib_per_user=Interval(10.24, 6.144, 14.336),
    peak_mib=111.0,
    users=1000,
    rps=400.0,
)


def test_cores_are_requests_times_their_cpu_over_the_use_of_a_server_that_does_not_queue():
    """400 requests/s of 2 ms at 80% use."""
    found = FOUND.cpus
    assert (found.estimate, found.low, found.high) == pytest.approx((1.0, 0.5, 2.0))
    assert replace(FOUND, cpu_ms_per_request=None).cpus is None


def test_memory_is_the_base_and_the_users_with_both_errors_at_right_angles():
    """100 + 10 MiB, off by 3 and by 4."""
    found = FOUND.memory_mib
    assert (found.estimate, found.low, found.high) == pytest.approx((110.0, 105.0, 115.0))
    assert FOUND.expected_mib == pytest.approx(110.0)


@pytest.mark.parametrize("missing", ["base_mib", "kib_per_user"])
def test_without_a_line_the_peak_is_what_to_expect(missing):
    found = replace(FOUND, **{missing: None})
    assert (found.memory_mib, found.expected_mib) == (None, 111.0)


def test_what_was_found_is_told_with_its_bounds():
    assert FOUND.sentences() == [
        "At the first level a request takes 2.000 ms of CPU (1.000 to 4.000); 400 requests/s use "
        "0.80 cores.",
        "A replica takes 100 MiB (97 to 103) and 10.2 KiB a connected user (6.1 to 14.3): 110 MiB "
        "with 1,000 users; its peak was 111 MiB.",
    ]


def test_how_far_off_the_memory_was_is_told_against_what_was_found():
    least = replace(row(0.8, 120), memory_peak_mib=100.0)
    assert memory_error(FOUND, least) == (
        "The line through the ramp-up said 110 MiB, 0.8 CPU / 120 MiB took 100 MiB at its peak "
        "(+10%)."
    )
    assert memory_error(FOUND, replace(least, memory_peak_mib=None)) is None
    assert memory_error(replace(FOUND, base_mib=None), least) is None


def sampled(given, at_s, **columns):
    """The same record with docker stats of these moments only."""
    table = given.docker_stats.iloc[: len(at_s)].assign(time_s=at_s, **columns)
    return replace(given, docker_stats=table)


def test_the_cpu_of_a_request_has_the_interval_of_a_ratio_of_sums():
    """Seconds apart in steady state, with what each of them was off by (Cochran 2.11)."""
    given = staircase()
    ended_s = given.requests["start_s"] + given.requests["latency_ms"] / 1000
    at_s = np.array([20.0, 21.0, 22.0, 23.0, 24.0, 25.0])
    requests = np.histogram(ended_s, at_s)[0]
    off_ms = np.array([3.0, -3.0, 3.0, -3.0, 0.0])
    cpu_s = np.concatenate(([0.0], np.cumsum(0.3 * requests + off_ms))) / 1000
    found = calibrate(sampled(given, at_s, cpu_s=cpu_s))
    error = np.sqrt(4 * 9.0 / 4 / 5) / requests.mean()
    half = student.t.ppf(0.975, 4) * error
    demand = found.cpu_ms_per_request
    assert demand.estimate == pytest.approx(0.3)
    assert (demand.low, demand.high) == pytest.approx((0.3 - half, 0.3 + half), rel=0.01)
    assert found.rps == pytest.approx(requests.sum() / 5)


@pytest.mark.parametrize(("samples", "known"), [(3, False), (4, True)])
def test_four_samples_are_the_least_that_bear_an_interval(samples, known):
    """Of the steady state for the CPU, of the ramp-up for the memory."""
    given = staircase()
    steady = calibrate(sampled(given, 20.0 + np.arange(samples)))
    assert (steady.cpu_ms_per_request is not None) is known
    assert steady.memory_mib is None
    ramp_up = calibrate(sampled(given, 2.0 * np.arange(samples)))
    assert (ramp_up.memory_mib is not None) is known
    assert ramp_up.cpu_ms_per_request is None
    assert ramp_up.rps == pytest.approx(100, rel=0.1), "of the requests"


def test_what_was_sampled_before_the_first_user_or_after_the_level_is_none_of_it():
    """The start of the service takes memory of its own, and so may the next level."""
    given = staircase()
    spikes = given.docker_stats.iloc[:2].assign(time_s=[-1.0, 30.0], memory_mib=[50.0, 400.0])
    table = pd.concat([given.docker_stats, spikes]).sort_values("time_s")
    found = calibrate(replace(given, docker_stats=table))
    assert found.base_mib.estimate == pytest.approx(staircases.BASE_MIB, abs=0.5)
    assert found.peak_mib == pytest.approx(calibrate(given).peak_mib)


def test_the_last_moment_of_the_level_belongs_to_it():
    given = staircase()
    table = given.docker_stats
    at_end = table["time_s"] == given.trial.phases.steady_end_s
    table = table.assign(memory_mib=table["memory_mib"].where(~at_end, 150.0))
    assert calibrate(replace(given, docker_stats=table)).peak_mib == 150.0


def test_the_line_of_memory_has_the_intervals_of_least_squares():
    """Six samples, each off by a MiB, over the users who had come by then."""
    given = staircase()
    at_s = np.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0])
    users, off_mib = 100 * at_s, np.array([1.0, -1.0, 0.0, 0.0, -1.0, 1.0])
    found = calibrate(sampled(given, at_s, memory_mib=90.0 + users / 100 + off_mib))
    spread = ((users - 500.0) ** 2).sum()
    slope = 0.01 + ((users - 500.0) * off_mib).sum() / spread
    squares = ((off_mib - (slope - 0.01) * (users - 500.0)) ** 2).sum()
    error = np.sqrt(squares / 4 / spread)
    half = student.t.ppf(0.975, 4) * error
    kib, base = found.kib_per_user, found.base_mib
    assert (kib.estimate, kib.high - kib.estimate) == pytest.approx((1024 * slope, 1024 * half))
    at_none = half * np.sqrt((users**2).mean())
    assert (base.estimate, base.estimate - base.low) == pytest.approx((95 - 500 * slope, at_none))


def test_the_ramp_up_ends_where_the_steady_state_begins_if_not_all_users_came():
    given = staircase()
    phases = replace(given.trial.phases, spawned_s=None)
    found = calibrate(replace(given, trial=replace(given.trial, phases=phases)))
    assert found.kib_per_user.estimate == pytest.approx(staircases.KIB_PER_USER, rel=1e-4)
