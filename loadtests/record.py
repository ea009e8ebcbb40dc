"""What one trial left behind, and how it is written and read.

A trial is a folder: `trial.json` (this module's `Trial`) and tables beside it. Verdicts are not
stored: they are computed from the record, so that a better rule re-judges old trials.
Times in tables are seconds since the generator's first user (its monotonic clock).
"""

import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute, csv
from pydantic import ConfigDict, TypeAdapter, ValidationError

from loadtests.errors import RecordError
from loadtests.question import Question, Setting, Target
from loadtests.verdicts import Step

FORMAT = 2

# What format 1 called the same things; trials and manifests of it are read as they are.
_NAMES_SINCE_FORMAT_1 = {
    "load": "workload",
    "objective": "slo",
    "failure_ratio": "error_rate",
    "hold_s": "steady_s",
    "hold_start_s": "steady_start_s",
    "hold_end_s": "steady_end_s",
    "gave_up": "stopped_early",
}

TRIAL_JSON = "trial.json"
REQUESTS_CSV = "requests.csv.gz"
DOCKER_STATS_CSV = "docker_stats.csv"
GENERATOR_CSV = "generator.csv"
HOST_CSV = "host.csv"
GENERATOR_LOG = "generator.log"
WORKERS_CSV = "workers.csv"
STATS_CSV = "stats.csv"
FAILURES_CSV = "failures.csv"
LOCUST_CSVS = (STATS_CSV, "stats_history.csv", FAILURES_CSV)

GENERATOR_COLUMNS = [
    "time_s",
    "users",
    "in_flight",
    "rps",
    "failures_per_s",
    "p50_ms",
    "p95_ms",
    "lag_p99_ms",
    "lag_max_ms",
    "cpu_cores",
    "connects",
    "work_us",
]
HOST_COLUMNS = ["time_s", "busy_ratio", "steal_ratio"]

WORKER_COLUMNS = ["worker", *GENERATOR_COLUMNS, *HOST_COLUMNS[1:]]

# Columns of docker_stats.csv that older records do not have.
_LATER_STATS = (
    "received_bytes",
    "sent_bytes",
    "connections",
    "voluntary_switches",
    "involuntary_switches",
)

_WORDS = {"outcome", "replica", "name"}  # columns of the requests table that repeat themselves
# Nothing but an empty cell is none: an endpoint may be called "null".
_REQUESTS = csv.ConvertOptions(
    column_types={
        "start_s": pa.float64(),
        "latency_ms": pa.float64(),
        **dict.fromkeys(_WORDS, pa.string()),
    },
    null_values=[""],
    strings_can_be_null=True,
)
_QUOTED = csv.ParseOptions(newlines_in_values=True)  # a script may call its requests anything
_ONE_CORE = csv.ReadOptions(use_threads=False)  # a load test may run beside it

# Outcomes in the requests table; anything else is a failure named by the generator.
OK = "ok"
IN_FLIGHT = "in_flight"  # unanswered when the trial ended; its latency is its age so far


@dataclass(frozen=True)
class Phases:
    """When the parts of the load began and ended, in seconds since the first user."""

    spawned_s: float | None  # all users there; None: never
    steady_start_s: float
    steady_end_s: float


@dataclass(frozen=True)
class GeneratorReport:
    """How the load generator itself fared; a sick generator voids a trial.

    Of several workers counts are sums, and health is that of whichever fared worst.
    """

    users_reached: int
    users_lost: int  # users that ended before the trial did
    requests: int
    failures: int
    connects: int | None  # connections opened; None: client without a counter
    heartbeat_lag_p99_ms: float  # over the steady state, each lateness weighed by its time
    heartbeat_lag_max_ms: float  # the longest pause that touched the steady state
    cpu_cores: float  # mean over the steady state
    clock_drift_ms: float  # wall against monotonic clock, whole trial
    own_errors: dict[str, int] = field(default_factory=dict)  # EMFILE, EADDRNOTAVAIL, DNS
    stopped_early: str | None = None  # why it ended the load as hopeless; None: it did not
    requests_of_whole: int = 0  # that the load would have had, where it was stopped early
    # Exceptions that the users' script raised, by name; the request's outcome has the name too.
    script_errors: dict[str, int] = field(default_factory=dict)
    users_ended: int = 0  # of those lost, by an error of the script before their first task
    closed_by_service: int = 0  # connections, between two requests
    not_judged: dict[str, int] = field(default_factory=dict)  # events of other than HTTP calls
    thinks: int = 0  # times that a user began to think; 0 in records from before it was counted
    thinks_steady: int | None = None  # of these, in the steady state; None: not recorded
    arrivals: int = 0  # of an open load
    arrivals_waited: int = 0  # of these, for a user to be free
    arrivals_unexplained: int = 0  # of these, while the service did not keep the other users
    tasks_not_run: tuple[str, ...] = ()  # of the users' script, by none of its users
    rarest_share: float = 1.0  # of the users, that the rarest kind has by the script's weights
    redirected: dict[str, str] = field(default_factory=dict)  # names of calls, and the path then
    health_status: int | None = None  # the health path's, once ready; None: not recorded
    health_location: str = ""  # where that answer sent whoever asked; "" is nowhere


