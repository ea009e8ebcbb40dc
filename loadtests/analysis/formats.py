"""Numbers and verdicts as a person would write them, the same in figures, tables and text."""

import math

from loadtests.analysis.evidence import BindingObjective, CauseName, Row
from loadtests.question import ALL, SLO, Objective
from loadtests.verdicts import Verdict

NOT_REPORTED = "not reported"
NO_ANSWER = "no answer"
NOT_MEASURED = "not measured"

CAUSES = {
    CauseName.OUT_OF_MEMORY: "OOM-killed",
    CauseName.REPLICA_DIED: "replica died",
    CauseName.NEVER_READY: "never ready",
    CauseName.CPU_THROTTLED: "CPU throttled",
    CauseName.QUEUEING: "queueing",
    CauseName.HELD_BACK: "held back, not by CPU",
    CauseName.SLOW: "slow without CPU",
    CauseName.REFUSED: "connections refused",
    CauseName.RESET: "connections reset",
    CauseName.TIMEOUT: "timeouts",
    CauseName.WRONG_ANSWERS: "wrong answers",
    CauseName.SCRIPT_RAISED: "users' script raised",
    CauseName.ERRORS: "errors",
    CauseName.UNEXPLAINED: "unexplained",
}


def milliseconds(value: float | None) -> str:
    """Write a latency in ms: "1,720 ms", "3.2 ms", "no answer" for infinity."""
    if value is None or math.isnan(value):
        return NOT_REPORTED
    if math.isinf(value):
        return NO_ANSWER
    return f"{value:.2g} ms" if value < 10 else f"{value:,.0f} ms"


def not_measured(stopped_at_s: float | None) -> str:
    """Say that there is no figure, and of a trial that ended early when it did.

    "not measured (stopped at 16 s)", "not measured" where it never began or no trial is valid.
    """
    return NOT_MEASURED if stopped_at_s is None else f"{NOT_MEASURED} ({stopped(stopped_at_s)})"


def stopped(at_s: float) -> str:
    """Say when a trial ended early, in seconds of load: "stopped at 16 s"."""
    return f"stopped at {at_s:.0f} s" if at_s >= 1 else "stopped within 1 s"


def latency(value: float | None, row: Row) -> str:
    """Write one of a row's latencies, or that its trials ended before there was any."""
    return not_measured(row.stopped_at_s) if value is None else milliseconds(value)


def p95_with_range(row: Row) -> str:
    """Write a row's p95 with its interval: "12 ms (95% interval 10-15)"."""
    text = latency(row.p95_ms, row)
    if row.p95_range_ms is None or not all(map(math.isfinite, row.p95_range_ms)):
        return text
    low, high = (milliseconds(x).removesuffix(" ms") for x in row.p95_range_ms)
    return f"{text} (95% interval {low}-{high})"


def supported(row: Row) -> str:
    """Say on how many trials a row stands: "supported by one trial"."""
    count = len(row.trials)
    return f"supported by {'one trial' if count == 1 else f'{count} trials'}"


def money(amount: float, currency: str) -> str:
    """Write a cost per hour: "0.0256 USD per hour"."""
    return f"{amount:.4f} {currency} per hour"


def share(value: float | None) -> str:
    """Write a ratio from 0 to 1 as percent: "0%", "0.04%", "3.1%", "61%"."""
    if value is None or math.isnan(value):
        return NOT_REPORTED
    percent = 100 * value
    if percent == 0:
        return "0%"
    if percent < 0.01:
        return "<0.01%"
    digits = 2 if percent < 1 else 1 if percent < 10 else 0
    text = f"{percent:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def quantity(value: float | None, unit: str = "", digits: int = 0) -> str:
    """Write a number with its unit: "187 MiB", "0.51 cores", "1,000/s"."""
    if value is None or math.isnan(value):
        return NOT_REPORTED
    gap = "" if unit.startswith("/") else " "
    return f"{value:,.{digits}f}{gap}{unit}".strip()


