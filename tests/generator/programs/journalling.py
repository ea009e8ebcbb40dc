"""Write down some requests at one moment, 100 s after the first user: `journalling.py file`."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import gevent

from loadtests.generator import journal as journal_module
from loadtests.generator.journal import Journal

path = Path(sys.argv[1])
began = 1000.0
journal_module.time = SimpleNamespace(monotonic=lambda: began + 100.0)
journal = Journal(path, began, 5.0)
answered = SimpleNamespace(status_code=200)
refused = ConnectionRefusedError(111, "refused")
full = OSError(24, "Too many open files")

gevent.getcurrent().aguanta_peer = "10.0.0.2"
journal.on_request(name="/predict/", response_time=12.345, response=answered, exception=None)
journal.on_request(name='/a,"b"', response_time=1.0, response=None, exception=refused, extra=1)
first = journal.take_second()
journal.on_request(name="/predict/", response_time=None, response=None, exception=full)
journal.on_request(name="/predict/", response_time=2.0, response=None, exception=full)
second, third = journal.take_second(), journal.take_second()
waiting = gevent.Greenlet()
waiting.aguanta_peer = "10.0.0.3"
journal.close({waiting: began + 97.0})
print(
    json.dumps(
        {
            "seconds": [first, second, third],
            "requests": journal.requests,
            "failures": journal.failures,
            "own_errors": journal.own_errors,
        }
    )
)
