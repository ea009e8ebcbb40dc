"""The nodes of a Swarm that replicas ran on: what each is, and what its replicas did."""

from loadtests.analysis import formats
from loadtests.analysis.by_node import NodeLoad, load_by_node
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.worker_health import workers_on
from loadtests.record import NodeReport, Trial


def nodes_named(trial: Trial) -> str:
    """Say what each node is, for a list of conditions; "" where there was no Swarm."""
    return "; ".join(_what(node, workers_on(trial, node.name)) for node in trial.nodes)


def _what(node: NodeReport, workers: str) -> str:
    host = node.host
    where = "the load generator's machine" if node.is_here else "a machine of its own"
    where += f" with {workers} of the load" if workers else ""
    return (
        f"{node.name}: {host.cpus} CPUs ({host.cpu_model}), {host.memory_mib:,} MiB, Linux "
        f"{host.kernel}, Docker {host.engine_version}, cgroup v{host.cgroup_version}, {where}"
    )


def node_sentences(evidence: Evidence) -> list[str]:
    """Say what the replicas on each node that had some did in a trial; none: there was no Swarm.

    CPU is the mean over the steady state; all else is of the whole trial. Named with them is what
    shared their CPUs: workers of the load.
    """
    trial = evidence.trial
    return [
        _did(each, workers_on(trial, each.node.name))
        for each in load_by_node(evidence)
        if each.replicas
    ]


def _did(each: NodeLoad, workers: str) -> str:
    told = [
        _told(each.cpu_cores, "{:.2f} cores", "CPU"),
        _told(each.memory_peak_mib, "up to {:,.0f} MiB", "memory"),
        _told(each.requests, "{:,.0f} requests", "requests"),
        _told(each.throttled_ratio, "throttled in {:.0%} of periods", "throttling"),
        _told(each.oom_kills, "OOM kills: {}", "OOM kills"),
        _told(each.ended, "ended: {}", "how they ended"),
    ]
    lost = "" if each.node.lost_s is None else f"; it went away after {each.node.lost_s:.0f} s"
    replicas = formats.count(each.replicas, "replica")
    beside = f", on whose CPUs {workers} of the load ran too" if workers else ""
    return f"On {each.node.name} ran {replicas}{beside}: {', '.join(told)}{lost}."


def _told(value: float | None, text: str, what: str) -> str:
    return f"{what} {formats.NOT_REPORTED}" if value is None else text.format(value)
