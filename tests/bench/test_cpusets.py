"""Which whole CPUs replicas without a quota are kept to, and what an engine says it cannot do."""

from types import SimpleNamespace

import pytest

from loadtests.bench.cpusets import require_cpusets, whole_cpus
from loadtests.errors import EngineError
from loadtests.question import Setting

KEPT = [
    (Setting(0.4, 200), 2, ("1",), "a part of a CPU becomes a whole one, and not the first"),
    (Setting(1, 200), 2, ("1",), "a whole CPU stays one"),
    (Setting(1.5, 200), 4, ("2,3",), "one and a half become two"),
    (Setting(2, 200), 2, ("0,1",), "all of a small host"),
    (Setting(0.25, 200, 3), 4, ("3", "2", "1"), "each replica has its own as long as there are"),
    (Setting(0.25, 200, 3), 2, ("1", "0", "1"), "then they share"),
    (Setting(1.5, 200, 2), 3, ("1,2", "0,2"), "also where each has two"),
]


@pytest.mark.parametrize(("setting", "host_cpus", "kept", "what"), KEPT)
def test_each_replica_has_as_many_whole_cpus_as_its_cores_rounded_up(
    setting, host_cpus, kept, what
):
    assert whole_cpus(setting, host_cpus) == kept, what


def engine(**told):
    """An engine that tells so much of itself."""
    return SimpleNamespace(info=lambda: {"CPUSet": True, "CpuCfsQuota": True} | told)


def test_an_engine_that_grants_both_is_asked_no_further():
    require_cpusets(engine())


REFUSING = [
    ({"CPUSet": False}, r"no CPUs of a container's own \(CPUSet of `docker info`\)"),
    ({"CPUSet": None}, r"no CPUs of a container's own"),
    ({"CpuCfsQuota": False}, r"no CPU quotas \(CpuCfsQuota"),
]


@pytest.mark.parametrize(("told", "says"), REFUSING)
def test_an_engine_that_would_leave_one_out_in_silence_is_refused(told, says):
    with pytest.raises(EngineError, match=says):
        require_cpusets(engine(**told))
