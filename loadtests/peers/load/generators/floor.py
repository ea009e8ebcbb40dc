"""Greenlets that think, send, wait and receive, and do nothing else: what is left of a load then.

Nothing is parsed, checked, named or counted by Locust; it is no generator that anybody would use.
"""

import gc
import json
import os
import random
import time
from array import array
from pathlib import Path

import gevent
import gevent.monkey
from gevent import get_hub

gevent.monkey.patch_all()

Socket = gevent.monkey.get_original("socket", "socket")
READABLE, BLOCK = 1, 16_384
HOST, PORT = os.environ["TARGET"].removeprefix("http://").split(":")
BODY = os.environ["BODY"].encode()
REQUEST = (
    b"POST /predict/ HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (HOST.encode(), len(BODY), BODY)
)
THINK_S = float(os.environ["THINK_MIN"]), float(os.environ["THINK_MAX"])
RAMP_S, WARM_UP_S, HOLD_S, SLACK_S = (
    float(os.environ[f"{name}_S"]) for name in ("RAMP", "WARM_UP", "HOLD", "SLACK")
)
taken_us = array("d")


def visit() -> None:
    """Come some time in the ramp-up, ask, and think."""
    gevent.sleep(random.uniform(0, RAMP_S))  # noqa: S311
    sock = Socket()
    sock.connect((HOST, int(PORT)))
    sock.setblocking(False)
    readable = get_hub().loop.io(sock.fileno(), READABLE)
    while True:
        began = time.perf_counter()
        sock.send(REQUEST)
        get_hub().wait(readable)
        sock.recv(BLOCK)
        taken_us.append((time.perf_counter() - began) * 1e6)
        gevent.sleep(random.uniform(*THINK_S))  # noqa: S311


for _ in range(int(os.environ["USERS"])):
    gevent.spawn(visit)
gevent.sleep(RAMP_S)
gc.freeze()
gevent.sleep(WARM_UP_S + HOLD_S + SLACK_S)
ordered = sorted(taken_us)
summary = {f"p{at}_us": ordered[len(ordered) * at // 100] for at in (50, 99)} | {"failures": 0}
(Path(os.environ["RESULTS"]) / "summary.json").write_text(json.dumps(summary))
os._exit(0)  # ten thousand greenlets are not waited for
