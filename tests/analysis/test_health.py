"""What the answer of a health path is worth, in one sentence."""

import pytest

from loadtests.analysis.health import health_note
from loadtests.question import Target

TARGET = Target("shop", 8080, "/up")
FIX = (
    ", so the service counts as ready as soon as it answers at all; give the path that answers 200 "
    "once it is ready (HEALTH_PATH)"
)


@pytest.mark.parametrize(
    ("status", "location", "said"),
    [
        (301, "/up/", "GET /up on port 8080 is redirected to /up/ (301)"),
        (302, "/login", "GET /up on port 8080 is redirected to /login (302)"),
        (304, "", "GET /up on port 8080 is redirected (304)"),
        (401, "", "GET /up on port 8080 asks for a log-in (401)"),
        (403, "", "GET /up on port 8080 asks for a log-in (403)"),
        (404, "", "GET /up on port 8080 is not there (404)"),
        (405, "", "GET /up on port 8080 is refused (405)"),
        (499, "", "GET /up on port 8080 is refused (499)"),
    ],
)
def test_an_answer_that_says_nothing_of_readiness_is_told_for_what_it_is(status, location, said):
    assert health_note(TARGET, status, location) == said + FIX


@pytest.mark.parametrize("status", [None, 200, 204, 299])
def test_nothing_is_said_of_one_that_is_fine_or_was_not_recorded(status):
    assert health_note(TARGET, status) is None
