"""How often the users of somebody's own script think, and how often they ask in between."""

from dataclasses import dataclass

import numpy as np

from loadtests.analysis import generator_health
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import columns

# Of the thinks that the users' free time has room for: so many at least are users who think as
# asked. Those who think alike may be one cycle of a steady state of four apart from it.
THINKS_SHARE = 0.75
HARDLY_THINKS = 100  # requests for every think: a loop of the script's own


def users_there(evidence: Evidence) -> int:
    """Return how many users there were, without those whom a failed log-in ended."""
    return max(0, evidence.trial.question.workload.users - evidence.trial.generator.users_ended)


@dataclass(frozen=True)
class Rhythm:
    """How often the users of somebody's own script thought in the steady state, and asked."""

    requests: int  # that ended: users think after an answer, not while they wait for one
    thinks: int
    possible: float  # thinks that their time had room for, while they did not wait for an answer
    ever: bool  # whether anybody thought in the whole trial
    is_sound: bool  # the generator was healthy

    @property
    def is_as_asked(self) -> bool:
        """Whether they thought about as often as they could."""
        return self.is_sound and self.thinks >= THINKS_SHARE * self.possible

    @property
    def ever_thinks(self) -> bool:
        """Whether they think at all, as the question wants them to."""
        rarely = self.requests > HARDLY_THINKS * self.thinks
        seldom = self.thinks < (1 - THINKS_SHARE) * self.possible
        return not (rarely and (seldom or not self.ever))

    @property
    def sentence(self) -> str:
        """Say it in numbers."""
        share = self.thinks / self.possible if self.possible else 1.0
        each = f"{self.requests / max(1, self.thinks):,.1f} requests for every think"
        if share >= THINKS_SHARE:
            return each
        return f"{each}, and {share:.0%} of the thinks that users had time for"


def rhythm_of(evidence: Evidence) -> Rhythm | None:
    """Return the rhythm of somebody's own script; None where the record does not tell."""
    trial = evidence.trial
    thinks, phases, workload = trial.generator.thinks_steady, trial.phases, trial.question.workload
    if thinks is None or trial.own_script:
        return None
    start_s, latency_ms, _, in_flight = columns(evidence)
    begin_s, end_s = phases.steady_start_s, phases.steady_end_s
    took_s = np.minimum(latency_ms / 1000, workload.timeout_s)
    ended_s = (start_s + took_s)[~in_flight]
    waited_s = (np.minimum(start_s + took_s, end_s) - np.maximum(start_s, begin_s)).clip(0).sum()
    free_s = max(0.0, users_there(evidence) * (end_s - begin_s) - float(waited_s))
    return Rhythm(
        requests=int(np.count_nonzero((ended_s >= begin_s) & (ended_s < end_s))),
        thinks=thinks,
        possible=free_s / workload.think_mean_s,
        ever=trial.generator.thinks > 0,
        is_sound=generator_health.is_healthy(evidence),
    )
