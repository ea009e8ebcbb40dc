"""A setting with its CPU quota and without: what engine and kernel say of real containers."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from loadtests.bench.containers import CPU_PERIOD_US
from loadtests.bench.store import Store
from loadtests.question import Setting
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from loadtests.studies.quota import measure_quota, read_quota
from loadtests.units import MIB
from loadtests.verdicts import Verdict
from tests.integration.benches import containers_of, part_of
from tests.integration.measuring import Printed

pytestmark = pytest.mark.docker

ASKED = Parameters(
    run="quota", users=60, spawn_rate=60, think_min=0.5, think_max=1.5, steady_s=7, p95_ms=5000,
    error_rate=0.05,
)  # fmt: skip
# A start takes all the CPU it is given, so a fifth of one is used up in period after period.
SETTING = Setting(0.2, 300)


class Looking(Printed):
    """Looks once a trial at its replica: what the engine granted, on which CPUs it may run."""

    def __init__(self) -> None:
        self.experiment: Experiment | None = None
        self.granted: dict[str, dict[str, object]] = {}

    def tick(self, line: dict[str, object]) -> None:
        """Look, unless this trial's was looked at before."""
        assert self.experiment is not None
        replica = part_of(self.experiment.bench, "api-1")
        if replica.name not in self.granted:
            code = "import os; print(*sorted(os.sched_getaffinity(0)), sep=',')"
            cpus = replica.exec_run(["python3", "-c", code]).output.decode().strip()
            self.granted[str(replica.name)] = {**replica.attrs["HostConfig"], "cpus": cpus}


@pytest.fixture(scope="module")
def seen(client, tmp_path_factory, api_image, generator_image) -> Iterator[SimpleNamespace]:
    """The setting measured with its quota, and then without, once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "RUNS", tmp_path_factory.mktemp("runs"))
        progress = Looking()
        experiment = progress.experiment = Experiment(ASKED, client, progress)
        (limited,) = experiment.table("vertical", [SETTING]).results
        found = measure_quota(experiment, limited.trials)
        first, *_, last = progress.granted.values()
        yield SimpleNamespace(
            limited=limited, found=found, granted=(first, last), bench=experiment.bench
        )
        assert containers_of(client, Store(ASKED.folder)) == []


def test_the_engine_grants_a_quota_to_the_one_and_cpus_of_its_own_to_the_other(seen):
    (kept,) = seen.found.cost.free[0].trial.cpusets
    with_quota, without = seen.granted
    assert (with_quota["CpuQuota"], with_quota["CpusetCpus"]) == (0.2 * CPU_PERIOD_US, "")
    assert (without["CpuQuota"], without["NanoCpus"], without["CpusetCpus"]) == (0, 0, kept)
    assert with_quota["Memory"] == without["Memory"] == without["MemorySwap"] == 300 * MIB


def test_the_kernel_keeps_it_to_the_hosts_last_cpu(seen):
    _, without = seen.granted
    assert without["cpus"] == without["CpusetCpus"] == str(seen.bench.host.cpus - 1)


def test_only_the_one_with_a_quota_is_throttled(seen):
    (limited,) = seen.limited.trials[0][0].trial.replicas
    (free,) = seen.found.cost.free[0].trial.replicas
    assert limited.throttled_periods > 0
    assert not free.throttled_periods


def test_it_is_a_trial_like_others_with_a_key_of_its_own(seen):
    evidence, judgement = seen.found.cost.free
    trial = evidence.trial
    assert judgement.verdict is Verdict.HOLDS, judgement.reasons
    assert (trial.setting, trial.question) == (SETTING, ASKED.question)
    assert trial.key not in seen.limited.row.trials
    assert seen.bench.store.has(trial.key)


def test_what_is_used_without_a_quota_is_told_and_read_back(seen):
    cost = seen.found.cost
    assert 0 < cost.demand_cores < SETTING.cpus
    assert seen.found.sentence.startswith("Of 0.2 CPU, 0.")
    assert read_quota(ASKED.folder).sentence == seen.found.sentence
