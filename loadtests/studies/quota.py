"""The answer without its CPU quota: one more trial that tells what the quota costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.analysis.evidence import Row
from loadtests.analysis.quota import QuotaCost
from loadtests.analysis.summary import Judged
from loadtests.bench.cpusets import require_cpusets
from loadtests.bench.plan import Bench
from loadtests.errors import EngineError
from loadtests.question import Question, Setting
from loadtests.report.markup import Fragment
from loadtests.report.quota import quota_table
from loadtests.studies.beside import Way, measure_beside, read_beside
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import WITHOUT_QUOTA

# Who asks with a shorter steady state wants a first look, as `make demo` does, and soon. The trial
# would take as long as any other there, for an answer that is too loose to be taken apart.
SHORT_STEADY_S = 15.0


@dataclass(frozen=True)
class QuotaStudy:
    """What the quota of a setting costs, or why that is not known."""

    setting: Setting | None  # None: of none
    cost: QuotaCost | None
    absent: str = ""  # why there is no cost, a sentence

    @property
    def sentence(self) -> str:
        """Say what the quota costs, or why that was not measured."""
        return self.absent if self.cost is None else self.cost.sentence

    def table(self) -> Fragment | None:
        """List the figures with the quota and without; None where that was not measured."""
        return None if self.cost is None else quota_table(self.cost)


NOT_MEASURED = QuotaStudy(None, None, "The answer was not measured without its CPU quota.")


def left_out(question: Question, least: Row | None) -> QuotaStudy | None:
    """Return why an answer is not to be measured without its quota; None: it is."""
    if least is None:
        return QuotaStudy(None, None, "Nothing holds, so there is no quota to do without.")
    steady_s = question.workload.steady_s
    if steady_s < SHORT_STEADY_S:
        return QuotaStudy(
            least.setting,
            None,
            f"What the CPU quota costs was not asked: a run with a steady state of {steady_s:g} s "
            f"is a first look; with {SHORT_STEADY_S:g} s or more the answer is measured without "
            "its quota too.",
        )
    return None


def _bench(experiment: Experiment, _: Sequence[Judged]) -> Bench:
    if experiment.bench.swarm is not None:
        raise EngineError("a Swarm keeps no replica to CPUs of its own")
    require_cpusets(experiment.bench.client)
    return replace(experiment.bench, quota=False)


_WAY = Way(WITHOUT_QUOTA, "without its CPU quota", _bench)


def measure_quota(experiment: Experiment, limited: Sequence[Judged]) -> QuotaStudy:
    """Measure the setting of some trials once without its quota, and keep what came of it."""
    measure_beside(_WAY, experiment, limited)
    return read_quota(experiment.run)


def read_quota(run: Path) -> QuotaStudy:
    """Read what a run measured without a quota, judged anew, or why it did not."""
    found = read_beside(_WAY, run)
    if found is None:
        return NOT_MEASURED
    cost = None if found.other is None else QuotaCost(found.usual, found.other)
    return QuotaStudy(found.setting, cost, found.absent)
