"""What notebook 04 asks for beside the sizes: the answer once with open arrivals."""

from pathlib import Path

from docker import DockerClient

from loadtests.errors import RecordError
from loadtests.studies.experiment import Experiment
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.open_load import NOT_OPENED, OpenStudy, measure_open, not_opened, read_open
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.progress import Progress
from loadtests.studies.study import read_study


def measure_open_arrivals(asked: Parameters) -> OpenStudy:
    """Measure the answer once under the same load with open arrivals: how far is its p95 apart?

    It follows from the least setting of both tables, so notebook 03 must have been run before.
    """

    def measure(client: DockerClient, progress: Progress) -> OpenStudy:
        try:
            study = read_study(asked.folder)
        except RecordError as why:
            return OpenStudy(None, None, f"{NOT_OPENED.absent[:-1]}: {why}.")
        absent = not_opened(asked.question, study.minimum)
        if absent is not None:
            return absent
        return measure_open(Experiment(asked, client, progress), study.answer_trials)

    def read(run: Path) -> OpenStudy | None:
        found = read_open(run)
        return None if found is NOT_OPENED and run != EXAMPLE else found

    return measured_or_recorded(asked, measure, read)
