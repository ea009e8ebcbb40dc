"""An HTTP server that stands still once: `stalling.py after_s for_s`. It prints its port.

So many seconds after its first request for `/` it answers nobody for a while, and then all who
waited. Its health path does not count.
"""

import asyncio
import contextlib
import sys
import time

from tests.generator.programs.server import answer

AFTER_S, FOR_S = float(sys.argv[1]), float(sys.argv[2])


class Stalling:
    """The server, and when it is to stand still."""

    def __init__(self) -> None:
        """Not before the first request."""
        self._at_s: float | None = None
        self._stalled = False

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer every request of one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                if request.split()[1] == b"/":
                    self._stand_still_once()
                writer.write(answer(b"ok"))
                await writer.drain()
        writer.close()

    def _stand_still_once(self) -> None:
        now_s = time.monotonic()
        self._at_s = self._at_s or now_s + AFTER_S
        if now_s >= self._at_s and not self._stalled:
            self._stalled = True
            time.sleep(FOR_S)  # nobody is answered meanwhile


async def serve() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(Stalling().converse, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
