"""A whole run, gathered: the search, the replicas, the load generator check and the repeat."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

from loadtests.analysis.answer import Effort
from loadtests.analysis.cost import Prices
from loadtests.analysis.deployment import size_to_deploy
from loadtests.analysis.endings import limit_of
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.generator_check import GeneratorCheck, judge_generator
from loadtests.analysis.recommend import minimum
from loadtests.analysis.repeat import Repeat
from loadtests.analysis.smoke_test import SmokeTest
from loadtests.analysis.speed import references_apart
from loadtests.errors import RecordError
from loadtests.question import Question, rank
from loadtests.record import Trial, trial_folder
from loadtests.studies.deployment import Deployment, read_deployment
from loadtests.studies.manifest import (
    BALANCING,
    CAPACITY,
    DEPLOY,
    EQUAL_COST,
    GENERATOR_CHECK,
    OPEN_ARRIVALS,
    REPEAT,
    REPLICAS,
    SCALE_OUT,
    SMOKE_TEST,
    USERS_CURVE,
    WITHOUT_QUOTA,
    Manifest,
    read_manifest,
)
from loadtests.studies.minimum_search import MinimumSearch, read_minimum_search
from loadtests.studies.open_load import NOT_OPENED, OpenStudy, not_opened, read_open
from loadtests.studies.parameters import DEFAULT_RUN, EXAMPLE, RUNS, Parameters
from loadtests.studies.quota import NOT_MEASURED, QuotaStudy, left_out, read_quota
from loadtests.studies.results import (
    ResultTable,
    SettingResult,
    read_repeat,
    read_smoke_test,
    read_table,
)
from loadtests.studies.scale_out import ScaleOut, read_scale_out
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Study:
    """The results of a run, and what follows from them together."""

    folder: Path
    search: MinimumSearch
    scale_out: ResultTable
    generator_check: GeneratorCheck | None  # None: not measured
    repeat: Repeat | None  # the answer measured once more; None: it was not
    measured_deployment: Deployment | None  # whatever the answer was then
    measured_quota: QuotaStudy  # likewise
    smoke_test: SmokeTest | None  # what one user saw; None: in a record from before there was one
    replicas: ResultTable | None  # several, where one lacks no CPU and fails; None: not asked
    manifests: tuple[Manifest, ...]  # of all that was measured
    measured_open: OpenStudy = NOT_OPENED  # with open arrivals, whatever the answer was then

    @property
    def question(self) -> Question:
        """The question all trials were asked."""
        return self.search.manifest.question

    @property
    def prices(self) -> Prices:
        """What CPU and memory were said to cost."""
        return self.search.manifest.prices

    @property
    def rows(self) -> list[Row]:
        """One row a setting, in the order of the tables."""
        several = [] if self.replicas is None else self.replicas.rows
        found = (*self.search.rows, *self.search.replica_rows, *several)
        rows = {row.setting: row for row in found}
        for row in self.scale_out.rows:
            rows.setdefault(row.setting, self._weighed(row))
        return list(rows.values())

    def _weighed(self, row: Row) -> Row:
        """Return a row as what the search found makes of it: one replica, cheaper than its answer.

        Nothing cheaper is an answer that the search did not ask about. Several replicas are weighed
        by all their trials, where the search asked about any.
        """
        least, cost = self.search.least, self.prices.per_hour
        if row.setting.replicas > 1 and self.search.axis is not None:
            return self.search.axis.weigh(row, self.scale_out)
        if row.setting.replicas > 1 or least is None or self.search.ended is None:
            return row
        return replace(row, is_reliable=rank(row.setting, cost) >= rank(least.setting, cost))

    @property
    def trials(self) -> list[tuple[Evidence, Judgement]]:
        """The trial to look at for each setting that has one."""
        proven = () if self.deployment is None else self.deployment.trials
        several = () if self.replicas is None else self.replicas.trials
        shown = (*self.search.trials, *several, *self.scale_out.trials, *proven)
        return list({trial[0].trial.setting: trial for trial in shown}.values())

    @property
    def reached_later(self) -> list[str]:
        """Names of calls that users made under load, and the one user before them did not."""
        if self.smoke_test is None:
            return []
        first = {endpoint.name for endpoint in self.smoke_test.endpoints}
        named = {
            str(name)
            for evidence, _ in self.trials
            for name in evidence.requests["name"].dropna().unique()
        }
        return sorted(named - first)

    @property
    def skipped(self) -> list[Skipped]:
        """Settings the host could not grant."""
        return list(dict.fromkeys((*self.search.skipped, *self.scale_out.skipped)))

    @property
    def minimum(self) -> Row | None:
        """The least setting that holds."""
        return minimum(self.rows, self.prices)

    @property
    def deployment(self) -> Deployment | None:
        """The size to deploy; None where it was not measured, or for another answer."""
        least, found = self.minimum, self.measured_deployment
        if least is None or found is None:
            return None
        size = size_to_deploy(least, found.headroom, self.carrying)
        return found if found.setting == size else None

    @cached_property
    def several(self) -> ScaleOut:
        """All that was measured of several replicas; of the curves of users that of the answer."""
        found = read_scale_out(self.folder) or ScaleOut(self.scale_out)
        return replace(found, weigh=self._weighed).of_least(self.minimum)

    @property
    def quota(self) -> QuotaStudy:
        """What the quota of the least setting costs, or why that is not known."""
        least, found = self.minimum, self.measured_quota
        absent = left_out(self.question, least)
        if absent is not None:
            return absent
        same = least is not None and found.setting == least.setting
        return found if same else NOT_MEASURED

    @property
    def open_arrivals(self) -> OpenStudy:
        """What the least setting does with open arrivals, or why that is not known."""
        least, found = self.minimum, self.measured_open
        absent = not_opened(self.question, least)
        if absent is not None:
            return absent
        same = least is not None and found.setting == least.setting
        return found if same else NOT_OPENED

    @property
    def answer_trials(self) -> list[tuple[Evidence, Judgement]]:
        """All trials of the least setting, and its repeat."""
        least, repeat = self.minimum, self.repeat
        if least is None:
            return []
        trials = list(next(r for r in self._results if r.setting == least.setting).trials)
        keys = [evidence.trial.key for evidence, _ in trials]
        if repeat is not None and repeat.setting == least.setting:
            trials += [repeat.more] if repeat.more[0].trial.key not in keys else []
        return trials

    @property
    def every_trial(self) -> list[tuple[Evidence, Judgement]]:
        """All trials that tell what a setting does under this workload, each once.

        Those of every table count, of several replicas and of the splits of one total too, and the
        proofs of the answer and of a size to deploy, whatever the answer is now: each tells of its
        own setting. None counts that was measured otherwise on purpose: without a quota, with open
        arrivals, beside a proxy, live, by one user, or for another workload in an earlier go.
        """
        splits = self.several.splits
        results = [*self._results, *(() if splits is None else splits.results)]
        trials = [pair for result in results for pair in result.trials]
        trials += () if self.measured_deployment is None else self.measured_deployment.trials
        trials += () if self.repeat is None else (self.repeat.more,)
        asked = self.question.workload
        return list(
            {
                pair[0].trial.key: pair
                for pair in trials
                if replace(pair[0].trial.question.workload, steady_s=asked.steady_s) == asked
            }.values()
        )

    @property
    def _results(self) -> list[SettingResult]:
        several = () if self.replicas is None else self.replicas.results
        return [*self.search.results, *several, *self.scale_out.results]

    @property
    def costs(self) -> dict[Row, float]:
        """Cost per hour of each row."""
        return {row: self.prices.per_hour(row.setting) for row in self.rows}

    @property
    def effort(self) -> Effort:
        """What all tables cost together, the load generator check and the repeat included."""
        total = {
            field.name: sum(getattr(manifest.effort, field.name) for manifest in self.manifests)
            for field in fields(Effort)
        }
        return Effort(**total)

    @property
    def trial(self) -> Trial:
        """The first trial, for what all have in common."""
        return self.trials[0][0].trial

    @cached_property
    def carrying(self) -> int:
        """How many replicas it takes where each is held back by something other than its CPU."""
        limits = [limit_of(result.trials) for result in self._results]
        return max((limit.replicas_needed for limit in limits if limit is not None), default=1)

    @property
    def one_replica(self) -> list[str]:
        """Why no size of one replica holds, where a search came to that end; else nothing."""
        ended = self.search.ended
        nothing = ended is not None and ended.proven and self.search.least is None
        return [ended.why] if nothing and ended is not None else []

    @property
    def doubts(self) -> list[str]:
        """What speaks against the answer: a search not finished, several references, a repeat."""
        ended, repeat, least = self.search.ended, self.repeat, self.minimum
        said = [] if ended is None or ended.proven else [ended.why]
        apart = references_apart(seen for result in self._results for seen, _ in result.trials)
        said += [] if apart is None else [apart]
        if repeat is None or repeat.agrees:
            return said
        rests_on = () if least is None else least.trials
        evidence, judgement = repeat.more
        counted = evidence.trial.key in rests_on and judgement.verdict is not Verdict.FAILS
        return said if counted else [*said, f"{repeat.sentence}."]


def read_study(folder: Path) -> Study:
    """Read what notebooks 03 and 04 measured into a run.

    Raises RecordError when one of them was not run, or they asked different questions.
    """
    search, scale_out = read_minimum_search(folder), read_table(folder, SCALE_OUT)
    if search is None or scale_out is None or not search.table.results:
        raise RecordError(
            f"{folder} has no measured tables yet; run notebooks 03_find_minimum and 04_scale_out "
            "with this run first, or `make report`"
        )
    asked = [(m.question, m.target) for m in (search.manifest, scale_out.manifest)]
    if asked[0] != asked[1]:
        raise RecordError(
            f"the two tables of {folder} answer different questions; run both notebooks with the "
            "same parameters"
        )
    parts = (GENERATOR_CHECK, REPEAT, DEPLOY, WITHOUT_QUOTA, OPEN_ARRIVALS, SMOKE_TEST)
    scaling = (EQUAL_COST, USERS_CURVE, CAPACITY, BALANCING)
    check, *more = (read_manifest(folder, name) for name in (*parts, *scaling))
    others = tuple(manifest for manifest in (check, *more) if manifest is not None)
    way = search.manifest.target.balancing
    # What an earlier go measured with users spread in another way is of another setting-up.
    other_way = {each.name for each in others if each.target.balancing is not way}
    return Study(
        folder,
        search,
        scale_out,
        None if check is None else _generator_check(folder, check),
        search.repeated or (None if REPEAT in other_way else read_repeat(folder)),
        None if DEPLOY in other_way else read_deployment(folder),
        NOT_MEASURED if WITHOUT_QUOTA in other_way else read_quota(folder),
        read_smoke_test(folder),
        read_table(folder, REPLICAS),
        (*search.manifests, scale_out.manifest, *others),
        NOT_OPENED if OPEN_ARRIVALS in other_way else read_open(folder),
    )


def _generator_check(folder: Path, manifest: Manifest) -> GeneratorCheck:
    return judge_generator(Evidence.read(trial_folder(folder, manifest.trials[0])))


def recorded_run(asked: Parameters) -> Path:
    """Return the run to read: the one named, else the default where it is, else the example."""
    if asked.run:
        return asked.folder
    default = RUNS / DEFAULT_RUN
    return default if (default / "parts").is_dir() else EXAMPLE
