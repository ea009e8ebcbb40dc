"""Trials whose replicas are a service of a Swarm of three nodes, two replicas on each."""

from dataclasses import replace
from typing import Any

from loadtests.analysis.evidence import Evidence
from loadtests.question import Setting
from loadtests.record import NodeReport
from tests.analysis.records import HOST, evidence

NODES = ("node-1", "node-2", "node-3")
SIX = Setting(0.5, 300, 6)


def on_nodes(lost_s: float | None = None, is_here: bool = True, **given: Any) -> Evidence:
    """Return a trial on three nodes, of which the second went away after so many seconds.

    is_here: all of them are one machine, that of the load generator; else the first is.
    """
    told = evidence(setting=SIX, **given)
    nodes = tuple(
        NodeReport(
            name,
            "" if name == NODES[0] else f"tcp://{name}:2376",
            HOST,
            is_here or name == NODES[0],
            lost_s if name == NODES[1] else None,
        )
        for name in NODES
    )
    replicas = tuple(
        replace(
            replica,
            node=(node := NODES[number // 2]),
            address=f"10.0.1.{number}",
            running_at_end=replica.running_at_end and not (lost_s and node == NODES[1]),
        )
        for number, replica in enumerate(told.trial.replicas)
    )
    return replace(told, trial=replace(told.trial, nodes=nodes, replicas=replicas))
