"""What one ramp-up to an ample setting tells: CPU a request, memory a user."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from loadtests.analysis.evidence import Evidence, Interval, Row
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.latency import Floats, answered_rps, columns
from loadtests.errors import RecordError

# A single server that is asked at random queues without end as its use nears 1; at 0.8 its mean
# wait is four services long (M/M/1, Kleinrock 1975, 3.2).
UTILISATION = 0.8
MIN_SAMPLES = 4  # seconds in the steady state, and in the ramp-up: a slope of fewer has no interval


@dataclass(frozen=True)
class Calibration:
    """CPU and memory of one ample replica under the load, with 95% intervals.

    None where docker stats had too few samples for an interval, as of a ramp-up of some seconds.
    """

    cpu_ms_per_request: Interval | None
    base_mib: Interval | None  # without users
    kib_per_user: Interval | None  # each connected user more
    peak_mib: float  # the highest seen up to the end of the first steady state
    users: int  # of one replica, at the first level
    rps: float  # answered in its steady state, by all replicas

    @property
    def cpus(self) -> Interval | None:
        """CPU cores by the utilisation law, X D / rho, at a fixed use (Denning & Buzen 1978).

        What was expected before there was a fit (`forecast`); kept to compare that with.
        """
        demand = self.cpu_ms_per_request
        if demand is None:
            return None
        per = self.rps / 1000 / UTILISATION
        return Interval(demand.estimate * per, demand.low * per, demand.high * per)

    @property
    def memory_mib(self) -> Interval | None:
        """Memory (MiB) with all users connected, by the line through the ramp-up."""
        base, slope, users = self.base_mib, self.kib_per_user, self.users / 1024
        if base is None or slope is None:
            return None
        estimate = base.estimate + slope.estimate * users
        half = math.hypot(base.high - base.estimate, (slope.high - slope.estimate) * users)
        return Interval(estimate, estimate - half, estimate + half)

    @property
    def expected_mib(self) -> float:
        """Memory to expect with all users: the line's, else the peak."""
        memory = self.memory_mib
        return self.peak_mib if memory is None else memory.estimate

    def sentences(self) -> list[str]:
        """Say what was found, and what follows for this load."""
        return [self._cpu_sentence(), self._memory_sentence()]

    def _cpu_sentence(self) -> str:
        demand = self.cpu_ms_per_request
        if demand is None:
            return "CPU a request: too few samples of the first level to tell."
        return (
            f"At the first level a request takes {demand.estimate:.3f} ms of CPU "
            f"({demand.low:.3f} to {demand.high:.3f}); {self.rps:,.0f} requests/s use "
            f"{self.rps * demand.estimate / 1000:.2f} cores."
        )

    def _memory_sentence(self) -> str:
        base, slope, memory = self.base_mib, self.kib_per_user, self.memory_mib
        peak = f"its peak was {self.peak_mib:,.0f} MiB"
        if base is None or slope is None or memory is None:
            return f"Memory a user: the ramp-up was too short to tell; {peak} with {self.users:,}."
        return (
            f"A replica takes {base.estimate:,.0f} MiB ({base.low:,.0f} to {base.high:,.0f}) and "
            f"{slope.estimate:.1f} KiB a connected user ({slope.low:.1f} to {slope.high:.1f}): "
            f"{memory.estimate:,.0f} MiB with {self.users:,} users; {peak}."
        )


def calibrate(evidence: Evidence) -> Calibration:
    """Read CPU a request from the first steady state, and memory against users from the ramp-up.

    Raises RecordError when docker stats has no sample at all.
    """
    trial = evidence.trial
    replicas = trial.setting.replicas
    users = trial.steps[0].users if trial.steps else trial.question.workload.users
    usage, phases = _together(evidence), trial.phases
    time_s = usage.index.to_numpy(np.float64)
    cpu_s, memory_mib = (usage[name].to_numpy(np.float64) for name in ("cpu_s", "memory_mib"))
    before_end = time_s <= phases.steady_end_s
    if not before_end.any():
        raise RecordError(
            "docker stats reported nothing of the replicas, so nothing can be forecast; name the "
            "settings to measure instead (settings)"
        )
    ramp_up_end_s = phases.steady_start_s if phases.spawned_s is None else phases.spawned_s
    in_steady_state = (time_s >= phases.steady_start_s) & before_end
    in_ramp_up = (time_s >= 0) & (time_s <= ramp_up_end_s)
    if trial.question.workload.is_open:  # its users connect only when they first have to send
        in_ramp_up = (time_s >= 0) & before_end
    base, slope = _line(evidence, time_s[in_ramp_up], memory_mib[in_ramp_up], replicas)
    demand, rps = _demand(evidence, time_s[in_steady_state], cpu_s[in_steady_state])
    return Calibration(
        cpu_ms_per_request=demand,
        base_mib=base,
        kib_per_user=slope,
        peak_mib=float(memory_mib[before_end].max()) / replicas,
        users=users // replicas,
        rps=rps,
    )


