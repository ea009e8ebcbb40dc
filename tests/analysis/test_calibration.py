"""CPU a request and memory a user, read from a record in which both are known."""

from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis.calibration import UTILISATION, calibrate, memory_error
from loadtests.errors import RecordError
from tests.analysis import staircases
from tests.analysis.records import row
from tests.analysis.staircases import staircase


def test_the_cpu_of_a_request_and_the_memory_of_a_user_are_found():
    found = calibrate(staircase())
    assert found.cpu_ms_per_request.estimate == pytest.approx(staircases.CPU_MS_PER_REQUEST)
    assert found.base_mib.estimate == pytest.approx(staircases.BASE_MIB, abs=0.5)
    assert found.kib_per_user.estimate == pytest.approx(staircases.KIB_PER_USER, rel=0.01)
    assert found.users == staircases.USERS


def test_the_prediction_follows_the_utilisation_law_and_the_line_of_memory():
    found = calibrate(staircase())
    demand = found.cpu_ms_per_request.estimate
    assert found.cpus.estimate == pytest.approx(found.rps * demand / 1000 / UTILISATION)
    at_all = staircases.BASE_MIB + staircases.USERS * staircases.KIB_PER_USER / 1024
    assert found.memory_mib.estimate == pytest.approx(at_all, rel=0.01)
    assert found.peak_mib == pytest.approx(at_all, rel=0.01)
    assert found.memory_mib.low <= found.memory_mib.estimate <= found.memory_mib.high


def test_users_of_an_open_load_take_memory_from_when_they_first_had_to_send():
    """They stand ready from the ramp-up on, and connect long after it, one a request."""
    given = staircase()
    workload = given.trial.question.workload
    opened = replace(workload.opened("poisson", 100), users=workload.users)
    trial = replace(given.trial, question=replace(given.trial.question, workload=opened))
    time_s, stats = given.generator["time_s"], given.docker_stats.copy()
    connects = (time_s * staircases.USERS / 25).clip(upper=staircases.USERS)
    stats["memory_mib"] = staircases.BASE_MIB + (
        (stats["time_s"] * staircases.USERS / 25).clip(upper=staircases.USERS)
        * staircases.KIB_PER_USER
        / 1024
    )
    seconds = given.generator.assign(connects=connects)
    found = calibrate(replace(given, trial=trial, docker_stats=stats, generator=seconds))
    assert found.base_mib.estimate == pytest.approx(staircases.BASE_MIB, abs=0.5)
    assert found.kib_per_user.estimate == pytest.approx(staircases.KIB_PER_USER, rel=0.02)


def test_noise_in_the_samples_widens_the_interval_around_the_truth():
    given = staircase()
    stats = given.docker_stats.copy()
    stats["cpu_s"] += 0.002 * (stats.index % 3)
    found = calibrate(replace(given, docker_stats=stats)).cpu_ms_per_request
    assert found.low < staircases.CPU_MS_PER_REQUEST < found.high
    assert found.high > found.low * 1.01


def test_several_replicas_are_added_up():
    given = staircase()
    both = [given.docker_stats, given.docker_stats.assign(container="replica-2")]
    trial = replace(given.trial, setting=replace(given.trial.setting, replicas=2))
    found = calibrate(replace(given, trial=trial, docker_stats=pd.concat(both)))
    assert found.cpu_ms_per_request.estimate == pytest.approx(2 * staircases.CPU_MS_PER_REQUEST)
    assert found.peak_mib == pytest.approx(calibrate(given).peak_mib), "of one replica"


def test_the_base_and_the_users_are_those_of_one_replica():
    """Two replicas of half the users each; a user takes as much of one as of all."""
    one = staircase()
    replicas = [
        one.docker_stats.assign(
            container=f"replica-{number}",
            memory_mib=(one.docker_stats["memory_mib"] + staircases.BASE_MIB) / 2,
        )
        for number in (1, 2)
    ]
    trial = replace(one.trial, setting=replace(one.trial.setting, replicas=2))
    found = calibrate(replace(one, trial=trial, docker_stats=pd.concat(replicas)))
    assert found.users == staircases.USERS // 2
    assert found.base_mib.estimate == pytest.approx(staircases.BASE_MIB, abs=0.5)
    assert found.kib_per_user.estimate == pytest.approx(staircases.KIB_PER_USER, rel=0.01)
    assert found.memory_mib.estimate == pytest.approx(found.peak_mib, rel=0.01)
    width = found.base_mib.high - found.base_mib.low
    whole = calibrate(one).base_mib
    assert width == pytest.approx((whole.high - whole.low) / 2), "half of both together"


def test_the_users_are_those_of_the_first_level():
    """On a staircase that adds users, the workload asked is that of its last level."""
    given = staircase()
    first = replace(given.trial.steps[0], users=400)
    trial = replace(given.trial, steps=(first, *given.trial.steps[1:]))
    assert calibrate(replace(given, trial=trial)).users == 400
    assert calibrate(replace(given, trial=replace(trial, steps=()))).users == staircases.USERS


def test_a_ramp_up_of_a_second_says_nothing_of_memory_a_user_but_the_peak():
    given = staircase()
    late = given.docker_stats[given.docker_stats["time_s"] > 9]
    found = calibrate(replace(given, docker_stats=late))
    assert found.memory_mib is None
    assert "the ramp-up was too short to tell; its peak was 100 MiB" in found.sentences()[1]
    assert memory_error(found, row(0.05, 120)) is None


def test_a_steady_state_with_too_few_samples_says_nothing_of_cpu_a_request():
    given = staircase()
    early = given.docker_stats[given.docker_stats["time_s"] < 20]
    found = calibrate(replace(given, docker_stats=early))
    assert found.cpus is None
    assert found.sentences()[0].startswith("CPU a request: too few samples")


def test_a_record_without_any_sample_is_refused_and_says_what_to_do():
    given = staircase()
    with pytest.raises(RecordError, match="name the settings to measure instead"):
        calibrate(replace(given, docker_stats=given.docker_stats[:0]))


def test_what_was_found_and_how_far_off_it_was_is_told():
    found = calibrate(staircase())
    demand, memory = found.sentences()
    assert "a request takes 0.300 ms of CPU" in demand
    assert "10.0 KiB a connected user" in memory
    told = memory_error(found, replace(row(0.05, 120), memory_peak_mib=found.memory_mib.estimate))
    assert told.endswith(("(+0%).", "(-0%)."))
