"""The figures of one load: the generator's use and its own words, beside what the server saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.analysis.latency import percentile
from loadtests.errors import TrialError
from loadtests.peers.generator_contenders import Load
from loadtests.peers.generator_reported import Reported
from loadtests.peers.generator_seen import Seen, Span


@dataclass(frozen=True)
class Use:
    """What a container has used by one moment."""

    wall_s: float  # since 1970
    cpu_s: float  # since its start
    memory_mib: float  # at that moment


def steady_state(load: Load, seen: Seen) -> Span:
    """Return the steady state, the same for every generator: counted from its first request on."""
    since_s = seen.first_s + load.ramp_s + load.warm_up_s
    return Span(since_s, since_s + load.hold_s)


def figures(load: Load, seen: Seen, used: Sequence[Use], said: Reported) -> dict[str, float]:
    """Return the figures by key, see `generator.FIGURES`.

    Raises TrialError where nothing was sent, or used, in the steady state.
    """
    steady = steady_state(load, seen)
    requests, true_ms = seen.requests(steady), seen.latency_ms(said.span or steady)
    if not requests or not len(true_ms):
        raise TrialError("the generator sent nothing in the steady state")
    true_p50_ms, true_p99_ms = percentile(true_ms, 50), percentile(true_ms, 99)
    pause = {} if said.longest_pause_ms is None else {"pause_ms": said.longest_pause_ms}
    return {
        "cpu_ms": 1000 * cpu_s(used, steady) / requests,
        "memory_mib": max(one.memory_mib for one in used),
        "users": seen.open_at_once(steady),
        "rps": requests / steady.seconds,
        "reconnects": seen.opened(steady) / requests,
        "silence_ms": seen.longest_silence_ms(steady),
        **pause,
        "error_p50_ms": said.p50_ms - true_p50_ms,
        "error_p99_ms": said.p99_ms - true_p99_ms,
        "true_p50_ms": true_p50_ms,
        "true_p99_ms": true_p99_ms,
        "failures": said.failures,
    }


def cpu_s(used: Sequence[Use], span: Span) -> float:
    """Return the CPU seconds used in a span, between samples taken as evenly spread.

    Raises TrialError where the samples do not reach from end to end.
    """
    times_s = [one.wall_s for one in used]
    if not times_s or times_s[0] > span.since_s or times_s[-1] < span.until_s:
        raise TrialError("the engine did not tell the generator's CPU time over the steady state")
    since, until = np.interp([span.since_s, span.until_s], times_s, [one.cpu_s for one in used])
    return float(until - since)
