"""Locust, prepared for one job: its users, their requests and their connections."""

import gc
import logging
from typing import Any

import gevent
import locust
from locust import between
from locust.env import Environment
from locust.stats import PERCENTILES_TO_REPORT, StatsCSVFileWriter, stats_history
from locust.util.load_locustfile import load_locustfile

from loadtests.generator import connections, names, pacing
from loadtests.generator.job import Job
from loadtests.generator.journal import Journal
from loadtests.generator.script_errors import ScriptErrors

# Ten thousand greenlets are walked in vain by every full collection, which stops all users for
# up to half a second; what requests leave behind is freed by the young generations.
GC_THRESHOLDS = (20_000, 20, 1_000)


class Traffic:
    """The users of a locustfile, at the job's pace and against its address."""

    def __init__(self, job: Job) -> None:
        """Prepare clients and users; nothing is sent yet."""
        self._spawn_rate = job.spawn_rate
        connections.keep_alive()
        connections.share_evenly()
        self.connections = connections.log_connections()
        pacing.spread_arrivals()
        self.in_flight = pacing.limit_requests(job.timeout_s)
        names.leave_queries_out()
        user_classes = list(load_locustfile(str(job.locustfile))[0].values())
        for user_class in user_classes:
            # The question, not the locustfile, says how long users think.
            user_class.wait_time = between(*job.think_time_s)
        self._environment = Environment(
            user_classes=user_classes, events=locust.events, host=job.base_url
        )
        self._runner = self._environment.create_local_runner()
        self._writer = StatsCSVFileWriter(
            self._environment, PERCENTILES_TO_REPORT, str(job.results / "locust"), full_history=True
        )

    @property
    def users(self) -> int:
        """How many there are now."""
        return int(self._runner.user_count)

    def begin(self, journal: Journal, errors: ScriptErrors) -> None:
        """Note every request and error from now on, and let Locust write its own files."""
        self._environment.events.request.add_listener(self._note_reported)
        self._environment.events.request.add_listener(journal.on_request)
        self._environment.events.user_error.add_listener(errors.on_user_error)
        pacing.tell_task_ends(errors.on_task_end)
        # All it says is every traceback, thousands a second where every answer is a wrong one.
        logging.getLogger("locust.user.task").disabled = True
        gevent.spawn(stats_history, self._runner)
        gevent.spawn(self._writer)
        gc.set_threshold(*GC_THRESHOLDS)

    def _note_reported(self, **_: Any) -> None:
        self.in_flight.report(gevent.getcurrent())

    def start_users(self, users: int) -> None:
        """Let users come at the job's spawn rate, until there are so many in all."""
        gevent.spawn(self._runner.start, users, self._spawn_rate)

    @staticmethod
    def spare_users_from_collection() -> None:
        """Leave what lives now out of garbage collections: its users stay until the end."""
        gc.freeze()

    def close(self) -> None:
        """Finish Locust's own files."""
        self._writer.close_files()
