"""Open arrivals with real containers: the highest rate that a service of known needs holds."""

import json

import pytest

from loadtests.studies import parameters
from loadtests.studies.capacity_search import amount_of, read_capacity_search
from loadtests.studies.experiment import Experiment
from loadtests.studies.find_capacity import find_capacity
from loadtests.studies.manifest import RATE, read_manifest
from loadtests.studies.parameters import Parameters
from tests.evidence_log import log_case
from tests.integration.measuring import Printed
from tests.truth.images import ensure_truth

pytestmark = [pytest.mark.docker, pytest.mark.alone]

# A request takes 8 ms of CPU, and some 0.3 ms around it; 0.4 CPU are 48 a second at most.
NEEDS = "burn_ms=8"
CPUS, MOST_PER_S = 0.4, 0.4 / 0.0083
ASKED = Parameters(
    run="rate", image="aguanta-truth:rate", health_path="/", find="rate", rate=300,
    locustfile=str(parameters.ROOT / "tests" / "truth" / "users.py"),
    spawn_rate=200, think_min=0.5, think_max=1.5, steady_s=6, timeout_s=5,
    p95_ms=1000, error_rate=0.05, cpus=CPUS, memory_mib=200,
)  # fmt: skip


@pytest.fixture(scope="module")
def found(client, tmp_path_factory):
    """The highest rate, searched once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "RUNS", tmp_path_factory.mktemp("runs"))
        assert ensure_truth(client, "rate", NEEDS) == ASKED.image
        yield find_capacity(Experiment(ASKED, client, Printed()), ASKED)


def test_the_highest_rate_is_the_one_that_arithmetic_gives(found):
    """Within two steps of what the CPU is enough for, or half a step above for so short a time."""
    held = 0.0 if found.held is None else amount_of(found.held)
    right = MOST_PER_S / 1.2**3 < held <= MOST_PER_S * 1.1
    what = f"{NEEDS}, {CPUS} CPU: at most {MOST_PER_S:.0f} arrivals/s are held"
    log_case("search", "rate", what, f"{held:g} arrivals/s", right)
    assert right, held
    above = [row for load, row in found.by_load.items() if load > MOST_PER_S * 1.1]
    assert all(row.verdict != "holds" for row in above)


def test_every_trial_had_the_arrivals_that_were_asked_for(found):
    for evidence, judgement in found.trials:
        (check,) = (check for check in judgement.checks if check.name == "delivered")
        assert check.ok, check.seen
        workload = evidence.trial.question.workload
        assert f"of {workload.rate_per_s:,g} arrivals/s asked for" in check.seen
        assert evidence.trial.generator.arrivals > 0


def test_a_rate_that_was_found_is_read_shown_and_written(found):
    read = read_capacity_search(ASKED.folder, of_rate=True)
    assert read.rows == found.rows
    assert read.manifest == read_manifest(ASKED.folder, RATE)
    assert read.answers(ASKED)
    found.write_answer(ASKED.folder)
    answer = json.loads((ASKED.folder / "answer.json").read_text())
    assert answer["question"]["rate_per_s"] == ASKED.rate
    for shown in (found.answer_figure(), found.staircase_figure(), found.rows_table()):
        assert len(shown.data) > 500
    assert "arrivals/s" in " ".join(found.sentences())
