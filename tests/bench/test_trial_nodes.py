"""What runs on the nodes of a Swarm in one trial, and what is said where one goes away."""

from datetime import UTC, datetime, timedelta
from threading import Timer
from types import SimpleNamespace

import pytest
from requests.exceptions import ConnectionError as NoConnectionError

from loadtests.bench import trial_nodes
from loadtests.bench.trial_nodes import TrialNodes
from loadtests.errors import EngineError, HostError
from tests.analysis.records import HOST


def node(name, ahead_s=0.0, engine="tcp://node:2376"):
    """Return a node whose clock is so far ahead, and whose engine tells of no events."""

    def info():
        return {"SystemTime": (datetime.now(UTC) + timedelta(seconds=ahead_s)).isoformat()}

    client = SimpleNamespace(info=info, events=lambda **_: ())
    return SimpleNamespace(name=name, engine=engine, client=client, host=HOST, is_here=False)


class Sampler:
    """Remembers what it was to watch; threads of others are never run."""

    def __init__(self):
        self.watched = []

    def spawn(self, target, *args):
        pass

    def watch(self, container, role, ahead_s):
        self.watched.append((container.name, role, round(ahead_s)))


def nodes_of(*others, missing=(), on_loss=lambda: None):
    """Return the nodes of a trial, that of the manager and others, and who samples there."""
    own = node("node-1", engine="")
    swarm = SimpleNamespace(
        client=own.client, nodes=(own, *others), others=others, missing=lambda: list(missing)
    )
    sampler = Sampler()
    return TrialNodes(swarm, {"a": "1"}, sampler, on_loss, "0.5 CPU / 300 MiB"), sampler


def container(name):
    """Return one that has ended."""
    return SimpleNamespace(name=name, id=name, attrs={"State": {"Pid": 0}})


def test_what_runs_on_a_node_is_sampled_by_the_clock_of_the_load():
    nodes, sampler = nodes_of(node("node-2", ahead_s=5.0))
    nodes.begin()
    nodes.watch(container("worker-1"), "node-2", "generator")
    nodes.watch(container("worker-2"), "node-1", "generator")
    assert sampler.watched == [("worker-1", "generator", 5), ("worker-2", "generator", 0)]
    _, second = nodes.reports(0.0)
    assert second.clock_ahead_s == pytest.approx(5.0, abs=1.0)


def test_a_clock_that_is_wrong_is_refused_by_the_name_of_its_node():
    nodes, _ = nodes_of(node("node-2", ahead_s=600.0))
    with pytest.raises(HostError, match="node-2: the clock of the engine's machine is 600 s ahead"):
        nodes.begin()


def test_a_node_that_is_away_is_refused_before_anything_is_made_on_it():
    away = node("node-2")
    away.client.info = away.client.events = None  # nobody answers
    nodes, _ = nodes_of(away, missing=["node-2"])
    with pytest.raises(EngineError, match=r"node node-2 of the Swarm went away as 0\.5 CPU"):
        nodes.begin()


def test_an_engine_that_does_not_answer_is_a_node_that_went_away():
    nodes, _ = nodes_of(node("node-2"))
    nodes.watch(container("worker-1"), "node-2", "generator")
    nodes.watch(container("worker-2"), "node-1", "generator")
    with pytest.raises(EngineError, match="node node-2 of the Swarm"), nodes.asking("node-2"):
        raise NoConnectionError("no route")
    assert nodes.lost == {"node-2"}
    assert nodes.lost_containers == {"worker-1"}
    assert [left.name for left in nodes.left] == ["node-1"]


def test_without_the_trial_s_own_engine_no_node_is_to_blame():
    nodes, _ = nodes_of(node("node-2"))
    with pytest.raises(NoConnectionError), nodes.asking("node-1"):
        raise NoConnectionError("no route")
    assert nodes.lost == set()


def test_the_swarm_s_word_on_a_suspect_is_waited_for():
    losses = []
    nodes, _ = nodes_of(node("node-2"), on_loss=lambda: losses.append("lost"))
    Timer(0.2, nodes.lose, ["node-2"]).start()
    nodes.look({"node-2"})
    assert losses == ["lost"]


def test_it_is_not_waited_for_without_end_nor_for_our_own_node(monkeypatch):
    monkeypatch.setattr(trial_nodes, "MISSED_S", 0.0)
    nodes, _ = nodes_of(node("node-2"))
    nodes.look({"node-2"})
    monkeypatch.setattr(trial_nodes, "MISSED_S", 3600.0)
    nodes.look({"node-1"})
    nodes.look()
    assert nodes.lost == set()
