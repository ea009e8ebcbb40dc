"""The machine-readable answer, answer.json, for scripts and gates."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import BindingObjective, Row, Skipped
from loadtests.analysis.open_comparison import OpenComparison
from loadtests.analysis.quota import QuotaCost
from loadtests.analysis.recommend import fails_below, minimum
from loadtests.question import SLO, Objective, Question, Setting
from loadtests.record import HostReport
from loadtests.verdicts import Verdict

FORMAT = 1
ANSWER = "answer.json"


@dataclass(frozen=True)
class Effort:
    """What the answer cost: trials run, reused, invalid; seconds under load and in all."""

    trials_run: int = 0
    trials_reused: int = 0
    trials_invalid: int = 0
    load_seconds: float = 0.0
    wall_seconds: float = 0.0


@dataclass(frozen=True)
class SearchEnd:
    """How a search ended, and its last decision.

    Proven: nothing cheaper was left open. What was not measured is inferred by the assumption that
    more never makes a service worse, and each verdict stands on its own trials, often on one.
    """

    proven: bool
    why: str


def build(
    question: Question,
    rows: Sequence[Row],
    skipped: Sequence[Skipped],
    effort: Effort,
    host: HostReport | None,
    versions: Mapping[str, str],
    prices: Prices | None = None,
    search: SearchEnd | None = None,
    repeat: Row | None = None,
    deploy: Row | None = None,
    without_quota: QuotaCost | None = None,
    reliability: Mapping[str, Any] | None = None,
    reference_us: float | None = None,
    open_arrivals: OpenComparison | None = None,
    plan: Mapping[str, Any] | None = None,
    scaling: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return answer.json as a dict of plain JSON values.

    JSON knows no infinity: a percentile that only failures reach is null, as is what was not
    measured; a row's reasons and failure_ratio tell which. `minimum` is null where no setting was
    found to hold, each side of `fails_below` where no failing setting was measured there, `search`
    where settings were given by name, `reliability` where nothing holds, `repeat`, `deploy` and
    `without_quota` where they were not measured, `reference_us` where the trials had no reference
    speed in common; `open_arrivals` is there only where it was measured, so is each part of
    `scaling`, what was measured of several replicas, and `plan` only where one was asked for.
    `host` is empty without a trial. `scale_out` has every size of container that was measured with
    several replicas, its single replica included, which may stand in `vertical` too.
    """
    least = minimum(rows, prices or Prices())
    sizes = {_size(row.setting) for row in rows if row.setting.replicas > 1}
    answer = {
        "format": FORMAT,
        "question": _question(question),
        "minimum": None if least is None else _short(least),
        "search": None if search is None else asdict(search),
        "repeat": None if repeat is None else row_dict(repeat),
        "deploy": None if deploy is None else row_dict(deploy),
        "without_quota": None if without_quota is None else _without_quota(without_quota),
        **({} if open_arrivals is None else {"open_arrivals": _open_arrivals(open_arrivals)}),
        "reliability": None if reliability is None else dict(reliability),
        "fails_below": {
            side: None if row is None else row_dict(row)
            for side, row in fails_below(rows, least).items()
        },
        "vertical": [row_dict(row) for row in rows if row.setting.replicas == 1],
        "scale_out": [row_dict(row) for row in rows if _size(row.setting) in sizes],
        **(scaling or {}),
        "skipped": [{"setting": asdict(item.setting), "reason": item.reason} for item in skipped],
        **({} if plan is None else {"plan": dict(plan)}),
        "effort": asdict(effort),
        "reference_us": reference_us,
        "host": {} if host is None else asdict(host),
        "versions": dict(versions),
    }
    return {key: _plain(value) for key, value in answer.items()}


def build_capacity(
    question: Question,
    rows: Mapping[float, Row],
    effort: Effort,
    host: HostReport,
    versions: Mapping[str, str],
    search: SearchEnd | None = None,
    repeat: Row | None = None,
    reference_us: float | None = None,
) -> dict[str, Any]:
    """Return the answer to "how much load does this setting hold?" as plain JSON values.

    `rows` are by the number of users, of an open load by arrivals per second (`rate_per_s`); the
    question's is the most that was asked with. `capacity` is null where no load was found to be
    held, `fails_at` where none fails.
    """
    load = "rate_per_s" if question.workload.is_open else "users"
    held = [n for n, row in rows.items() if row.verdict is Verdict.HOLDS]
    failing = [n for n, row in rows.items() if row.verdict is Verdict.FAILS]
    answer = {
        "format": FORMAT,
        "question": _question(question),
        "capacity": {load: max(held), **_short(rows[max(held)])} if held else None,
        "search": None if search is None else asdict(search),
        "repeat": None if repeat is None else row_dict(repeat),
        "fails_at": {load: min(failing), **row_dict(rows[min(failing)])} if failing else None,
        "rows": [{load: n, **row_dict(row)} for n, row in rows.items()],
        "effort": asdict(effort),
        "reference_us": reference_us,
        "host": asdict(host),
        "versions": dict(versions),
    }
    return {key: _plain(value) for key, value in answer.items()}


