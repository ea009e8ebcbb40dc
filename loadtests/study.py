"""A whole run, gathered: what the report shows and answer.json says."""

import shlex
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path

from loadtests.analysis import answer, conclusions, tables
from loadtests.analysis.answer import ANSWER, Effort
from loadtests.analysis.cards import study_card
from loadtests.analysis.ceiling import judge_ceiling
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Evidence, Judgement, Row, Skipped
from loadtests.analysis.markup import Fragment
from loadtests.analysis.recommend import minimum
from loadtests.analysis.summary import by_size
from loadtests.errors import RecordError
from loadtests.found import Found, read_found
from loadtests.parameters import DEFAULT_RUN, EXAMPLE, RUNS, Parameters
from loadtests.part import AGAIN, CEILING, SCALE_OUT, read_part
from loadtests.question import Question
from loadtests.record import Trial, trial_folder
from loadtests.table import Measured, Table, read_pair, read_table


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
    found: Found
    scale_out: Table

    @property
    def vertical(self) -> Table:
        """The settings of one replica."""
        return self.found.table

    @property
    def prices(self) -> Prices:
        """What CPU and memory were said to cost."""
        return self.vertical.part.prices

    @property
    def question(self) -> Question:
        """The question all trials were asked."""
        return self.vertical.part.question

    @cached_property
    def measured(self) -> list[Measured]:
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
        """What all tables cost together."""
        parts = (self.vertical.part.effort, self.scale_out.part.effort)
        total = {f.name: sum(getattr(part, f.name) for part in parts) for f in fields(Effort)}
        return Effort(**total)

    @property
    def trial(self) -> Trial:
        """The first trial, for what all have in common."""
        return self.measured[0].evidence.trial

    @property
    def ceiling_sentence(self) -> str:
        """What the load generator can do here by itself."""
        part = read_part(self.folder, CEILING)
        if part is None:
            return "not measured"
        folder = trial_folder(self.folder, part.trials[0])
        return judge_ceiling(Evidence.read(folder)).sentence

    @property
    def noise_sentence(self) -> str:
        """How far apart two trials of one setting came out here."""
        if read_part(self.folder, AGAIN) is None:
            return "not measured"
        return read_pair(self.folder).sentence

    def card(self) -> Fragment:
        """Return the answer, for the top of the report."""
        return study_card(self.rows, self.minimum, self.question, self.prices)

    def conclusions(self) -> list[str]:
        """Return what follows, a sentence each."""
        return conclusions.conclusions(self.rows, self.prices, self.question)

    def conditions_table(self) -> Fragment:
        """Return under which conditions it was measured."""
        trial, load, objective = self.trial, self.question.load, self.question.objective
        host = trial.host
        low_s, high_s = load.think_time_s
        lines = {
            "load": f"{load.users:,} users, {load.spawn_rate:g}/s, thinking {low_s:g}-{high_s:g} s",
            "phases": f"ramp {load.ramp_s:g} s, settle {load.settle_s:g} s, hold {load.hold_s:g} s",
            "objective": f"p{objective.percentile:g} within {objective.latency_ms:g} ms, failures "
            f"within {objective.failure_ratio:.2%}, timeout {load.timeout_s:g} s",
            "service": f"{trial.target.image} ({trial.image_digest[:19]})",
            "users' script": f"SHA-256 {trial.locustfile_sha256[:12]}",
            "ceiling": self.ceiling_sentence,
            "noise floor": self.noise_sentence,
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
        load, objective = self.question.load, self.question.objective
        target = self.vertical.part.target
        scaled = [measured.setting for measured in self.scale_out.measured]
        given = {
            "RUN": "again",
            "IMAGE": target.image,
            "PORT": target.port,
            "HEALTH_PATH": target.health_path,
            "USERS": load.users,
            "SPAWN_RATE": f"{load.spawn_rate:g}",
            "THINK_MIN": f"{load.think_time_s[0]:g}",
            "THINK_MAX": f"{load.think_time_s[1]:g}",
            "HOLD_S": f"{load.hold_s:g}",
            "P95_MS": f"{objective.latency_ms:g}",
            "FAILURE_RATIO": f"{objective.failure_ratio:g}",
            **self._settings_given(),
            "SIZES": [[*size] for size in dict.fromkeys((s.cpus, s.memory_mib) for s in scaled)],
            "REPLICA_COUNTS": list(dict.fromkeys(setting.replicas for setting in scaled)),
        }
        words = [f"{name}={shlex.quote(str(value))}" for name, value in given.items()]
        return "```\n{}\n```".format(" \\\n  ".join(["make report", *words]))

    def _settings_given(self) -> dict[str, object]:
        notes = self.vertical.part.search
        if notes is None:
            settings = [[m.setting.cpus, m.setting.memory_mib] for m in self.vertical.measured]
            return {"SETTINGS": settings}
        return {"CPU_STEPS": [*notes.cpu_steps], "MEMORY_STEPS": [*notes.memory_steps]}

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
            )
        )
        path = self.folder / ANSWER
        path.write_text(text)
        return path


def read_study(folder: Path) -> Study:
    """Read what notebooks 03 and 04 measured into a run.

    Raises RecordError when one of them was not run, or they asked different questions.
    """
    found, scale_out = read_found(folder), read_table(folder, SCALE_OUT)
    if found is None or scale_out is None or not found.table.measured:
        raise RecordError(
            f"{folder} has no measured tables yet; run notebooks 03_find_minimum and 04_scale_out "
            "with this run first, or `make report`"
        )
    if (found.part.question, found.part.target) != (
        scale_out.part.question,
        scale_out.part.target,
    ):
        raise RecordError(
            f"the two tables of {folder} answer different questions; run both notebooks with the "
            "same parameters"
        )
    return Study(folder, found, scale_out)
