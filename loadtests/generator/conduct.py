"""One load sent by several workers, as its master leads them through it."""

from typing import TYPE_CHECKING

import gevent

from loadtests.generator import messages
from loadtests.generator.clock import Clock
from loadtests.generator.job import Job, Level, Phase
from loadtests.generator.lines import say_level, say_second
from loadtests.generator.merging import merged_level, merged_report, worker_report
from loadtests.generator.report import LevelReport, Report
from loadtests.generator.stop import Stop
from loadtests.generator.users import UserCount
from loadtests.generator.watch import Watch
from loadtests.generator.workers import Workers

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from loadtests.generator.master_users import MasterUsers

AWAITING_S = 10.0  # for workers to begin
LEVEL_S = 5.0  # to say what they saw of a level that is over
REPORT_S = 10.0  # to write their files and report; whoever takes longer is lost


class Conductor:
    """Leads workers through a load: when users come, when phases begin, and when it is over."""

    def __init__(self, job: Job, users: "MasterUsers", workers: Workers, stop: Stop) -> None:
        """Begin the load's clock here and at all workers."""
        self._job, self._users, self._workers, self._stop = job, users, workers, stop
        workers.read_clocks()
        self._clock, self._count = Clock(), UserCount()
        workers.begin(self._clock.started_wall_s)
        self._watch = Watch(workers, stop, self._clock, self._count, job.early_stop, say_second)

    def conduct(self) -> Report:
        """Return the report of the whole load, once all workers have ended or were lost."""
        levels: list[LevelReport] = []
        watching = gevent.spawn(self._workers.stop_when_silent, self._stop)
        self._workers.await_all(messages.AWAITING, 1, AWAITING_S, lambda: self._stop.requested)
        for level in self._job.levels:
            levels.append(self._level(level, len(levels)))
            say_level(self._clock, levels[-1])
            if self._stop.requested:
                break
        if not self._stop.requested:  # else it is in no state to be asked more
            self._workers.await_all(messages.OVER, 1, LEVEL_S, lambda: self._stop.requested)
            self._users.let_leave()
        self._users.end()
        self._stop.requested = True  # whoever leaves from now on does so because it is over
        self._workers.tell(messages.FINISH)
        told = self._workers.await_all(messages.REPORT, 1, REPORT_S)
        watching.kill()
        return merged_report(
            self._seen(levels),
            told,
            [
                worker_report(
                    worker,
                    told.get(worker),
                    self._workers.clock_offset(worker),
                    self._workers.silences.get(worker, ""),
                )
                for worker in self._workers.numbers
            ],
        )

    def _level(self, level: Level, number: int) -> LevelReport:
        start_s, count, clock, watch = self._clock.now_s(), self._count, self._clock, self._watch
        more = level.users - count.expected
        count.expect(level.users)
        if more:
            self._users.start(level.users)
        watch.wait(
            Phase.RAMP_UP,
            self._job.spawn_limit_s(more),
            done=lambda: count.arrived_s is not None,
        )
        ramped_s = clock.now_s()
        self._workers.tell(messages.RAMPED_UP, at_s=ramped_s)
        watch.wait(Phase.WARM_UP, level.warm_up_s)
        steady_start_s = clock.now_s()
        if self._stop.requested:
            return LevelReport.without_steady_state(level, start_s, count.arrived_s, steady_start_s)
        watch.wait(Phase.STEADY_STATE, level.steady_s)
        steady_end_s = clock.now_s()
        if self._stop.requested:
            self._workers.tell(messages.FINISH)
        told = self._workers.await_all(messages.LEVEL, number + 1, LEVEL_S)
        seen = LevelReport(
            level.users,
            start_s,
            count.arrived_s,
            steady_start_s,
            steady_end_s,
            rate_per_s=level.rate_per_s,
        )
        return merged_level(seen, told.values())

    def _seen(self, levels: list[LevelReport]) -> Report:
        stopped = self._watch.stopped_early
        return Report(
            started_wall_s=self._clock.started_wall_s,
            levels=tuple(levels),
            stopped_early=stopped.reason if stopped else None,
            requests_of_whole=stopped.requests_of_whole if stopped else 0,
            users_reached=self._count.reached,
            users_lost=self._count.lost,
            requests=0,
            failures=0,
            connects=0,
            heartbeat_lag_p99_ms=0.0,
            heartbeat_lag_max_ms=0.0,
            cpu_cores=0.0,
            clock_drift_ms=self._clock.drift_ms(),
            script_errors=dict(self._users.hook_errors),
        )
