"""The conductor: runs the notebooks in order with papermill and exports the report.

It knows notebooks and their parameters, and measures nothing itself.
"""

import argparse
import ast
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import papermill
from filelock import FileLock, Timeout
from nbconvert import HTMLExporter
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from loadtests.errors import AguantaError, QuestionError, StoreLockedError
from loadtests.report.page import TEMPLATE_BASEDIR, TEMPLATE_NAME
from loadtests.studies.parameters import EXAMPLE, ROOT, RUNS, Parameters

NOTEBOOKS = ROOT / "notebooks"
REPORT_NOTEBOOK = "05_plan_capacity"
TRAINING_NOTEBOOK = "01_train_model"
SINGLE_NOTEBOOK = "02_measure_setting"
SEARCH_NOTEBOOK = "03_find_minimum"
MEASURING = (SINGLE_NOTEBOOK, SEARCH_NOTEBOOK, "04_scale_out")
# Beyond its load a trial takes this long, and a notebook this long to start (both generous).
TRIAL_OVERHEAD_S = 5.0
# The load generator check, and one setting measured again for the noise floor.
EXTRA_TRIALS = 2
NOTEBOOK_OVERHEAD_S = 6.0
# What a search usually takes: it holds, less CPU fails, less memory fails, and one on the way.
SEARCH_TRIALS = 4
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
        return SEARCH_NOTEBOOK in self.notebooks and self.asked.settings is None

    @property
    def trials(self) -> int:
        """How many trials there are to measure, repeats aside; of a search, its usual number."""
        single = {self.asked.setting} if SINGLE_NOTEBOOK in self.notebooks else set()
        named = {*self.asked.vertical_settings, *self.asked.scale_out_settings, *single}
        return len(named) + SEARCH_TRIALS * self.searches

    @property
    def expected_s(self) -> float:
        """How long it takes when nothing was measured before and nothing is repeated."""
        workload = self.asked.question.workload
        each = workload.duration_s + TRIAL_OVERHEAD_S
        stairs_s = workload.staircase_s(SEARCH_LEVELS) if self.searches else 0.0
        notebooks_s = len(self.notebooks) * NOTEBOOK_OVERHEAD_S
        return (self.trials + EXTRA_TRIALS) * each + stairs_s + notebooks_s

    @property
    def report_notebook(self) -> str:
        """The notebook that becomes the report: the last one."""
        return self.notebooks[-1]


def declared(notebook: str) -> dict[str, Any]:
    """Return a notebook's parameters with their defaults, from its parameters cell."""
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    source = next(c.source for c in cells if "parameters" in c.metadata.get("tags", []))
    values = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            values[statement.targets[0].id] = ast.literal_eval(statement.value)
    return values


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
    _ = asked.question, asked.target, asked.locustfile_path, asked.prices, asked.budget
    _ = asked.finds_users
    if asked.folder == EXAMPLE:
        raise QuestionError("run is 'example'; the example is recorded and only read: name another")
    return Plan(notebooks, given, asked)


def run_notebook(notebook: str, given: dict[str, Any], run: Path) -> None:
    """Execute one notebook into the run's folder; its plain output comes as it is printed.

    Raises PapermillExecutionError when a cell fails.
    """
    known = declared(notebook)
    # Kernels talk through files of this user instead of TCP ports that anyone here may open. Each
    # has a folder of its own: by default all would share the names kernel-ipc-1, -2, … in
    # notebooks/, and a killed kernel would leave them there.
    with TemporaryDirectory(prefix="aguanta-kernel-") as sockets:
        kernel = {"transport": "ipc", "ip": f"{sockets}/kernel"}
        papermill.execute_notebook(
            NOTEBOOKS / f"{notebook}.ipynb",
            run / f"{notebook}.ipynb",
            parameters={name: value for name, value in given.items() if name in known},
            cwd=NOTEBOOKS,
            progress_bar=False,
            log_output=False,
            stdout_file=sys.stdout,
            stderr_file=sys.stderr,
            autosave_cell_every=60,
            config=Config(KernelManager=kernel),
            extra_arguments=["--log-level=CRITICAL"],  # what matters comes as a failing cell
        )


