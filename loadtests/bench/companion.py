"""One service beside the one measured: its container, whether it is ready, and how it ended."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.replica_report import ended_with, last_words_of
from loadtests.bench.sampler import Sampler
from loadtests.record import CompanionReport
from loadtests.units import MIB

READY_LIMIT_S = 180.0


@dataclass(frozen=True)
class Companion:
    """One companion's container."""

    name: str  # of its service
    container: Container

    @property
    def image_id(self) -> str:
        """What it was made from."""
        return str(self.container.attrs["Image"])

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return bool(self._state["Running"])

    @property
    def has_failed(self) -> bool:
        """Whether it has ended with an error, and is not about to be started again."""
        state = self._state
        return not state["Running"] and not state.get("Restarting") and state["ExitCode"] != 0

    def is_ready(self, completes: bool) -> bool:
        """Whether it is healthy or, without a health check, runs; done where it is to be done."""
        state = self._state
        if not state["Running"]:
            return bool(state["Status"] == "exited" and state["ExitCode"] == 0)
        health = state.get("Health", {}).get("Status", "none")
        return not completes and health in ("healthy", "none")

    @property
    def end(self) -> str:
        """How it ended, with its last words."""
        state = self._state
        how = (
            "ended and was started again, as its file says"
            if state["Running"]
            else ended_with(int(state["ExitCode"]))
        )
        if state.get("OOMKilled"):
            how += ", out of memory"
        words = self.words
        return f"{self.name} {how}: {words}" if words else f"{self.name} {how}, without a word"

    @property
    def words(self) -> str:
        """What it printed last."""
        return last_words_of(self.container)

    @property
    def not_ready(self) -> str:
        """What it is waited for in vain."""
        health = self._state.get("Health", {})
        probes = [probe["Output"].strip() for probe in health.get("Log", ())]
        said = probes[-1] if probes and probes[-1] else last_words_of(self.container)
        return (
            f"{self.name} was not ready {READY_LIMIT_S:g} s after it was started ({said}); see "
            "its health check and its log"
        )

    def report(
        self, image_id: str, sampler: Sampler, hidden: Callable[[str], str]
    ) -> CompanionReport:
        """Say what became of it."""
        state, limits = self._state, self.container.attrs["HostConfig"]
        name = str(self.container.name)
        memory = [sample.memory_mib for sample in sampler.samples if sample.container == name]
        deaths = [e for e in sampler.events if e.container == name and e.action == "die"]
        ended = bool(deaths) or not state["Running"]
        return CompanionReport(
            name=self.name,
            container=name,
            image_digest=image_id,
            cpu_limit_cores=_cpu_limit(limits),
            memory_limit_mib=limits["Memory"] // MIB or None,
            memory_peak_mib=round(max(memory), 1) if memory else None,
            end=hidden(self.end) if ended else "",
        )

    @property
    def _state(self) -> Mapping[str, Any]:
        with contextlib.suppress(APIError, *ENGINE_LOST):
            self.container.reload()
        state: Mapping[str, Any] = self.container.attrs["State"]
        return state


def _cpu_limit(limits: Mapping[str, Any]) -> float | None:
    """Return the cores that a container may use; None: all there are."""
    if limits.get("NanoCpus"):
        return float(limits["NanoCpus"]) / 1e9
    if limits.get("CpuQuota", 0) > 0:
        return float(limits["CpuQuota"]) / float(limits.get("CpuPeriod") or 100_000)
    return None
