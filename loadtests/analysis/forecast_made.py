"""A forecast beside what trials found afterwards, and what all forecasts so far were worth."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.calibration import UTILISATION
from loadtests.analysis.evidence import Interval
from loadtests.analysis.forecast import CONFIDENCE, CpuForecast


@dataclass(frozen=True)
class ForecastMade:
    """What was forecast from a staircase, and the least CPU that its search proved to hold.

    The truth is known to a step: it lies above the step that fails, and is at most the one found.
    """

    started_at: str  # of the staircase, ISO 8601, UTC
    forecast: CpuForecast
    law_cpus: float | None  # by the utilisation law at a fixed use, same speed; None: not known
    found_cpus: float  # least of the steps that holds
    failing_cpus: float | None  # the step below it; None: there is none
    found_cpu_ms: float | None = None  # that a request took there; None: not reported

    @property
    def cpus(self) -> Interval:
        """What was forecast at the reference speed, at which the trials were judged."""
        return self.forecast.reference_cpus

    @property
    def error(self) -> float:
        """How far the forecast lies outside what is known; 0 within it, +0.1: a tenth too much."""
        return self._off(self.cpus.estimate)

    @property
    def law_error(self) -> float | None:
        """The same of the utilisation law at a fixed use."""
        return None if self.law_cpus is None else self._off(self.law_cpus)

    @property
    def inside(self) -> bool:
        """Whether the interval, taken to the steps there were, has the one found."""
        return self.cpus.low <= self.found_cpus and self.cpus.high > (self.failing_cpus or 0.0)

    @property
    def below(self) -> str:
        """What is known of the step below: "0.3 fails", or that there is none."""
        step = self.failing_cpus
        return "the least step" if step is None else f"{step:g} fails"

    @property
    def sentence(self) -> str:
        """Say how far off it was, and how far the law would have been."""
        off = f"off by {self.error:+.0%}" if self.error else "right to the step"
        said = (
            f"Trials found {self.found_cpus:g} CPU ({self.below}): the forecast was {off}, its "
            f"interval {'held' if self.inside else 'did not hold'}"
        )
        if self.found_cpu_ms is not None:
            said += (
                f"; a request took {self.found_cpu_ms:.3f} ms of CPU, "
                f"{self.forecast.cpu_ms_per_request:.3f} were expected"
            )
        if self.law_cpus is None or self.law_error is None:
            return f"{said}."
        return (
            f"{said}; the utilisation law, with the ample level's CPU a request and "
            f"{UTILISATION:.0%} use, said {self.law_cpus:.2f} ({self.law_error:+.0%})."
        )

    def _off(self, cpus: float) -> float:
        if cpus > self.found_cpus:
            return cpus / self.found_cpus - 1
        if self.failing_cpus is not None and cpus < self.failing_cpus:
            return cpus / self.failing_cpus - 1
        return 0.0


@dataclass(frozen=True)
class ForecastLog:
    """All forecasts so far by run, the oldest first, and the runs that have none to compare."""

    made: tuple[tuple[str, ForecastMade], ...]
    left_out: tuple[tuple[str, str], ...]  # run, why

    @property
    def sentences(self) -> list[str]:
        """Say what the forecasts were worth, and which runs are not among them."""
        return [self.worth, *([self._without] if self.left_out else [])]

    @property
    def worth(self) -> str:
        """How often the intervals held, and how large the errors were, of forecasts and law."""
        forecasts = [made for _, made in self.made]
        if not forecasts:
            return "No run has a forecast that trials were compared with."
        inside = sum(made.inside for made in forecasts)
        laws = [made.law_error for made in forecasts if made.law_error is not None]
        return (
            f"Of {formats.count(len(forecasts), 'forecast')} the {CONFIDENCE:.0%} interval held in "
            f"{inside} ({inside / len(forecasts):.0%}). Their errors: "
            f"{_errors([made.error for made in forecasts])}; of the utilisation law at "
            f"{UTILISATION:.0%} use: {_errors(laws)}."
        )

    @property
    def _without(self) -> str:
        return f"Left out: {'; '.join(f'{run} ({why})' for run, why in self.left_out)}."


def _errors(errors: Sequence[float]) -> str:
    if not errors:
        return "not known"
    sizes = [abs(error) for error in errors]
    return f"{statistics.median(sizes):.0%} at the median, {max(sizes):.0%} at most"