@dataclass(frozen=True)
class WorkerReport:
    """How one of several workers that sent the load fared; of one that was lost, 0 is unknown."""

    number: int  # from 1 on
    container: str  # its name in the table of docker stats
    users_reached: int
    users_lost: int
    requests: int
    failures: int
    connects: int | None
    heartbeat_lag_p99_ms: float
    heartbeat_lag_max_ms: float
    cpu_cores: float
    clock_drift_ms: float
    clock_offset_ms: float  # of its wall clock, ahead of the master's, as the load began
    clock_offset_within_ms: float  # either way
    lost: str = ""  # how it was lost; "": it was there to the end
    node: str = ""  # of a Swarm, that it ran on; "" is the machine of the trial's engine


@dataclass(frozen=True)
class ReplicaReport:
    """What the kernel and the engine say about one replica; None is "not reported"."""

    name: str
    address: str
    running_at_end: bool
    exit_code: int | None
    oom_kills: int
    restarts: int
    memory_peak_mib: float | None
    cpu_s: float | None  # CPU seconds over the whole trial
    periods: int | None  # scheduler periods, throttled periods and seconds, whole trial
    throttled_periods: int | None
    throttled_s: float | None
    limits_hit: tuple[str, ...] = ()  # of ours, not of the setting: "open files", "processes" …
    ooms_at_limit: int | None = None  # times its cgroup met its own memory limit (v2's `oom`)
    node: str = ""  # of a Swarm, that it ran on; "" is the one machine there was


@dataclass(frozen=True)
class CompanionReport:
    """A service that was started beside the one measured, such as its database."""

    name: str  # of the service in its compose file
    container: str  # its name in the table of docker stats
    image_digest: str
    cpu_limit_cores: float | None  # None: all that the host has
    memory_limit_mib: int | None
    memory_peak_mib: float | None
    end: str = ""  # how it ended, with its last words; "": it ran to the end


@dataclass(frozen=True)
class ProxiedReplica:
    """What a proxy counted of one replica over the whole trial, its health checks left out."""

    replica: str  # name of its container
    requests: int  # sent to it
    connections: int  # opened to it, or tried to
    reused: int  # of the requests, sent on a connection that was there
    most_at_once: int  # requests in its hands
    connection_errors: int  # connections that could not be opened
    response_errors: int  # answers that broke off, or never came
    downs: int  # times that its health check had it taken out


@dataclass(frozen=True)
class ProxyReport:
    """The proxy in front of the replicas, where there was one; None is "not reported"."""

    name: str
    container: str  # its name in the table of docker stats
    image_digest: str
    memory_peak_mib: float | None
    cpu_s: float | None  # CPU seconds over the whole trial
    version: str | None = None
    threads: int | None = None  # that it ran, each on a core at most
    requests: int | None = None  # from users
    connections_peak: int | None = None  # of users, at once
    connections_limit: int | None = None
    queued_peak: int | None = None  # requests that waited in it, as replicas had all it may send
    replicas: tuple[ProxiedReplica, ...] = ()
    end: str = ""  # how it ended, with its last words; "": it ran to the end


@dataclass(frozen=True)
class HostReport:
    """The machine that ran the containers."""

    name: str
    cpus: int
    cpu_model: str
    memory_mib: int
    kernel: str
    cgroup_version: str
    engine_version: str
    storage_driver: str


@dataclass(frozen=True)
class NodeReport:
    """A node of a Swarm on which replicas ran."""

    name: str
    engine: str  # address or Docker context by which it was asked; "" is the engine of the trial
    host: HostReport
    is_here: bool  # the machine of the generator, which host.csv is about
    lost_s: float | None = None  # when it went away, s since the first user; None: it stayed
    clock_ahead_s: float = 0.0  # of the load generator's, before it was taken off its times


@dataclass(frozen=True)
class Event:
    """Something the engine or a kernel told during the trial."""

    time_s: float
    container: str
    action: str  # oom, die, kill, restart, health_status …


@dataclass(frozen=True)
class Timings:
    """Wall time of the trial's parts up to its record, in seconds."""

    start_replicas_s: float
    ready_s: float  # from the start of the containers to the first answer of every replica
    load_s: float
    collect_s: float

    @property
    def overhead_s(self) -> float:
        """Everything that is not load."""
        return self.start_replicas_s + self.ready_s + self.collect_s


