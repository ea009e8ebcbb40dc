"""One trial by endpoint: what was asked of each, how it answered, and what its objectives say."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis.by_objective import joint
from loadtests.analysis.cut_off import felt_percentile
from loadtests.analysis.evidence import Evidence, Judgement, ObjectiveResult
from loadtests.analysis.hidden import hidden_endpoints
from loadtests.analysis.latency import failures, steady_sample
from loadtests.analysis.narrowing import names, narrowed
from loadtests.analysis.trial_length import is_measured
from loadtests.question import ALL, Objective
from loadtests.verdicts import Verdict

MOST = 20  # that are listed one by one, of those without an objective


@dataclass(frozen=True)
class EndpointRow:
    """The requests of one name, or of all."""

    name: str  # ALL for all together
    requests: int  # of the whole trial
    share: float  # of all requests
    p50_ms: float | None  # of the steady state, failures infinitely slow; None: not measured
    p95_ms: float | None
    p99_ms: float | None
    error_rate: float | None  # of the whole trial; None: none ended
    results: tuple[ObjectiveResult, ...]  # of its objectives
    is_hidden: bool  # it would fail by itself, and does not show in the total

    @property
    def verdict(self) -> Verdict | None:
        """What its objectives say together; None: it has none."""
        said = [each.judgement.verdict for each in self.results]
        return joint(said) if said else None


@dataclass(frozen=True)
class Endpoints:
    """All requests together, then by name, the commonest first."""

    rows: tuple[EndpointRow, ...]
    left_out: int  # endpoints that are not listed


def are_several(evidence: Evidence) -> bool:
    """Say whether there is more to tell than of all requests together."""
    return bool(evidence.trial.question.slo.objectives) or len(names(evidence)) > 1


def endpoints(evidence: Evidence, judgement: Judgement) -> Endpoints:
    """Return a trial's endpoints: those with objectives, those that hide, and the commonest."""
    made, results = names(evidence), judgement.objectives
    asked = [each.objective.name for each in results if each.objective.name != ALL]
    hidden = [each.name for each in hidden_endpoints(evidence, judgement)]
    place = {name: number for number, name in enumerate(made)}
    listed = sorted({*asked, *hidden, *made[:MOST]}, key=lambda name: place.get(name, len(made)))
    rows = tuple(
        _row(evidence, name, [r for r in results if r.objective.name == name], name in hidden)
        for name in (ALL, *listed)
    )
    return Endpoints(rows, len(set(made) - set(listed)))


def part_of(evidence: Evidence, name: str) -> Evidence:
    """Return a trial as if only requests of one name had been made, held to the SLO of all."""
    slo = evidence.trial.question.slo
    return narrowed(evidence, Objective(name, slo.percentile, slo.latency_ms, slo.error_rate))


def _row(
    evidence: Evidence, name: str, results: Sequence[ObjectiveResult], is_hidden: bool
) -> EndpointRow:
    part = part_of(evidence, name)
    sample = steady_sample(part)
    measured = is_measured(part) and len(sample.latency_ms) > 0
    p50, p95, p99 = (felt_percentile(sample, each) if measured else None for each in (50, 95, 99))
    failed, ended = failures(part)
    requests, total = len(part.requests), len(evidence.requests)
    return EndpointRow(
        name,
        requests,
        requests / total if total else 0.0,
        p50,
        p95,
        p99,
        failed / ended if ended else None,
        tuple(results),
        is_hidden,
    )
