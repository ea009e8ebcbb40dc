"""Search the least setting with this project's service and users, and with others' (`make least`).

Each is a run of its own in data/runs, least-ours and so on, and goes on where it was stopped. What
they end with is written to data/peers/least.json and into the README.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from loadtests.analysis.answer import ANSWER
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.images import ensure_image
from loadtests.jobs.closing import closing, tells_refusals
from loadtests.jobs.console import say
from loadtests.jobs.notebooks import REPORT, SEARCH
from loadtests.jobs.plan import make_plan
from loadtests.jobs.report import conduct
from loadtests.peers.contenders import ORIGINAL
from loadtests.peers.least import WAYS, Found, Way, found, read, table, write
from loadtests.peers.tables import between_marks
from loadtests.studies.parameters import ROOT

KEPT = ROOT / "data" / "peers" / "least.json"
README = ROOT / "README.md"


def search(way: Way) -> Found:
    """Search with one of them, and return what it ended with; raises what a search raises."""
    plan = make_plan({"run": f"least-{way.key}", **way.parameters}, (SEARCH, REPORT))
    say(f"{way.name}. {plan.sentence}")
    began_s = time.monotonic()
    conduct(plan)
    run = plan.asked.folder
    end = closing(run)
    say(f"{end.sentence} Took {(time.monotonic() - began_s) / 60:.1f} min.")
    answer = json.loads((run / ANSWER).read_text())
    return found(way, answer, end.sentence, datetime.now(UTC).date().isoformat())


def keep(path: Path, readme: Path) -> None:
    """Write what a file has into a README."""
    readme.write_text(between_marks(readme.read_text(), "least", table(read(path))))


@tells_refusals
def main(arguments: list[str]) -> int:
    """Search with all, or with those whose keys are given; the others stay as they are."""
    ensure_image(ensure_engine(say), ORIGINAL.recipe, say)
    known = {one.way: one for one in read(KEPT)}
    for way in WAYS:
        if not arguments or way.key in arguments:
            known[way.name] = search(way)
            write(KEPT, [known[one.name] for one in WAYS if one.name in known])
    keep(KEPT, README)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