@dataclass(frozen=True)
class Trial:
    """One setting, fresh containers, one load.

    A live staircase is recorded as a trial of the setting it begins with: `phases` are those of its
    first level, and `steps` has them all. It screens settings and is no evidence for a verdict.
    """

    # Else a number without end becomes null, which is no number when it is read back.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_inf_nan="constants")

    key: str
    question: Question
    setting: Setting
    target: Target
    image_digest: str
    locustfile_sha256: str
    repeat: int
    seed: int
    started_at: str  # ISO 8601, UTC
    started_wall_s: float  # Unix time of the first user, by the clock of who ran the trial
    phases: Phases
    generator: GeneratorReport
    replicas: tuple[ReplicaReport, ...]
    host: HostReport
    versions: dict[str, str]
    timings: Timings
    events: tuple[Event, ...] = ()
    steps: tuple[Step, ...] = ()
    own_script: bool | None = None  # users ran this project's script; None: not recorded
    cpusets: tuple[str, ...] = ()  # CPUs each replica was kept to without a quota; (): it had one
    # CPU time of the speed gauge's work at the reference speed, us; None: there was none.
    reference_us: float | None = None
    companions: tuple[CompanionReport, ...] = ()  # of the compose file, where there is one
    proxy: ProxyReport | None = None  # None: users found replicas by their name
    # The clock of the containers' machine less that of who ran the trial, and how far off that may
    # be; None in records from before they were compared, which have the former's started_wall_s.
    clock_offset_s: float | None = None
    clock_offset_within_s: float | None = None
    nodes: tuple[NodeReport, ...] = ()  # of the Swarm, where replicas are its service
    workers: tuple[WorkerReport, ...] = ()  # that sent the load; (): one process did
    format: int = FORMAT

    @property
    def lost_nodes(self) -> tuple[NodeReport, ...]:
        """The nodes that went away during the trial."""
        return tuple(node for node in self.nodes if node.lost_s is not None)

    @property
    def elsewhere(self) -> frozenset[str]:
        """Names of the replicas that ran on another machine than the load generator's master."""
        return frozenset(r.name for r in self.replicas if r.node in self._other_machines)

    @property
    def sent_from_elsewhere(self) -> frozenset[str]:
        """Containers of workers that sent load from another machine than their master's."""
        return frozenset(w.container for w in self.workers if w.node in self._other_machines)

    @property
    def _other_machines(self) -> frozenset[str]:
        return frozenset(node.name for node in self.nodes if not node.is_here)

    def machine_of(self, replica: ReplicaReport) -> HostReport:
        """Return the machine that a replica ran on."""
        return next((node.host for node in self.nodes if node.name == replica.node), self.host)

    @property
    def granted_cores(self) -> float:
        """Cores its replicas could use together: by quota, else of the CPUs they were kept to."""
        if not self.cpusets:
            return self.setting.total_cpus
        return float(len({cpu for cpuset in self.cpusets for cpu in cpuset.split(",")}))


def trial_folder(run: Path, key: str) -> Path:
    """Return where a run keeps the trial of that key."""
    return run / "trials" / key[:16]


_TRIAL = TypeAdapter(Trial)


def dump_trial(trial: Trial) -> bytes:
    """Return the text of trial.json."""
    return _TRIAL.dump_json(trial, indent=1) + b"\n"


def in_todays_names(read: Any) -> Any:
    """Return what JSON of any format so far holds, under the names of today's."""
    if isinstance(read, dict):
        return {
            _NAMES_SINCE_FORMAT_1.get(name, name): in_todays_names(value)
            for name, value in read.items()
        }
    return [in_todays_names(item) for item in read] if isinstance(read, list) else read


