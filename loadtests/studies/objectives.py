"""OBJECTIVES as a person writes them: by endpoint, percentiles in ms and an error rate."""

import re
from collections.abc import Mapping

from loadtests.errors import QuestionError
from loadtests.question import ALL, SLO, Objective

Limits = Mapping[str, float]

EXAMPLE = '{"/predict": {"p95_ms": 300}, "*": {"p99_ms": 1000, "error_rate": 0.001}}'
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)_ms")
# The same under two names: scripts and other tools call it either.
_ERROR_RATES = ("error_rate", "failure_ratio")


def slo_of(given: Mapping[str, Limits] | None, usual: SLO, default: SLO) -> SLO:
    """Return the SLO: objectives by endpoint, and for all requests together what "*" does not give.

    `usual` are P95_MS and ERROR_RATE as given, `default` as they are where nobody gave them.
    Raises QuestionError for what cannot be read, and where "*" and one of the two are both given.
    """
    if given is None:
        return usual
    by_name = {name: _objectives(name, limits) for name, limits in given.items()}
    of_all = by_name.pop(ALL, [])
    latencies = sorted(
        (each for each in of_all if each.latency_ms is not None), key=_of_all_by, reverse=True
    )
    rates = [each.error_rate for each in of_all if each.error_rate is not None]
    _require_one_of("P95_MS", usual.latency_ms != default.latency_ms, bool(latencies))
    _require_one_of("ERROR_RATE", usual.error_rate != default.error_rate, bool(rates))
    first = latencies[0] if latencies else usual.of_all
    others = [Objective(ALL, each.percentile, each.latency_ms) for each in latencies[1:]]
    return SLO(
        first.percentile or usual.percentile,
        first.latency_ms or usual.latency_ms,
        rates[0] if rates else usual.error_rate,
        (*others, *(each for mine in by_name.values() for each in mine)),
    )


def _of_all_by(objective: Objective) -> tuple[bool, float]:
    # Tables and figures show p95, so that is the one they are read by where it is asked for.
    percentile = objective.percentile or 0.0
    return percentile == SLO().percentile, percentile


def _require_one_of(parameter: str, is_given: bool, is_in_objectives: bool) -> None:
    if is_given and is_in_objectives:
        raise QuestionError(
            f'{parameter} and the "*" of OBJECTIVES both limit all requests; give one of the two'
        )


def _objectives(name: str, limits: Limits) -> list[Objective]:
    """Return one objective for each percentile of an endpoint, its error rate in the first."""
    latencies: dict[float, float] = {}
    rates: dict[str, float] = {}
    for key, value in limits.items():
        if found := _PERCENTILE.fullmatch(key):
            latencies[float(found[1])] = value
        elif key in _ERROR_RATES:
            rates[key] = value
        else:
            raise QuestionError(
                f"OBJECTIVES has {key!r} for {name!r}; it must be a percentile such as p95_ms, or "
                f"error_rate, as in {EXAMPLE}"
            )
    if len(rates) > 1:
        raise QuestionError(
            f"OBJECTIVES has {' and '.join(rates)} for {name!r}, which are the same; give one"
        )
    if not latencies and not rates:
        raise QuestionError(f"OBJECTIVES limits nothing for {name!r}; give limits as in {EXAMPLE}")
    rate = next(iter(rates.values()), None)
    if not latencies:
        return [Objective(name, error_rate=rate)]
    (percentile, limit_ms), *more = sorted(latencies.items())
    return [Objective(name, percentile, limit_ms, rate), *(Objective(name, *each) for each in more)]


def objectives_of(slo: SLO) -> dict[str, dict[str, float]]:
    """Return an SLO with objectives as a person would write them; what `slo_of` reads."""
    written: dict[str, dict[str, float]] = {}
    for each in (slo.of_all, *slo.objectives):
        limits = written.setdefault(each.name, {})
        if each.latency_ms is not None:
            limits[f"p{each.percentile:g}_ms"] = each.latency_ms
        if each.error_rate is not None:
            limits["error_rate"] = each.error_rate
    return written
