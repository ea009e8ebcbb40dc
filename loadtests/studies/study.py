"""A whole run, gathered: what the report shows and answer.json says."""

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path

from loadtests.analysis import answer
from loadtests.analysis.answer import ANSWER, Effort
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.generator_check import judge_generator
from loadtests.analysis.recommend import minimum
from loadtests.analysis.repeat import Repeat
from loadtests.analysis.summary import by_size
from loadtests.errors import RecordError
from loadtests.question import Question
from loadtests.record import Trial, trial_folder
from loadtests.report import conclusions, tables
from loadtests.report.cards import study_card
from loadtests.report.markup import Fragment
from loadtests.studies.manifest import GENERATOR_CHECK, REPEAT, SCALE_OUT, read_manifest
from loadtests.studies.minimum_search import MinimumSearch, read_minimum_search
from loadtests.studies.parameters import DEFAULT_RUN, EXAMPLE, RUNS, Parameters
from loadtests.studies.reproduce import make_command
from loadtests.studies.results import ResultTable, SettingResult, read_repeat, read_table


def recorded_run(asked: Parameters) -> Path:
    """Return the run to read: the one named, else the default where it is, else the example."""
    if asked.run:
        return asked.folder
    default = RUNS / DEFAULT_RUN
    return default if (default / "parts").is_dir() else EXAMPLE