def _together(evidence: Evidence) -> pd.DataFrame:
    """Return CPU seconds and MiB of all replicas at the first one's sample times."""
    table = evidence.docker_stats
    groups = [g for _, g in table[table["role"] == "replica"].groupby("container", observed=True)]
    if not groups:
        return pd.DataFrame({"cpu_s": [], "memory_mib": []})
    times = groups[0]["time_s"].to_numpy(np.float64)
    total = {
        name: sum(np.interp(times, g["time_s"], g[name]) for g in groups)
        for name in ("cpu_s", "memory_mib")
    }
    return pd.DataFrame(total, index=times)


def _demand(evidence: Evidence, time_s: Floats, cpu_s: Floats) -> tuple[Interval | None, float]:
    """Return CPU ms a request, between samples of the CPU counter, and requests/s.

    A ratio of sums; its error from the residuals of each interval (Cochran, "Sampling Techniques",
    2.11).
    """
    start_s, latency_ms, _, in_flight = columns(evidence)
    ended_s = np.sort((start_s + latency_ms / 1000)[~in_flight])
    requests = np.diff(np.searchsorted(ended_s, time_s)).astype(np.float64)
    used_ms = np.diff(cpu_s) * 1000
    if len(time_s) < MIN_SAMPLES or requests.sum() == 0:
        return None, answered_rps(evidence) or 0.0
    ratio = float(used_ms.sum() / requests.sum())
    residuals = used_ms - ratio * requests
    size = len(requests)
    error = math.sqrt(float((residuals**2).sum()) / (size - 1) / size) / float(requests.mean())
    half = _t(size - 1) * error
    rps = float(requests.sum() / (time_s[-1] - time_s[0]))
    return Interval(ratio, max(0.0, ratio - half), ratio + half), rps


def _line(
    evidence: Evidence, time_s: Floats, memory_mib: Floats, replicas: int
) -> tuple[Interval | None, Interval | None]:
    """Return MiB of a replica without users and KiB a user, by least squares over the ramp-up.

    Replicas share users and memory evenly, so a user takes as much of one as of all.
    """
    seconds = evidence.generator
    connected = seconds["users"].to_numpy(np.float64)
    if evidence.trial.question.workload.is_open:
        connected = np.minimum(connected, seconds["connects"].fillna(0).to_numpy(np.float64))
    users = np.interp(time_s, seconds["time_s"], connected, left=0)
    if len(users) < MIN_SAMPLES or np.ptp(users) == 0:
        return None, None
    fit = stats.linregress(users, memory_mib)
    t = _t(len(users) - 2)
    return (
        _around(float(fit.intercept) / replicas, t * float(fit.intercept_stderr) / replicas),
        _around(float(fit.slope) * 1024, t * float(fit.stderr) * 1024),
    )


def _around(estimate: float, half: float) -> Interval:
    return Interval(estimate, estimate - half, estimate + half)


def _t(freedom: int) -> float:
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom))


def memory_error(calibration: Calibration, least: Row) -> str | None:
    """Say how far the line of memory was from the answer's peak; None where one is not known."""
    memory, peak_mib = calibration.memory_mib, least.memory_peak_mib
    if memory is None or peak_mib is None:
        return None
    return (
        f"The line through the ramp-up said {memory.estimate:,.0f} MiB, {least.setting.label} took "
        f"{peak_mib:,.0f} MiB at its peak ({memory.estimate / peak_mib - 1:+.0%})."
    )
