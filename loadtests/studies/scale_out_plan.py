"""How long it takes to measure what notebook 04 asks for, told before it begins."""

from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.balancing import LEAST_TRIALS
from loadtests.studies.parameters import Parameters
from loadtests.studies.replica_capacity import saturating
from loadtests.studies.trial_runner import TRIAL_OVERHEAD_S
from loadtests.studies.users_curve import users_of

CLIMB_OVERHEAD_S = 11.0  # of a staircase: a small replica takes longer to start
CLIMB_LEVELS = 5  # that a staircase of capacity usually has
RAMP_UP_S = 3.0  # of it, all users together


@dataclass(frozen=True)
class ScaleOutPlan:
    """How many trials and staircases there are, and how long they take where none is there yet."""

    asked: Parameters

    @property
    def settings(self) -> int:
        """How many settings are measured, the splits of one total included."""
        return len({*self.asked.scale_out_settings, *self.asked.split_settings})

    @property
    def trials(self) -> int:
        """How many trials there are, repeats aside."""
        return self.settings * self.asked.replicates

    @property
    def climbs(self) -> int:
        """How many staircases look for the capacity of replicas."""
        if self.asked.capacity_replica is None:
            return 0
        return len({*(self.asked.capacity_counts or [])}) * self.asked.capacity_repeats

    @property
    def trials_s(self) -> float:
        """How long the trials take; those stopped early take less."""
        return self.trials * (self.asked.question.workload.duration_s + TRIAL_OVERHEAD_S)

    @property
    def users_s(self) -> float:
        """How long the staircase of users takes, to its end."""
        workload, beyond = self.asked.question.workload, self.asked.users_beyond
        if beyond == 0 or workload.is_open:
            return 0.0
        users = users_of(workload, beyond)
        each_s = workload.warm_up_s + workload.level_steady_s
        return users[-1] / workload.spawn_rate + len(users) * each_s + TRIAL_OVERHEAD_S

    @property
    def climbs_s(self) -> float:
        """How long the staircases of replicas usually take."""
        workload = saturating(self.asked.question, self.asked.question.workload.users).workload
        levels_s = CLIMB_LEVELS * (workload.level_warm_up_s + workload.level_steady_s)
        return self.climbs * (RAMP_UP_S + levels_s + CLIMB_OVERHEAD_S)

    @property
    def balancing_s(self) -> float:
        """How long it takes to compare a proxy with Docker's DNS, where there is one."""
        if not self.asked.target.balancing.is_proxied:
            return 0.0
        trials = 2 * max(LEAST_TRIALS, self.asked.replicates)
        return trials * (self.asked.question.workload.duration_s + TRIAL_OVERHEAD_S)

    @property
    def expected_s(self) -> float:
        """How long all of it takes."""
        return self.trials_s + self.balancing_s + self.users_s + self.climbs_s

    @property
    def sentences(self) -> list[str]:
        """Say what is about to be measured, and how long each part takes at most."""
        said = [
            f"{formats.count(self.settings, 'setting')} with "
            f"{formats.count(self.asked.replicates, 'trial')} each, interleaved in random order, "
            f"under {self.asked.question.workload.label}: about {formats.duration(self.trials_s)}."
        ]
        if self.balancing_s:
            said.append(
                "The proxy and Docker's DNS by turns, at one of them: about "
                f"{formats.duration(self.balancing_s)}."
            )
        if self.users_s:
            said.append(
                "A live staircase of users on the least setting: about "
                f"{formats.duration(self.users_s)}."
            )
        if self.climbs:
            said.append(
                f"{formats.count(self.climbs, 'live staircase')} of replicas, each count in turn: "
                f"about {formats.duration(self.climbs_s)}."
            )
        return [*said, "Less what was measured before, and what is stopped early."]
