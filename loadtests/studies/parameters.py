"""What a person may set, in every notebook and on the command line: names, types, defaults.

papermill only warns of a name it does not know and checks no type; here both are refused.
"""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from loadtests.analysis.cost import (
    FARGATE_DATE,
    FARGATE_GIB_HOUR,
    FARGATE_SOURCE,
    FARGATE_VCPU_HOUR,
    Prices,
)
from loadtests.analysis.deployment import Headroom
from loadtests.analysis.machine_table import read_machines
from loadtests.analysis.machines import Reserve
from loadtests.analysis.planning import TARGETS, PlanRequest
from loadtests.bench.compose import resolved
from loadtests.bench.compose_file import stack_of
from loadtests.bench.given_files import GivenFiles
from loadtests.bench.needs import Needs
from loadtests.bench.stack import Stack
from loadtests.bench.users_script import UsersScript
from loadtests.errors import QuestionError
from loadtests.question import (
    CLOSED,
    SLO,
    Balancing,
    EndpointMode,
    Question,
    Setting,
    Target,
    Workload,
    balancing_of,
)
from loadtests.search.budget import Budget
from loadtests.search.reliability import Goal
from loadtests.search.replica_axis import ReplicaBudget
from loadtests.search.space import Space
from loadtests.studies.asked_load import MINIMUM, RATE, USERS, find_of, load_of
from loadtests.studies.asked_swarm import ENGINE, swarm_of
from loadtests.studies.declaration import (
    Pair,
    Some,
    declare,
    require_declared_types,
    require_known_names,
)
from loadtests.studies.objectives import slo_of

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "data" / "runs"
EXAMPLE = ROOT / "data" / "example"
MACHINES = ROOT / "data" / "machines.csv"
DEFAULT_RUN = "report"
FINAL_TIMES = 4  # 30 s are three think cycles; one trial swung from 10 to 474 ms within its 30
API_IMAGE = "aguanta-api:latest"

# What parameters were called before; scripts that still say so are told.
RENAMED = {"hold_s": "steady_s", "failure_ratio": "error_rate", "give_up": "early_stop"}
# Names every notebook kernel has that are nobody's parameter.
_KERNEL_NAMES = {"In", "Out", "exit", "quit", "open", "get_ipython"}


