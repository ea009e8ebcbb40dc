"""A KeepAliveUser's calls end like a FastHttpUser's, whatever the server does."""

import subprocess

import pytest

from tests.generator.conftest import command
from tests.generator.running import PROJECT

pytestmark = pytest.mark.waits

# By hand, so that both cannot be wrong alike.
OUTCOMES = {
    "GET /ok": "ok",
    "GET /error": "http_500",
    "GET /chunked": "ok",
    "GET /not-gzip": "error",
    "GET /on-and-on": "RetriesExceeded",
    "GET /garbage": "wrong_answer",
    "GET /without-a-word": "reset",
    "GET /in-the-head": "wrong_answer",
    "GET /in-the-body": "wrong_answer",
    "GET /reset-in-the-body": "reset",
    "GET /never": "timeout",
    "POST /reset": "reset",
    "nobody there": "refused",
}


# What is known to differ, and why.
DIFFERENT = {
    # Fields that come after the body are fields.
    "GET /chunked-trailer": {"headers"},
    # Where the call was sent on to is known of one that failed there too.
    "GET /on-to-missing": {"sent on"},
    # An answer that nobody asked for is no part of the one before it.
    "GET /two-at-once": {"content", "text", "noted", "opened", "closed"},
    # What came before it is kept, and its connection is not.
    "GET /garbage-after": {"status", "content", "text", "headers", "opened"},
    "GET /bad-chunk": {"status", "content", "text", "headers"},
    # Closed in the middle of an answer, not between two.
    "GET /after-interim": {"closed"},
    # By the client's own patience, which in the generator is longer than the load's timeout.
    "GET /never": {"noted"},
}


@pytest.fixture(scope="module")
def told(program):
    """What came of every call, with both clients."""
    with subprocess.Popen(command("nasty"), cwd=PROJECT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield program("side_by_side", int(process.stdout.readline()))
        finally:
            process.kill()


def differences(of_both):
    """Return what differs, by what it is."""
    fast, ours = of_both["FastHttpUser"], of_both["KeepAliveUser"]
    return {key: (fast[key], ours[key]) for key in fast if fast[key] != ours[key]}


def test_calls_are_alike_but_for_what_is_known_to_differ(told):
    found = {what: differences(both) for what, both in told["calls"].items()}
    unknown = {
        what: {key: of[key] for key in of.keys() - DIFFERENT.get(what, set())}
        for what, of in found.items()
    }
    assert {what: of for what, of in unknown.items() if of} == {}
    assert {what: set(of) for what, of in found.items() if of} == DIFFERENT


@pytest.mark.parametrize("what", OUTCOMES)
def test_a_call_ends_as_it_should(told, what):
    [noted] = told["calls"][what]["KeepAliveUser"]["noted"]
    assert noted[2] == OUTCOMES[what]


def test_what_happens_in_a_with_block_has_the_same_end(told):
    found = {what: differences(both) for what, both in told["blocks"].items()}
    assert {what: of for what, of in found.items() if of} == {}


@pytest.mark.parametrize("way", ["several_at_once", "rest", "cookies", "misuse"])
def test_a_way_to_ask_has_the_same_end(told, way):
    assert differences(told["ways"][way]) == {}
