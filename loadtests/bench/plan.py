"""What is measured on, and with which load: the data that a trial and a staircase begin with."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from docker import DockerClient

from loadtests.bench.store import Store, trial_key
from loadtests.generator.job import Level
from loadtests.question import EarlyStop, Question, Setting, Target
from loadtests.record import HostReport


@dataclass(frozen=True)
class Bench:
    """What all trials of a run share."""

    client: DockerClient
    store: Store
    host: HostReport
    question: Question
    target: Target
    image_digest: str
    generator_image: str
    locustfile: Path
    stops_early: bool = True  # end a trial that can no longer hold

    @cached_property
    def locustfile_sha256(self) -> str:
        """Hash of the users' script."""
        return hashlib.sha256(self.locustfile.read_bytes()).hexdigest()

    def key(self, setting: Setting, repeat: int) -> str:
        """Return the key under which a trial of this setting is kept.

        Trials that go on to their end whatever happens are kept apart from those stopped early.
        """
        key = trial_key(
            self.question, setting, self.target, self.image_digest, self.locustfile_sha256, repeat
        )
        return key if self.stops_early else hashlib.sha256(f"{key} to its end".encode()).hexdigest()


@dataclass(frozen=True)
class LoadPlan:
    """One load to be put on one setting, and the key under which its record is kept."""

    key: str
    setting: Setting
    repeat: int
    levels: tuple[Level, ...]
    early_stop: EarlyStop | None

    @property
    def users(self) -> int:
        """The most users there will be."""
        return max(level.users for level in self.levels)

    def longest_s(self, spawn_rate: float) -> float:
        """Return how long the load takes when its users come as late as is allowed."""
        steady_s = sum(level.warm_up_s + level.steady_s for level in self.levels)
        return 1.25 * self.users / spawn_rate + 3 * len(self.levels) + steady_s
