"""What the generator is asked to do: the JSON in the environment variable AGUANTA_JOB."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One load against one address."""

    host: str  # the alias all replicas share
    port: int
    health_path: str
    replicas: int
    users: int
    spawn_rate: float
    think_time_s: tuple[float, float]
    settle_s: float
    hold_s: float
    timeout_s: float
    ready_timeout_s: float
    seed: int
    locustfile: Path
    results: Path

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read a job; raises TypeError or KeyError for one that is not whole."""
        given = json.loads(text)
        low, high = given.pop("think_time_s")
        return cls(
            **given
            | {
                "think_time_s": (low, high),
                "locustfile": Path(given["locustfile"]),
                "results": Path(given["results"]),
            }
        )

    @property
    def base_url(self) -> str:
        """Where every user sends its requests."""
        return f"http://{self.host}:{self.port}"

    @property
    def spawn_limit_s(self) -> float:
        """The latest time at which all users must be there: 1.25 ramps, at least 3 s more."""
        ramp_s = self.users / self.spawn_rate
        return max(1.25 * ramp_s, ramp_s + 3.0)
