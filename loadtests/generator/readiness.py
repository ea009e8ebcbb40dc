"""Wait until every replica answers, from where the load will come."""

import http.client
import socket
import sys
import time
from dataclasses import dataclass

import gevent
from gevent.pool import Pool

from loadtests.generator.job import Job
from loadtests.generator.stop import Stop

POLL_S = 0.1
AT_ONCE = 50  # more replicas than one machine holds; each asked has a socket of its own
NOT_READY = 500  # a status from which on a service says that it is not ready
FOUND_S = 5.0  # for a name to be known on all machines of a network; it takes well below a second
PROXY_READY_S = 30.0  # it starts in less than one, and the replicas are ready before it


@dataclass(frozen=True)
class Answer:
    """What came of asking a replica's health path once."""

    status: int | None  # None: no HTTP answer
    location: str = ""  # where a redirect leads, without a query, which may be a secret
    error: str = ""  # why there was no answer: refused, timeout, no_http, unreachable

    @property
    def is_ready(self) -> bool:
        """Whether it counts as ready: by any answer but an error of the server."""
        return self.status is not None and self.status < NOT_READY


class NotReadyError(Exception):
    """Not all replicas answered in time; what each that is known answered last."""

    def __init__(self, message: str, answers: dict[str, Answer]) -> None:
        """Tell how many answered, and keep what was answered, by address."""
        super().__init__(message)
        self.answers = answers


class ProxyNotReadyError(Exception):
    """The proxy did not find all replicas in time, although all of them are ready."""


def await_replicas(job: Job, stop: Stop) -> dict[str, Answer]:
    """Return what each replica's health path answered, by address, once all are ready.

    Any status below 500 counts, so that an image without that path can be measured too. Told to
    stop, it returns those that were ready until then.
    Raises NotReadyError naming what is missing after job.ready_timeout_s.
    """
    deadline = time.monotonic() + job.ready_timeout_s
    ready: dict[str, Answer] = {}
    last: dict[str, Answer] = {}
    known: set[str] = set()
    while (left_s := deadline - time.monotonic()) > 0 and not stop.requested:
        known |= set(_addresses(job.replica_host))
        # At a small CPU even a health path takes its time, and one that is cut off never ends.
        last |= _asked(known - set(ready), job, min(job.timeout_s, left_s))
        ready = {address: answer for address, answer in sorted(last.items()) if answer.is_ready}
        if len(ready) >= job.replicas:
            return ready
        gevent.sleep(POLL_S)
    if stop.requested:
        return ready
    raise NotReadyError(
        f"{len(ready)} of {job.replicas} replicas answered GET {job.health_path} on port "
        f"{job.port} within {job.ready_timeout_s:g} s",
        last,
    )


def await_found(job: Job, stop: Stop) -> None:
    """Wait until the name that users ask leads to all that is behind it, for FOUND_S at most.

    On a network of several machines each learns of a name by itself, and users look it up once. A
    replica that has ended is not found, which is for others to tell.
    """
    wanted = 1 if job.behind else job.replicas
    deadline = time.monotonic() + FOUND_S
    while (found := len(_addresses(job.host))) < wanted and not stop.requested:
        if time.monotonic() > deadline:
            print(f"{job.host} has {found} of {wanted} addresses here", file=sys.stderr)
            return
        gevent.sleep(POLL_S)


def await_proxy(job: Job, stop: Stop) -> None:
    """Wait until the proxy in front of the replicas has found all of them, or for a stop.

    Raises ProxyNotReadyError with what it answered last after PROXY_READY_S.
    """
    deadline = time.monotonic() + PROXY_READY_S
    said = "it was never asked"
    while (left_s := deadline - time.monotonic()) > 0 and not stop.requested:
        said = _proxy_said(job, left_s)
        if not said:
            return
        gevent.sleep(POLL_S)
    if not stop.requested:
        raise ProxyNotReadyError(
            f"the proxy had not found all {job.replicas} replicas, which are ready, within "
            f"{PROXY_READY_S:g} s: {said}"
        )


def _proxy_said(job: Job, patience_s: float) -> str:
    """Return why the proxy is not ready, "" where it is."""
    connection = http.client.HTTPConnection(job.host, job.proxy_port, timeout=patience_s)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        connection.close()
    return "" if status == http.client.OK else f"it answered {status}"


def _addresses(host: str) -> list[str]:
    try:
        return socket.gethostbyname_ex(host)[2]
    except OSError:
        return _ipv6_addresses(host)


def _ipv6_addresses(host: str) -> list[str]:
    """Return what a name has that is known by IPv6 alone; past what the load keeps of names."""
    resolver = gevent.get_hub().resolver
    try:
        found = resolver.getaddrinfo(host, None, socket.AF_INET6, socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(info[4][0]) for info in found]


def _asked(addresses: set[str], job: Job, patience_s: float) -> dict[str, Answer]:
    """Ask all addresses side by side, so that one that is slow keeps no other waiting."""
    pool = Pool(AT_ONCE)
    answers = pool.map(lambda address: _answer(address, job, patience_s), addresses)
    return dict(zip(addresses, answers, strict=True))


def _answer(address: str, job: Job, patience_s: float) -> Answer:
    connection = http.client.HTTPConnection(address, job.port, timeout=patience_s)
    try:
        headers = {"Host": job.host_header} if job.host_header else {}
        connection.request("GET", job.health_path, headers=headers)
        told = connection.getresponse()
        return Answer(told.status, told.headers.get("Location", "").partition("?")[0])
    except ConnectionRefusedError:
        return Answer(None, error="refused")
    except TimeoutError:
        return Answer(None, error="timeout")
    except (ConnectionError, http.client.HTTPException):
        return Answer(None, error="no_http")
    except OSError:
        return Answer(None, error="unreachable")
    finally:
        connection.close()
