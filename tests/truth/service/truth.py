"""A service that behaves exactly as it is told: TRUTH="burn_ms=2 fail_every=50".

It is asked for the double of a number (POST {"number": 7}, answer {"double":14}).

burn_ms          CPU time a request takes, in a busy loop
held_kib         memory held for each connection, from its first request on
sleep_ms         latency without CPU
fail_every       each so-manieth answer is a 500
stall_s/every_s  in the last stall_s of each every_s nothing is answered
degrade_ms_per_s latency that grows with every second since the first request
wrong            1: quick and wrong
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

KNOWN = (
    "burn_ms",
    "held_kib",
    "sleep_ms",
    "fail_every",
    "stall_s",
    "every_s",
    "degrade_ms_per_s",
    "wrong",
)


def behaviour(text: str) -> dict[str, float]:
    """Read "name=number name=number"; a name that is none ends the service."""
    told = {name: float(value) for name, value in (word.split("=") for word in text.split())}
    if unknown := told.keys() - set(KNOWN):
        raise ValueError(f"TRUTH names {', '.join(sorted(unknown))}; there are {', '.join(KNOWN)}")
    return dict.fromkeys(KNOWN, 0.0) | told


TOLD = behaviour(os.environ.get("TRUTH", ""))
HELD: dict[Any, bytes] = {}  # by the client's address and port
began = 0.0
asked = 0


def burn(milliseconds: float) -> None:
    """Use that much CPU time of this thread, however long it takes."""
    end = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end:
        pass


def waiting_s(now: float) -> float:
    """Return how long this request must wait for nothing."""
    since = now - began
    wait = TOLD["sleep_ms"] / 1000 + TOLD["degrade_ms_per_s"] / 1000 * since
    if TOLD["stall_s"]:
        left = TOLD["every_s"] - since % TOLD["every_s"]
        wait += left if left < TOLD["stall_s"] else 0.0
    return wait


async def answer(client: Any, body: bytes) -> tuple[int, bytes]:
    """Behave, then answer."""
    global began, asked  # noqa: PLW0603  (one process, one loop)
    asked += 1
    began = began or time.monotonic()
    if TOLD["held_kib"] and client not in HELD:
        HELD[client] = b"\x01" * int(TOLD["held_kib"] * 1024)  # written to, so that it is there
    if TOLD["burn_ms"]:
        burn(TOLD["burn_ms"])
    if wait := waiting_s(time.monotonic()):
        await asyncio.sleep(wait)
    if TOLD["fail_every"] and asked % TOLD["fail_every"] == 0:
        return 500, b'{"detail":"as told"}'
    return 200, b'{"double":%d}' % (2 * json.loads(body)["number"] + int(TOLD["wrong"]))


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer POST as told, and GET with 200 at once, so that health is never in question."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    asks = scope["method"] == "POST"
    status, said = await answer(scope["client"], body) if asks else (200, b"{}")
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": said})
