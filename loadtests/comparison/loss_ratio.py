"""Multiple Loss Ratio Search (RFC 9971) on each axis, by the library of those who wrote it."""

from collections.abc import Sequence
from dataclasses import dataclass

from MLRsearch import Config, MeasurementResult, MultipleLossRatioSearch, SearchGoal

from loadtests.comparison.axes import ALLOWED, Edge, margin
from loadtests.comparison.problem import SearchRun
from loadtests.question import Setting, Workload
from loadtests.search.knowledge import TRIALS_PER_SETTING

# Of the trials of a lower bound, by duration, so many may be bad: what the RFC recommends.
RECOMMENDED_EXCEED_RATIO = 0.5
_TRIAL_S = Workload().duration_s
# The library searches a load. A step of CPU or memory less is so many times the load.
_STEP = 1.25
# A hair more than a step, so that the library's grid of loads is that of the steps.
_WIDTH = 1 - _STEP**-1.005
_REQUESTS = 10_000
_AT_MOST_S = 60.0  # of computing


@dataclass(frozen=True)
class _Loads:
    """An axis as loads, to be measured: the last step is the lightest, the first the heaviest."""

    search_run: SearchRun
    axis: Sequence[Setting]

    def setting(self, load: float) -> Setting:
        """Return what a load stands for."""
        lightest_to = {round(_STEP**step, 6): step for step in range(len(self.axis))}
        nearest = min(lightest_to, key=lambda known: abs(known - load))
        return self.axis[-1 - lightest_to[nearest]]

    def measure(self, intended_duration: float, intended_load: float) -> MeasurementResult:
        """Make one trial; its loss is the share of slow requests, up to twice what is allowed.

        The library guesses its next load from what got through, so all that is lost in a kill
        would send it to the lightest.
        """
        finding = self.search_run.trial(self.setting(intended_load))
        loss_ratio = ALLOWED * (1 - margin(finding))
        return MeasurementResult(
            intended_duration=intended_duration,
            intended_load=intended_load,
            offered_count=_REQUESTS,
            loss_count=round(_REQUESTS * loss_ratio),
        )


def loss_ratio_edge(exceed_ratio: float) -> Edge:
    """Return the search of an axis that lets a share of the trials, by duration, be bad."""
    goal = SearchGoal(
        loss_ratio=ALLOWED,
        exceed_ratio=exceed_ratio,
        relative_width=_WIDTH,
        initial_trial_duration=_TRIAL_S,
        final_trial_duration=_TRIAL_S,
        duration_sum=TRIALS_PER_SETTING * _TRIAL_S,
        preceding_targets=1,
        expansion_coefficient=2,
        fail_fast=False,  # where even the lightest load is too much, it answers without a bound
    )

    def edge(search_run: SearchRun, axis: Sequence[Setting]) -> Setting | None:
        config = Config(
            goals=[goal],
            min_load=1.0,
            max_load=_STEP ** (len(axis) - 1),
            search_duration_max=_AT_MOST_S,
        )
        loads = _Loads(search_run, axis)
        found = MultipleLossRatioSearch(config=config).search(loads, debug=_silent)[goal]
        bound = found.relevant_lower_bound
        return None if bound is None else loads.setting(float(bound))

    return edge


def _silent(_: str) -> None:
    """Log nothing."""
