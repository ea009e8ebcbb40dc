"""How it is noticed that a node goes away, and what its engine told before."""

from threading import Event, Thread
from types import SimpleNamespace

import pytest
from requests.exceptions import ConnectionError as NoConnectionError

from loadtests.bench.node_watch import NodeWatch
from tests.running import wait_for

LABELS = {"a": "1", "b": "2"}


class Stream:
    """Events of an engine that goes on, or ends, after them."""

    def __init__(self, *events, ends):
        self._events, self._ends, self._closed = events, ends, Event()

    def __iter__(self):
        yield from self._events
        if not self._ends:
            self._closed.wait()

    def close(self):
        self._closed.set()


class Threads:
    """Runs what is to be watched, and keeps what was told."""

    def __init__(self):
        self.told, self.started = [], []

    def spawn(self, target, *args):
        thread = Thread(target=target, args=args, daemon=True)
        thread.start()
        self.started.append(thread)

    def note_event(self, raw, ahead_s):
        self.told.append((raw, ahead_s))


def node(name, stream):
    """Return a node whose engine tells a stream of events, or does not answer."""

    def events(*, decode, filters):
        assert filters == {"label": ["a=1", "b=2"], "type": "container"}
        if stream is None:
            raise NoConnectionError("no route")
        return stream

    client = SimpleNamespace(events=events, api=SimpleNamespace(base_url="https://node:2376"))
    return SimpleNamespace(name=name, client=client)


def watching(*nodes, missing=()):
    """Return what watches some nodes, its threads, and a count of the losses told."""
    threads, losses = Threads(), []
    swarm = SimpleNamespace(others=nodes, missing=lambda: list(missing))
    watch = NodeWatch(swarm, LABELS, threads, lambda: losses.append("lost"))
    watch.begin({"node-2": 5.0})
    return watch, threads, losses


def closed(watch, threads):
    """End the watching and wait for its threads."""
    watch.close()
    for thread in threads.started:
        thread.join(10)
    return watch.lost


def test_an_engine_that_ends_its_events_has_gone_away():
    watch, threads, losses = watching(
        node("node-2", Stream("oom", ends=True)), node("node-3", Stream("die", ends=False))
    )
    wait_for("the loss", lambda: losses)
    assert list(closed(watch, threads)) == ["node-2"]
    assert sorted(threads.told) == [("die", 0.0), ("oom", 5.0)], "by each node's clock"
    assert losses == ["lost"]


@pytest.mark.parametrize("stream", [None, Stream(ends=False)])
def test_a_node_that_does_not_answer_or_is_missed_is_lost_once(stream):
    watch, threads, losses = watching(node("node-2", stream), missing=["node-2"])
    wait_for("the loss", lambda: losses)
    assert list(closed(watch, threads)) == ["node-2"]
    assert losses == ["lost"]


def test_the_end_of_the_watching_is_no_loss():
    watch, threads, losses = watching(node("node-2", Stream(ends=False)))
    assert closed(watch, threads) == {}
    assert losses == []