def _question(question: Question) -> dict[str, Any]:
    workload, slo = question.workload, question.slo
    return {
        "users": workload.users,
        **_arrivals(question),
        "spawn_rate": workload.spawn_rate,
        "think_time_s": list(workload.think_time_s),
        "objective": {
            "percentile": slo.percentile,
            "latency_ms": slo.latency_ms,
            "failure_ratio": slo.error_rate,
        },
        **_objectives(slo),
    }


def _objectives(slo: SLO) -> dict[str, Any]:
    """Return all that has to hold, where that is more than the objective of all requests."""
    all_of_them = (slo.of_all, *slo.objectives) if slo.objectives else ()
    return {"objectives": [_objective(each) for each in all_of_them]} if all_of_them else {}


def _objective(asked: Objective) -> dict[str, Any]:
    """Return one objective; what it does not limit is null, "*" is all requests together."""
    return {
        "endpoint": asked.name,
        "percentile": asked.percentile,
        "latency_ms": asked.latency_ms,
        "failure_ratio": asked.error_rate,
    }


def _binding(found: BindingObjective) -> dict[str, Any]:
    """Return the objective that decides a row, and what was measured of it."""
    return {
        **_objective(found.objective),
        "verdict": found.verdict.value,
        "measured_ms": found.latency_ms,
        "measured_failure_ratio": found.error_rate,
    }


def _arrivals(question: Question) -> dict[str, Any]:
    """Return how requests of an open load come; of a closed one nothing."""
    workload = question.workload
    if not workload.is_open:
        return {}
    return {"arrivals": workload.arrivals, "rate_per_s": workload.rate_per_s}


def to_json(answer: Mapping[str, Any]) -> str:
    """Return the text of answer.json; raises ValueError where a value is not plain JSON."""
    return json.dumps(answer, indent=1, allow_nan=False) + "\n"


def row_dict(row: Row) -> dict[str, Any]:
    """Return one row as answer.json has it: its setting, verdict, reasons, figures and trials."""
    return {
        **asdict(row.setting),
        "verdict": row.verdict.value,
        "reasons": list(row.reasons),
        **({} if row.binding is None else {"binding": _binding(row.binding)}),
        "p50_ms": row.p50_ms,
        "p95_ms": row.p95_ms,
        "p99_ms": row.p99_ms,
        "failure_ratio": row.error_rate,
        "rps": row.rps,
        "cpu_cores": row.cpu_cores,
        "memory_peak_mib": row.memory_peak_mib,
        "throttled_ratio": row.throttled_ratio,
        "speed": row.speed,
        "demand_reference_cores": row.demand_reference_cores,
        "trials": list(row.trials),
    }


def _without_quota(found: QuotaCost) -> dict[str, Any]:
    """Return the row without a quota, and which of the setting's cores are demand."""
    return {
        **row_dict(found.without),
        "cpusets": list(found.free[0].trial.cpusets),
        "demand_cores": found.demand_cores,
        "quota_cores": found.quota_cores,
    }


def _open_arrivals(found: OpenComparison) -> dict[str, Any]:
    """Return the row with open arrivals, how many came a second, and how much more its p95 is."""
    return {
        **row_dict(found.with_arrivals),
        "rate_per_s": found.rate_per_s,
        "closed_p95_ms": found.with_users.p95_ms,
        "p95_more_ms": found.more_ms,
    }


def _short(row: Row) -> dict[str, Any]:
    """Return the minimum's part of a row."""
    whole = row_dict(row)
    keys = (*asdict(row.setting), "verdict", "p95_ms", "failure_ratio", "trials")
    return {key: whole[key] for key in keys}


def _size(setting: Setting) -> tuple[float, int]:
    return setting.cpus, setting.memory_mib


def _plain(value: Any) -> Any:
    """Return a value with every infinity and NaN replaced by None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
