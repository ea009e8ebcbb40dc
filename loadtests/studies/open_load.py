"""The answer under the same load with open arrivals: one more trial that tells what they do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.analysis.evidence import Row
from loadtests.analysis.open_comparison import OpenComparison, same_load_open
from loadtests.analysis.summary import Judged
from loadtests.bench.plan import Bench
from loadtests.bench.preflight import check_load, check_setting
from loadtests.errors import HostError
from loadtests.question import Question, Setting
from loadtests.report.markup import Fragment
from loadtests.report.open_table import open_table
from loadtests.studies.beside import Way, measure_beside, read_beside
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import OPEN_ARRIVALS


@dataclass(frozen=True)
class OpenStudy:
    """A setting under the same load with open arrivals, or why that is not known."""

    setting: Setting | None  # None: of none
    comparison: OpenComparison | None
    absent: str = ""  # why there is none, a sentence

    @property
    def sentence(self) -> str:
        """Say how far the p95 are apart, or why that was not measured."""
        return self.absent if self.comparison is None else self.comparison.sentence

    def table(self) -> Fragment | None:
        """List the figures with closed users and open arrivals; None: that was not measured."""
        return None if self.comparison is None else open_table(self.comparison)


NOT_OPENED = OpenStudy(None, None, "The answer was not measured with open arrivals.")


def not_opened(question: Question, least: Row | None) -> OpenStudy | None:
    """Return why an answer is not to be measured with open arrivals; None: it is."""
    if question.workload.is_open:
        return OpenStudy(None, None, "The load was open to begin with.")
    if least is None:
        return OpenStudy(None, None, "Nothing holds, so there is nothing to load otherwise.")
    return None


def _bench(experiment: Experiment, closed: Sequence[Judged]) -> Bench:
    workload = same_load_open([evidence for evidence, _ in closed])
    if workload is None:
        raise HostError("how many requests came a second was not measured")
    workload = replace(workload, steady_s=experiment.bench.question.workload.steady_s)
    trial = closed[0][0].trial
    check_load(workload, experiment.grants)
    check_setting(trial.setting, workload, experiment.grants)
    return replace(experiment.bench, question=replace(trial.question, workload=workload))


_WAY = Way(OPEN_ARRIVALS, "with open arrivals", _bench)


def measure_open(experiment: Experiment, closed: Sequence[Judged]) -> OpenStudy:
    """Measure the setting of some trials once with open arrivals, and keep what came of it."""
    measure_beside(_WAY, experiment, closed)
    return read_open(experiment.run)


def read_open(run: Path) -> OpenStudy:
    """Read what a run measured with open arrivals, judged anew, or why it did not."""
    found = read_beside(_WAY, run)
    if found is None:
        return NOT_OPENED
    both = None if found.other is None else OpenComparison(found.usual, found.other)
    return OpenStudy(found.setting, both, found.absent)
