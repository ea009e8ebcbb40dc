"""Notebooks as a job sees them: which there are, what each declares, to execute, to export.

It knows papermill and nbconvert, and neither what notebooks measure nor what was asked.
"""

import ast
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import papermill
from nbconvert import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from papermill.execute import ERROR_MARKER_TAG
from traitlets.config import Config

from loadtests.jobs.told_once import ToldOnce
from loadtests.report.page import TEMPLATE_BASEDIR, TEMPLATE_NAME
from loadtests.studies.parameters import ROOT

NOTEBOOKS = ROOT / "notebooks"
TRAINING = "01_train_model"
SINGLE = "02_measure_setting"
SEARCH = "03_find_minimum"
SCALE_OUT = "04_scale_out"
REPORT = "05_plan_capacity"
PEERS = "06_compare_peers"  # of a comparison, and so of no run
MEASURING = (SINGLE, SEARCH, SCALE_OUT)


class _UntilRefusal(Preprocessor):  # type: ignore[misc]  # nbconvert has no types
    """Keeps the cells before the one that failed, its section first, under a title of their own.

    What papermill put in to point at that cell is left out.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        cells = [cell for cell in nb.cells if ERROR_MARKER_TAG not in cell.metadata.get("tags", [])]
        failed = next((n for n, cell in enumerate(cells) if _failed(cell)), len(cells))
        prose = (n for n in range(1, failed) if cells[n].cell_type == "markdown")
        why = max(prose, default=1)  # what it was about stands first, then what came before
        nb.cells = [cells[0], *cells[why:failed], *cells[1:why]]
        nb.cells[0].update(cell_type="markdown", source=f"# {self._title}")
        return nb, resources


def _failed(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def declared(notebook: str) -> dict[str, Any]:
    """Return a notebook's parameters with their defaults, from its parameters cell."""
    found = papermill.inspect_notebook(str(NOTEBOOKS / f"{notebook}.ipynb"))
    return {name: ast.literal_eval(parameter["default"]) for name, parameter in found.items()}


def run_notebook(
    notebook: str, given: dict[str, Any], run: Path, console: ToldOnce | None = None
) -> None:
    """Execute one notebook into a run's folder; its plain output comes as it is printed.

    `console`: where to; None: standard output, as it is.

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
            stdout_file=console or sys.stdout,
            stderr_file=sys.stderr,
            autosave_cell_every=60,
            config=Config(KernelManager=kernel),
            extra_arguments=["--log-level=CRITICAL"],  # what matters comes as a failing cell
        )


def export_report(run: Path, notebook: str, ended: str | None = None) -> Path:
    """Write report.html, one self-contained file, from an executed notebook.

    `ended` is the title of one that ended at a cell that refused to go on: it is shown up to there.
    """
    exporter = HTMLExporter(
        template_name=TEMPLATE_NAME,
        extra_template_basedirs=[str(TEMPLATE_BASEDIR)],
        exclude_input=True,
    )
    if ended is not None:
        exporter.register_preprocessor(_UntilRefusal(ended), enabled=True)
    html, _ = exporter.from_filename(str(run / f"{notebook}.ipynb"))
    report = run / "report.html"
    aside = report.with_suffix(".html.writing")
    aside.write_text(html)
    aside.replace(report)
    return report
