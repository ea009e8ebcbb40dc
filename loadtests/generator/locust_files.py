"""Locust's own files: its tables of requests and failures, and their history."""

from pathlib import Path

import gevent
from locust.env import Environment
from locust.stats import PERCENTILES_TO_REPORT, StatsCSVFileWriter, stats_history


class LocustFiles:
    """What Locust writes of a load, of all its workers where there are any."""

    def __init__(self, environment: Environment, results: Path) -> None:
        """Open them."""
        self._runner = environment.runner
        self._writer = StatsCSVFileWriter(
            environment, PERCENTILES_TO_REPORT, str(results / "locust"), full_history=True
        )

    def begin(self) -> None:
        """Write from now on."""
        gevent.spawn(stats_history, self._runner)
        gevent.spawn(self._writer)

    def close(self) -> None:
        """Finish them."""
        self._writer.close_files()
