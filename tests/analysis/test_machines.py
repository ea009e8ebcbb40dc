"""How many replicas fit on a machine, once its system has kept its share."""

import pytest

from loadtests.analysis.machines import MOST_REPLICAS, Reserve, replicas_that_fit
from loadtests.errors import QuestionError
from loadtests.question import Setting
from tests.analysis.plans import machine


@pytest.mark.parametrize(
    ("vcpus", "memory_gib", "free_vcpus", "kept_gib"),
    [
        (2, 8.0, 1.93, 1.8),  # 6% and 1% of a core; 25% of 4 GiB and 20% of 4
        (4, 16.0, 3.92, 2.6),
        (32, 128.0, 31.85, 9.32),
        (64, 256.0, 63.77, 11.88),  # 2% of what is above 128 GiB
    ],
)
def test_what_is_kept_by_size_is_what_gke_documents(vcpus, memory_gib, free_vcpus, kept_gib):
    of = machine(vcpus=vcpus, memory_gib=memory_gib)
    assert Reserve().free_vcpus(of) == pytest.approx(free_vcpus)
    assert Reserve().free_mib(of) == pytest.approx(1024 * (memory_gib - kept_gib) - 100)


def test_a_share_kept_that_is_given_takes_the_place_of_that():
    assert Reserve(0.25, 0.5).free_vcpus(machine()) == 3.0
    assert Reserve(0.25, 0.5).free_mib(machine()) == 8 * 1024


@pytest.mark.parametrize("given", [{"cpu": 1.0}, {"cpu": -0.1}, {"memory": 1.0}, {"memory": 7.0}])
def test_a_reserve_that_is_no_share_is_refused(given):
    with pytest.raises(QuestionError, match=r"_reserve is .*; it must be a share from 0"):
        Reserve(**given)


@pytest.mark.parametrize(
    ("size", "cpu_ratio", "fit", "why"),
    [
        (Setting(0.3, 230), 1.0, 13, "4 / 0.3 by CPU"),
        (Setting(0.5, 230), 1.0, 8, "4 / 0.5 is whole: rounding takes none away"),
        (Setting(0.1, 230), 1.0, 40, "4 / 0.1 is 40, not 39.99"),
        (Setting(0.3, 4096), 1.0, 4, "16 GiB by memory"),
        (Setting(0.3, 230), 0.5, 6, "a vCPU that does half as much"),
        (Setting(5.0, 230), 1.0, 0, "larger than the machine"),
        (Setting(0.01, 20), 1.0, MOST_REPLICAS, "no more than an orchestrator runs"),
    ],
)
def test_replicas_are_packed_by_what_runs_out_first(size, cpu_ratio, fit, why):
    assert replicas_that_fit(machine(), size, Reserve(0.0, 0.0), cpu_ratio) == fit, why
