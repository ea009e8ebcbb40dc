"""The least setting of a space: what to measure next to find it, and to prove it.

Proof: the least setting is shown to hold, and every cheaper one fails, by its own trial or because
a larger one does. Memory is cheap beside CPU, so much of it can be had for one step less of CPU:
whether that would do is asked with all the memory there is, and settles every smaller setting too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.judged import Finding, Forecast, Verdict
from loadtests.question import Cost, Setting
from loadtests.search.bracket import next_step
from loadtests.search.budget import Budget
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.space import Space


@dataclass(frozen=True)
class Decision:
    """What to measure next, None when the search is over, and why, in one sentence."""

    ask: Setting | None
    why: str


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
    if not open_cells:
        return Decision(None, _conclusion(known, least))
    spent = budget.spent(findings)
    if spent is not None:
        cheaper = "cheaper settings" if least else "settings"
        return Decision(None, f"Stopped, unproven: {spent}; {len(open_cells)} {cheaper} left open.")
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


def _conclusion(known: Knowledge, least: Setting | None) -> str:
    doubtful = ", ".join(finding.setting.label for finding in known.given_up)
    if least is None:
        rest = f"; {doubtful} stayed undecided" if doubtful else ""
        return f"No setting up to {known.space.ample.label} is shown to hold{rest}."
    if doubtful:
        return f"{least.label} is the least shown to hold; {doubtful} stayed undecided."
    return (
        f"{least.label} is the least: it holds, and every cheaper setting fails, by its own trial "
        "or because a larger one does."
    )


def _limits(known: Knowledge) -> tuple[int, int]:
    """Return the last steps of CPU and of memory known to be too little; -1: none is.

    What was given up counts as too little of CPU: the search has to go on above it. So does what
    was killed with all the memory there is: only CPU can still relieve it.
    """
    failing = [known.last[setting] for setting in known.shown(Verdict.FAILS)] + known.given_up
    cpu, memory, top = -1, -1, len(known.space.memory_mib) - 1
    for finding in failing:
        cpu_step, memory_step = known.space.steps(finding.setting)
        if finding.short_of_memory and memory_step < top:
            memory = max(memory, memory_step)
        else:
            cpu = max(cpu, cpu_step)
    return cpu, memory


def _expected(
    known: Knowledge, open_cells: Sequence[Setting], forecast: Forecast
) -> tuple[Setting, str]:
    """Return where the least setting is expected while none is known to hold."""
    space = known.space
    cpu, memory = expected_cpu, _ = space.granting(forecast.cpus, forecast.memory_mib)
    cpu_limit, memory_limit = _limits(known)
    if cpu_limit < 0 and memory_limit < 0:
        return space.cell(cpu, memory), (
            f"{space.cell(cpu, memory).label} is expected to be the least: {forecast.cpus:.2g} CPU "
            f"and {forecast.memory_mib:,.0f} MiB were forecast. Does it hold from a cold start?"
        )
    want = []
    if cpu_limit >= cpu:
        cpu = next_step(cpu_limit, len(space.cpus), cpu)
        want.append(f"{space.cpus[cpu_limit]:g} CPU was too little")
    if memory_limit >= memory:
        memory = next_step(memory_limit, len(space.memory_mib), memory)
        want.append(f"{space.memory_mib[memory_limit]} MiB was too little")
    if cpu_limit > expected_cpu:  # too little twice: was it memory that was missing?
        memory = -1
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
    space = known.space
    held_cpu, held_memory = space.steps(least)
    cpu_limit, memory_limit = _limits(known)
    expected_cpu, expected_memory = space.granting(forecast.cpus, forecast.memory_mib)
    expected_cpu = max(expected_cpu, min(cpu_limit + 1, held_cpu))
    steps = [space.steps(cell) for cell in open_cells]
    columns = sorted({cpu for cpu, _ in steps if cpu < held_cpu})
    if columns:
        cpu = _nearest(columns, next_step(columns[0] - 1, held_cpu, expected_cpu))
        memory = max(row for column, row in steps if column == cpu)
        # What is too little of CPU stays so with more memory, so grant it all and be done.
        if cpu < expected_cpu and known.is_worth_asking(space.cell(cpu, -1)):
            memory = -1
        return _probe(space.cell(cpu, memory), least, "CPU")
    rows = sorted({row for _, row in steps})
    top = max(held_memory, rows[-1] + 1)
    expected_memory = max(expected_memory, min(memory_limit + 1, top))
    memory = _nearest(rows, next_step(rows[0] - 1, top, expected_memory))
    cpu = max(column for column, row in steps if row == memory)
    return _probe(space.cell(cpu, memory), least, "memory")


def _nearest(open_steps: Sequence[int], wanted: int) -> int:
    """Return the last open step up to the wanted one, else the first there is."""
    return max((step for step in open_steps if step <= wanted), default=open_steps[0])


def _probe(probe: Setting, least: Setting, what: str) -> tuple[Setting, str]:
    return probe, (
        f"{least.label} holds. Is less {what} enough? If {probe.label} fails, so does everything "
        f"within {probe.cpus:g} CPU and {probe.memory_mib} MiB."
    )
