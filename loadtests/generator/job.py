"""What the generator is asked to do: the JSON in the environment variable AGUANTA_JOB."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loadtests.generator.early_stop import EarlyStop


class Phase(StrEnum):
    """The parts of a level, as the lines name them."""

    RAMP_UP = "ramp-up"
    WARM_UP = "warm-up"
    STEADY_STATE = "steady state"


@dataclass(frozen=True)
class Level:
    """So many users, reached at the job's spawn rate; then a warm-up and a steady state."""

    users: int
    warm_up_s: float
    steady_s: float
    rate_per_s: float | None = None  # arrivals, reached while the users come; None: a closed load


@dataclass(frozen=True)
class Job:
    """One load against one address: a trial has one level, a staircase several."""

    host: str  # the alias all replicas share, or the proxy's in front of them
    port: int
    health_path: str
    replicas: int
    levels: tuple[Level, ...]  # users never fall from one to the next
    spawn_rate: float
    think_time_s: tuple[float, float]
    timeout_s: float
    slow_ms: float  # an answer later than this is counted as slow
    early_stop: EarlyStop | None  # None: never stop early
    ready_timeout_s: float
    seed: int
    host_header: str  # that requests carry; "" is the host itself
    locustfile: Path
    script_options: tuple[str, ...]  # for the script's own command line
    one_of_each: bool  # one user of every class, whatever their weights
    results: Path
    arrivals: str | None = None  # how they come where the levels have rates, see `schedule`
    behind: str = ""  # the replicas' alias where the host is a proxy in front of them
    # Where that proxy answers 200 once it has found all of them; None: there is no proxy.
    proxy_port: int | None = None
    workers: int = 1  # processes that send the load
    worker: int = 0  # which of them this is, from 0 on
    master: str = ""  # where Locust's master is, of which they are the workers
    master_port: int = 5557  # Locust's own

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read a job; raises TypeError or KeyError for one that is not whole."""
        given = json.loads(text)
        low, high = given["think_time_s"]
        read = {
            "levels": tuple(Level(**level) for level in given["levels"]),
            "think_time_s": (low, high),
            "early_stop": EarlyStop(**given["early_stop"]) if given["early_stop"] else None,
            "locustfile": Path(given["locustfile"]),
            "script_options": tuple(given.get("script_options", ())),
            "host_header": given.get("host_header", ""),
            "one_of_each": given.get("one_of_each", False),
            "results": Path(given["results"]),
        }
        return cls(**given | read)

    @property
    def base_url(self) -> str:
        """Where every user sends its requests."""
        host = f"[{self.host}]" if ":" in self.host else self.host  # an IPv6 address
        return f"http://{host}:{self.port}"

    @property
    def replica_host(self) -> str:
        """The name that all replicas share."""
        return self.behind or self.host

    def spawn_limit_s(self, users: int) -> float:
        """How long so many more users may take to come: 1.25 ramp-ups, at least 3 s more."""
        ramp_up_s = users / self.spawn_rate
        return max(1.25 * ramp_up_s, ramp_up_s + 3.0)
