"""What an idle connection keeps."""

import asyncio
import gc
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from service.app import create_app
from service.protocol import IdleProtocol
from service.settings import Settings
from tests.service.test_served import BODY, REQUEST

CONNECTIONS = 20


def kept() -> int:
    """Count the requests that anything still refers to."""
    gc.collect()
    return sum(isinstance(thing, RequestResponseCycle) for thing in gc.get_objects())


async def counts(server: uvicorn.Server) -> tuple[int, int]:
    """Return how many requests are kept while bodies are awaited, and after the answers."""
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    open_ones = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    for _, writer in open_ones:
        writer.write(REQUEST.removesuffix(BODY))
    while len(server.server_state.tasks) < CONNECTIONS:
        await asyncio.sleep(0.01)
    under_way = kept()
    for reader, writer in open_ones:
        writer.write(BODY)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    while server.server_state.tasks:
        await asyncio.sleep(0.01)
    idle = kept()
    for _, writer in open_ones:
        writer.close()
    server.should_exit = True
    await serving
    return under_way, idle


def test_an_idle_connection_keeps_nothing_of_its_last_request(model_dir: Path) -> None:
    """Its scope, headers and state live as long as the request, not as the user's think time."""
    app = create_app(Settings("onnx", model_dir))
    config = uvicorn.Config(app, port=0, http=IdleProtocol, loop="none", log_level="warning")
    assert asyncio.run(counts(uvicorn.Server(config))) == (CONNECTIONS, 0)
