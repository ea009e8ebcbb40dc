"""Did every node of the Swarm stay to the end?

A machine that goes away takes its replicas with it, whatever their setting: what fails then is no
word about the service, and what still answers has fewer replicas than were asked for.
"""

from loadtests.analysis import formats
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.analysis.worker_health import workers_on


def nodes(evidence: Evidence) -> Check | None:
    """Check that no node went away, with replicas or with the load; that voids both verdicts.

    None where they ran on one engine.
    """
    trial, lost = evidence.trial, evidence.trial.lost_nodes
    if not trial.nodes:
        return None
    reading = Reading(f"{len(lost)}")
    if not lost:
        there = formats.count(len(trial.nodes), "node")
        return Check("nodes", True, f"0 of {there} of the Swarm went away", reading)
    first = min(lost, key=lambda node: node.lost_s or 0.0)
    lost_s = max(0.0, first.lost_s or 0.0)
    with_it = sum(replica.node == first.name for replica in trial.replicas)
    workers = workers_on(trial, first.name)
    return Check(
        "nodes",
        False,
        f"the node {first.name} went away {lost_s:.0f} s after the first user, and with it "
        f"{with_it} of {formats.count(trial.setting.replicas, 'replica')}"
        + (f" and {workers} of the load" if workers else ""),
        reading,
        Voids.BOTH,
        "The machine is no part of the service, of which nothing is concluded: see to it "
        "(`docker node ls`), or leave it out of NODES, then repeat",
    )
