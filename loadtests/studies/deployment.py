"""The size to deploy, proven in fresh containers like any other setting."""

from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import formats
from loadtests.analysis.deployment import Headroom
from loadtests.analysis.evidence import Evidence, Judgement, Row
from loadtests.question import Setting
from loadtests.studies.manifest import DEPLOY
from loadtests.studies.results import ResultTable, read_table
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Deployment:
    """A setting with headroom, and what its own trials say of it."""

    headroom: Headroom
    row: Row
    trials: tuple[tuple[Evidence, Judgement], ...]

    @property
    def setting(self) -> Setting:
        """The setting that is recommended."""
        return self.row.setting

    @property
    def holds(self) -> bool:
        """Whether it held by itself."""
        return self.row.verdict is Verdict.HOLDS

    @property
    def sentence(self) -> str:
        """Say which size, what it leaves free, and whether it was proven."""
        spare = (
            f"{self.setting.label}, which leaves {formats.share(self.headroom.cpu)} of the CPU "
            f"free and {formats.share(self.headroom.memory)} of memory above its peak"
        )
        lost = self.setting.replicas - self.headroom.carrying(self.setting.replicas)
        if lost:
            spare += f", also while {formats.count(lost, 'replica')} of them is lost"
        if self.holds:
            p95 = formats.p95_with_range(self.row)
            return f"To deploy: {spare}. It holds: p95 {p95}, {formats.supported(self.row)}."
        return (
            f"To deploy would be {spare}; but measured, it {formats.says(self.row.verdict)}: "
            f"{self.row.reasons[0]}."
        )


def deployment_of(table: ResultTable) -> Deployment | None:
    """Return what the trials of a recommended size say, None where the host could not grant it."""
    headroom = table.manifest.headroom
    if headroom is None or not table.rows:
        return None
    return Deployment(headroom, table.rows[0], tuple(table.trials))


def read_deployment(run: Path) -> Deployment | None:
    """Read the recommended size that a run measured, None where it measured none."""
    table = read_table(run, DEPLOY)
    return None if table is None else deployment_of(table)
