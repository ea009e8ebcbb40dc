"""Lay trials by Docker's DNS beside those behind a proxy."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from loadtests.analysis import counters
from loadtests.analysis.balance import busiest_cpu_share, busiest_share
from loadtests.analysis.balancing import BalancingComparison, Difference
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.latency import answered_rps
from loadtests.analysis.speed import relative_speed
from loadtests.analysis.summary import Judged, measure_row
from loadtests.question import Balancing
from loadtests.verdicts import Verdict

Figure = Callable[[Evidence, Row], float | None]


def compare_balancing(
    dns_trials: Sequence[Judged], proxied_trials: Sequence[Judged]
) -> BalancingComparison:
    """Compare a setting's trials by Docker's DNS with those behind a proxy.

    Invalid trials are left out. Raises ValueError where there are none of either, where they are
    not of one setting, load and service, or were balanced otherwise.
    """
    _require_alike(dns_trials, proxied_trials)
    by_dns, proxied = (
        [(seen, measure_row(seen, it)) for seen, it in side if it.verdict is not Verdict.INVALID]
        for side in (dns_trials, proxied_trials)
    )
    at_reference = all(relative_speed(seen) is not None for seen, _ in (*by_dns, *proxied))
    figures = _figures(at_reference)
    trial = dns_trials[0][0].trial
    return BalancingComparison(
        setting=trial.setting,
        load=trial.question.workload.label,
        by_dns=len(by_dns),
        proxied=len(proxied),
        left_out=len(dns_trials) + len(proxied_trials) - len(by_dns) - len(proxied),
        is_interleaved=_is_interleaved(*([s for s, _ in side] for side in (by_dns, proxied))),
        differences=tuple(
            Difference(
                name,
                unit,
                tuple(figure(*pair) for pair in by_dns),
                tuple(figure(*pair) for pair in proxied),
                1 - (1 - CONFIDENCE) / len(figures),
            )
            for name, unit, figure in figures
        ),
        proxy_cpu_ms=tuple(_scaled(proxy_cpu_ms(seen), seen, at_reference) for seen, _ in proxied),
        proxy_memory_mib=tuple(_proxy_memory_mib(seen) for seen, _ in proxied),
        at_reference=at_reference,
    )


def proxy_cpu_ms(evidence: Evidence) -> float | None:
    """Return the CPU that the proxy took a request in the steady state, in ms; None: not known."""
    cores, rps = counters.proxy_cores(evidence), answered_rps(evidence)
    return None if cores is None or not rps else 1000 * cores / rps


def _proxy_memory_mib(evidence: Evidence) -> float | None:
    return None if evidence.trial.proxy is None else evidence.trial.proxy.memory_peak_mib


def _figures(at_reference: bool) -> list[tuple[str, str, Figure]]:
    """Return name, unit and reading of every figure that is compared."""

    def cpu_ms(seen: Evidence, _: Row) -> float | None:
        return _scaled(counters.cpu_ms_per_answer(seen), seen, at_reference)

    return [
        ("p50", "ms", lambda _, row: row.p50_ms),
        ("p95", "ms", lambda _, row: row.p95_ms),
        ("p99", "ms", lambda _, row: row.p99_ms),
        ("CPU of the service an answer", "ms", cpu_ms),
        ("memory of the fullest replica", "MiB", lambda _, row: row.memory_peak_mib),
        ("requests of the busiest replica over an even share", "", lambda s, _: busiest_share(s)),
        ("CPU of the busiest replica over an even share", "", lambda s, _: busiest_cpu_share(s)),
    ]


def _scaled(value: float | None, seen: Evidence, at_reference: bool) -> float | None:
    """Return a CPU time as it would be at the reference speed, where all trials have one."""
    speed = relative_speed(seen) if at_reference else 1.0
    return None if value is None or speed is None else value * speed


def _require_alike(dns_trials: Sequence[Judged], proxied_trials: Sequence[Judged]) -> None:
    if not dns_trials or not proxied_trials:
        raise ValueError("trials of both kinds are needed to compare them")
    one, other = (
        {seen.trial.target.balancing.value for seen, _ in side}
        for side in (dns_trials, proxied_trials)
    )
    if one != {Balancing.DNS.value} or len(other) != 1 or other == one:
        raise ValueError(
            f"balanced by {', '.join(sorted(one))} and by {', '.join(sorted(other))}; compare "
            "trials by dns with those of one proxy"
        )
    asked = {_asked(seen) for seen, _ in (*dns_trials, *proxied_trials)}
    if len(asked) > 1:
        raise ValueError("trials of several settings, loads or services are not compared")


def _asked(seen: Evidence) -> tuple[object, ...]:
    """Return all that trials which are compared have in common."""
    trial = seen.trial
    target = replace(trial.target, balancing=Balancing.DNS)
    host = trial.host.cpus, trial.host.cpu_model
    script = trial.locustfile_sha256
    return trial.setting, trial.question, target, trial.image_digest, script, trial.cpusets, host


def _is_interleaved(by_dns: Sequence[Evidence], proxied: Sequence[Evidence]) -> bool:
    """Say whether neither kind was over before the other began."""
    first, second = ([seen.trial.started_at for seen in side] for side in (by_dns, proxied))
    return bool(first and second) and max(first) > min(second) and max(second) > min(first)
