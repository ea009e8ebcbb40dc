"""What a job is about to do: which notebooks run with what, how many trials, and how long.

It refuses what makes no sense before anything runs, and runs nothing itself.
"""

from dataclasses import dataclass
from typing import Any

from loadtests.errors import QuestionError
from loadtests.jobs.notebooks import SCALE_OUT, SEARCH, SINGLE, declared
from loadtests.studies.parameters import EXAMPLE, ROOT, Parameters
from loadtests.studies.scale_out_plan import ScaleOutPlan
from loadtests.studies.trial_runner import TRIAL_OVERHEAD_S

NOTEBOOK_OVERHEAD_S = 6.0  # that a notebook takes to start (generous)
SMOKE_TEST_S = 20.0  # one user first, the look at the script included
# The load generator check, one setting again for the noise floor, the size to deploy, and the
# answer without its CPU quota and with open arrivals; the long trial of a search is counted by
# itself.
EXTRA_TRIALS = 5
# What a search usually takes: it holds, less CPU fails, less memory fails, and one on the way.
SEARCH_TRIALS = 4
REPLICA_TRIALS = 1  # and of several: the nearest that may cost less
SEARCH_LEVELS = 6


@dataclass(frozen=True)
class Plan:
    """Which notebooks run with what."""

    notebooks: tuple[str, ...]
    given: dict[str, Any]
    asked: Parameters

    @property
    def searches(self) -> bool:
        """Whether settings (or users) are searched for and not given by name."""
        return SEARCH in self.notebooks and self.asked.settings is None

    @property
    def trials(self) -> int:
        """How many trials there are to measure, repeats aside; of a search, its usual number."""
        single = {self.asked.setting} if SINGLE in self.notebooks else set()
        named = {*self.asked.vertical_settings, *single} - {*self.asked.scale_out_settings}
        one_size = self.searches and not self.asked.finds_capacity
        several = one_size and self.asked.replicas_at_most > 1
        searched = SEARCH_TRIALS * self.searches + REPLICA_TRIALS * several
        return len(named) + self._scale_out.trials + searched

    @property
    def _scale_out(self) -> ScaleOutPlan:
        """What is measured of several replicas."""
        return ScaleOutPlan(self.asked)

    @property
    def _live_s(self) -> float:
        return self._scale_out.users_s + self._scale_out.climbs_s

    @property
    def expected_s(self) -> float:
        """How long it takes when nothing was measured before and nothing is repeated."""
        workload = self.asked.question.workload
        each = workload.duration_s + TRIAL_OVERHEAD_S
        stairs_s = workload.staircase_s(SEARCH_LEVELS) if self.searches else 0.0
        notebooks_s = len(self.notebooks) * NOTEBOOK_OVERHEAD_S
        long_s = self._long_trial_s
        live_s = self._live_s if SCALE_OUT in self.notebooks else 0.0
        once_s = SMOKE_TEST_S + long_s + stairs_s + live_s
        return (self.trials + EXTRA_TRIALS) * each + once_s + notebooks_s

    @property
    def _long_trial_s(self) -> float:
        """How long the long trial takes that ends a search for the least setting."""
        if not self.searches or self.asked.finds_capacity:
            return 0.0
        return self.asked.final_question.workload.duration_s + TRIAL_OVERHEAD_S

    @property
    def report_notebook(self) -> str:
        """The notebook that becomes the report: the last one."""
        return self.notebooks[-1]

    @property
    def _ramp_up(self) -> str:
        workload = self.asked.question.workload
        if workload.is_open:
            return f"({workload.arrivals})"
        return f"({workload.spawn_rate:g}/s)"

    @property
    def sentence(self) -> str:
        """What is about to happen, in one line."""
        workload, run = self.asked.question.workload, self.asked.folder
        how = "a search of about" if self.searches else "these settings, in all"
        return (
            f"Plan: {how} {self.trials} trials at {workload.label} "
            f"{self._ramp_up}, {workload.duration_s:.0f} s of load each, into "
            f"{run.relative_to(ROOT)}; about {self.expected_s / 60:.0f} min, less what was "
            "measured before"
        )


def make_plan(given: dict[str, Any], notebooks: tuple[str, ...]) -> Plan:
    """Check what was given against what the notebooks declare.

    Raises QuestionError for an unknown name or a value that makes no sense.
    """
    defaults: dict[str, Any] = {}
    for notebook in reversed(notebooks):
        defaults |= declared(notebook)
    unknown = set(given) - set(defaults)
    if unknown:
        Parameters.from_mapping({name: given[name] for name in unknown})
        raise QuestionError(f"{', '.join(sorted(unknown))}: no notebook of this job uses that")
    asked = Parameters.from_mapping(defaults | given)
    _ = asked.question, asked.target, asked.script, asked.prices, asked.budget
    _ = asked.goal, asked.final_question, asked.headroom, asked.replica_budget
    _ = asked.finds_capacity, asked.plan_request
    if asked.folder == EXAMPLE:
        raise QuestionError("run is 'example'; the example is recorded and only read: name another")
    return Plan(notebooks, given, asked)
