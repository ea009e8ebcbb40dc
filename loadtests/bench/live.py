"""A load that is under way: what may be asked of it, and what may be changed."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.containers import limit_cpus
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.sampler import Sampler


def finish(generator: Container) -> None:
    """Let a generator write its files and end."""
    # It has ended by itself meanwhile, or the engine has.
    with contextlib.suppress(APIError, *ENGINE_LOST):
        generator.kill("SIGTERM")


@dataclass(frozen=True)
class LiveLoad:
    """The containers of a running load, and who watches them."""

    replicas: Sequence[Container]
    generator: Container
    sampler: Sampler

    def limit_cpus(self, cpus: float) -> None:
        """Give every replica another CPU limit (cores), without touching its users."""
        for replica in self.replicas:
            limit_cpus(replica, cpus)

    def cpu_cores(self, from_wall_s: float, to_wall_s: float) -> float | None:
        """Return the cores all replicas used between two Unix times; None: not sampled."""
        total = 0.0
        for replica in self.replicas:
            samples = [
                sample
                for sample in self.sampler.samples
                if sample.container == replica.name and from_wall_s <= sample.wall_s <= to_wall_s
            ]
            if len(samples) < 2:
                return None
            first, last = samples[0], samples[-1]
            total += (last.cpu_s - first.cpu_s) / (last.wall_s - first.wall_s)
        return total
