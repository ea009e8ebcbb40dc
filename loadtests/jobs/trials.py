"""Write a run's trials as one Parquet file (`make trials RUN=report`)."""

import sys

from loadtests.errors import RecordError
from loadtests.jobs.console import say, tells_refusals
from loadtests.studies.manifest import FOLDER
from loadtests.studies.parameters import DEFAULT_RUN, EXAMPLE, RUNS
from loadtests.studies.trials_file import read_trials, write_trials


@tells_refusals
def main(arguments: list[str]) -> int:
    """Write trials.parquet of the run named first, `example` being the recorded one."""
    name = arguments[0] if arguments and arguments[0] else DEFAULT_RUN
    run = EXAMPLE if name == EXAMPLE.name else RUNS / name
    if not any((run / FOLDER).glob("*.json")):
        raise RecordError(f"{run} has no trials; name a run that `make report` made with RUN=…")
    path = write_trials(run)
    say(f"{len(read_trials(path))} trials written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
