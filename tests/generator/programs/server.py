"""An HTTP server that answers, drips, keeps silent or hangs up, and counts who connected.

It prints its port. `/` answers at once; `/count` tells how many connections have asked for `/`.
"""

import asyncio
import contextlib
import json
import sys

from tests.generator.programs.limits import raise_descriptor_limit

DRIP_S, DRIPS = 0.05, 2000  # far longer than any test waits
MOVED = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: "
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
asked: set[int] = set()


def answer(body: bytes, head: bytes = HEAD) -> bytes:
    """Return a whole answer."""
    return head + str(len(body)).encode() + b"\r\n\r\n" + body


async def drip(writer: asyncio.StreamWriter, start: bytes) -> None:
    """Send a start, then a byte now and then."""
    writer.write(start)
    for _ in range(DRIPS):
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(DRIP_S)


async def converse(  # noqa: PLR0912 (one for each way to answer)
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every request of one connection."""
    while request := await reader.readuntil(b"\r\n\r\n"):
        match request.split()[1].partition(b"?")[0]:
            case b"/":
                asked.add(id(writer))
                writer.write(answer(b"ok"))
            case path if path.startswith(b"/items/"):
                writer.write(answer(b"ok"))
            case b"/count":
                writer.write(answer(json.dumps(len(asked)).encode()))
            case b"/forget":
                asked.clear()
                writer.write(answer(b"forgotten"))
            case b"/error":
                writer.write(answer(b"no", HEAD.replace(b"200 OK", b"500 Oh")))
            case b"/drip-body":
                await drip(writer, HEAD + str(DRIPS).encode() + b"\r\n\r\n")
            case b"/drip-head":
                await drip(writer, b"HTTP/1.1 200 OK\r\nX-Long: ")
            case b"/never":
                await asyncio.sleep(DRIP_S * DRIPS)
            case b"/hang-up":
                return
            case b"/said-to-close":
                writer.write(answer(b"ok", HEAD.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)))
                return
            case b"/moved":
                writer.write(answer(b"", MOVED % request.split()[1].partition(b"?")[2]))
            case b"/one-point-oh":
                writer.write(answer(b"ok", HEAD.replace(b"HTTP/1.1", b"HTTP/1.0")))
                return
            case b"/until-it-closes":  # the answer has no length
                writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nok")
                return
            case b"/closed-while-idle":
                writer.write(answer(b"ok"))
                return
        await writer.drain()


async def serve() -> None:
    """Serve until killed."""
    connections = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)  # none is forgotten, so none shares its id
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await converse(reader, writer)
        writer.close()

    host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    server = await asyncio.start_server(accept, host, 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    raise_descriptor_limit()
    asyncio.run(serve())
