"""The least setting on three axes: after the plane of one replica, how many replicas?

What one replica needs, and the law of how a load is shared, tell for every number of them what each
would need and so what that costs. Only what may cost less than the best known is measured; each
trial tells of the law too. Pure: what has been found goes in, one decision comes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loadtests.question import Cost, Setting
from loadtests.search import confirm
from loadtests.search.minimum import Decision
from loadtests.search.replica_standing import Rivals, Standing
from loadtests.verdicts import Finding


@dataclass(frozen=True)
class ReplicaBudget:
    """How much load several replicas may take beyond the plane, and what a trial takes, seconds."""

    load_s: float = 360.0
    trial_s: float = 60.0
    long_s: float = 150.0

    def left_s(self, findings: Sequence[Finding]) -> float:
        """Return the seconds under load that are left for trials of several replicas."""
        return self.load_s - sum(f.load_s for f in findings if f.setting.replicas > 1)


def with_spare(cost: Cost, lost: int) -> Cost:
    """Return what a setting costs with so many replicas more, which may be lost.

    The setting itself is what carries the load after that, and so what is measured.
    """
    return lambda setting: cost(replace(setting, replicas=setting.replicas + lost))


def decide(rivals: Rivals, budget: ReplicaBudget) -> Decision:
    """Return the next setting of several replicas to measure, or the answer on three axes.

    What is worth most is asked first: how sure it is to hold as often as asked, times what it would
    save. So a drift of the host meets them in no order of their size. Where nothing is near the
    best, the nearest is still measured once: without a trial of several replicas the law would be
    no more than a belief. The answer of several replicas gets a long trial, as that of one had.
    """
    findings = rivals.says.findings
    left_s, best = budget.left_s(findings), rivals.best
    more = None
    if best is not None and best.replicas > 1 and rivals.is_reliable:
        more = confirm.long_trial(best, rivals.says)
    kept_s = budget.long_s if more is not None else 0.0
    ask, why = _next(rivals)
    if ask is not None and left_s - kept_s >= budget.trial_s:
        return Decision(ask, why)
    if more is not None and left_s >= budget.long_s:
        return more
    cut_short = bool(rivals.near()) or more is not None
    return Decision(None, _conclusion(rivals, budget, cut_short), is_cut_short=cut_short)


def _next(rivals: Rivals) -> tuple[Setting | None, str]:
    """Return the setting that is worth most to be measured, and why; None: no other is."""
    near = rivals.near()
    if near:
        ask = max(near, key=lambda cell: (_worth(rivals, cell), cell))
        return ask, _asked(rivals, ask)
    several = any(finding.setting.replicas > 1 for finding in rivals.says.findings)
    nearest = None if several or rivals.best is None else rivals.nearest()
    return nearest, "" if nearest is None else _checked(rivals, nearest)


def _worth(rivals: Rivals, cell: Setting) -> float:
    """Return how sure a setting is to be enough, times the share of the cost that it would save."""
    best = rivals.best if rivals.is_reliable else rivals.says.space.ample
    dearest = rivals.cost(best or rivals.says.space.ample)
    saves = max(1 - rivals.cost(cell) / dearest, 0.0) if dearest else 0.0
    return rivals.says.sure(cell) * (saves + 1e-6)


def _asked(rivals: Rivals, ask: Setting) -> str:
    says, best = rivals.says, rivals.best
    times = rivals.known.trials(ask)
    sure = f"{says.sure(ask):.0%}"
    if times:
        return (
            f"{ask.label} is expected to hold in {says.stated(ask):.0%} of trials, and "
            f"{says.goal.reliability:.0%} are asked for: trial {times + 1} of it."
        )
    if best is None or not rivals.is_reliable:
        return (
            f"No setting measured holds as often as asked; by the law {ask.label} does with a "
            f"chance of {sure}. Does it?"
        )
    return (
        f"{best.label} is the best known. {_law(rivals, ask)} {ask.label} would cost "
        f"{_less(rivals, ask, best)} less, and does as well with a chance of {sure}. Does it hold?"
    )


def _checked(rivals: Rivals, ask: Setting) -> str:
    return (
        f"No number of replicas is expected to be cheaper than {_label(rivals.best)}. "
        f"{_law(rivals, ask)} That rests on one replica alone, so the nearest rival, {ask.label}, "
        "is measured once: does it fail?"
    )


def _law(rivals: Rivals, ask: Setting) -> str:
    """Say what so many replicas are taken to need in all, relative to one."""
    mean, low, high = rivals.says.overhead(ask.memory_mib)
    more = ask.replicas - 1
    return (
        f"{ask.replicas} replicas are taken to need {1 + more * mean:.2f} times the CPU of one "
        f"({1 + more * low:.2f} to {1 + more * high:.2f})."
    )


def _less(rivals: Rivals, ask: Setting, best: Setting) -> str:
    saved = 1 - rivals.cost(ask) / rivals.cost(best)
    return f"{saved:.0%}" if saved >= 0.01 else "next to nothing"


def _label(setting: Setting | None) -> str:
    return "what was found" if setting is None else setting.label


def _conclusion(rivals: Rivals, budget: ReplicaBudget, cut_short: bool) -> str:
    best, says = rivals.best, rivals.says
    if best is None:
        return "No number of replicas was measured to hold."
    counts = says.space.replicas
    chance = f"expected to hold in {says.stated(best):.0%} of trials"
    if cut_short:
        near = len(rivals.near())
        rest = (
            f"{near} cheaper settings of several replicas may hold as well"
            if near
            else f"the long trial of {best.label} is left out"
        )
        return (
            f"Stopped with the answer open: the {budget.load_s / 60:g} minutes for several "
            f"replicas are spent; {best.label} is the best known, {chance}; {rest}."
        )
    if len(counts) == 1:
        return f"{best.label} is the least of one replica; several were not asked about."
    return (
        f"{best.label} is the least with {counts[0]} to {counts[-1]} replicas, {chance}. "
        f"{_told(rivals)}"
    )


def _told(rivals: Rivals) -> str:
    """Say of all cheaper settings of several replicas how it is known that they do not do."""
    counted = rivals.counted()
    total = sum(counted.values())
    if not total:
        return "Every setting of several replicas costs more."
    words = {
        Standing.PROVEN: "failed in trials of their own",
        Standing.INFERRED: "must fail, as a larger one with as many replicas did",
        Standing.TOO_LITTLE: "had less CPU in all than the load was ever seen to take",
        Standing.BELIEVED: "were not shown to fail, and are expected to hold too seldom by the law",
        Standing.DOUBTFUL: "stayed in doubt after their trials",
    }
    said = [f"{counted[at]} {why}" for at, why in words.items() if counted.get(at)]
    if len(said) == 1:
        return f"Of the cheaper settings of several replicas all {said[0]}."
    return f"Of {total} cheaper settings of several replicas {'; '.join(said)}."
