"""Search the least setting with this project's service and users, and with others' (`make least`).

Each is a run of its own in data/runs, least-ours and so on, and goes on where it was stopped. What
they end with is written to data/peers/least.json and into the README.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from docker import DockerClient

from loadtests.analysis.evidence import Row
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.images import ensure_image
from loadtests.errors import RecordError
from loadtests.jobs.console import say, tells_refusals
from loadtests.peers.contenders import ORIGINAL
from loadtests.peers.least import WAYS, Found, Way, read, table, write
from loadtests.peers.tables import between_marks
from loadtests.search.reliability import Band
from loadtests.studies.experiment import Experiment
from loadtests.studies.minimum_search import MinimumSearch, read_minimum_search
from loadtests.studies.parameters import ROOT, Parameters
from loadtests.studies.progress import PlainProgress
from loadtests.studies.run_search import find_minimum
from loadtests.verdicts import Verdict

KEPT = ROOT / "data" / "peers" / "least.json"
README = ROOT / "README.md"


def asked_of(way: Way) -> Parameters:
    """Return what is asked with one of them: the default question, into a run of its own."""
    return Parameters.from_mapping({"run": f"least-{way.key}", **way.parameters})


def search(way: Way, client: DockerClient) -> Found:
    """Search with one of them, unless its run has the answer; raises what a search raises."""
    asked = asked_of(way)
    made = read_minimum_search(asked.folder)
    if made is None or not made.answers(asked):
        say(f"{way.name}: a search of about 15 min, into {asked.folder.relative_to(ROOT)}")
        made = find_minimum(Experiment(asked, client, PlainProgress()), asked)
    found = found_by(way, made)
    say(f"{way.name}: {found.said}")
    return found


def found_by(way: Way, made: MinimumSearch) -> Found:
    """Return what a search ended with; raises RecordError where it measured nothing."""
    if not made.table.results or made.ended is None:
        raise RecordError(f"the search {way.key} measured nothing; remove its run and search again")
    band, trial = band_of(made), made.table.results[0].evidence.trial
    return Found(
        way=way.name,
        users=made.manifest.question.workload.users,
        least="" if made.answer is None else made.answer.setting.label,
        expected=None if band is None else band.reliability,
        fails_to_cpus=None if band is None else band.fails_to_cpus,
        holds_from_cpus=None if band is None else band.holds_from_cpus,
        said=said_of(made.rows, made.ended.why),
        measured_on=trial.started_at[:10],
        cpus=trial.host.cpus,
        cpu_model=trial.host.cpu_model,
    )


def said_of(rows: Sequence[Row], why: str) -> str:
    """Return how a search ended; where no trial could be trusted, nothing but that."""
    if any(row.verdict is not Verdict.INVALID for row in rows):
        return why
    trials, reason = sum(len(row.trials) for row in rows), rows[-1].reasons[0].rstrip(".")
    return f"none of {trials} trials of {len(rows)} settings can be trusted; in the last, {reason}."


def band_of(made: MinimumSearch) -> Band | None:
    """Return between which limits of CPU the answer's verdict is a matter of luck."""
    if made.axis is None or made.answer is None or made.answer.setting.replicas == 1:
        return made.band
    return made.axis.rivals.says.band(made.answer.setting)


def keep(path: Path, readme: Path) -> None:
    """Write what a file has into a README."""
    readme.write_text(between_marks(readme.read_text(), "least", table(read(path))))


@tells_refusals
def main(arguments: list[str]) -> int:
    """Search with all, or with those whose keys are given; the others stay as they are."""
    client = ensure_engine(say)
    ensure_image(client, ORIGINAL.recipe, say)
    known = {one.way: one for one in read(KEPT)}
    for way in WAYS:
        if not arguments or way.key in arguments:
            known[way.name] = search(way, client)
            write(KEPT, [known[one.name] for one in WAYS if one.name in known])
    keep(KEPT, README)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
