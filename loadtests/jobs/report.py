"""The main job (`make report`): runs the notebooks in order, and tells plan, answer and report.

It knows the command line and the run's folder, and measures nothing itself.
"""

import argparse
import ast
import sys
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from papermill.exceptions import PapermillExecutionError

from loadtests import errors
from loadtests.analysis.answer import ANSWER
from loadtests.errors import AguantaError, BrokenError, StoreLockedError
from loadtests.jobs.closing import closing
from loadtests.jobs.console import ANSWERED, INTERRUPTED, REFUSED, tells_refusals
from loadtests.jobs.notebooks import (
    MEASURING,
    REPORT,
    SEARCH,
    TRAINING,
    export_report,
    run_notebook,
)
from loadtests.jobs.plan import Plan, make_plan
from loadtests.jobs.told_once import ToldOnce
from loadtests.studies.asked_load import RATE, USERS
from loadtests.studies.parameters import RUNS
from loadtests.studies.trials_file import write_trials


def conduct(plan: Plan) -> Path:
    """Run the plan's notebooks, write trials.parquet and return the report.

    Raises StoreLockedError when this run is being made already, AguantaError when a notebook
    ended without an answer, BrokenError where one user found the service broken.
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
        answer = run / ANSWER
        answer.unlink(missing_ok=True)
        console = ToldOnce(sys.stdout)
        for number, notebook in enumerate(plan.notebooks, 1):
            print(f"[{number}/{len(plan.notebooks)}] {notebook}", flush=True)
            _run(notebook, plan.given | {"run": run.name}, run, console)
        if not answer.exists():
            # A kernel that dies can leave a notebook that looks complete.
            raise AguantaError(
                f"{plan.report_notebook} ended without an answer; see "
                f"{run / plan.report_notebook}.ipynb"
            )
        write_trials(run)
        return export_report(run, plan.report_notebook)


def _run(notebook: str, given: dict[str, Any], run: Path, console: ToldOnce) -> None:
    """Run one notebook; one that finds the service broken is the report of that.

    Raises BrokenError then, PapermillExecutionError for any other cell that fails.
    """
    try:
        run_notebook(notebook, given, run, console)
    except PapermillExecutionError as error:
        if error.ename != BrokenError.__name__:
            raise
        heading, _, rest = str(error.evalue).partition(". ")
        page = export_report(run, notebook, heading)
        raise BrokenError(f"{heading}. {rest}\nReport: {page}") from error


def _refusal(error: PapermillExecutionError) -> str:
    """Return what a notebook refused, in its own words; of any other error its class as well."""
    kind = getattr(errors, str(error.ename), Exception)
    ours = issubclass(kind, AguantaError)
    return str(error.evalue) if ours else f"{error.ename}: {error.evalue}"


def read_value(text: str) -> Any:
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
    run_notebook(TRAINING, {}, run)


def report(options: argparse.Namespace) -> int:
    """Measure what was asked; print plan, answer and the report's place; return the exit code."""
    # Make passes its own names, in capitals.
    given = {name.lower(): read_value(value) for name, value in options.p if value != ""}
    notebooks = (*(options.only or MEASURING), REPORT)
    if given.get("find") in (USERS, RATE):
        notebooks = (SEARCH,)
    began = time.monotonic()
    plan = make_plan(given, notebooks)
    print(plan.sentence, flush=True)
    page = conduct(plan)
    minutes, end = (time.monotonic() - began) / 60, closing(plan.asked.folder)
    print(f"\n{end.sentence}\nReport: {page}\nTook {minutes:.1f} min.", flush=True)
    return end.exit_code


@tells_refusals
def main(arguments: list[str]) -> int:
    """Run the job and return its exit code: see `closing`; a refusal is printed."""
    options = read_arguments(arguments)
    try:
        if not options.train:
            return report(options)
        train()
    except PapermillExecutionError as error:
        print(f"Error: {_refusal(error)}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped. Finished trials are kept: the same command goes on.", file=sys.stderr)
        return INTERRUPTED
    return ANSWERED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
