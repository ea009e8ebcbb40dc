"""Wait until every replica answers, from where the load will come."""

import http.client
import socket
import time

import gevent
from gevent.pool import Pool

from loadtests.generator.job import Job
from loadtests.generator.stop import Stop

POLL_S = 0.1
AT_ONCE = 50  # more replicas than one machine holds; each asked has a socket of its own


def await_replicas(job: Job, stop: Stop) -> list[str]:
    """Return the addresses of all replicas once each has answered its health path.

    Any status below 500 counts, so that an image without that path can be measured too. Told to
    stop, it returns those that answered until then.
    Raises TimeoutError naming what is missing after job.ready_timeout_s.
    """
    deadline = time.monotonic() + job.ready_timeout_s
    ready: set[str] = set()
    known: set[str] = set()
    while time.monotonic() < deadline and not stop.requested:
        known |= set(_addresses(job.host))
        ready |= _answering(known - ready, job)
        if len(ready) >= job.replicas:
            return sorted(ready)
        gevent.sleep(POLL_S)
    if stop.requested:
        return sorted(ready)
    raise TimeoutError(
        f"{len(ready)} of {job.replicas} replicas answered GET {job.health_path} on port "
        f"{job.port} within {job.ready_timeout_s:g} s"
    )


def _addresses(host: str) -> list[str]:
    try:
        return socket.gethostbyname_ex(host)[2]
    except OSError:
        return []


def _answering(addresses: set[str], job: Job) -> set[str]:
    """Ask all addresses side by side, so that one that is slow keeps no other waiting."""

    def asked(address: str) -> tuple[str, bool]:
        return address, _answers(address, job)

    return {address for address, answered in Pool(AT_ONCE).map(asked, addresses) if answered}


def _answers(address: str, job: Job) -> bool:
    connection = http.client.HTTPConnection(address, job.port, timeout=2)
    try:
        headers = {"Host": job.host_header} if job.host_header else {}
        connection.request("GET", job.health_path, headers=headers)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
