"""Locust, prepared for one job: its users, their requests and their connections."""

import gc
import logging
from collections import Counter
from typing import Any

import gevent
from locust.env import Environment

from loadtests.generator import connections, host_header, leaving, names, one_host, pacing
from loadtests.generator.arrivals import KEPT_SHARE, Arrivals
from loadtests.generator.environment import CreateRunner, LocustEnvironment
from loadtests.generator.job import Job
from loadtests.generator.journal import Journal
from loadtests.generator.redirects import Redirects
from loadtests.generator.schedule import Schedule, Turns
from loadtests.generator.script import Script
from loadtests.generator.script_errors import ScriptErrors
from loadtests.generator.tasks import TaskLog

# Ten thousand greenlets are walked in vain by every full collection, which stops all users for
# up to half a second; what requests leave behind is freed by the young generations.
GC_THRESHOLDS = (20_000, 20, 1_000)
# What a script reports under one of these is an HTTP call, also where its own client made it.
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
LEAVING_SLACK_S = 5.0  # beyond the time in which users may leave at the spawn rate


class Traffic:
    """The users of a locustfile, at the job's pace and against its address."""

    def __init__(
        self,
        job: Job,
        script: Script,
        create_runner: CreateRunner = Environment.create_local_runner,
    ) -> None:
        """Prepare clients and users; nothing is sent yet.

        Raises ScriptError where the script's own `init` hooks fail.
        """
        self._spawn_rate, self._script = job.spawn_rate, script
        connections.keep_alive()
        connections.share_evenly()
        self.connections = connections.log_connections()
        pacing.spread_arrivals()
        self.arrivals: Arrivals | None = None  # of an open load
        if job.arrivals is None:
            self.thinking = pacing.think_between(*job.think_time_s)
            self.in_flight = pacing.limit_requests(job.timeout_s)
        else:
            self.arrivals = Arrivals(
                Turns(Schedule(job.arrivals, job.seed), job.worker, job.workers), self._are_kept
            )
            self.thinking = pacing.wait_for_arrivals(self.arrivals)
            late_s = self.arrivals.spend_late_s
            self.in_flight = pacing.limit_requests(job.timeout_s, late_s)
        one_host.keep_to(job.base_url, job.host_header)
        pacing.wait_as_one(script.holders)
        self.not_judged: Counter[str] = Counter()
        self._tasks, self.redirects = TaskLog(), Redirects()
        self.names = names.name_requests()
        if job.host_header:
            host_header.carry(job.host_header)
        self.rarest_share = script.rarest_share
        self.environment = LocustEnvironment(job, script, create_runner)
        self._runner, self.hook_errors = self.environment.runner, self.environment.hook_errors

    @property
    def users(self) -> int:
        """How many there are now."""
        return int(self._runner.user_count)

    @property
    def tasks_not_run(self) -> list[str]:
        """Tasks of the script that no user has begun yet."""
        return self._tasks.not_begun(self._script.user_classes)

    def begin(self, journal: Journal, errors: ScriptErrors) -> None:
        """Note every request and error from now on."""

        def note(
            request_type: str,
            name: str,
            response_time: float | None = None,
            response: Any = None,
            exception: BaseException | None = None,
            **_: Any,
        ) -> None:
            user, is_call = gevent.getcurrent(), request_type.upper() in METHODS
            was_sent = self.in_flight.report(user, name, is_call=is_call)
            late_s = self.in_flight.take_late_s(user)
            if was_sent or is_call:
                if not was_sent and self.arrivals is not None:
                    late_s = self.arrivals.spend_late_s(user)
                called = self.names.of(name)
                self.redirects.note(called, response)
                journal.on_request(called, response_time, response, exception, late_s)
            else:
                self.not_judged[request_type] += 1

        self.environment.events.request.add_listener(note)
        self.environment.events.user_error.add_listener(errors.on_user_error)
        pacing.tell_task_ends(errors.on_task_end)
        leaving.tell_who_ends(errors.on_user_end, errors.on_last_error)
        self._let_leave = errors.let_leave
        # All they say is every traceback, thousands a second where every answer is a wrong one.
        for name in ("locust.user.task", "locust.user.users"):
            logging.getLogger(name).disabled = True
        gc.set_threshold(*GC_THRESHOLDS)

    def start_users(self, users: int) -> None:
        """Let users come at the job's spawn rate, until there are so many in all."""
        gevent.spawn(self._runner.start, users, self._spawn_rate)

    def change_rate(self, rate_per_s: float, seconds: float) -> None:
        """Let the arrivals of an open load become so many, over so many seconds."""
        if self.arrivals is not None:
            self.arrivals.change_rate(rate_per_s, seconds)

    @property
    def waiting_s(self) -> list[float]:
        """For how long (s) those wait that arrived and found no user to send them."""
        return [] if self.arrivals is None else self.arrivals.ages_s()

    def _are_kept(self) -> bool:
        """Say whether nearly all users wait for the service."""
        return len(self.in_flight) >= KEPT_SHARE * self.users

    @staticmethod
    def spare_users_from_collection() -> None:
        """Leave what lives now out of garbage collections: its users stay until the end."""
        gc.freeze()

    def expect_leaving(self) -> None:
        """Let nothing arrive any more, and take it that users end because the load does."""
        if self.arrivals is not None:
            self.arrivals.end()
        self._let_leave()

    def let_users_leave(self) -> None:
        """Let users leave at the rate they came, where their script does something then.

        All at once they would be a load of their own.
        """
        if self._script.says_goodbye:
            limit_s = self.users / self._spawn_rate + LEAVING_SLACK_S
            with gevent.Timeout(limit_s, exception=False):
                self._runner.start(0, self._spawn_rate)
                self._runner.spawning_greenlet.join()

    def close(self) -> None:
        """Let the script's hooks know that the test is over."""
        self.environment.close()
