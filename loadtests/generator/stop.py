"""A request to end early, heard from the first moment on; standard library only."""

import signal
from types import FrameType


class Stop:
    """Whether someone has asked this process to finish (SIGTERM or SIGINT)."""

    def __init__(self) -> None:
        """Listen. A container's first process ignores signals it has no handler for."""
        self.requested = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