def read_trial(folder: Path) -> Trial:
    """Read trial.json from a trial's folder; one of format 1 comes back as one of today's.

    Raises RecordError when it is missing, torn, or of a later format.
    """
    path = folder / TRIAL_JSON
    try:
        read = json.loads(path.read_bytes())
        format_ = read["format"]
        if format_ not in (1, FORMAT):
            raise RecordError(
                f"{path} has format {format_}, this version reads 1 to {FORMAT}; "
                "read it with the version that wrote it, or measure again"
            )
        return _TRIAL.validate_python(in_todays_names(read) | {"format": FORMAT})
    except OSError as error:
        raise RecordError(
            f"{path} cannot be read ({error.strerror}); remove the folder to measure it again"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise RecordError(
            f"{path} is not a whole record: {first['msg']} at {first['loc']}; "
            "remove the folder to measure it again"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{path} is not a whole record: {error}; remove the folder to measure it again"
        ) from error


def _read_table(path: Path) -> pd.DataFrame:
    try:
        # Nothing but an empty cell is none: an endpoint may be called "null".
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> RecordError:
    return RecordError(
        f"{path} cannot be read ({error}); remove the trial's folder to measure it again"
    )


def read_requests(folder: Path) -> pd.DataFrame:
    """Read every request: start_s, latency_ms, outcome, replica (address or empty), name.

    Behind a proxy the address is the proxy's.
    """
    path = folder / REQUESTS_CSV
    try:
        read = csv.read_csv(path, _ONE_CORE, _QUOTED, _REQUESTS)
    except (OSError, pa.ArrowInvalid) as error:
        raise _unreadable(path, error) from error
    return pd.DataFrame(
        {
            name: _categories(column) if name in _WORDS else column.to_numpy()
            for name, column in zip(read.column_names, read.columns, strict=True)
        }
    )


def _categories(column: pa.ChunkedArray) -> pd.Categorical:
    """Return a column of words as categories in their order, a missing one as none."""
    cells = column.combine_chunks()
    if len(cells) and not cells.null_count and compute.all(compute.equal(cells, cells[0])).as_py():
        # One endpoint, or one replica, as most often: three times as fast as below.
        one = pd.Index([cells[0].as_py()], dtype="str")
        return pd.Categorical.from_codes(np.zeros(len(cells), np.int8), one)
    coded = cells.dictionary_encode()
    words = np.asarray(coded.dictionary.to_pylist(), object)
    order = np.argsort(words)
    place = np.empty(len(words) + 1, np.int64)
    place[order], place[-1] = np.arange(len(words)), -1
    codes = place[coded.indices.fill_null(len(words)).to_numpy()]
    return pd.Categorical.from_codes(codes, pd.Index(words[order], dtype="str"))


def read_answer_sizes(folder: Path) -> dict[str, float]:
    """Read how many bytes an answer had on average, by the name of its requests."""
    stats = _read_table(folder / STATS_CSV)
    named = stats[stats["Type"].notna() & (stats["Request Count"] > 0)]
    return dict(zip(named["Name"], named["Average Content Size"].astype(float), strict=True))


def read_failures(folder: Path) -> pd.DataFrame:
    """Read Locust's own table of what failed: Method, Name, Error, Occurrences and when."""
    return _read_table(folder / FAILURES_CSV)


def read_log(folder: Path) -> str:
    """Read what the load generator said, and the last of what its users' script printed."""
    try:
        return (folder / GENERATOR_LOG).read_text(errors="replace")
    except OSError as error:
        raise RecordError(
            f"{folder / GENERATOR_LOG} cannot be read ({error}); remove the trial's folder to "
            "measure it again"
        ) from error


def read_docker_stats(folder: Path) -> pd.DataFrame:
    """Read one row a second and container.

    Columns: time_s, container, role (replica, generator, companion or proxy), cpu_cores,
    memory_mib, memory_limit_mib, periods, throttled_periods, throttled_s, received_bytes,
    sent_bytes, connections, voluntary_switches, involuntary_switches (from `periods` on cumulative,
    but for `connections`; blank where not reported, the last five in records from before they
    were).
    """
    table = _read_table(folder / DOCKER_STATS_CSV)
    absent = [name for name in _LATER_STATS if name not in table]
    return table.reindex(columns=[*table.columns, *absent])


def read_generator(folder: Path) -> pd.DataFrame:
    """Read one row a second of the generator's own account.

    Columns: time_s, users, in_flight, rps, failures_per_s, p50_ms, p95_ms (of that second,
    failures as slow as the timeout; blank without requests), lag_p99_ms, lag_max_ms, cpu_cores,
    connects (cumulative; blank without a counter), work_us (CPU time of a piece of the speed
    gauge's work, median of the second; blank in records from before there was a gauge).
    """
    return _read_table(folder / GENERATOR_CSV).reindex(columns=GENERATOR_COLUMNS)


def read_workers(folder: Path) -> pd.DataFrame:
    """Read one row a second and worker: its number, and the columns of `read_generator`.

    With busy_ratio and steal_ratio of its machine, blank in records from before workers could be on
    several. Only trials whose load several workers sent have the file.
    """
    return _read_table(folder / WORKERS_CSV).reindex(columns=WORKER_COLUMNS)


def read_host(folder: Path) -> pd.DataFrame:
    """Read one row a second of the containers' machine: time_s, busy_ratio, steal_ratio.

    Shares of all its cores. Older records count from the start of the containers, and have no rows
    where the engine was elsewhere.
    """
    return _read_table(folder / HOST_CSV)
