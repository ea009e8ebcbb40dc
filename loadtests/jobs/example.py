"""Make a finished run the recorded example (`make example RUN=report`)."""

import re
import shutil
import sys
from pathlib import Path

from loadtests.analysis.answer import ANSWER
from loadtests.errors import RecordError
from loadtests.jobs.console import tells_refusals
from loadtests.studies.answer_reliability import answer_reliability
from loadtests.studies.manifest import FOLDER, read_manifest
from loadtests.studies.parameters import EXAMPLE, ROOT, RUNS
from loadtests.studies.study import Study, read_study
from loadtests.studies.study_report import HEADLINE
from loadtests.units import MIB

SIZE_LIMIT_MIB = 16  # some forty trials of 10,000 users, and who clones the project gets all
KEPT = (FOLDER, "trials", "report.html", ANSWER, HEADLINE)
README = ROOT / "README.md"
MARKED = re.compile(r"(<!-- answer: .*? -->\n).*?(<!-- /answer -->)", re.DOTALL)


def answer_paragraph(study: Study) -> str:
    """Return what the README says of the example, every figure from its records."""
    trial, least = study.trial, study.minimum
    found = "no measured setting" if least is None else f"**{least.setting.label}**"
    return (
        f"In the recorded example, {study.question.workload.users:,} users are held by {found}. "
        f"It was measured on {trial.started_at[:10]} on {trial.host.cpus} cores "
        f"({trial.host.cpu_model}).{_once_more(study)} Open [its report](data/example/report.html) "
        "for the evidence.\n"
    )


def _once_more(study: Study) -> str:
    """Say how it came out once more: by all trials of a search, else by the one trial more."""
    reliability = answer_reliability(study)
    if reliability is not None and (band := reliability.band) is not None:
        return (
            f" By all its trials it is expected to hold in {band.reliability:.0%} of trials, where "
            f"{band.asked:.0%} are asked for."
        )
    return "" if study.repeat is None else f" {study.repeat.brief}."


def record_example(run: Path) -> None:
    """Copy a run into data/example, with the README's figure and paragraph.

    Raises RecordError when the run is not finished or too large to be kept with the code; the
    example is then as it was.
    """
    for name in KEPT:
        if not (run / name).exists():
            raise RecordError(f"{run} has no {name}; make it whole with `make report` first")
    aside = EXAMPLE.with_name(f".{EXAMPLE.name}")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _gather(run, aside)
        said = answer_paragraph(read_study(aside))
        shutil.rmtree(EXAMPLE, ignore_errors=True)
        aside.rename(EXAMPLE)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    text = README.read_text()
    README.write_text(MARKED.sub(lambda found: f"{found[1]}{said}{found[2]}", text))


def _gather(run: Path, folder: Path) -> None:
    """Copy what an example has of a run: the answer, the report, and the records they rest on."""
    parts = [read_manifest(run, path.stem) for path in (run / FOLDER).glob("*.json")]
    wanted = {key for manifest in parts if manifest for key in manifest.records}
    folder.mkdir()
    for name in KEPT:
        source = run / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    for trial in (folder / "trials").iterdir():
        if not any(key.startswith(trial.name) for key in wanted):
            shutil.rmtree(trial)
    size_mib = sum(file.stat().st_size for file in folder.rglob("*")) / MIB
    if size_mib > SIZE_LIMIT_MIB:
        raise RecordError(f"{run} has {size_mib:.1f} MiB; at most {SIZE_LIMIT_MIB} belong here")


@tells_refusals
def main(arguments: list[str]) -> int:
    """Record the run named first, and return the exit code."""
    record_example(RUNS / arguments[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
