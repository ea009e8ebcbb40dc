"""Ways in which a trial certainly fails, and which disturbances each of them withstands.

A disturbance voids what it could have caused, and nothing else. An OOM kill at the setting's own
limit stands against every disturbance but the loss of a machine, whose users are others' then:
neither steal time nor a late generator takes memory, and a load lighter than asked takes less of
it. A replica that died otherwise stands too, except against CPU that others took or that was
slower, since watchdogs kill what is slow, a machine out of memory or lost, and limits of ours.
Failures beyond the ratio and users who were locked out stand against an unsteady steady state,
which is about latency. Slow answers stand against nothing.
"""

from dataclasses import dataclass

from loadtests.analysis import causes, sentences
from loadtests.analysis.error_rate import fails_by_failures, requests_of_whole
from loadtests.analysis.evidence import Check, Evidence, Interval
from loadtests.analysis.latency import failures, locked_out
from loadtests.analysis.memory_kills import killed_by_limit
from loadtests.analysis.trial_length import is_measured
from loadtests.verdicts import Verdict

# What may end a replica, whatever its setting.
_DEADLY = (
    "steal_time",
    "crowded_host",
    "cpu_speed",
    "host_memory",
    "own_limits",
    "companions",
    "nodes",
)


@dataclass(frozen=True)
class Failing:
    """One way in which a trial fails, and the checks it stands against."""

    reason: str
    withstands: frozenset[str] = frozenset()

    def voided_by(self, tripped: list[Check]) -> list[Check]:
        """Return the tripped checks that could have caused it."""
        return [check for check in tripped if check.name not in self.withstands]


def failings(
    evidence: Evidence, checks: tuple[Check, ...], share: Interval, errors: Interval
) -> list[Failing]:
    """Return every way in which the trial fails, the most certain first."""
    found = []
    killed, gone = killed_by_limit(evidence), causes.died(evidence)
    if killed is not None:
        # On the other nodes users of a lost one take memory too.
        others = frozenset(c.name for c in checks if c.name != "nodes")
        found.append(Failing(sentences.killed(evidence, killed), others))
    elif gone is not None:
        others = frozenset(c.name for c in checks if c.name not in _DEADLY)
        found.append(Failing(sentences.died(evidence, gone), others))
    return [*found, *beyond_slo(evidence, share, errors)]


def beyond_slo(evidence: Evidence, share: Interval, errors: Interval) -> list[Failing]:
    """Return the ways in which its requests break the SLO, whatever became of the replicas."""
    slo = evidence.trial.question.slo
    found = []
    if fails_by_failures(evidence, errors):
        failed, whole = failures(evidence)[0], requests_of_whole(evidence)
        found.append(
            Failing(sentences.too_many_failures(evidence, failed, whole), frozenset({"steady"}))
        )
    if share.low > slo.slow_share:
        found.append(Failing(sentences.latency(evidence, share, Verdict.FAILS)))
    waiting = locked_out(evidence) if is_measured(evidence) else 0
    if waiting > slo.slow_share * evidence.trial.question.workload.users:
        # They ask once and wait, so among requests they are few, and of one second.
        reason = sentences.locked_out(evidence, waiting)
        found.append(Failing(reason, frozenset({"steady"})))
    return found
