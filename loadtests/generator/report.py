"""What the generator leaves at its end: report.json."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from loadtests.generator.job import Level


@dataclass(frozen=True)
class LevelReport:
    """One level as it was seen: what its line says, and report.json.

    Times are seconds since the first user. Without a steady state both its times are the level's
    end, and there are no requests.
    """

    users: int
    start_s: float
    spawned_s: float | None  # None: its users never all came
    steady_start_s: float
    steady_end_s: float
    requests: int = 0  # that ended in the steady state, and users who still waited too long
    slow: int = 0  # of these, slower than the job's slow_ms, or failed
    failures: int = 0
    rate_per_s: float | None = None  # arrivals of an open load
    thinks: int = 0  # that began in the steady state

    @classmethod
    def without_steady_state(
        cls, level: Level, start_s: float, spawned_s: float | None, end_s: float
    ) -> "LevelReport":
        """Return what there is of a level that ended before its steady state."""
        return cls(level.users, start_s, spawned_s, end_s, end_s, rate_per_s=level.rate_per_s)

    @property
    def has_steady_state(self) -> bool:
        """Whether the load went on for so long."""
        return self.steady_end_s > self.steady_start_s


@dataclass(frozen=True)
class WorkerReport:
    """How one of several processes that sent the load fared; of one that was lost 0 is unknown."""

    number: int  # from 1 on
    users_reached: int = 0
    users_lost: int = 0
    requests: int = 0
    failures: int = 0
    connects: int | None = None
    heartbeat_lag_p99_ms: float = 0.0
    heartbeat_lag_max_ms: float = 0.0
    cpu_cores: float = 0.0
    clock_drift_ms: float = 0.0
    clock_offset_ms: float = 0.0  # of its wall clock, ahead of the master's
    clock_offset_within_ms: float = 0.0  # either way: half the way there and back
    lost: str = ""  # why it left no report


@dataclass(frozen=True)
class Report:
    """The whole load, as report.json has it."""

    started_wall_s: float  # Unix time of the first user
    levels: tuple[LevelReport, ...]
    stopped_early: str | None  # why the load was ended as hopeless
    requests_of_whole: int  # that it would have had, 0 where it was not stopped early
    users_reached: int
    users_lost: int
    requests: int
    failures: int
    connects: int | None  # None: requests went out, and no connection was counted
    heartbeat_lag_p99_ms: float  # exceeded for 1% of the time of the steady states
    heartbeat_lag_max_ms: float  # the longest pause that reached into one of them
    cpu_cores: float  # mean over the steady states
    clock_drift_ms: float  # wall against monotonic clock
    own_errors: dict[str, int] = field(default_factory=dict)
    script_errors: dict[str, int] = field(default_factory=dict)  # that users' tasks raised
    users_ended: int = 0  # by an error of their on_start
    closed_by_service: int = 0  # connections, between two requests
    not_judged: dict[str, int] = field(default_factory=dict)  # events of other than HTTP calls
    thinks: int = 0  # times that a user began to think
    thinks_steady: int | None = None  # of these, in the last steady state; None: there was none
    tasks_not_run: tuple[str, ...] = ()  # of the script: nobody's dice fell so
    rarest_share: float = 1.0  # of all users, that the rarest kind has where they are many
    redirected: dict[str, str] = field(default_factory=dict)  # names of calls, and where to
    arrivals: int = 0  # of an open load
    arrivals_waited: int = 0  # of these, for a user to be free
    arrivals_unexplained: int = 0  # of these, while the service did not keep the other users
    names_grouped: bool = False  # whether names of requests were so many that some are called alike
    workers: tuple[WorkerReport, ...] = ()  # where several processes sent the load

    def write(self, results: Path) -> None:
        """Write report.json."""
        (results / "report.json").write_text(json.dumps(asdict(self)))
