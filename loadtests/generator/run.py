"""One load from its first user to its report: at each level ramp-up, warm-up, steady state."""

import gc
import json
import resource
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import gevent
import locust
from locust import between
from locust.env import Environment
from locust.stats import PERCENTILES_TO_REPORT, StatsCSVFileWriter, stats_history
from locust.util.load_locustfile import load_locustfile

from loadtests.generator import connections, pacing
from loadtests.generator.heartbeat import Heartbeat, quantile
from loadtests.generator.job import Job, Level
from loadtests.generator.journal import Journal
from loadtests.generator.stop import Stop

TICK_S = 1.0
POLL_S = 0.05
# Ten thousand greenlets are walked in vain by every full collection, which stops all users for
# up to half a second; what requests leave behind is freed by the young generations.
GC_THRESHOLDS = (20_000, 20, 1_000)


@dataclass
class Held:
    """One level: when its parts began, and what came of its steady state."""

    users: int
    start_s: float
    spawned_s: float | None = None  # None: its users never all came
    steady_start_s: float = 0.0
    steady_end_s: float = 0.0
    requests: int = 0  # that ended in the steady state
    slow: int = 0  # of these, and users who still waited for longer than that
    failures: int = 0


@dataclass
class Report:
    """What the run has seen so far; the file report.json is the last state of it."""

    started_wall_s: float
    levels: list[Held] = field(default_factory=list)
    stopped_early: str | None = None  # why the load was ended as hopeless
    requests_of_whole: int = 0  # that it would have had, where it was stopped early
    users_reached: int = 0
    users_lost: int = 0
    requests: int = 0
    failures: int = 0
    connects: int | None = 0
    heartbeat_lag_p99_ms: float = 0.0
    heartbeat_lag_max_ms: float = 0.0
    cpu_cores: float = 0.0
    clock_drift_ms: float = 0.0
    own_errors: dict[str, int] = field(default_factory=dict)

    def write(self, results: Path) -> None:
        """Write report.json."""
        (results / "report.json").write_text(json.dumps(asdict(self)))


def say(**line: Any) -> None:
    """Print one JSON line."""
    print(json.dumps(line), flush=True)


