"""The least setting of a space: what to measure next to find it, and to support it.

It is supported when it was measured to hold and every cheaper setting fails, by its own trial or
inferred from a larger one that does. Memory is cheap beside CPU, so much of it can be had for one
step less of CPU: whether that would do is asked with all the memory there is, and rules out every
smaller setting too, as far as more never makes a service worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loadtests.question import Cost, Setting, rank
from loadtests.search.bracket import next_step
from loadtests.search.budget import Budget
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict


@dataclass(frozen=True)
class Decision:
    """What to measure next, None when the search is over, and why, in one sentence."""

    ask: Setting | None
    why: str
    is_long: bool = False  # its steady state is to be a long one
    is_cut_short: bool = False  # the budget ended it


def decide(
    space: Space,
    findings: Sequence[Finding],
    forecast: Forecast,
    cost: Cost,
    budget: Budget,
) -> Decision:
    """Return the next setting to measure, from everything found so far and nothing else."""
    known = Knowledge(space, tuple(findings))
    least = known.least(cost)
    open_cells = known.open_below(least, cost)
    spent = budget.spent(findings)
    contradicted = _contradicted(known)
    if contradicted is not None and spent is None:
        return contradicted
    if not open_cells:
        return Decision(None, _conclusion(known, least, cost))
    if spent is not None:
        cheaper = "cheaper settings" if least else "settings"
        why = f"Stopped with the answer open: {spent}; {len(open_cells)} {cheaper} left open."
        return Decision(None, why, is_cut_short=True)
    ask, why = (
        _expected(known, open_cells, forecast)
        if least is None
        else _refute(known, least, open_cells, forecast)
    )
    times = known.trials(ask)
    if times:
        was = known.last[ask].verdict
        why = f"{ask.label} was {was}: once more, trial {times + 1} of {TRIALS_PER_SETTING}."
    return Decision(ask, why)


def _contradicted(known: Knowledge) -> Decision | None:
    """Return which of two settings that contradict each other to ask again; None where none do.

    One of the two was noise, or more makes this service worse: each is repeated, the one with fewer
    trials first, before either is believed.
    """
    for smaller, larger in known.contradictions:
        ask = min(larger, smaller, key=known.trials)
        if known.trials(ask) < TRIALS_PER_SETTING:
            return Decision(
                ask,
                f"{smaller.label} {known.last[smaller].told}, yet the larger {larger.label} "
                f"{known.last[larger].told}: {ask.label} once more, trial {known.trials(ask) + 1} "
                f"of {TRIALS_PER_SETTING}.",
            )
    return None


def _conclusion(known: Knowledge, least: Setting | None, cost: Cost) -> str:
    doubts = doubts_below(known, least, cost)
    rest = "".join(f"; {said}" for said in doubts)
    if least is None:
        top = known.space.ample.label
        said = f"No setting up to {top} was measured to hold{rest}."
        return f"{said} Ask with larger steps or fewer users."
    if doubts:
        return f"{least.label} is the least measured to hold{rest}."
    return (
        f"{least.label} is the least of these steps: it was measured to hold, and every cheaper "
        "setting fails, by its own trial or inferred from a larger one that does."
    )


def doubts_below(known: Knowledge, least: Setting | None, cost: Cost) -> list[str]:
    """Say what keeps settings cheaper than the least in doubt, though none is asked again.

    Where it is dearer itself, what is smaller than it could at best be as doubtful.
    """
    said = []
    for finding in known.unresolved:
        at = finding.setting
        if least is None or rank(at, cost) < rank(least, cost):
            said.append(doubt(finding))
        elif finding.verdict is Verdict.UNDECIDED and any(
            at.grants_at_least(cell)
            and rank(cell, cost) < rank(least, cost)
            and known.verdict(cell) is not Verdict.FAILS
            for cell in known.space.cells
        ):
            said.append(f"{doubt(finding)}, so what is smaller was not asked")
    return said


def doubt(finding: Finding) -> str:
    """Say what became of a setting that was measured often enough and is not decided."""
    if finding.verdict is Verdict.INVALID:
        return f"{finding.setting.label} could not be measured well"
    if finding.is_believed:
        return f"{finding.setting.label} is not shown to hold often enough"
    return f"{finding.setting.label} stayed {finding.verdict}"


@dataclass(frozen=True)
class _Limits:
    """The last steps of CPU and of memory known not to do (-1: none is), and why not."""

    cpu: int = -1
    memory: int = -1
    why_cpu: str = ""
    why_memory: str = ""


def _limits(known: Knowledge) -> _Limits:
    """Return how far the search has to go beyond what fails or stays undecided.

    What was killed with all the memory there is counts as too little CPU: only that can still
    relieve it.
    """
    limits, space = _Limits(), known.space
    failing = [known.last[setting] for setting in known.measured(Verdict.FAILS)]
    for finding in (*failing, *known.unresolved):
        cpu, memory = space.steps(finding.setting)
        fails = finding.verdict is Verdict.FAILS
        if finding.oom_killed and memory < space.last_memory_step:
            if memory > limits.memory:
                why = f"{space.memory_mib[memory]} MiB was too little"
                limits = replace(limits, memory=memory, why_memory=why)
        elif cpu > limits.cpu:
            why = _too_little(finding) if fails else doubt(finding)
            limits = replace(limits, cpu=cpu, why_cpu=why)
    return limits


def _too_little(finding: Finding) -> str:
    if finding.is_believed:
        return f"{finding.setting.label} {finding.told}"
    return f"{finding.setting.cpus:g} CPU was too little"


def _expected(
    known: Knowledge, open_cells: Sequence[Setting], forecast: Forecast
) -> tuple[Setting, str]:
    """Return where the least setting is expected while none is known to hold."""
    space, limits = known.space, _limits(known)
    expected_cpu, expected_memory = space.granting(forecast.cpus, forecast.memory_mib)
    cpu, memory = expected_cpu, expected_memory
    if limits == _Limits():
        return space.cell(cpu, memory), (
            f"{space.cell(cpu, memory).label} is expected to be the least: {forecast.cpus:.2g} CPU "
            f"and {forecast.memory_mib:,.0f} MiB were forecast. Does it hold in fresh containers?"
        )
    want = []
    if limits.cpu >= cpu:
        cpu = next_step(limits.cpu, len(space.cpus), cpu)
        want.append(limits.why_cpu)
    if limits.memory >= memory:
        memory = next_step(limits.memory, len(space.memory_mib), memory)
        want.append(limits.why_memory)
    if limits.cpu > expected_cpu:  # too little twice: was it memory that was missing?
        memory = space.last_memory_step
    ask = space.cell(cpu, memory)
    if not known.is_worth_asking(ask):  # an axis is at its end: does anything hold?
        ask = max(open_cells)
    return ask, f"{' and '.join(want)}: try {ask.label}."


def _refute(
    known: Knowledge, least: Setting, open_cells: Sequence[Setting], forecast: Forecast
) -> tuple[Setting, str]:
    """Return the probe that settles most of what is cheaper than the least that is known.

    Less CPU is asked first, as it saves more; then less memory. What was found to be too little
    corrects the forecast.
    """
    space, held = known.space, known.last[least]
    held_cpu, held_memory = space.steps(least)
    limits = _limits(known)
    expected_cpu, expected_memory = space.granting(forecast.cpus, forecast.memory_mib)
    expected_cpu = max(expected_cpu, min(limits.cpu + 1, held_cpu))
    steps = [space.steps(cell) for cell in open_cells]
    columns = sorted({cpu for cpu, _ in steps if cpu < held_cpu})
    if columns:
        cpu = _nearest(columns, next_step(columns[0] - 1, held_cpu, expected_cpu))
        memory = max(row for column, row in steps if column == cpu)
        # What is too little of CPU stays so with more memory, so grant it all and be done.
        all_memory = space.cell(cpu, space.last_memory_step)
        if cpu < expected_cpu and known.is_worth_asking(all_memory):
            return _probe(all_memory, held, "CPU")
        return _probe(space.cell(cpu, memory), held, "CPU")
    rows = sorted({row for _, row in steps})
    top = max(held_memory, rows[-1] + 1)
    expected_memory = max(expected_memory, min(limits.memory + 1, top))
    memory = _nearest(rows, next_step(rows[0] - 1, top, expected_memory))
    cpu = max(column for column, row in steps if row == memory)
    return _probe(space.cell(cpu, memory), held, "memory")


def _nearest(open_steps: Sequence[int], wanted: int) -> int:
    """Return the last open step up to the wanted one, else the first there is."""
    return max((step for step in open_steps if step <= wanted), default=open_steps[0])


def _probe(probe: Setting, least: Finding, what: str) -> tuple[Setting, str]:
    return probe, (
        f"{least.setting.label} {least.told}. Is less {what} enough? If {probe.label} fails, "
        f"everything within {probe.cpus:g} CPU and {probe.memory_mib} MiB is taken to fail."
    )
