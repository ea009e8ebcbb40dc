"""Was the proxy in front of the replicas up, and had it CPU, connections and files to spare?

What fails because of the proxy tells nothing of the service, and a proxy that was full can only
make it look worse.
"""

from loadtests.analysis import counters, formats
from loadtests.analysis.companion_health import AT_LIMIT, fills_host
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.trial_length import is_measured
from loadtests.record import ProxyReport

_LARGER_HOST = "it shares the host's CPUs with the service: take a larger host or fewer users"
_OR_WITHOUT = "or do without a proxy (balancing dns), then repeat"


def proxy(evidence: Evidence) -> Check | None:
    """Check that the proxy ran to the end, and was not at a limit of its own; None: there was none.

    One that ended voids both verdicts: nobody could ask the service any more. One that had no CPU
    to spare, as many connections as it takes, or requests that waited in it, voids a `fails`.
    """
    report = evidence.trial.proxy
    if report is None:
        return None
    if report.end:
        return Check(
            "proxy",
            False,
            report.end,
            Reading("ended"),
            Voids.BOTH,
            f"The proxy is no part of the service: see why it ended, {_OR_WITHOUT}",
        )
    used = counters.proxy_cores(evidence)
    full = _full(evidence, report, used)
    if full is not None:
        seen, reading, advice = full
        more = f"More for the service would not help: {advice}, {_OR_WITHOUT}"
        return Check("proxy", False, seen, reading, Voids.FAILS, more)
    if used is None:
        return Check("proxy", True, "CPU use of the proxy not reported", None)
    reading = Reading(f"{used:.2f}", "cores")
    return Check("proxy", True, f"the proxy used {used:.2f} cores{_taken_out(report)}", reading)


def _full(
    evidence: Evidence, report: ProxyReport, used: float | None
) -> tuple[str, Reading, str] | None:
    """Return at which limit of its own the proxy was, by what, and what to do; None: at none."""
    if used is not None and is_measured(evidence):
        reading, cpus = Reading(f"{used:.2f}", "cores"), evidence.trial.host.cpus
        if report.threads is not None and used >= AT_LIMIT * report.threads:
            threads = formats.count(report.threads, "thread")
            return f"the proxy used {used:.2f} cores with {threads}", reading, _LARGER_HOST
        if fills_host(evidence, used):
            busy = f"the proxy used {used:.2f} cores of a host of {cpus}, none of which was idle"
            return busy, reading, _LARGER_HOST
    peak, limit = report.connections_peak, report.connections_limit
    if peak is not None and limit is not None and peak >= limit:
        return (
            f"the proxy had all {limit:,} connections with users that it takes",
            Reading(f"{limit:,}", "connections"),
            "see why users open so many, or ask for fewer users",
        )
    if report.queued_peak:
        return (
            f"up to {report.queued_peak:,} requests waited in the proxy for want of open files",
            Reading(f"{report.queued_peak:,}", "requests"),
            "raise the engine's limit of open files (LimitNOFILE, ulimit -Hn) or ask for fewer "
            "users",
        )
    return None


def _taken_out(report: ProxyReport) -> str:
    """Say how often health checks had replicas taken out under the load; "" where they never."""
    times = sum(each.downs for each in report.replicas)
    if not times:
        return ""
    return f", and its health checks took a replica out {formats.count(times, 'time')}"
