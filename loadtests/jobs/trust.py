"""Inject known truths and faults, and write docs/trust.md: what was concluded (`make trust`)."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.host import describe_host
from loadtests.jobs.aa_trials import QUESTION, SETTING, measure, read_agreement
from loadtests.jobs.console import say, tells_refusals
from loadtests.report.page import png
from loadtests.report.plots.aa_comparison import agreement_figure
from loadtests.report.same_twice import SameTwice
from loadtests.report.trust import page, read_cases
from loadtests.studies.parameters import ROOT, RUNS

RUN = RUNS / "trust"
DOCS = ROOT / "docs"
TESTS = ROOT / "tests"


def run_tests() -> bool:
    """Run every test that injects a truth or a fault, each case logged; say whether all passed."""
    for old in RUN.glob("*.jsonl"):
        old.unlink()
    logging = [str(path) for path in TESTS.rglob("test_*.py") if "log_case(" in path.read_text()]
    command = [sys.executable, "-m", "pytest", "-q", *sorted(logging)]
    environment = os.environ | {"TRUST_LOG": str(RUN)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def render(run: Path, docs: Path, conditions: str) -> bool:
    """Write trust.md and aa.png from what a run holds; say whether every case was right."""
    docs.mkdir(exist_ok=True)
    cases = read_cases(run)
    same = _same_twice(run)
    if same is not None:
        (docs / "aa.png").write_bytes(png(agreement_figure(same.found, f"{same.under}.")))
    (docs / "trust.md").write_text(page(cases, same, conditions))
    say(f"Written to {docs / 'trust.md'}")
    return bool(cases) and all(case.right for case in cases)


def _same_twice(run: Path) -> SameTwice | None:
    try:
        return SameTwice(SETTING, QUESTION, *read_agreement(run))
    except (FileNotFoundError, ValueError) as why:
        say(f"Without the A/A comparison: {why}")
        return None


@tells_refusals
def main(arguments: list[str]) -> int:
    """Run everything; `--render` only writes the page anew, from the records of the last run."""
    client = ensure_engine(say)
    passed = True
    if "--render" not in arguments:
        passed = run_tests()
        measure(RUN, client, say)
    host = describe_host(client)
    conditions = (
        f"Last run: {datetime.now(UTC):%Y-%m-%d}, {host.cpus} cores ({host.cpu_model}), "
        f"Linux {host.kernel}, Docker {host.engine_version}."
    )
    return 0 if render(RUN, DOCS, conditions) and passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
