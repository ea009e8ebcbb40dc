"""What a job's console shows of what its notebooks print."""

import io

from loadtests.jobs.told_once import ToldOnce
from loadtests.studies.progress import STANDING

OF_DB = f"{STANDING}Of compose.yaml, db is started anew for every trial\n"
OF_WAITS = f"{STANDING}Users think for 5 to 15 s\n"
TRIAL = "0.5 CPU / 300 MiB: measuring, 75 s of load\n"


def shown(*printed: str) -> str:
    """Return what is seen of texts that notebooks print one after the other."""
    stream = io.StringIO()
    console = ToldOnce(stream)
    for text in printed:
        console.write(text)
        console.flush()
    return stream.getvalue()


def test_what_holds_for_a_whole_job_is_told_once_however_many_say_it():
    assert shown(OF_DB, TRIAL, OF_DB, OF_WAITS, OF_DB) == OF_DB + TRIAL + OF_WAITS


def test_two_that_come_in_one_piece_are_told_apart():
    assert shown(OF_DB + OF_WAITS, TRIAL + OF_WAITS + OF_DB) == OF_DB + OF_WAITS + TRIAL


def test_what_is_told_of_trials_comes_as_often_as_it_is_told():
    assert shown(TRIAL, TRIAL) == 2 * TRIAL
    assert shown("[1/4] ", "half a line", "\n") == "[1/4] half a line\n"