def cpu_seconds() -> float:
    """CPU time this process has used, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class LoadRun:
    """Locust, prepared for one job."""

    def __init__(self, job: Job, stop: Stop) -> None:
        """Prepare clients and users; nothing is sent yet."""
        self.job, self.stop = job, stop
        connections.keep_alive()
        connections.share_evenly()
        self.opened = connections.count_connections()
        pacing.spread_arrivals()
        self.in_flight = pacing.limit_requests(job.timeout_s)
        user_classes = list(load_locustfile(str(job.locustfile))[0].values())
        for user_class in user_classes:
            # The question, not the locustfile, says how long users think.
            user_class.wait_time = between(*job.think_time_s)
        self.environment = Environment(
            user_classes=user_classes, events=locust.events, host=job.base_url
        )
        self.runner = self.environment.create_local_runner()
        self.writer = StatsCSVFileWriter(
            self.environment, PERCENTILES_TO_REPORT, str(job.results / "locust"), full_history=True
        )

    def run(self) -> None:
        """Send the load and leave report.json and Locust's own files in the results folder."""
        job = self.job
        self.began = self.ticked = time.monotonic()
        self.report = Report(started_wall_s=time.time())
        self.journal = Journal(job.results / "requests.csv", self.began, job.slow_ms)
        self.environment.events.request.add_listener(self.journal.on_request)
        self.heartbeat = Heartbeat()
        self.cpu_at_tick = cpu_seconds()
        self.lags: list[float] = []
        self.steady_cpu_s = self.steady_s = 0.0
        self.counted_s = self.user_s = 0.0  # when users were counted last; their time together
        gevent.spawn(stats_history, self.runner)
        gevent.spawn(self.writer)

        gc.set_threshold(*GC_THRESHOLDS)
        for level in job.levels:
            self._pass_level(level)
            if self.stop.requested:
                break
        self._close()

    @property
    def now_s(self) -> float:
        """Seconds since the first user."""
        return time.monotonic() - self.began

    @property
    def level(self) -> Held:
        """The level the load is at."""
        return self.report.levels[-1]

    def _pass_level(self, level: Level) -> None:
        before = self.level.users if self.report.levels else 0
        self.report.levels.append(Held(level.users, self.now_s))
        if level.users != before:
            gevent.spawn(self.runner.start, level.users, self.job.spawn_rate)
        limit_s = self.job.spawn_limit_s(level.users - before)
        self._pass_time("ramp", until_s=self.now_s + limit_s)
        gc.freeze()
        self._pass_time("settle", until_s=self.now_s + level.warm_up_s)
        self.level.steady_start_s = self.level.steady_end_s = self.now_s
        if not self.stop.requested:  # told to end before: there is no hold
            self._hold(level)

    def _hold(self, level: Level) -> None:
        held, journal = self.level, self.journal
        cpu_before = cpu_seconds()
        before = journal.requests, journal.slow, journal.failures
        self._pass_time("hold", until_s=held.steady_start_s + level.steady_s)
        held.steady_end_s = self.now_s
        self.steady_s += held.steady_end_s - held.steady_start_s
        self.steady_cpu_s += cpu_seconds() - cpu_before
        requests, slow, failures = before
        now, waited_s = time.monotonic(), self.job.slow_ms / 1000
        stuck = sum(now - since > waited_s for since in self.in_flight.values())
        held.requests = journal.requests - requests + stuck
        held.slow = journal.slow - slow + stuck
        held.failures = journal.failures - failures
        say(event="level", started_wall_s=self.report.started_wall_s, **asdict(held))

    def _close(self) -> None:
        report = self.report
        report.requests, report.failures = self.journal.requests, self.journal.failures
        report.own_errors = self.journal.own_errors
        report.cpu_cores = self.steady_cpu_s / max(self.steady_s, POLL_S)
        report.heartbeat_lag_p99_ms = quantile(self.lags, 0.99)
        report.heartbeat_lag_max_ms = max(self.lags, default=0.0)
        # None opened under all those requests: a client this project has no counter for.
        report.connects = self.opened() or (None if self.journal.requests else 0)
        wall_s = time.time() - report.started_wall_s
        report.clock_drift_ms = abs(wall_s - self.now_s) * 1000
        self.journal.close(self.in_flight)
        self.writer.close_files()
        report.write(self.job.results)

    def _pass_time(self, phase: str, until_s: float) -> None:
        """Tick every second until `until_s`, until the ramp-up is done, or until told to stop."""
        while self.now_s < until_s and not self.stop.requested:
            if phase == "ramp" and self.level.spawned_s is not None:
                return
            gevent.sleep(max(0.0, min(POLL_S, until_s - self.now_s)))
            self._count_users()
            self._stop_early_if_hopeless()
            if time.monotonic() - self.ticked >= TICK_S:
                self._tick(phase)

    def _stop_early_if_hopeless(self) -> None:
        """End the load once more has failed than all of it may have."""
        early_stop, journal, report = self.job.early_stop, self.journal, self.report
        if early_stop is None:
            return
        sent = journal.requests + len(self.in_flight)
        whole = early_stop.requests_of_whole(sent, report.users_reached, self.user_s)
        if journal.failures > early_stop.error_rate * whole:
            report.stopped_early = f"{journal.failures} requests had failed"
            report.requests_of_whole = whole
            self.stop.requested = True

    def _count_users(self) -> None:
        users, report, now_s = self.runner.user_count, self.report, self.now_s
        self.user_s += users * (now_s - self.counted_s)
        self.counted_s = now_s
        report.users_reached = max(report.users_reached, users)
        report.users_lost = max(report.users_lost, report.users_reached - users)
        if self.level.spawned_s is None and users >= self.level.users:
            self.level.spawned_s = now_s

    def _tick(self, phase: str) -> None:
        """Print the line of the second that has passed."""
        now = time.monotonic()
        seconds, self.ticked = now - self.ticked, now
        cpu_before, self.cpu_at_tick = self.cpu_at_tick, cpu_seconds()
        answered = self.journal.take_second()
        # A failure is as slow as the timeout, whatever its clock says.
        slowest_ms = self.job.timeout_s * 1000
        latencies = [ms if right else slowest_ms for ms, right in answered]
        lags = self.heartbeat.take()
        if phase == "hold":
            self.lags.extend(lags)
        say(
            event="tick",
            phase=phase,
            time_s=round(now - self.began, 3),
            users=self.runner.user_count,
            in_flight=len(self.in_flight),
            rps=round(len(answered) / seconds, 2),
            failures_per_s=round(sum(not right for _, right in answered) / seconds, 2),
            p50_ms=round(quantile(latencies, 0.50), 2) if latencies else None,
            p95_ms=round(quantile(latencies, 0.95), 2) if latencies else None,
            lag_p99_ms=round(quantile(lags, 0.99), 2),
            lag_max_ms=round(max(lags, default=0.0), 2),
            cpu_cores=round((self.cpu_at_tick - cpu_before) / seconds, 3),
            connects=self.opened(),
        )
