"""The last line of a run and its exit code tell an answer from one that is open."""

import json

import pytest

from loadtests.jobs.closing import closing
from loadtests.jobs.console import ANSWERED, NOTHING_HOLDS, OPEN
from tests.evidence_log import log_case

HELD = {"cpus": 0.5, "memory_mib": 300, "replicas": 1, "p95_ms": 12.4, "trials": ["first"]}
SEVERAL = {"cpus": 0.25, "memory_mib": 200, "replicas": 3, "p95_ms": 1200.0, "trials": ["first"]}
RATED = {"users": 10000, "arrivals": "poisson", "rate_per_s": 1200}
FINISHED = {"proven": True, "why": "0.5 CPU / 300 MiB is the least of these steps."}
SPENT = {
    "proven": False,
    "why": "Stopped with the answer open: the budget of trials, 3, is spent; 2 settings left.",
}


def repeat(verdict, setting=HELD, trial="more"):
    """One trial more of a setting."""
    return {**setting, "verdict": verdict, "reasons": ["p95 was 700 ms"], "trials": [trial]}


def ended(folder, **answer):
    """Return how a run with such an answer.json ends."""
    whole = {"question": {"users": 10000}, "search": FINISHED, "repeat": None} | answer
    (folder / "answer.json").write_text(json.dumps(whole))
    return closing(folder)


# What was said of each search once, whether it was finished and whatever a repeat had said.
ALL_WELL = "10,000 users are held by 0.5 CPU / 300 MiB (p95 12 ms). Exit code 0"
ENDS = [
    ({"minimum": HELD}, ANSWERED, "10,000 users are held by 0.5 CPU / 300 MiB (p95 12 ms)."),
    (
        {"minimum": SEVERAL, "search": None},
        ANSWERED,
        "10,000 users are held by 3 x 0.25 CPU / 200 MiB (p95 1,200 ms).",
    ),
    ({"minimum": HELD, "repeat": repeat("holds")}, ANSWERED, "(p95 12 ms)."),
    ({"minimum": HELD, "repeat": repeat("invalid")}, ANSWERED, "(p95 12 ms)."),
    ({"minimum": SEVERAL, "repeat": repeat("fails")}, ANSWERED, "(p95 1,200 ms)."),
    ({"minimum": HELD, "repeat": repeat("undecided", trial="first")}, ANSWERED, "(p95 12 ms)."),
    ({"minimum": None}, NOTHING_HOLDS, "No setting that was measured holds 10,000 users."),
    (
        {"minimum": HELD, "search": SPENT},
        OPEN,
        "(p95 12 ms), and that is open: the budget of trials, 3, is spent; 2 settings left.",
    ),
    (
        {"minimum": HELD, "repeat": repeat("fails")},
        OPEN,
        "and that is open: in one trial more 0.5 CPU / 300 MiB fails (p95 was 700 ms).",
    ),
    ({"minimum": None, "search": SPENT}, OPEN, "holds 10,000 users; the budget of trials, 3"),
    (
        {"capacity": {**HELD, "users": 8000}},
        ANSWERED,
        "0.5 CPU / 300 MiB holds 8,000 users (p95 12 ms).",
    ),
    ({"capacity": None}, NOTHING_HOLDS, "Nothing up to 10,000 users was measured to be held."),
    (
        {"capacity": {**HELD, "rate_per_s": 82.5}, "question": RATED},
        ANSWERED,
        "0.5 CPU / 300 MiB holds 82.5 arrivals/s (p95 12 ms).",
    ),
    (
        {"capacity": None, "question": RATED},
        NOTHING_HOLDS,
        "Nothing up to 1,200 arrivals/s was measured to be held.",
    ),
    ({"minimum": HELD, "question": RATED}, ANSWERED, "1,200 arrivals/s are held by 0.5 CPU"),
]


@pytest.mark.parametrize(("answer", "exit_code", "says"), ENDS)
def test_an_answer_says_what_it_is_worth(tmp_path, answer, exit_code, says):
    """Saying "are held by" of a search cut off or contradicted would pass a gate."""
    end = ended(tmp_path, **answer)
    if "that is open" in says:
        right = says in end.sentence and end.exit_code == exit_code
        said = f"{end.sentence} Exit code {end.exit_code}"
        what = "a search cut off" if "search" in answer else "an answer that one trial contradicts"
        log_case("mended", "last line and exit code", what, said, right, ALL_WELL)
    assert says in end.sentence
    assert end.exit_code == exit_code
