"""Refuse before any container starts what this machine cannot grant, naming value and fix."""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil
from docker import DockerClient

from loadtests.bench.containers import descriptors
from loadtests.bench.engine import is_local
from loadtests.errors import HostError
from loadtests.question import Setting, Workload
from loadtests.record import HostReport
from loadtests.units import MIB

FREE_DISK_MIB = 500
# Ports 1,024 to 65,535 in the generator's own network namespace, one a connection and replica.
PORTS_PER_REPLICA = 64_000
# What one Locust process on one core can drive; above it Locust's own workers share the load.
USERS_PER_GENERATOR = 20_000
# Beyond this a request would have 0.1 ms of that core; KeepAliveUser takes twice that.
RATE_PER_GENERATOR = 10_000
CONNECTIONS_OF_PROXY = 2  # a user: with him, and with a replica
# Users choose among several replicas at random, so some have more of them than others.
UNEVEN = 1.1
# What replicas must leave, or the host runs out of memory before they reach their limits: the
# generator (230 MiB were measured with 10,000 users), and the engine, the notebook and the system.
GENERATOR_MIB = 100
GENERATOR_KIB_PER_USER = 20
SYSTEM_MIB = 400


@dataclass(frozen=True)
class Grants:
    """What can be had here; None: the engine is on another machine and does not say."""

    host: HostReport
    descriptor_limit: int | None
    free_disk_mib: int
    machines: int = 1  # like the host, that replicas are spread over evenly
    workers: int = 1  # that the load is sent by

    @classmethod
    def look(
        cls,
        client: DockerClient,
        host: HostReport,
        store: Path,
        machines: int = 1,
        workers: int = 1,
    ) -> "Grants":
        """Ask the engine, its processes and the disk."""
        there = next(folder for folder in (store, *store.parents) if folder.exists())
        limit = _engine_descriptor_limit() if is_local(client) else None
        return cls(host, limit, shutil.disk_usage(there).free // MIB, machines, workers)


def _engine_descriptor_limit() -> int | None:
    """Return the least hard limit of open files among the engine's processes."""
    limits = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in ("dockerd", "containerd"):
            try:
                _soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
            except psutil.Error:
                continue
            limits.append(hard)
    return min((limit for limit in limits if limit > 0), default=None)


def check_load(workload: Workload, grants: Grants) -> None:
    """Raise HostError when the load as such cannot be generated from here."""
    workers = grants.workers
    by = "one generator process" if workers == 1 else f"each of {workers} workers"
    needed = workers_needed(workload)
    if workers < needed and workload.users > workers * USERS_PER_GENERATOR:
        raise HostError(
            f"users is {workload.users:,}; {by} drives at most {USERS_PER_GENERATOR:,}: ask for "
            f"fewer, or for {needed} workers (WORKERS={needed})"
        )
    if workers < needed:
        raise HostError(
            f"rate is {workload.rate_per_s:,.0f}; {by} sends at most {RATE_PER_GENERATOR:,} "
            f"arrivals/s: ask for fewer, or for {needed} workers (WORKERS={needed})"
        )
    if workers > max(1, workload.users):
        raise HostError(
            f"workers is {workers:,}; {workload.users:,} users are fewer: ask for fewer"
        )
    fewer = "for a lower rate, or a shorter timeout_s: for" if workload.is_open else "for"
    each = math.ceil(workload.users / workers)
    at_most = workers * ((grants.descriptor_limit or 0) - descriptors(0))
    _check_files(
        f"{each:,} users" + ("" if workers == 1 else f" of each of {workers} workers"),
        each,
        grants,
        f"ask {fewer} at most {at_most:,} users",
    )
    if grants.free_disk_mib < FREE_DISK_MIB:
        raise HostError(
            f"only {grants.free_disk_mib} MiB are free where trials are kept; free at least "
            f"{FREE_DISK_MIB} MiB, or `make clean`"
        )


def workers_needed(workload: Workload) -> int:
    """Return how many workers can drive a load, whatever else they need."""
    of_users = math.ceil(workload.users / USERS_PER_GENERATOR)
    return max(1, of_users, math.ceil((workload.rate_per_s or 0.0) / RATE_PER_GENERATOR))


def check_proxy(workload: Workload, grants: Grants) -> None:
    """Raise HostError when a proxy cannot have a connection with each user and one behind it."""
    needed = CONNECTIONS_OF_PROXY * workload.users
    if grants.descriptor_limit is not None and needed > grants.descriptor_limit:
        raise HostError(
            f"{workload.users:,} users behind a proxy need {needed:,} open files, the engine "
            f"grants {grants.descriptor_limit:,} (nofile); raise its limit (LimitNOFILE, "
            f"ulimit -Hn), ask for at most {grants.descriptor_limit // CONNECTIONS_OF_PROXY:,} "
            "users, or do without a proxy (balancing dns)"
        )


def check_setting(setting: Setting, workload: Workload, grants: Grants) -> None:
    """Raise HostError when the host cannot grant the setting."""
    host = grants.host
    if setting.cpus > host.cpus:
        raise HostError(
            f"{setting.cpus:g} CPU asked, the host has {host.cpus}; ask for at most {host.cpus}"
        )
    rest_mib = host.memory_mib - memory_left_mib(workload.users, grants.workers)
    on_each = math.ceil(setting.replicas / grants.machines) * setting.memory_mib
    if on_each > rest_mib:
        raise HostError(
            f"{on_each:,} MiB asked in all, the host has {host.memory_mib:,}, of "
            f"which load generator and system need {host.memory_mib - rest_mib:,}; ask for at most "
            f"{max(0, rest_mib):,} MiB in all, by less memory or fewer replicas"
        )
    each = workload.users / setting.replicas / grants.workers  # each has an address
    if each > PORTS_PER_REPLICA:
        raise HostError(
            f"{each:,.0f} users a replica need as many ports, there are {PORTS_PER_REPLICA:,}; "
            "ask for more replicas or fewer users"
        )
    uneven = 1 if setting.replicas == 1 else UNEVEN
    of_each = math.ceil(workload.users / setting.replicas * uneven)
    _check_files(
        f"{of_each:,} users of one replica", of_each, grants, "ask for more replicas or fewer users"
    )


def _check_files(who: str, users: int, grants: Grants, otherwise: str) -> None:
    """Raise HostError when one process cannot have a connection with each of so many users."""
    limit, needed = grants.descriptor_limit, descriptors(users)
    if limit is not None and needed > limit:
        raise HostError(
            f"{who} need {needed:,} open files, the engine grants {limit:,} (nofile); raise its "
            f"limit (LimitNOFILE, ulimit -Hn) or {otherwise}"
        )


def memory_left_mib(users: int, workers: int = 1) -> int:
    """Return how much memory replicas must leave to a generator of so many users and the system.

    Several workers have a master beside them.
    """
    processes = workers if workers == 1 else workers + 1
    return SYSTEM_MIB + processes * GENERATOR_MIB + users * GENERATOR_KIB_PER_USER // 1024