@dataclass(frozen=True)
class Study:
    """The tables of a run, and what follows from them together."""

    folder: Path
    found: MinimumSearch
    scale_out: ResultTable

    @property
    def vertical(self) -> ResultTable:
        """The settings of one replica."""
        return self.found.table

    @property
    def prices(self) -> Prices:
        """What CPU and memory were said to cost."""
        return self.vertical.manifest.prices

    @property
    def question(self) -> Question:
        """The question all trials were asked."""
        return self.vertical.manifest.question

    @cached_property
    def measured(self) -> list[SettingResult]:
        """Every setting once, in the order of the tables."""
        found = {m.setting: m for m in (*self.vertical.measured, *self.scale_out.measured)}
        return list(found.values())

    @property
    def trials(self) -> list[tuple[Evidence, Judgement]]:
        """The trial to look at for each setting."""
        return [(measured.evidence, measured.judgement) for measured in self.measured]

    @property
    def rows(self) -> list[Row]:
        """One row a setting."""
        rows = {row.setting: row for row in (*self.vertical.rows, *self.scale_out.rows)}
        return list(rows.values())

    @property
    def sizes(self) -> dict[str, list[Row]]:
        """The rows of the replica table by the size of one replica."""
        return by_size(self.scale_out.rows)

    @property
    def skipped(self) -> list[Skipped]:
        """Settings the host could not grant."""
        return list(dict.fromkeys((*self.vertical.skipped, *self.scale_out.skipped)))

    @property
    def minimum(self) -> Row | None:
        """The least setting that holds."""
        return minimum(self.rows, self.prices)

    @property
    def costs(self) -> dict[Row, float]:
        """Cost per hour of each row."""
        return {row: self.prices.per_hour(row.setting) for row in self.rows}

    @property
    def effort(self) -> Effort:
        """What all tables cost together, the load generator check and the repeat included."""
        parts = [self.vertical.manifest, self.scale_out.manifest]
        parts += [
            manifest
            for name in (GENERATOR_CHECK, REPEAT)
            if (manifest := read_manifest(self.folder, name))
        ]
        total = {f.name: sum(getattr(p.effort, f.name) for p in parts) for f in fields(Effort)}
        return Effort(**total)

    @property
    def trial(self) -> Trial:
        """The first trial, for what all have in common."""
        return self.measured[0].evidence.trial

    @property
    def generator_sentence(self) -> str:
        """What the load generator can do here by itself."""
        manifest = read_manifest(self.folder, GENERATOR_CHECK)
        if manifest is None:
            return "not measured"
        folder = trial_folder(self.folder, manifest.trials[0])
        return judge_generator(Evidence.read(folder)).sentence

    @cached_property
    def repeat(self) -> Repeat | None:
        """The setting that was measured once more."""
        return read_repeat(self.folder)

    @property
    def doubts(self) -> list[str]:
        """What speaks against the answer: a search that was not finished, a repeat that differs."""
        ended, repeat = self.found.ended, self.repeat
        said = [] if ended is None or ended.proven else [ended.why]
        return said if repeat is None or repeat.agrees else [*said, f"{repeat.sentence}."]

    def card(self) -> Fragment:
        """Return the answer, for the top of the report."""
        return study_card(self.rows, self.minimum, self.question, self.prices, self.doubts)

    def conclusions(self) -> list[str]:
        """Return what follows, a sentence each."""
        said = conclusions.conclusions(self.rows, self.prices, self.question)
        return [said[0], *self.doubts, *said[1:]]

    def conditions_table(self) -> Fragment:
        """Return under which conditions it was measured."""
        trial, workload, slo = self.trial, self.question.workload, self.question.slo
        host = trial.host
        low_s, high_s = workload.think_time_s
        lines = {
            "workload": f"closed: {workload.users:,} users, {workload.spawn_rate:g}/s, thinking "
            f"{low_s:g}-{high_s:g} s",
            "phases": f"ramp-up {workload.ramp_up_s:g} s, warm-up {workload.warm_up_s:g} s, steady "
            f"state {workload.steady_s:g} s",
            "SLO": f"p{slo.percentile:g} within {slo.latency_ms:g} ms, failures "
            f"within {slo.error_rate:.2%}, timeout {workload.timeout_s:g} s",
            "service": f"{trial.target.image} ({trial.image_digest[:19]})",
            "users' script": f"SHA-256 {trial.locustfile_sha256[:12]}",
            "ceiling": self.generator_sentence,
            "measured again": "none" if self.repeat is None else self.repeat.sentence,
            "host": f"{host.name}: {host.cpus} CPUs ({host.cpu_model}), {host.memory_mib:,} MiB",
            "system": f"Linux {host.kernel}, Docker {host.engine_version}, "
            f"cgroup v{host.cgroup_version}",
            "measured": trial.started_at,
            "versions": ", ".join(f"{name} {version}" for name, version in trial.versions.items()),
        }
        columns = (tables.Column("condition"), tables.Column("value"))
        return tables.table("Conditions", columns, list(lines.items()))

    def effort_table(self) -> Fragment:
        """Return what it took to find out."""
        return tables.effort_table(asdict(self.effort))

    def how_to_repeat(self) -> str:
        """Return the command that asks the same again, as Markdown."""
        command = make_command(self.vertical, self.scale_out, self.trial.locustfile_sha256)
        return f"```\n{command}\n```"

    def write_answer(self) -> Path:
        """Write answer.json beside the trials and return its path."""
        text = answer.to_json(
            answer.build(
                self.question,
                self.rows,
                self.skipped,
                self.effort,
                self.trial.host,
                self.trial.versions,
                self.prices,
                self.found.ended,
                None if self.repeat is None else self.repeat.row,
            )
        )
        path = self.folder / ANSWER
        path.write_text(text)
        return path


def read_study(folder: Path) -> Study:
    """Read what notebooks 03 and 04 measured into a run.

    Raises RecordError when one of them was not run, or they asked different questions.
    """
    found, scale_out = read_minimum_search(folder), read_table(folder, SCALE_OUT)
    if found is None or scale_out is None or not found.table.measured:
        raise RecordError(
            f"{folder} has no measured tables yet; run notebooks 03_find_minimum and 04_scale_out "
            "with this run first, or `make report`"
        )
    if (found.manifest.question, found.manifest.target) != (
        scale_out.manifest.question,
        scale_out.manifest.target,
    ):
        raise RecordError(
            f"the two tables of {folder} answer different questions; run both notebooks with the "
            "same parameters"
        )
    return Study(folder, found, scale_out)
