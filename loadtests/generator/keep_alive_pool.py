"""The connections of one user: as a rule one, which is asked again as long as it lives."""

from gevent.event import Event
from geventhttpclient.client import IDEMPOTENT_METHODS
from geventhttpclient.response import HTTPConnectionClosed

from loadtests.generator.http_answer import Answer
from loadtests.generator.keep_alive_connection import Connection
from loadtests.generator.request_head import Head


class KeepAlivePool:
    """Idle connections, of which the one that was used last is asked first."""

    __slots__ = ("_busy", "_freed", "_idle", "_limits")

    def __init__(self, connection_timeout_s: float, silence_s: float, at_once: int) -> None:
        """Begin with none; `at_once` is how many calls there may be under way.

        The times are those of a `Connection`.
        """
        self._limits = connection_timeout_s, silence_s, at_once
        self._idle: list[Connection] = []
        self._busy = 0
        self._freed: Event | None = None  # for users who do several things at once

    def after_service_closed(self) -> None:
        """Be told of a connection that the service closed between two calls, if anybody counts."""

    def ask(self, head: Head, body: bytes, method: str) -> Answer:
        """Send a call and return its answer.

        One that the service closed without a word is sent again where that changes nothing (RFC
        9110, 9.2.2), as often as by FastHttpUser. Raises what `Connection` raises.
        """
        while self._busy >= self._limits[2]:
            self._await_turn()
        self._busy += 1
        try:
            return self._ask(head, body, method)
        finally:
            self._busy -= 1
            if self._freed is not None:
                self._freed.set()

    def _await_turn(self) -> None:
        if self._freed is None:
            self._freed = Event()
        self._freed.clear()
        self._freed.wait()

    def _ask(self, head: Head, body: bytes, method: str) -> Answer:
        again = self._limits[2] + 1 if method in IDEMPOTENT_METHODS else 0
        while True:
            connection = self._take(head.address)
            try:
                answer = connection.ask(head.text + body, method == "HEAD")
            except HTTPConnectionClosed:
                connection.close()
                if not again:
                    raise
                again -= 1
            except BaseException:
                connection.close()
                raise
            else:
                self._give(connection, answer)
                return answer

    def _take(self, address: tuple[str, int]) -> Connection:
        idle = self._idle
        for index in range(len(idle) - 1, -1, -1):
            if idle[index].address == address:
                connection = idle.pop(index)
                if connection.is_alive():
                    return connection
                connection.close()
                self.after_service_closed()
        return Connection(address, *self._limits[:2])

    def _give(self, connection: Connection, answer: Answer) -> None:
        if answer.keeps and answer.error is None:
            self._idle.append(connection)
            return
        connection.close()
        if answer.error is None:
            self.after_service_closed()
