"""How users were spread over replicas, in words and small tables: evenness, and a proxy's cost."""

from loadtests.analysis import counters, formats
from loadtests.analysis.balance import (
    ReplicaLoad,
    busiest_cpu_share,
    busiest_share,
    load_by_replica,
)
from loadtests.analysis.balancing import BalancingComparison
from loadtests.analysis.compare_balancing import proxy_cpu_ms
from loadtests.analysis.evidence import Evidence
from loadtests.question import Balancing, EndpointMode
from loadtests.record import ProxyReport, Trial
from loadtests.report.markup import Fragment
from loadtests.report.tables import Column, table

_WAYS = {
    Balancing.DNS: "Docker's DNS: each user's connection goes to the next address",
    Balancing.LEAST_CONNECTIONS: "each request goes to the replica with the fewest in hand",
    Balancing.ROUND_ROBIN: "each request goes to the next replica",
}
_VIRTUAL = (
    "the Swarm's virtual address: the kernel (IPVS) sends each connection to the next replica"
)


def balancing_named(trial: Trial) -> str:
    """Say how users were spread over replicas, and by which proxy, for a list of conditions."""
    proxy = trial.proxy
    is_virtual = trial.target.swarm is EndpointMode.VIP
    way = _VIRTUAL if is_virtual else _WAYS[trial.target.balancing]
    if proxy is None:
        return way
    version = "" if proxy.version is None else f" {proxy.version}"
    return f"{proxy.name}{version}, started anew for every trial: {way}"


def proxy_sentences(evidence: Evidence) -> list[str]:
    """Say what the proxy of a trial took and kept; none: there was no proxy.

    CPU is the mean over the steady state, memory the peak of the whole trial.
    """
    proxy = evidence.trial.proxy
    if proxy is None:
        return []
    cores, each_ms = counters.proxy_cores(evidence), proxy_cpu_ms(evidence)
    cpu = "CPU that was not reported" if cores is None else f"{cores:.2f} CPU"
    each = "" if each_ms is None else f" ({each_ms:.2g} ms a request)"
    peak = "" if proxy.memory_peak_mib is None else f" and up to {proxy.memory_peak_mib:.0f} MiB"
    return [
        f"In front of the replicas was {proxy.name}, which used {cpu}{each}{peak}; it is no part "
        "of the setting, its price or the size to deploy, and shares the host's CPUs with it.",
        *_connections(proxy),
    ]


def _connections(proxy: ProxyReport) -> list[str]:
    """Say how many connections of users became how many to replicas."""
    opened = sum(each.connections for each in proxy.replicas)
    if proxy.connections_peak is None or not proxy.replicas or not proxy.requests:
        return []
    return [
        f"Users had up to {proxy.connections_peak:,} connections with it at once; for their "
        f"{proxy.requests:,} requests it opened {opened:,} to the replicas, and used them again."
    ]


def evenness_sentence(evidence: Evidence) -> str:
    """Say how even requests and CPU were over the replicas; "" where one replica had all."""
    if evidence.trial.setting.replicas < 2:
        return ""
    parts = [
        f"{share:.2f} times an even share of {what}"
        for what, share in (
            ("the requests", busiest_share(evidence)),
            ("the CPU", busiest_cpu_share(evidence)),
        )
        if share is not None
    ]
    if not parts:
        return "Which replica had how much is not reported."
    return f"The busiest replica had {formats.listing(parts)}."


def replica_table(evidence: Evidence) -> Fragment:
    """Return a line a replica: its requests, its open connections and its CPU."""
    columns = (
        Column("replica"),
        Column("requests", "number"),
        Column("open connections", "number"),
        Column("CPU used (cores)", "number"),
    )
    return table(
        "What each replica got", columns, [_line(each) for each in load_by_replica(evidence)]
    )


def _line(each: ReplicaLoad) -> tuple[str, ...]:
    return (
        f"{each.number}",
        formats.NOT_REPORTED if each.requests is None else f"{each.requests:,}",
        formats.quantity(each.connections),
        formats.quantity(each.cpu_cores, digits=2),
    )


def balancing_table(found: BalancingComparison) -> Fragment:
    """Return a line a figure: by DNS, behind the proxy, and what the trials show."""
    columns = (
        Column("median over trials (least to most)"),
        Column("by DNS", "number"),
        Column("behind the proxy", "number"),
        Column("behind the proxy over by DNS (95% interval, all figures together)", "number"),
    )
    lines = [
        (each.name, each.written(each.by_dns), each.written(each.proxied), each.told)
        for each in found.differences
    ]
    return table("By Docker's DNS and behind a proxy", columns, lines)
