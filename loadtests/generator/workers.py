"""The workers of a load as their master sees them: what they told, and who fell silent."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gevent

from loadtests.generator import messages
from loadtests.generator.clock_offset import UNKNOWN, ClockOffset, offset_of
from loadtests.generator.host_cpu import HostCpu
from loadtests.generator.second import Second, together
from loadtests.generator.stop import Stop
from loadtests.generator.watch import POLL_S

if TYPE_CHECKING:
    from locust.rpc import Message
    from locust.runners import MasterRunner

SILENT = "its heartbeats were missing"
CLOCK_QUESTIONS = 10  # that the quickest answer is taken of
CLOCK_S = 5.0  # for a first answer of each, without which its clock is not known


class Workers:
    """All workers of a load, which is watched as one; see `Load`."""

    def __init__(
        self, runner: "MasterRunner", wanted: int, *, is_open: bool, host: HostCpu | None = None
    ) -> None:
        """Listen to so many workers; `host` tells of this machine, which need not be theirs."""
        self._runner, self._wanted, self._is_open = runner, wanted, is_open
        self._host = host or HostCpu()
        self._ids: dict[int, str] = {}  # Locust's, by worker
        # What was told under each name, by worker, in its order.
        self._told: dict[str, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._seconds: dict[int, list[Second]] = defaultdict(list)  # that are in no line yet
        self._requests, self._failed = 0, Counter[int]()
        self._in_flight: dict[int, int] = {}
        self._last_s = 0.0
        self.silences: dict[int, str] = {}  # that ended the load, by worker
        self._clocks: dict[int, list[ClockOffset]] = defaultdict(list)
        for name in (messages.AWAITING, messages.LEVEL, messages.OVER):
            runner.register_message(name, self._on_told)
        runner.register_message(messages.READY, self._on_ready)
        runner.register_message(messages.SECOND, self._on_second)
        runner.register_message(messages.REPORT, self._on_report)
        runner.register_message(messages.CLOCK_TOLD, self._on_clock)

    @property
    def numbers(self) -> Sequence[int]:
        """Their numbers, from 0 on."""
        return range(self._wanted)

    def await_joined(self, limit_s: float, stop: Stop) -> list[int]:
        """Wait until all listen, or for so long; return the numbers (from 1) of the others."""
        until_s = time.monotonic() + limit_s
        while time.monotonic() < until_s and not stop.requested and len(self._ids) < self._wanted:
            gevent.sleep(POLL_S)
        return [worker + 1 for worker in self.numbers if worker not in self._ids]

    def stop_when_silent(self, stop: Stop) -> None:
        """End the load as soon as Locust misses the heartbeats of a worker: it is another load.

        Whoever is gone once it is over has reported before.
        """
        clients = self._runner.clients
        while True:
            gevent.sleep(POLL_S)
            for worker, id_ in self._ids.items():
                is_gone = id_ not in clients or clients[id_] in clients.missing
                has_ended = stop.requested and self._told[messages.REPORT][worker]
                if is_gone and not has_ended:
                    self.silences[worker] = SILENT
                    stop.requested = True

    @property
    def users(self) -> int:
        """How many there are now, as workers told last."""
        return int(self._runner.user_count)

    @property
    def sent(self) -> int:
        """How many requests have ended or are under way."""
        return self._requests + sum(self._in_flight.values())

    @property
    def failed(self) -> Mapping[int, int]:
        """How many requests failed, by the second in which they ended."""
        return self._failed

    @property
    def is_open(self) -> bool:
        """Whether requests arrive at a rate."""
        return self._is_open

    def take_second(self) -> Second | None:
        """Return the next second that all workers have told of, once; None before they have."""
        if len(self._seconds) < self._wanted or not all(self._seconds.values()):
            return None
        # A worker that paused told of two at once, which others did one by one.
        until_s = min(int(seconds[-1].time_s) + 1 for seconds in self._seconds.values())
        parts = [[s for s in seconds if s.time_s < until_s] for seconds in self._seconds.values()]
        if not all(parts):
            return None
        for worker, seconds in self._seconds.items():
            self._seconds[worker] = [s for s in seconds if s.time_s >= until_s]
        second = together(parts, self._last_s)
        self._last_s = second.time_s
        host = self._host.take()
        return replace(second, busy_ratio=host["busy_ratio"], steal_ratio=host["steal_ratio"])

    def tell(self, name: str, **told: float) -> None:
        """Tell all of them."""
        self._runner.send_message(name, told)

    def read_clocks(self) -> None:
        """Ask all of them for their wall clocks, and wait a little for what they say."""
        for _ in range(CLOCK_QUESTIONS):
            self.tell(messages.CLOCK, sent_s=time.time())
            gevent.sleep(POLL_S)
        until_s = time.monotonic() + CLOCK_S
        while time.monotonic() < until_s and len(self._clocks) < self._wanted:
            gevent.sleep(POLL_S)

    def clock_offset(self, worker: int) -> ClockOffset:
        """Return by how much a worker's wall clock is ahead, by the quickest answer."""
        return min(self._clocks.get(worker, ()), key=lambda one: one.within_ms, default=UNKNOWN)

    def begin(self, wall_s: float) -> None:
        """Tell each worker by its own wall clock when the load began, which was wall_s by ours."""
        self._host.take()
        for worker, id_ in self._ids.items():
            ahead_s = self.clock_offset(worker).ahead_ms / 1000
            told = {"wall_s": wall_s + ahead_s}
            self._runner.send_message(messages.BEGIN, told, client_id=id_)

    def await_all(
        self, name: str, times: int, limit_s: float, stop: Callable[[], bool] = lambda: False
    ) -> dict[int, Any]:
        """Wait until all have told something so often, or for so long; return the last they told.

        Those who have not are left out, and nobody waits for those who are silent.
        """
        until_s = time.monotonic() + limit_s
        told = self._told[name]
        while time.monotonic() < until_s and not stop():
            heard = (worker for worker in self.numbers if worker not in self.silences)
            if all(len(told[worker]) >= times for worker in heard):
                break
            gevent.sleep(POLL_S)
        return {
            worker: told[worker][times - 1] for worker in self.numbers if told[worker][times - 1 :]
        }

    def _on_ready(self, msg: "Message", **_: Any) -> None:
        self._ids[msg.data["worker"]] = msg.node_id

    def _on_told(self, msg: "Message", **_: Any) -> None:
        self._told[msg.type][msg.data["worker"]].append(msg.data["told"])

    def _on_report(self, msg: "Message", **_: Any) -> None:
        self._on_told(msg)
        self._runner.send_message(messages.HEARD, client_id=msg.node_id)

    def _on_second(self, msg: "Message", **_: Any) -> None:
        worker, second = msg.data["worker"], Second(**msg.data["told"])
        self._seconds[worker].append(second)
        self._requests += len(second.latencies_ms)
        self._failed.update(second.failed)
        self._in_flight[worker] = second.in_flight

    def _on_clock(self, msg: "Message", **_: Any) -> None:
        told = msg.data["told"]
        self._clocks[msg.data["worker"]].append(offset_of(**told, heard_s=time.time()))
