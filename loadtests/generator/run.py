"""One load from its first user to its report: ramp, settle, hold."""

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
from loadtests.generator.job import Job
from loadtests.generator.journal import Journal
from loadtests.generator.stop import Stop

TICK_S = 1.0
POLL_S = 0.05
# Ten thousand greenlets are walked in vain by every full collection, which stops all users for
# up to half a second; what requests leave behind is freed by the young generations.
GC_THRESHOLDS = (20_000, 20, 1_000)


@dataclass
class Report:
    """What the run has seen so far; the file report.json is the last state of it."""

    started_wall_s: float
    spawned_s: float | None = None
    hold_start_s: float = 0.0
    hold_end_s: float = 0.0
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
        self.journal = Journal(job.results / "requests.csv", self.began)
        self.environment.events.request.add_listener(self.journal.on_request)
        self.heartbeat = Heartbeat()
        self.cpu_at_tick = cpu_seconds()
        gevent.spawn(stats_history, self.runner)
        gevent.spawn(self.writer)
        gevent.spawn(self.runner.start, job.users, job.spawn_rate)

        gc.set_threshold(*GC_THRESHOLDS)
        self._pass_time("ramp", until_s=job.spawn_limit_s)
        gc.freeze()
        self._pass_time("settle", until_s=self.now_s + job.settle_s)
        self.report.hold_start_s = self.now_s
        self._hold()
        self._close()

    @property
    def now_s(self) -> float:
        """Seconds since the first user."""
        return time.monotonic() - self.began

    def _hold(self) -> None:
        self.report.hold_end_s = self.report.hold_start_s
        if self.stop.requested:
            return  # told to end in the ramp: there is no hold
        self.lags: list[float] = []
        cpu_before = cpu_seconds()
        self._pass_time("hold", until_s=self.report.hold_start_s + self.job.hold_s)
        self.report.hold_end_s = self.now_s
        held_s = self.report.hold_end_s - self.report.hold_start_s
        self.report.cpu_cores = (cpu_seconds() - cpu_before) / max(held_s, POLL_S)
        self.report.heartbeat_lag_p99_ms = quantile(self.lags, 0.99)
        self.report.heartbeat_lag_max_ms = max(self.lags, default=0.0)

    def _close(self) -> None:
        report = self.report
        report.requests, report.failures = self.journal.requests, self.journal.failures
        report.own_errors = self.journal.own_errors
        # None opened under all those requests: a client this project has no counter for.
        report.connects = self.opened() or (None if self.journal.requests else 0)
        wall_s = time.time() - report.started_wall_s
        report.clock_drift_ms = abs(wall_s - self.now_s) * 1000
        self.journal.close(self.in_flight)
        self.writer.close_files()
        report.write(self.job.results)

    def _pass_time(self, phase: str, until_s: float) -> None:
        """Tick every second until `until_s`, until the ramp is done, or until told to stop."""
        while self.now_s < until_s and not self.stop.requested:
            gevent.sleep(max(0.0, min(POLL_S, until_s - self.now_s)))
            self._count_users()
            if time.monotonic() - self.ticked >= TICK_S:
                self._tick(phase)
            if phase == "ramp" and self.report.spawned_s is not None:
                return

    def _count_users(self) -> None:
        users, report = self.runner.user_count, self.report
        report.users_reached = max(report.users_reached, users)
        report.users_lost = max(report.users_lost, report.users_reached - users)
        if report.spawned_s is None and users >= self.job.users:
            report.spawned_s = self.now_s

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
