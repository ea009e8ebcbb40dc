"""How long requests took: a failure is infinitely slow, and no request is forgotten."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.remembered import of_latest
from loadtests.record import IN_FLIGHT, OK

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# A product like 0.95 n may land a hair above a whole number; ranks are not rounded up for that.
RANK_SLACK = 1e-9


@dataclass(frozen=True)
class SteadySample:
    """The requests that began in the steady state; three arrays of one length."""

    second: Ints  # whole seconds since the steady state began, 0 to seconds - 1
    latency_ms: Floats  # math.inf for a request without a correct answer
    slow: Bools  # slower than the SLO, or failed
    seconds: int  # one-second blocks in the window, empty ones included
    # Ages of those among them, and of younger ones, that nobody had answered when the load ended.
    waiting_ms: Floats = field(default_factory=lambda: np.empty(0))
    limit_ms: float = math.inf  # the SLO's latency


@of_latest
def steady_sample(evidence: Evidence) -> SteadySample:
    """Return the requests that began in [steady_start_s, steady_end_s).

    One that began earlier is none of them, though somebody still waited for it: of such only those
    that last are seen, which would count 5.03% slow in 30 s where a true 4.4% takes 5 s (length
    bias: Cox, "Renewal Theory", 1962, 5). Users who stay with an old one are `locked_out` and
    `long_stuck`. A request still unanswered at the end is infinitely slow once it is older than the
    SLO's latency; a younger one could still be either and is left out (at most the last
    latency_ms). What that makes of a percentile, `cut_off` says.
    """
    start_s, latency_ms, ok, in_flight = columns(evidence)
    phases = evidence.trial.phases
    seconds = max(0, math.ceil(phases.steady_end_s - phases.steady_start_s - RANK_SLACK))
    inside, slow = steady_slow(evidence)
    felt_ms = np.where(ok, latency_ms, math.inf)[inside]
    second = np.floor(start_s[inside] - phases.steady_start_s).astype(np.int64)
    waiting = in_flight & (start_s >= phases.steady_start_s)
    limit_ms = evidence.trial.question.slo.latency_ms
    return SteadySample(second, felt_ms, slow[inside], seconds, latency_ms[waiting], limit_ms)


def steady_slow(evidence: Evidence) -> tuple[Bools, Bools]:
    """Return of every request whether it is of the steady sample, and whether slow or failed."""
    start_s, latency_ms, ok, in_flight = columns(evidence)
    phases, limit_ms = evidence.trial.phases, evidence.trial.question.slo.latency_ms
    inside = (start_s >= phases.steady_start_s) & (start_s < phases.steady_end_s)
    return inside & (~in_flight | (latency_ms > limit_ms)), ~ok | (latency_ms > limit_ms)


@of_latest
def columns(evidence: Evidence) -> tuple[Floats, Floats, Bools, Bools]:
    """Return the requests table as arrays: start_s, latency_ms as recorded, ok, in flight."""
    table = evidence.requests
    return (
        table["start_s"].to_numpy(np.float64),
        table["latency_ms"].to_numpy(np.float64),
        (table["outcome"] == OK).to_numpy(np.bool_),
        (table["outcome"] == IN_FLIGHT).to_numpy(np.bool_),
    )


def percentile(latency_ms: Floats, percent: float) -> float:
    """Return a percentile by nearest rank, so that it is a latency somebody had (or inf).

    With this definition p95 <= L exactly when at most 5% of the requests took longer than L;
    interpolation would break that, and has no meaning next to infinity. NaN without requests.
    """
    if len(latency_ms) == 0:
        return math.nan
    rank = max(1, math.ceil(percent / 100 * len(latency_ms) - RANK_SLACK))
    return float(np.partition(latency_ms, rank - 1)[rank - 1])


def slow_counts(sample: SteadySample) -> tuple[Ints, Ints]:
    """Return slow (or failed) requests and all requests in each second of the steady state."""
    return counts(sample, sample.slow)


def counts(sample: SteadySample, marked: Bools) -> tuple[Ints, Ints]:
    """Return marked requests and all requests in each second of the steady state."""
    size = sample.seconds
    return (
        np.bincount(sample.second[marked], minlength=size),
        np.bincount(sample.second, minlength=size),
    )


def locked_out(evidence: Evidence) -> int:
    """Return how many users waited through the whole steady state for one answer that never came.

    0 where the steady state was no longer than the SLO's latency, and of an open load: there who
    waits keeps nobody else from being judged.
    """
    start_s, _, _, in_flight = columns(evidence)
    phases, limit_ms = evidence.trial.phases, evidence.trial.question.slo.latency_ms
    if evidence.trial.question.workload.is_open:
        return 0
    if 1000 * (phases.steady_end_s - phases.steady_start_s) <= limit_ms:
        return 0
    return int(np.count_nonzero(in_flight & (start_s <= phases.steady_start_s)))


def long_stuck(evidence: Evidence) -> int:
    """Return how many users waited half of the steady state, or longer, for an older request.

    So much of it passed without a request of theirs to judge by. 0 where half of it was no longer
    than the SLO's latency, and of an open load.
    """
    start_s, latency_ms, _, in_flight = columns(evidence)
    phases, limit_ms = evidence.trial.phases, evidence.trial.question.slo.latency_ms
    if evidence.trial.question.workload.is_open:
        return 0
    half_s = (phases.steady_end_s - phases.steady_start_s) / 2
    if 1000 * half_s <= limit_ms:
        return 0
    late = in_flight | (start_s + latency_ms / 1000 >= phases.steady_start_s + half_s)
    return int(np.count_nonzero(late & (start_s < phases.steady_start_s)))


def ended_requests(evidence: Evidence) -> tuple[Floats, Bools]:
    """Return when each request that ended began (s), and whether it failed, over the whole trial.

    A request unanswered at the end has failed once it is older than the timeout, else it has not
    ended.
    """
    ended, failed = ended_failed(evidence)
    return columns(evidence)[0][ended], failed[ended]


def ended_failed(evidence: Evidence) -> tuple[Bools, Bools]:
    """Return of every request whether it ended, as of `ended_requests`, and whether it failed."""
    _, latency_ms, ok, in_flight = columns(evidence)
    timeout_ms = evidence.trial.question.workload.timeout_s * 1000
    return ~in_flight | (latency_ms >= timeout_ms), ~ok


def failures(evidence: Evidence) -> tuple[int, int]:
    """Return failed requests and ended requests over the whole trial, ramp-up included."""
    _, failed = ended_requests(evidence)
    return int(np.count_nonzero(failed)), len(failed)


def error_rate(evidence: Evidence) -> float:
    """Return failed / ended requests over the whole trial; 0 without requests."""
    failed, ended = failures(evidence)
    return failed / ended if ended else 0.0


def steady_error_rate(evidence: Evidence) -> float | None:
    """Return failed / ended among requests that ended in the steady state; None without any."""
    start_s, latency_ms, ok, in_flight = columns(evidence)
    phases, end_s = evidence.trial.phases, start_s + latency_ms / 1000
    inside = (end_s >= phases.steady_start_s) & (end_s < phases.steady_end_s) & ~in_flight
    ended = int(np.count_nonzero(inside))
    return int(np.count_nonzero(inside & ~ok)) / ended if ended else None


def answered_rps(evidence: Evidence) -> float | None:
    """Return requests per second that ended in the steady state; None where there was none."""
    start_s, latency_ms, _, in_flight = columns(evidence)
    phases = evidence.trial.phases
    seconds = phases.steady_end_s - phases.steady_start_s
    if seconds <= 0:
        return None
    ended_s = start_s + latency_ms / 1000
    inside = (ended_s >= phases.steady_start_s) & (ended_s < phases.steady_end_s) & ~in_flight
    return float(np.count_nonzero(inside)) / seconds


def in_flight_users(evidence: Evidence, at_s: Floats) -> Floats:
    """Return how many users waited for an answer at each of the times (s since the first user)."""
    start_s, latency_ms, _, in_flight = columns(evidence)
    ended_s = (start_s + latency_ms / 1000)[~in_flight]
    order = np.argsort(at_s)
    # How many times lie at each of the moments or before it: counted, as sorting takes far longer.
    begun, ended = (
        np.bincount(np.searchsorted(at_s[order], times_s), minlength=len(at_s) + 1)[:-1].cumsum()
        for times_s in (start_s, ended_s)
    )
    waiting = np.empty(len(at_s))
    waiting[order] = begun - ended
    return waiting


def per_second(evidence: Evidence) -> pd.DataFrame:
    """Return one row a second of the whole trial, by the time requests began.

    Columns: second, requests, failures, slow, p50_ms, p95_ms, p99_ms (inf where that many failed,
    NaN without requests). Requests in flight are treated as in the steady state.
    """
    start_s, latency_ms, ok, in_flight = columns(evidence)
    limit_ms = evidence.trial.question.slo.latency_ms
    known = ~in_flight | (latency_ms > limit_ms)
    felt_ms = np.where(ok, latency_ms, math.inf)[known]
    second = np.floor(start_s[known]).astype(np.int64).clip(0)
    order = np.lexsort((felt_ms, second))
    felt_ms, second = felt_ms[order], second[order]
    size = int(second[-1]) + 1 if len(second) else 0
    requests = np.bincount(second, minlength=size)
    first = np.concatenate(([0], np.cumsum(requests)[:-1])) if size else requests
    table = {
        "second": np.arange(size),
        "requests": requests,
        "failures": np.bincount(second[np.isinf(felt_ms)], minlength=size),
        "slow": np.bincount(second[felt_ms > limit_ms], minlength=size),
    }
    for percent in (50, 95, 99):
        rank = np.ceil(percent / 100 * requests - RANK_SLACK).astype(np.int64).clip(1)
        at = (first + rank - 1).clip(0, max(0, len(felt_ms) - 1))
        values = felt_ms[at] if len(felt_ms) else np.empty(0)
        table[f"p{percent}_ms"] = np.where(requests > 0, values, math.nan)
    return pd.DataFrame(table)