@dataclass(frozen=True)
class Parameters:
    """Every parameter there is; each notebook declares those it uses.

    The one list of them: the Makefile, the notebooks' comments and the README are held to it.
    """

    run: str = declare("", "run", 'name of the run under data/runs; "" is the default run')

    image: str = declare(API_IMAGE, "service", "the service's image; pulled when absent")
    compose: str = declare(
        "", "service", 'its compose file; what it depends on is started too; "" is none'
    )
    service: str = declare("", "service", "its name in the compose file")
    port: int = declare(8000, "service", "TCP port the service listens on, inside its container")
    health_path: str = declare("/health", "service", "path that answers once the service is up")
    environment: Mapping[str, str] | None = declare(
        None,
        "service",
        "variables for its container, as {'LOG_LEVEL': 'info'}; none that is secret",
    )
    env_file: str = declare(
        "", "service", "file with more of them, as docker run takes one; for secrets"
    )
    files: Mapping[str, str] | None = declare(
        None,
        "service",
        "files and folders for it, as {'/etc/shop.yaml': 'shop.yaml'}; not for writing",
    )
    command: str = declare("", "service", 'what its container runs; "" is the image\'s own')
    container_user: str = declare("", "service", 'user of its container; "" is the image\'s own')
    host_header: str = declare("", "service", 'host that requests name; "" is its container')
    balancing: str = declare(
        Balancing.DNS.value,
        "service",
        'over its replicas: "dns", or a proxy, "haproxy" or "haproxy-roundrobin"',
    )
    orchestrator: str = declare(
        ENGINE, "service", 'who runs its replicas: one "engine", or its "swarm" as a service'
    )
    endpoint_mode: str = declare(
        EndpointMode.DNSRR.value, "service", 'how users find a Swarm\'s service: "dnsrr" or "vip"'
    )
    nodes: Mapping[str, str] | None = declare(
        None,
        "service",
        "engines of the Swarm's other nodes, as {'node-2': 'tcp://10.0.0.2:2376'}",
    )
    ready_s: float | None = declare(
        None, "service", "time it may take to start; None: 60 s at one CPU, more at less", "s"
    )
    locustfile: str = declare("", "service", 'what users do; "" is loadtests/locustfile.py')
    script_options: str = declare("", "service", "options for that script, as on a command line")

    users: int = declare(10_000, "workload", "concurrent users")
    spawn_rate: float = declare(500, "workload", "spawn rate of the ramp-up", "users/s")
    think_min: float = declare(
        5, "workload", "shortest pause between an answer and the next request", "s"
    )
    think_max: float = declare(15, "workload", "longest pause", "s")
    steady_s: float = declare(
        30, "workload", "duration of the steady state, after ramp-up and warm-up", "s"
    )

    timeout_s: float = declare(
        10, "workload", "a request without an answer by then has failed", "s"
    )
    arrivals: str = declare(
        CLOSED,
        "workload",
        '"closed" users, who wait; else arrivals are "poisson" or "constant"',
    )
    rate: float | None = declare(
        None, "workload", "how many come; None: users, a closed load", "arrivals/s"
    )

    workers: int = declare(
        1, "workload", "processes that send the load; several are Locust's workers"
    )

    p95_ms: float = declare(500, "SLO", "limit of the 95th percentile of latency", "ms")
    error_rate: float = declare(0.001, "SLO", "share of requests that may fail")
    objectives: Mapping[str, Mapping[str, float]] | None = declare(
        None, "SLO", "limits by endpoint, as {'/predict': {'p95_ms': 300}}; '*' is all requests"
    )

    find: str = declare(
        MINIMUM, "search", 'the "minimum" setting, or how many "users" or which "rate" one holds'
    )
    cpu_steps: Some[float] | None = declare(
        None, "search", "cores to choose from, as [0.1, 0.2, 0.5]; None: steps of 20 to 50%"
    )
    memory_steps: Some[int] | None = declare(
        None, "search", "MiB to choose from, as [100, 200, 400]; None: steps of 20 to 50%"
    )
    settings: Some[Pair] | None = declare(
        None, "search", "[[CPUs, MiB], ...] to measure just these, all of them; None: search"
    )
    reliability: float = declare(
        0.9, "search", "share of trials, at reference speed, in which the answer is to hold"
    )
    final_steady_s: float | None = declare(
        None, "search", "steady state of the answer's last trial, s; None: four times steady_s"
    )
    trials_at_most: int = declare(
        12, "search", "budget of the search: trials, the long last one aside"
    )
    minutes_at_most: float = declare(30, "search", "budget of the search: minutes under load")
    replicas_at_most: int = declare(
        5, "search", "most replicas that it asks about, after one; 1: none but one"
    )
    replica_minutes_at_most: float = declare(
        6, "search", "minutes under load that several replicas may take beyond that"
    )
    early_stop: bool = declare(True, "search", "end a trial once no rest of it could make it hold")
    reference_us: float | None = declare(
        None, "search", "speed gauge at the reference speed; None: the host's first search", "us"
    )

    cpus: float = declare(1.0, "setting", "cores of each replica")
    memory_mib: int = declare(500, "setting", "MiB of each replica, swap off")
    replicas: int = declare(1, "setting", "number of containers")

    sizes: Sequence[Pair] | None = declare(None, "replicas", "[[CPUs, MiB], ...] of each replica")
    replica_counts: Sequence[int] | None = declare(None, "replicas", "containers of each size")
    replicates: int = declare(3, "replicas", "trials of each size and count, in random order")
    splits: Sequence[int] | None = declare(
        None, "replicas", "containers that one total is split into, the smallest of the first size"
    )
    users_beyond: float = declare(
        1.5, "replicas", "up to how many times the users the least setting is asked; 0: not at all"
    )
    capacity_size: Pair | None = declare(
        None, "replicas", "[CPUs, MiB] of each replica whose capacity is measured; None: none"
    )
    capacity_counts: Sequence[int] | None = declare(None, "replicas", "how many of that size")
    capacity_repeats: int = declare(2, "replicas", "live staircases of each count")

    cpu_headroom: float = declare(
        0.3, "deployment", "share of the CPU that the size to deploy leaves free"
    )
    memory_headroom: float = declare(
        0.25, "deployment", "share of memory that it has above the peak"
    )
    replicas_lost: int = declare(
        1, "deployment", "replicas that may be lost where there are several"
    )

    vcpu_hour: float = declare(FARGATE_VCPU_HOUR, "prices", "price of a CPU for an hour")
    gib_hour: float = declare(FARGATE_GIB_HOUR, "prices", "price of a GiB of memory for an hour")
    currency: str = declare("USD", "prices", "currency of the prices")
    price_source: str = declare(FARGATE_SOURCE, "prices", "source")
    price_date: str = declare(FARGATE_DATE, "prices", "date of the prices")

    plan_users: Some[int] | None = declare(
        None, "plan", "users to plan for; None: 10^5, 10^6, 10^7"
    )
    machines: str = declare("", "plan", 'CSV table of machines and prices; "" is data/machines.csv')
    architecture: str = declare(
        "amd64", "plan", 'of the CPUs that the image runs on: "amd64" or "arm64"'
    )
    machines_lost: int = declare(1, "plan", "machines that may be lost at once")
    cpu_ratio: float = declare(
        1.0, "plan", "work of a vCPU of the table, in CPUs of the measured host"
    )
    cpu_reserve: float | None = declare(
        None, "plan", "share of a machine's CPU kept from replicas; None: as GKE keeps"
    )
    memory_reserve: float | None = declare(
        None, "plan", "share of a machine's memory kept from replicas; None: as GKE keeps"
    )

    def __post_init__(self) -> None:
        """Refuse a value that is not of its declared type, and a speed that is none."""
        require_declared_types(self)
        reference_us = self.reference_us
        for name in ("workers", "replicates", "capacity_repeats", "replicas_at_most"):
            if getattr(self, name) < 1:
                raise QuestionError(f"{name} is {getattr(self, name)!r}; it must be at least 1")
        if not 0 <= self.users_beyond < math.inf:
            raise QuestionError(
                f"users_beyond is {self.users_beyond!r}; it must be 0, or a number above it"
            )
        for name, value in (("reference_us", reference_us), ("ready_s", self.ready_s)):
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise QuestionError(f"{name} is {value!r}; it must be a number above 0")

    @classmethod
    def check(cls, names: Mapping[str, Any]) -> "Parameters":
        """Build from a notebook's names (`Parameters.check(globals())`).

        Raises QuestionError for a name that is no parameter, or a value of the wrong type.
        """
        plain = (str, int, float, list, tuple, dict, bool, type(None))
        given = {
            name: value
            for name, value in names.items()
            if not name.startswith("_") and name not in _KERNEL_NAMES and isinstance(value, plain)
        }
        return cls.from_mapping(given)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> "Parameters":
        """Build from names and values; raises QuestionError as `check` does."""
        require_known_names(cls, given, RENAMED)
        return cls(**given)

    @property
    def question(self) -> Question:
        """The load and the SLO."""
        closed = Workload(
            users=self.users,
            spawn_rate=self.spawn_rate,
            think_time_s=(self.think_min, self.think_max),
            steady_s=self.steady_s,
            timeout_s=self.timeout_s,
        )
        return Question(load_of(closed, self.find, self.arrivals, self.rate), self.slo)

    @property
    def slo(self) -> SLO:
        """What it means to hold; raises QuestionError for objectives that cannot be read."""
        usual = SLO(latency_ms=self.p95_ms, error_rate=self.error_rate)
        default = SLO(latency_ms=type(self).p95_ms, error_rate=type(self).error_rate)
        return slo_of(self.objectives, usual, default)

    @property
    def target(self) -> Target:
        """The image, what its container is given, and how its service is reached."""
        needs, stack = self.needs, self.stack
        return Target(
            stack.image if stack else self.image,
            self.port,
            self.health_path,
            # A compose file may write secrets into one; of it there is the digest.
            needs.command if stack is None or self.command else (),
            needs.user,
            needs.names,
            needs.digest,
            self.host_header,
            stack.names if stack else (),
            stack.digest if stack else "",
            needs.files.paths,
            needs.files.digest,
            balancing_of(self.balancing),
            swarm_of(
                self.orchestrator,
                self.endpoint_mode,
                self.nodes,
                self.balancing,
                self.compose,
                self.files,
            ),
        )

    @cached_property
    def stack(self) -> Stack | None:
        """The service and its companions as the compose file has them; None where there is none.

        Raises QuestionError for a file that cannot be used as it is, EngineError without Compose.
        """
        if bool(self.compose) != bool(self.service):
            given, missing = ("compose", "service") if self.compose else ("service", "compose")
            raise QuestionError(
                f"{given} is given without {missing}; name the file and the service in it, as in "
                "COMPOSE=compose.yaml SERVICE=api"
            )
        if not self.compose:
            return None
        if self.image != API_IMAGE:
            raise QuestionError(
                f"image and compose are both given; the image of {self.service} is what the file "
                "says: leave image out"
            )
        path = ROOT / self.compose
        return stack_of(resolved(path), self.service, path.name)

    @cached_property
    def needs(self) -> Needs:
        """What the service's container is given, values included; read once.

        Raises QuestionError where a file, or that of its variables, cannot be read.
        """
        path = ROOT / self.env_file if self.env_file else None
        files = GivenFiles.read(self.files or {}, ROOT)
        given = Needs.of(self.environment or {}, path, self.command, self.container_user, files)
        return given if self.stack is None else self.stack.needs.overridden(given)

    @property
    def setting(self) -> Setting:
        """The one setting of a notebook that measures one."""
        return Setting(self.cpus, self.memory_mib, self.replicas)

    @property
    def prices(self) -> Prices:
        """What CPU and memory cost, when, and who says so."""
        return Prices(
            self.vcpu_hour, self.gib_hour, self.currency, self.price_source, self.price_date
        )

    @property
    def headroom(self) -> Headroom:
        """What the size to deploy leaves free."""
        return Headroom(self.cpu_headroom, self.memory_headroom, self.replicas_lost)

    @property
    def plan_request(self) -> PlanRequest:
        """What is asked of a plan; raises QuestionError for a table that cannot be used."""
        return PlanRequest(
            read_machines(ROOT / self.machines if self.machines else MACHINES),
            tuple(self.plan_users or TARGETS),
            self.architecture,
            self.machines_lost,
            self.replicas_lost,
            self.cpu_ratio,
            Reserve(self.cpu_reserve, self.memory_reserve),
        )

    @property
    def budget(self) -> Budget:
        """What the search may cost."""
        return Budget(self.trials_at_most, self.minutes_at_most)

    @property
    def counts_asked_about(self) -> tuple[int, ...]:
        """The numbers of replicas among which a search looks for the least."""
        return tuple(range(1, self.replicas_at_most + 1))

    @property
    def replica_budget(self) -> ReplicaBudget:
        """What several replicas may cost a search beyond one; raises QuestionError below 0."""
        minutes = self.replica_minutes_at_most
        if not 0 <= minutes < math.inf:
            raise QuestionError(
                f"replica_minutes_at_most is {minutes!r}; it must be 0, or a number above it"
            )
        usual_s = self.question.workload.duration_s
        return ReplicaBudget(60 * minutes, usual_s, self.final_question.workload.duration_s)

    @property
    def goal(self) -> Goal:
        """What is asked of the answer of a search."""
        return Goal(self.reliability, self.question.slo.slow_share)

    @property
    def final_question(self) -> Question:
        """The question of the answer's last trial: a longer steady state.

        Raises QuestionError where it is not longer.
        """
        final_s = self.final_steady_s
        if final_s is None:
            final_s = FINAL_TIMES * self.steady_s
        if final_s <= self.steady_s:
            raise QuestionError(
                f"final_steady_s is {final_s!r}; it must be above steady_s, {self.steady_s:g}"
            )
        question = self.question
        return Question(replace(question.workload, steady_s=final_s), question.slo)

    @property
    def finds_users(self) -> bool:
        """Whether the most users are looked for, and not the least setting."""
        return find_of(self.find) == USERS

    @property
    def finds_rate(self) -> bool:
        """Whether the most arrivals per second are looked for."""
        return find_of(self.find) == RATE

    @property
    def finds_capacity(self) -> bool:
        """Whether it is asked what one setting holds, and not which is the least."""
        return self.finds_users or self.finds_rate

    def space(self, host_cpus: int, host_memory_mib: int) -> Space:
        """Return the steps the search may choose from, as far as a host grants them.

        Raises QuestionError where it grants none of those given.
        """
        usual = Space.of_host(host_cpus, host_memory_mib)
        cpus = [step for step in self.cpu_steps or usual.cpus if step <= host_cpus]
        memory = [step for step in self.memory_steps or usual.memory_mib if step <= host_memory_mib]
        if not cpus or not memory:
            raise QuestionError(
                f"the host grants none of cpu_steps {self.cpu_steps} and memory_steps "
                f"{self.memory_steps}: it has {host_cpus} CPUs and {host_memory_mib:,} MiB"
            )
        return Space(tuple(cpus), tuple(memory))

    @property
    def vertical_settings(self) -> list[Setting]:
        """The settings of the vertical table, one replica each."""
        return [_size(pair, 1) for pair in self.settings or []]

    @property
    def scale_out_settings(self) -> list[Setting]:
        """Every size with every replica count."""
        counts = self.replica_counts or []
        return [_size(pair, count) for pair in self.sizes or [] for count in counts]

    @property
    def split_settings(self) -> list[Setting]:
        """One total as few large containers or many small ones, the smallest of the first size.

        Raises QuestionError where the total cannot be split so into whole MiB.
        """
        splits, sizes = self.splits or [], self.sizes or []
        if not splits or not sizes:
            return []
        total = _size(sizes[0], max(splits))
        for parts in splits:
            if parts < 1 or total.total_memory_mib % parts:
                raise QuestionError(
                    f"splits has {parts!r}; {total.total_memory_mib} MiB in all must be split into "
                    "whole MiB"
                )
        return [
            Setting(round(total.total_cpus / n, 6), total.total_memory_mib // n, n) for n in splits
        ]

    @property
    def capacity_replica(self) -> Setting | None:
        """The size of replica whose capacity is measured; None: none."""
        if self.capacity_size is None or not self.capacity_counts:
            return None
        return _size(self.capacity_size, 1)

    @property
    def locustfile_path(self) -> Path:
        """The users' script; raises QuestionError when there is none, or it is no Python."""
        path = Path(self.locustfile) if self.locustfile else ROOT / "loadtests" / "locustfile.py"
        path = path if path.is_absolute() else ROOT / path
        if path.is_dir():
            raise QuestionError(f"locustfile is {str(path)!r}, a folder; name the script in it")
        if not path.is_file():
            raise QuestionError(f"locustfile is {str(path)!r}; there is no such file")
        if path.suffix != ".py":
            raise QuestionError(f"locustfile is {str(path)!r}; it must be a Python file, *.py")
        return path

    @property
    def script(self) -> UsersScript:
        """The users' script with what lies beside it, unless it is this project's own.

        Raises QuestionError for options that cannot be read, or that are nobody's.
        """
        path = self.locustfile_path
        if not self.locustfile:
            if self.script_options:
                raise QuestionError("script_options are for a script of yours; name its locustfile")
            return UsersScript.alone(path)
        try:
            options = shlex.split(self.script_options)
        except ValueError as error:
            raise QuestionError(
                f"script_options is {self.script_options!r}; it cannot be read: {error}"
            ) from error
        return UsersScript.read(path, options)

    @property
    def folder(self) -> Path:
        """Where the run is kept; raises QuestionError for a name that is no folder name."""
        if self.run == EXAMPLE.name:
            return EXAMPLE
        name = self.run or DEFAULT_RUN
        if Path(name).name != name or name.startswith("."):
            raise QuestionError(f"run is {name!r}; it must be a plain folder name")
        return RUNS / name


def _size(pair: Pair, replicas: int) -> Setting:
    cpus, memory_mib = pair
    whole_mib = int(memory_mib) if math.isfinite(memory_mib) else 0
    if whole_mib != memory_mib:
        raise QuestionError(f"memory_mib is {memory_mib!r}; it must be a whole number above 0")
    return Setting(cpus, whole_mib, replicas)
