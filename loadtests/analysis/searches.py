"""Whole searches of one question, one after the other: do they come to the same answer?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loadtests.analysis.evidence import CauseName
from loadtests.analysis.searches_table import SEARCH, SearchLine, TrialLine
from loadtests.verdicts import Verdict

SEARCHES = 10
ALONE = 5  # of these, the first; beside the others a neighbour comes and goes
BESIDE_SHARE = 0.1  # of a trial's load: from here on the neighbour may have disturbed it
_KILLS = (CauseName.OUT_OF_MEMORY, CauseName.REPLICA_DIED)  # however fast the CPU is


def shared_band(searches: Sequence[SearchLine]) -> tuple[float, float] | None:
    """Return the CPU that lies in every band; None where two bands have nothing in common.

    The edge is expected above the one end and not above the other, so bands that only
    touch do not overlap. Raises ValueError where no band is known.
    """
    bands = [line.band for line in searches if line.band is not None]
    low, high = max(band[0] for band in bands), min(band[1] for band in bands)
    return (low, high) if low < high else None


def steps_apart(searches: Sequence[SearchLine]) -> tuple[int, int] | None:
    """Return how many steps of CPU and of memory the answers lie apart at most.

    None where a search has no answer.
    """
    cpu = [line.cpu_step for line in searches if line.cpu_step is not None]
    memory = [line.memory_step for line in searches if line.memory_step is not None]
    if not searches or min(len(cpu), len(memory)) < len(searches):
        return None
    return max(cpu) - min(cpu), max(memory) - min(memory)


@dataclass(frozen=True)
class Disturbed:
    """What became of the searches' trials beside which the neighbour worked."""

    beside: int
    held: int
    killed: int
    failed: int  # otherwise, and was taken as evidence against its setting
    contradicted: int | None  # of these, where all searches alone say it holds; None: none says

    @property
    def no_evidence(self) -> int:
        """Trials that count neither for nor against their setting."""
        return self.beside - self.held - self.killed - self.failed


def disturbed(searches: Sequence[SearchLine], trials: Sequence[TrialLine]) -> Disturbed:
    """Say whether a disturbed trial was wrongly taken as evidence against a setting.

    A neighbour can only make a service look worse, so what holds beside one is evidence. What fails
    beside it is wrong evidence where the searches without one say that it is expected to hold.
    """
    beside = [t for t in trials if t.part == SEARCH and t.neighbour_share >= BESIDE_SHARE]
    failed = [t for t in beside if t.verdict is Verdict.FAILS and not _is_killed(t)]
    alone = [line for line in searches if line.is_alone and line.band is not None]
    wrong = [t for t in failed if all(_holds_for_sure(line, t) for line in alone)]
    return Disturbed(
        beside=len(beside),
        held=sum(t.verdict is Verdict.HOLDS for t in beside),
        killed=sum(_is_killed(t) for t in beside),
        failed=len(failed),
        contradicted=len(wrong) if alone else None,
    )


def _is_killed(trial: TrialLine) -> bool:
    """Say whether it fails for a kill or a death."""
    return trial.verdict is Verdict.FAILS and trial.cause in _KILLS


def _holds_for_sure(search: SearchLine, trial: TrialLine) -> bool:
    """Say whether by a search's band a trial's setting is one that holds."""
    if search.band is None or search.band_memory_mib is None:
        return False
    return trial.cpus >= search.band[1] and trial.memory_mib >= search.band_memory_mib


def deployed(searches: Sequence[SearchLine]) -> list[SearchLine]:
    """Return the searches after which the size to deploy was measured."""
    return [line for line in searches if line.deploy_verdict is not None]


def spread_s(searches: Sequence[SearchLine]) -> float:
    """Return the seconds from the first trial of the size to deploy to the last one's begin."""
    began = [datetime.fromisoformat(line.deploy_started_at or "") for line in deployed(searches)]
    return (max(began) - min(began)).total_seconds() if began else 0.0
