"""Measures the highest rate that each number of replicas of one size holds.

Every count is looked at several times, in rounds of random order, with users raised live.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.counters import cpu_ms_per_answer
from loadtests.analysis.evidence import Evidence, Skipped
from loadtests.analysis.replica_capacity import Capacities, Climb
from loadtests.analysis.scalability import ScalabilityLaw, fit_scalability
from loadtests.analysis.summary import Judged
from loadtests.bench.containers import descriptors
from loadtests.bench.preflight import USERS_PER_GENERATOR, check_load, check_setting
from loadtests.bench.staircase import staircase_plan
from loadtests.errors import HostError, NotReadyError, ScalabilityError
from loadtests.question import CLOSED, Question, Setting, Workload
from loadtests.record import trial_folder
from loadtests.search import replica_capacity as search
from loadtests.search.interleaving import rounds, seed_of
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import CAPACITY, Manifest, read_manifest
from loadtests.studies.trial_runner import TrialRunner

# Of a request where no trial has told: what little any server takes, so that the first level is too
# high rather than endless; levels that all fail are asked again far below.
USUAL_CPU_MS = 1.0
SPAWN_S = 10.0  # in which the most users come, so that levels do not wait for them


@dataclass(frozen=True)
class CapacityStudy:
    """What replicas of one size hold at most, or why that is not known."""

    size: Setting | None  # of one replica; None: not asked
    found: Capacities
    skipped: tuple[Skipped, ...] = ()
    absent: str = ""  # why there is nothing, a sentence

    @property
    def points(self) -> tuple[CapacityPoint, ...]:
        """The highest rate of each count, with its interval; fewest replicas first."""
        return self.found.points

    @property
    def law(self) -> ScalabilityLaw | None:
        """The scalability law of the points; None where they are too few."""
        return self._fitted[0]

    @cached_property
    def _fitted(self) -> tuple[ScalabilityLaw | None, str]:
        try:
            return fit_scalability(self.found.each), ""
        except ScalabilityError as why:
            return None, str(why)

    def law_sentences(self) -> list[str]:
        """Say what the law is, or why none was fitted; nothing where nothing was measured."""
        if not self.found.climbs:
            return []
        law, why = self._fitted
        return [why] if law is None else [*law.sentences]

    def sentences(self) -> list[str]:
        """Say what each count holds, or why that is not known."""
        if self.size is None or not self.found.climbs:
            return [self.absent]
        left = [f"{each.setting.label} was not measured: {each.reason}." for each in self.skipped]
        return [*self.found.sentences(), *left]


NO_CAPACITY = CapacityStudy(
    None, Capacities(()), absent="What each number of replicas holds at most was not measured."
)


def saturating(question: Question, users: int) -> Question:
    """Return a question whose users wait for answers and pause as `search.replica_capacity` says.

    Their pauses are those asked for, shortened in proportion where they are longer.
    """
    asked = question.workload
    low_s, high_s = asked.think_time_s
    pause_s = search.PAUSES * question.slo.latency_ms / 1000
    times = min(1.0, pause_s / asked.think_mean_s)
    workload = Workload(
        users=users,
        spawn_rate=max(asked.spawn_rate, users / SPAWN_S),
        think_time_s=(low_s * times, high_s * times),
        steady_s=asked.steady_s,
        timeout_s=asked.timeout_s,
        arrivals=CLOSED,
    )
    return Question(workload, question.slo)


def measure_capacity(
    experiment: Experiment,
    size: Setting,
    counts: Sequence[int],
    times: int,
    known: Sequence[Judged] = (),
) -> CapacityStudy:
    """Climb so many staircases of each count, interleaved, and keep what came of them.

    `known` are trials that tell what a request takes of the CPU, so that the first staircase begins
    near its edge; without any it may take a few more. A count that the host cannot grant, or that
    is never ready, is kept with the reason.
    """
    question = experiment.bench.question
    first_per_s = size.cpus / (_cpu_ms(known) / 1000)
    held: dict[int, float] = {}
    climbs: list[Climb] = []
    skipped: dict[Setting, Skipped] = {}
    with experiment.measuring() as runner:
        for turn in rounds([*dict.fromkeys(counts)], times, seed_of(experiment.run.name)):
            for count in turn:
                setting = replace(size, replicas=count)
                if setting in skipped:
                    continue
                try:
                    climb = _climb(
                        runner,
                        experiment,
                        setting,
                        len(climbs),
                        search.expected_rate(held, count, first_per_s),
                        search.BEGIN_AGAIN if count in held else search.BEGIN,
                    )
                except (HostError, NotReadyError) as why:
                    experiment.progress.note(f"{setting.label}: {why}")
                    skipped[setting] = Skipped.because(setting, why)
                    continue
                climbs.append(climb)
                rate = climb.rate_per_s
                held |= {} if rate is None else {count: rate}
                told = "no level met the SLO" if rate is None else f"{rate:,.0f} requests/s held"
                experiment.progress.note(f"{setting.label}: {told}")
    manifest = experiment.keep(
        CAPACITY,
        replace(experiment.bench, question=saturating(question, question.workload.users)),
        [replace(size, replicas=count) for count in dict.fromkeys(counts)],
        [climb.evidence.trial.key for climb in climbs],
        runner,
        skipped.values(),
    )
    return capacity_of(manifest, [climb.evidence for climb in climbs])


def _climb(
    runner: TrialRunner,
    experiment: Experiment,
    setting: Setting,
    turn: int,
    expected_per_s: float,
    begin: float,
) -> Climb:
    """Climb a staircase around an expected rate; where it has no edge, another elsewhere."""
    slo, most = experiment.bench.question.slo, _most_users(experiment)
    for _ in range(search.ATTEMPTS):
        pause_s = saturating(experiment.bench.question, most).workload.think_mean_s
        users = search.levels(expected_per_s, pause_s, most, begin)
        question = saturating(experiment.bench.question, users[-1])
        check_setting(setting, question.workload, experiment.grants)
        check_load(question.workload, experiment.grants)
        bench = replace(experiment.bench, question=question)
        plan = staircase_plan(bench, setting, users, [setting.cpus], repeat=turn)
        evidence = runner.staircase(
            bench, plan, lambda seen: setting.cpus if search.climbs_on(seen, slo) else None
        )
        elsewhere = search.next_expected(expected_per_s, evidence.trial.steps, slo)
        if elsewhere is None or (elsewhere > expected_per_s and users[-1] == most):
            break
        expected_per_s = elsewhere
    return Climb(evidence)


def _most_users(experiment: Experiment) -> int:
    """Return how many users the load generator can have here."""
    grants = experiment.grants
    driven = USERS_PER_GENERATOR
    if grants.descriptor_limit is not None:
        driven = min(driven, grants.descriptor_limit - descriptors(0))
    return grants.workers * driven


def _cpu_ms(known: Sequence[Judged]) -> float:
    """Return the CPU that one answer took in the first trial that tells, in milliseconds."""
    told = (cpu_ms_per_answer(evidence) for evidence, _ in known)
    return next((each for each in told if each), USUAL_CPU_MS)


def capacity_of(manifest: Manifest, climbed: Sequence[Evidence]) -> CapacityStudy:
    """Return what staircases say together."""
    size = replace(manifest.settings[0], replicas=1)
    climbs = tuple(Climb(evidence) for evidence in climbed)
    return CapacityStudy(size, Capacities(climbs), manifest.skipped, NO_CAPACITY.absent)


def read_capacity(run: Path) -> CapacityStudy:
    """Read what a run measured of it, or that it did not."""
    manifest = read_manifest(run, CAPACITY)
    if manifest is None or not manifest.settings:
        return NO_CAPACITY
    return capacity_of(manifest, [Evidence.read(trial_folder(run, key)) for key in manifest.trials])