def duration(seconds: float | None) -> str:
    """Write a time given in seconds: "45 s", "3 min 20 s", "1 h 05 min"."""
    if seconds is None or math.isnan(seconds):
        return NOT_REPORTED
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def count(number: int, what: str) -> str:
    """Write how many, thousands apart: "1 trial", "2,200 trials"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def cause(name: CauseName | None) -> str:
    """Name why a setting fails, for a person; empty when there is no cause."""
    return "" if name is None else CAUSES[name]


def says(what: Verdict) -> str:
    """Say what trials say of a setting: "holds", "is undecided"."""
    return what.value if what.decides else f"is {what}"


def verdict(what: Verdict, why: CauseName | None) -> str:
    """Write a verdict with its cause: "holds", "fails: OOM-killed"."""
    reason = cause(why)
    return f"{what.value}: {reason}" if reason and what is not Verdict.HOLDS else what.value


def demand(needs: float, limit: float) -> str:
    """Set the CPU that a workload needs against the limit it has, in cores."""
    return f"needs {needs:.2f} cores, has {limit:g}"


def why(row: Row) -> str:
    """Name why a row's setting fails; where CPU is short, by how much. Empty without a cause."""
    named, limit = cause(row.cause), row.setting.total_cpus
    if (
        row.cause == CauseName.CPU_THROTTLED
        and row.demand_cores is not None
        and row.demand_cores > limit
    ):
        named = f"{named}: {demand(row.demand_cores, limit)}"
    return "; ".join(part for part in (named, binding(row.binding)) if part)


def errors(row: Row) -> str:
    """Write a row's error rate with its denominator: "1.2% of the whole trial, 0% in steady state".

    The part of the steady state is left out where the two are the same or it was not measured.
    """
    whole, steady = share(row.error_rate), row.steady_error_rate
    if steady is None or share(steady) == whole:
        return f"{whole} of the whole trial"
    return f"{whole} of the whole trial, {share(steady)} in steady state"


def slo(asked: SLO) -> str:
    """Write the SLO: "p95 ≤ 500 ms, error rate ≤ 0.1%", and its objectives after that."""
    of_all = f"{latency_slo(asked)}, error rate ≤ {share(asked.error_rate)}"
    return "; ".join([of_all, *(objective(each) for each in asked.objectives)])


def objective(asked: Objective) -> str:
    """Write an objective: "/predict p95 ≤ 300 ms, error rate ≤ 1%"."""
    return f"{endpoint(asked.name)} {limits(asked)}"


def limits(asked: Objective) -> str:
    """Write what an objective limits: "p95 ≤ 300 ms", "error rate ≤ 1%", or both."""
    said = []
    if asked.latency_ms is not None:
        said.append(f"p{asked.percentile:g} ≤ {milliseconds(asked.latency_ms)}")
    if asked.error_rate is not None:
        said.append(f"error rate ≤ {share(asked.error_rate)}")
    return ", ".join(said)


def binding(found: BindingObjective | None) -> str:
    """Write the objective that decides: "/predict: p95 412 ms, limit 300 ms"; empty for none."""
    if found is None:
        return ""
    asked, said = found.objective, []
    if asked.latency_ms is not None:
        seen = NOT_MEASURED if found.latency_ms is None else milliseconds(found.latency_ms)
        said.append(f"p{asked.percentile:g} {seen}, limit {milliseconds(asked.latency_ms)}")
    beyond = asked.error_rate is not None and found.error_rate > asked.error_rate
    if beyond or not said:
        said.append(f"{share(found.error_rate)} failed, limit {share(asked.error_rate)}")
    return f"{endpoint(asked.name)}: {'; '.join(said)}"


def endpoint(name: str) -> str:
    """Write whose requests are meant."""
    return "all requests" if name == ALL else name


def latency_slo(asked: SLO) -> str:
    """Write the latency half of the SLO: "p95 ≤ 500 ms"."""
    return f"p{asked.percentile:g} ≤ {milliseconds(asked.latency_ms)}"


def row_sentence(row: Row) -> str:
    """Say in one clause what a row found, for alternative texts."""
    return (
        f"{row.setting.label} {verdict(row.verdict, row.cause)} "
        f"(p95 {latency(row.p95_ms, row)}, error rate {errors(row)})"
    )


def unsure(row: Row) -> str:
    """Name a setting whose own trials decide nothing, with what a search expects of it."""
    if row.reliability is None:
        return row.setting.label
    return f"{row.setting.label} (by all trials, expected to hold in {row.reliability:.0%})"


def by_own_trials(row: Row) -> str:
    """Say what a setting did in its own trials, whatever else is known of it."""
    if len(row.trials) == 1:
        did = "held" if row.verdict is Verdict.HOLDS else "failed"
        return f"{row.setting.label} {did} in its one trial"
    return f"{row.setting.label} {says(row.verdict)} by its {len(row.trials)} trials together"


def outweighed(row: Row) -> str:
    """Say why a setting that holds by its own trials and costs less is not the answer."""
    held = f"{by_own_trials(row)} and costs less"
    if row.reliability is None:  # no search asked about it
        return f"{held}, but no search weighed it against the answer"
    return (
        f"{held}, but by all trials it is not shown to hold often enough: it is expected to in "
        f"{row.reliability:.0%}"
    )


def listing(parts: list[str]) -> str:
    """Join words: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
