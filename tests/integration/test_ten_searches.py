"""One small search made through the job of ten, killed before its end, and taken up again."""

import shutil

import pytest

from loadtests.analysis.searches_table import (
    SEARCHES_CSV,
    TRIALS_CSV,
    SearchLine,
    TrialLine,
    read_lines,
)
from loadtests.jobs.searches import asked_of, deployed_size, make_all
from loadtests.studies import parameters
from loadtests.studies.manifest import FOLDER
from loadtests.studies.parameters import Parameters
from loadtests.verdicts import Verdict
from tests.integration.measuring import Printed
from tests.integration.test_search import NEEDS
from tests.truth.images import ensure_truth

pytestmark = [pytest.mark.docker, pytest.mark.alone]

# It needs 0.15 CPU and 80 MiB (see test_search.py), so 1 CPU holds with ease and 0.05 CPU fails.
BASE = Parameters(
    run="small", image="aguanta-truth:search", health_path="/",
    locustfile=str(parameters.ROOT / "tests" / "truth" / "users.py"),
    users=100, spawn_rate=100, think_min=0.5, think_max=1.5, steady_s=6, final_steady_s=8,
    p95_ms=500, error_rate=0.05, cpu_steps=[0.05, 1], memory_steps=[200, 400], trials_at_most=4,
    replicas_at_most=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(client, tmp_path_factory):
    """The folder with what is kept after the first search; its run lies in a folder of its own."""
    folder = tmp_path_factory.mktemp("tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "RUNS", tmp_path_factory.mktemp("runs"))
        assert ensure_truth(client, "search", NEEDS) == BASE.image
        make_all(BASE, client, Printed(), 1, folder)
        yield folder


def trials_of(base):
    """Return the names of all trials in the run of the first search."""
    return {path.name for path in (asked_of(base, 1).folder / "trials").iterdir()}


def test_a_search_is_kept_with_its_trials_and_that_of_its_size_to_deploy(tables):
    (line,) = read_lines(tables / SEARCHES_CSV, SearchLine)
    trials = read_lines(tables / TRIALS_CSV, TrialLine)
    assert (line.least_cpus, line.least_memory_mib) == (1, 200)
    assert line.fails_to_cpus in (None, 0.05)
    assert line.deploy_verdict == trials[-1].verdict
    assert (trials[-1].part, trials[-1].cpus) == ("deploy", line.deploy_cpus)
    assert len(trials) == line.trials + 1
    assert len(trials_of(BASE)) == len(trials) + 1, "the staircase is kept too"


def test_a_killed_search_goes_on_with_the_trials_that_it_has(client, tables):
    """Its trials were kept, and what was made of them was not; invalid ones are made anew."""
    before, there = read_lines(tables / TRIALS_CSV, TrialLine), trials_of(BASE)
    valid = {line.trial for line in before if line.verdict is not Verdict.INVALID}
    shutil.rmtree(asked_of(BASE, 1).folder / FOLDER)
    make_all(BASE, client, Printed(), 1, tables)
    after = {line.trial for line in read_lines(tables / TRIALS_CSV, TrialLine)}
    made = trials_of(BASE) - there
    assert valid <= after
    assert not made or len(valid) < len(before)


def test_a_finished_search_is_read_and_not_made_again(client, tables):
    size, before = deployed_size(BASE), (tables / TRIALS_CSV).read_bytes()
    made = make_all(BASE, client, Printed(), 0, tables)
    assert len(made) == 1
    assert (tables / TRIALS_CSV).read_bytes() == before
    assert deployed_size(BASE) == size
