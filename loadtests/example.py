"""Make a finished run the recorded example (`make example RUN=report`)."""

import json
import re
import shutil
import sys
from base64 import b64decode
from pathlib import Path

from loadtests.analysis.answer import ANSWER
from loadtests.errors import RecordError
from loadtests.parameters import EXAMPLE, ROOT, RUNS
from loadtests.part import FOLDER, read_part
from loadtests.study import Study, read_study

SIZE_LIMIT_MIB = 10
KEPT = (FOLDER, "trials", "report.html", ANSWER)
README = ROOT / "README.md"
MARKED = re.compile(r"(<!-- answer: .*? -->\n).*?(<!-- /answer -->)", re.DOTALL)


def answer_paragraph(study: Study) -> str:
    """Return what the README says of the example, every figure from its records."""
    trial, least = study.trial, study.minimum
    found = "no measured setting" if least is None else f"**{least.setting.label}**"
    return (
        f"In the recorded example, {study.question.load.users:,} users are held by {found}. "
        f"It was measured on {trial.started_at[:10]} on {trial.host.cpus} cores "
        f"({trial.host.cpu_model}); open [its report](data/example/report.html) for the evidence.\n"
    )


def record_example(run: Path) -> None:
    """Copy a run into data/example, with the README's figure and paragraph.

    Raises RecordError when the run is not finished or too large to be kept with the code.
    """
    if not (run / "report.html").exists():
        raise RecordError(f"{run} has no report; make it with `make report` first")
    parts = [read_part(run, path.stem) for path in (run / FOLDER).glob("*.json")]
    wanted = {key for part in parts if part for key in part.records}
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    EXAMPLE.mkdir()
    for name in KEPT:
        source = run / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, EXAMPLE / name)
    for folder in (EXAMPLE / "trials").iterdir():
        if not any(key.startswith(folder.name) for key in wanted):
            shutil.rmtree(folder)
    (EXAMPLE / "answer.png").write_bytes(_first_figure(run / "05_plan_capacity.ipynb"))
    text = README.read_text()
    said = answer_paragraph(read_study(EXAMPLE))
    README.write_text(MARKED.sub(lambda found: f"{found[1]}{said}{found[2]}", text))
    size_mib = sum(file.stat().st_size for file in EXAMPLE.rglob("*")) / 2**20
    if size_mib > SIZE_LIMIT_MIB:
        raise RecordError(f"{EXAMPLE} has {size_mib:.1f} MiB; at most {SIZE_LIMIT_MIB} belong here")


def _first_figure(notebook: Path) -> bytes:
    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", _outputs(notebook))
    if found is None:
        raise RecordError(f"{notebook} shows no figure; run `make report` again")
    return b64decode(found[1])


def _outputs(notebook: Path) -> str:
    cells = json.loads(notebook.read_text())["cells"]
    shown = (output for cell in cells for output in cell.get("outputs", ()))
    return "".join("".join(output.get("data", {}).get("text/html", "")) for output in shown)


if __name__ == "__main__":
    record_example(RUNS / sys.argv[1])
