"""HAProxy in words: the configuration it is given, and the counters it keeps. Pure.

Keywords are those of HAProxy's configuration manual 2.6, columns those of its management guide
(9.1, "CSV format").
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.errors import QuestionError
from loadtests.question import Balancing, Target

FRONTEND, BACKEND = "users", "replicas"
# Beside the service's own port, which users ask on: HAProxy's usual one for its own affairs, and
# two more for when the service listens on one of them.
_OWN_PORTS = (8404, 8405, 8406)
CONNECTIONS_PER_USER = 2  # a user who connects anew may still have the old connection
_SPARE_DESCRIPTORS = 200  # listeners, health checks, threads
# Of the descriptors that the engine grants. Idle connections to replicas give way from the second
# on; the defaults (20 and 25) are of users with short visits, and would end keep-alive here.
_KEEPS_IDLE, _CLOSES_IDLE = 0.8, 0.9
_ALGORITHMS = {Balancing.LEAST_CONNECTIONS: "leastconn", Balancing.ROUND_ROBIN: "roundrobin"}


@dataclass(frozen=True)
class Ports:
    """Where a proxy listens for others than users."""

    ready: int  # 200 where all replicas are up
    counters: int  # its own, on loopback

    @classmethod
    def beside(cls, port: int) -> "Ports":
        """Return two that are not the service's."""
        ready, counters, *_ = (own for own in _OWN_PORTS if own != port)
        return cls(ready, counters)


@dataclass(frozen=True)
class Load:
    """What a proxy is to bear."""

    users: int
    descriptors: int  # files that it may open
    timeout_s: float  # after which a user gives up
    longest_s: float  # that it may take in all


def descriptors_wanted(users: int) -> int:
    """Return how many files a proxy opens at most: two a connection, as one leads to a replica."""
    return 2 * CONNECTIONS_PER_USER * users + _SPARE_DESCRIPTORS


def configuration(
    balancing: Balancing, target: Target, addresses: Sequence[str], load: Load
) -> str:
    """Return haproxy.cfg for replicas at these addresses, all on the target's port.

    A request is sent once and its failure told: nothing is tried again that DNS would not try. Its
    patience is longer than the users' and the trial's, and who gives up on it has given up on the
    replica too. Nothing is logged. Raises QuestionError for a health path or a host that no
    configuration can hold.
    """
    ports = Ports.beside(target.port)
    most = CONNECTIONS_PER_USER * load.users
    host = _quoted("host_header", target.host_header or f"{addresses[0]}:{target.port}")
    keeps, closes = _idle_shares(load, most)
    patience_s = round(load.longest_s + load.timeout_s) + 60
    at_once = _at_once(load, len(addresses))
    servers = [
        f"    server {server_name(number)} {address}:{target.port}{at_once}"
        for number, address in enumerate(addresses, 1)
    ]
    lines = [
        "global",
        f"    maxconn {most}",
        # It would not start where the engine grants fewer files than the worst case takes.
        "    no strict-limits",
        f"    tune.pool-low-fd-ratio {keeps}",
        f"    tune.pool-high-fd-ratio {closes}",
        f"    stats socket 127.0.0.1:{ports.counters} level user",
        "defaults",
        "    mode http",
        f"    maxconn {most}",
        "    option http-keep-alive",
        "    option abortonclose",
        "    retries 0",
        *(
            f"    timeout {of} {patience_s}s"
            for of in ("connect", "client", "server", "queue", "http-request", "http-keep-alive")
        ),
        f"frontend {FRONTEND}",
        f"    bind :{target.port}",
        f"    default_backend {BACKEND}",
        "frontend ready",
        f"    bind :{ports.ready}",
        "    monitor-uri /",
        f"    monitor fail if {{ nbsrv({BACKEND}) lt {len(addresses)} }}",
        f"backend {BACKEND}",
        f"    balance {_ALGORITHMS[balancing]}",
        "    http-reuse safe",
        "    option httpchk",
        f"    http-check send meth GET uri {_quoted('health_path', target.health_path)} "
        f"ver HTTP/1.1 hdr Host {host}",
        # What counts as ready for the load generator too.
        "    http-check expect status 100-499",
        f"    timeout check {round(1000 * load.timeout_s)}ms",
        "    default-server check inter 2s downinter 200ms rise 1 fall 3",
        *servers,
    ]
    return "\n".join(lines) + "\n"


def server_name(number: int) -> str:
    """Name a replica, counted from 1."""
    return f"replica-{number}"


def _idle_shares(load: Load, most: int) -> tuple[int, int]:
    """Return up to where idle connections are kept, and from where closed: percent of its count.

    It reckons with twice `most` files, whatever it is granted.
    """
    reckoned = 2 * most + _SPARE_DESCRIPTORS
    granted = min(load.descriptors, reckoned) / reckoned
    return round(100 * _KEEPS_IDLE * granted), round(100 * _CLOSES_IDLE * granted)


def _at_once(load: Load, replicas: int) -> str:
    """Return how many requests each replica is sent at once, where files do not suffice for all.

    The others wait in the proxy, which counts them, and fail for no want of files.
    """
    room = load.descriptors - load.users - _SPARE_DESCRIPTORS
    return "" if room >= load.users else f" maxconn {max(1, room // replicas)}"


def _quoted(name: str, text: str) -> str:
    """Return a word as the configuration takes any, within single quotes."""
    if not text.isprintable() or "'" in text or " " in text:
        raise QuestionError(
            f"{name} is {text!r}; a proxy can be given none with spaces or single quotes: write "
            "them as %20 and %27"
        )
    return f"'{text}'"


@dataclass(frozen=True)
class ServerCounters:
    """What it counted of one server."""

    name: str
    requests: int
    connections: int
    reused: int
    most_at_once: int
    connection_errors: int
    response_errors: int
    downs: int


@dataclass(frozen=True)
class Counters:
    """What it counted since its start."""

    version: str
    threads: int
    requests: int
    connections_peak: int
    connections_limit: int
    queued_peak: int
    servers: tuple[ServerCounters, ...]


def read_counters(text: str) -> Counters:
    """Read what it answers to `show info;show stat`; raises ValueError where that is not all."""
    info_text, mark, stat_text = text.partition("# pxname,")
    if not mark:
        raise ValueError("the proxy told no counters")
    info = dict(line.split(": ", 1) for line in info_text.splitlines() if ": " in line)
    rows = list(csv.DictReader(io.StringIO(f"pxname,{stat_text.strip()}")))
    by_name = {(row["pxname"], row["svname"]): row for row in rows}
    try:
        users, pool = by_name[FRONTEND, "FRONTEND"], by_name[BACKEND, "BACKEND"]
        servers = [row for (of, name), row in by_name.items() if of == BACKEND and row is not pool]
        return Counters(
            version=info["Version"],
            threads=int(info["Nbthread"]),
            requests=int(users["req_tot"]),
            connections_peak=int(users["smax"]),
            connections_limit=int(users["slim"]),
            queued_peak=max(int(row["qmax"]) for row in (pool, *servers)),
            servers=tuple(
                ServerCounters(
                    name=row["svname"],
                    requests=int(row["stot"]),
                    connections=int(row["connect"]),
                    reused=int(row["reuse"]),
                    most_at_once=int(row["smax"]),
                    connection_errors=int(row["econ"]),
                    response_errors=int(row["eresp"]),
                    downs=int(row["chkdown"]),
                )
                for row in servers
            ),
        )
    except KeyError as error:
        raise ValueError(f"the proxy told nothing of {error}") from error