def export_report(run: Path, notebook: str) -> Path:
    """Write report.html, one self-contained file, from an executed notebook."""
    exporter = HTMLExporter(
        template_name=TEMPLATE_NAME,
        extra_template_basedirs=[str(TEMPLATE_BASEDIR)],
        exclude_input=True,
    )
    html, _ = exporter.from_filename(str(run / f"{notebook}.ipynb"))
    report = run / "report.html"
    aside = report.with_suffix(".html.writing")
    aside.write_text(html)
    aside.replace(report)
    return report


def conduct(plan: Plan) -> Path:
    """Run the plan's notebooks and return the report.

    Raises StoreLockedError when this run is being made already, AguantaError when a notebook
    ended without an answer.
    """
    run = plan.asked.folder
    run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run / ".batch.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreLockedError(
            f"the run {run.name} is being made by another process; wait for it, or choose another "
            "name with RUN=…"
        ) from error
    with lock:
        answer = run / "answer.json"
        answer.unlink(missing_ok=True)
        for number, notebook in enumerate(plan.notebooks, 1):
            print(f"[{number}/{len(plan.notebooks)}] {notebook}", flush=True)
            run_notebook(notebook, plan.given | {"run": run.name}, run)
        if not answer.exists():
            # A kernel that dies can leave a notebook that looks complete.
            raise AguantaError(
                f"{plan.report_notebook} ended without an answer; see "
                f"{run / plan.report_notebook}.ipynb"
            )
        return export_report(run, plan.report_notebook)


def told_answer(run: Path) -> str:
    """Return the answer in one line."""
    answer = json.loads((run / "answer.json").read_text())
    question = answer["question"]
    users = f"{question['users']:,} users"
    if "capacity" in answer:
        held = answer["capacity"]
        if held is None:
            return f"No number of users up to {users} is shown to be held."
        return f"{_written(held)} holds {held['users']:,} users (p95 {held['p95_ms']:,.0f} ms)."
    least = answer["minimum"]
    if least is None:
        return f"No setting that was measured holds {users}."
    return f"{users} are held by {_written(least)} (p95 {least['p95_ms']:,.0f} ms)."


def _written(setting: dict[str, Any]) -> str:
    replicas = f"{setting['replicas']} x " if setting["replicas"] > 1 else ""
    return f"{replicas}{setting['cpus']:g} CPU / {setting['memory_mib']} MiB"


def _value(text: str) -> Any:
    """Read a parameter's value: a Python literal, else text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.jobs.report", description=__doc__)
    parser.add_argument(
        "-p",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter of the notebooks; an empty value is as if not given",
    )
    parser.add_argument("--train", action="store_true", help="train the model, nothing else")
    parser.add_argument(
        "--only", nargs="+", choices=MEASURING, help="run these, then the report, not all"
    )
    return parser.parse_args(arguments)


def train() -> None:
    """Train the model that goes into the service's image."""
    run = RUNS / "model"
    run.mkdir(parents=True, exist_ok=True)
    run_notebook(TRAINING_NOTEBOOK, {}, run)


def report(options: argparse.Namespace) -> None:
    """Measure what was asked, and print the plan, the answer and where the report lies."""
    # Make passes its own names, in capitals.
    given = {name.lower(): _value(value) for name, value in options.p if value != ""}
    notebooks = (*(options.only or MEASURING), REPORT_NOTEBOOK)
    if given.get("find") == "users":
        notebooks = (SEARCH_NOTEBOOK,)
    began = time.monotonic()
    plan = make_plan(given, notebooks)
    workload, run = plan.asked.question.workload, plan.asked.folder
    how = "a search of about" if plan.searches else "these settings, in all"
    print(
        f"Plan: {how} {plan.trials} trials at {workload.users:,} users "
        f"({workload.spawn_rate:g}/s), {workload.duration_s:.0f} s of load each, into "
        f"{run.relative_to(ROOT)}; about {plan.expected_s / 60:.0f} min, less "
        "what was measured before",
        flush=True,
    )
    page = conduct(plan)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{told_answer(run)}\nReport: {page}\nTook {minutes:.1f} min.", flush=True)


def main(arguments: list[str]) -> int:
    """Run the job; a refusal is printed and gives exit code 2."""
    options = read_arguments(arguments)
    try:
        if options.train:
            train()
        else:
            report(options)
    except AguantaError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except PapermillExecutionError as error:
        print(f"Error: {error.ename}: {error.evalue}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Finished trials are kept: the same command goes on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
