"""Ten searches one after the other: what is left to do, and what is kept of each."""

import shutil
from dataclasses import replace

import pytest

from loadtests.analysis.deployment import size_to_deploy
from loadtests.analysis.searches import ALONE, SEARCHES
from loadtests.analysis.searches_table import (
    COMES_AND_GOES,
    DEPLOY,
    SEARCH,
    SEARCHES_CSV,
    TRIALS_CSV,
    SearchLine,
    TrialLine,
    read_lines,
)
from loadtests.analysis.speed import NOBODY
from loadtests.jobs import searches
from loadtests.jobs.searches import Made, asked_of, deployed_size, is_made, make_all, neighbour_of
from loadtests.question import Setting
from loadtests.studies import manifest, parameters
from loadtests.studies.manifest import read_manifest, write_manifest
from loadtests.studies.minimum_search import read_minimum_search
from loadtests.studies.parameters import Parameters
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION
from tests.integration.measuring import Printed
from tests.report.ten_searches import search, trial
from tests.studies.test_study import VERTICAL, write_table
from tests.told import notes

WORKLOAD = QUESTION.workload
BASE = Parameters(run="ten", image="api", users=WORKLOAD.users, spawn_rate=WORKLOAD.spawn_rate)
LEAST, SIZE = VERTICAL[0][0], Setting(1.2, 300)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    """A folder of runs, empty at first."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")


@pytest.fixture
def made(monkeypatch):
    """Searches that are made at once, by number."""
    done = []
    monkeypatch.setattr(searches, "is_made", lambda _base, number: number in done)
    monkeypatch.setattr(searches, "make", lambda _base, number, *_: done.append(number))
    monkeypatch.setattr(
        searches, "read", lambda _base, number: Made(search(number), [trial(number)])
    )
    return done


def write_search(number, vertical=VERTICAL, deployed=SIZE):
    """Write the run of a search as an experiment does, without its size to deploy where None."""
    folder = asked_of(BASE, number).folder
    write_table(folder, manifest.VERTICAL, vertical)
    told = notes((0.5, 1.0), (100, 300))
    write_manifest(folder, replace(read_manifest(folder, manifest.VERTICAL), search=told))
    if deployed is not None:
        write_table(folder, manifest.DEPLOY, [(deployed, {})])
    return folder


def test_five_are_alone_and_five_beside_a_neighbour_each_into_a_run_of_its_own():
    beside = [neighbour_of(number) for number in range(1, SEARCHES + 1)]
    assert beside == [NOBODY] * 5 + [COMES_AND_GOES] * 5
    assert ALONE == 5
    names = [asked_of(BASE, number).run for number in range(1, SEARCHES + 1)]
    assert (names[0], names[-1]) == ("ten-01", "ten-10")
    assert len({*names}) == SEARCHES
    assert {asked_of(BASE, number).question for number in (1, 10)} == {BASE.question}


def test_so_many_are_made_as_are_asked_for_and_the_next_call_goes_on(made, tmp_path):
    assert len(make_all(BASE, None, Printed(), 3, tmp_path)) == 3
    assert made == [1, 2, 3]
    assert len(read_lines(tmp_path / SEARCHES_CSV, SearchLine)) == 3
    make_all(BASE, None, Printed(), SEARCHES, tmp_path)
    assert made == [*range(1, SEARCHES + 1)]
    make_all(BASE, None, Printed(), SEARCHES, tmp_path)
    assert len(made) == SEARCHES
    assert [line.number for line in read_lines(tmp_path / SEARCHES_CSV, SearchLine)] == made
    assert [line.search for line in read_lines(tmp_path / TRIALS_CSV, TrialLine)] == made


def test_tables_are_written_after_each_search(made, tmp_path, monkeypatch):
    def interrupted(_base, number, *_):
        if number == 2:
            raise KeyboardInterrupt
        made.append(number)

    monkeypatch.setattr(searches, "make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_all(BASE, None, Printed(), SEARCHES, tmp_path)
    assert len(read_lines(tmp_path / SEARCHES_CSV, SearchLine)) == 1


def test_it_tells_which_search_begins_beside_whom_and_how_long_the_rest_takes(
    made, tmp_path, capsys
):
    make_all(BASE, None, Printed(), 6, tmp_path)
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Search 1 of 10, beside it: nobody. The rest takes about 150 min"
    assert told[5] == "Search 6 of 10, beside it: comes and goes. The rest takes about 60 min"
    assert told[-1] == "6 of 10 searches are made"


def test_a_search_is_made_when_its_size_to_deploy_is_measured_too():
    assert not is_made(BASE, 1)
    write_search(1, deployed=None)
    assert not is_made(BASE, 1)
    write_search(1)
    assert is_made(BASE, 1)
    assert not is_made(replace(BASE, users=2000), 1), "another question"
    assert not is_made(BASE, 2)


def test_the_size_to_deploy_is_that_of_the_first_search():
    assert deployed_size(BASE) is None
    folder = write_search(1, deployed=None)
    least = read_minimum_search(folder).least
    assert least.setting == LEAST
    assert deployed_size(BASE) == size_to_deploy(least, BASE.headroom)
    write_search(1, deployed=Setting(2, 400))
    assert deployed_size(BASE) == Setting(2, 400), "once it was measured it stays"


def test_searches_whose_runs_are_gone_are_kept_as_their_tables_have_them(made, tmp_path):
    """They were made in another clone; what they led to is what the next ones measure."""
    first = make_all(BASE, None, Printed(), 2, tmp_path)
    write_search(1)
    shutil.rmtree(asked_of(BASE, 1).folder)
    again = make_all(BASE, None, Printed(), 1, tmp_path)
    assert [each.search for each in again[:2]] == [each.search for each in first]
    assert made == [1, 2, 3]
    line = replace(first[0].search, deploy_cpus=0.6, deploy_memory_mib=240)
    assert deployed_size(BASE, [line]) == Setting(0.6, 240)


def test_without_an_answer_there_is_no_size_to_deploy():
    write_search(1, vertical=VERTICAL[1:], deployed=None)
    assert deployed_size(BASE) is None


def test_a_search_and_its_trials_are_kept_in_raw_figures():
    write_search(1)
    found = searches.read(BASE, 1)
    line, parts = found.search, [made.part for made in found.trials]
    assert parts == [SEARCH] * 3 + [DEPLOY]
    assert (line.least_cpus, line.least_memory_mib) == (LEAST.cpus, LEAST.memory_mib)
    assert (line.cpu_step, line.memory_step, line.trials) == (1, 1, 3)
    assert (line.deploy_cpus, line.deploy_verdict) == (SIZE.cpus, Verdict.HOLDS)
    assert line.band_memory_mib == LEAST.memory_mib
    assert 0 < line.reliability <= 1
    assert line.voided_by_speed == 0
    assert line.load_min == pytest.approx(3 * WORKLOAD.duration_s / 60)
    assert line.wall_min == pytest.approx(0.2)
    assert [made.own_verdict for made in found.trials] == [made.verdict for made in found.trials]


def test_a_search_that_is_not_made_cannot_be_read():
    with pytest.raises(ValueError, match="search 1 is not made yet"):
        searches.read(BASE, 1)


def test_each_trial_tells_for_which_share_of_its_load_the_neighbour_worked():
    folder = write_search(6)  # its trials began at 0 s and last 50 s
    (folder / searches.VISITS).write_text("".join(f"{n}.000,busy loop\n" for n in range(40)))
    shares = [made.neighbour_share for made in searches.read(BASE, 6).trials]
    assert shares[0] == shares[-1] == pytest.approx(0.8)


def test_the_last_trial_of_the_size_to_deploy_counts_where_one_before_was_invalid():
    folder = write_search(1)
    write_table(folder, manifest.DEPLOY, [(SIZE, {"users_reached": 10}), (SIZE, {})])
    part = read_manifest(folder, manifest.DEPLOY)
    write_manifest(folder, replace(part, settings=(SIZE,)))
    found = searches.read(BASE, 1)
    assert [made.verdict for made in found.trials if made.part == DEPLOY] == [
        Verdict.INVALID, Verdict.HOLDS,
    ]  # fmt: skip
    assert found.search.deploy_verdict is Verdict.HOLDS
