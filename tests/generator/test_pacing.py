"""Requests are cut off as a whole, and arrivals are spread."""

import pytest

pytestmark = pytest.mark.waits

# Without and with retries.
CLIENTS = ["FastHttpSession0", "FastHttpSession3", "HttpSession", "KeepAliveSession"]
LEAST, MOST = 0.2, 0.8  # of a second: 200 waits that are spread reach below and above


@pytest.fixture(scope="module")
def cut(program, port):
    """How requests ended that were limited: [under way, outcome, next outcome, left]."""
    return program("cut", port)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("path", "outcome", "what"),
    [
        ("/drip-body", "timeout", "bytes keep coming, but no whole answer"),
        ("/drip-head", "timeout", "not even a whole head"),
        ("/never", "timeout", "silence"),
        ("full", "timeout", "no connection, though another replica would give one"),
        ("/hang-up", "reset", "closed without a word"),
        ("/error", "http_500", "an answer, though a wrong one"),
    ],
)
def test_a_request_ends_by_its_limit_and_its_user_goes_on(cut, client, path, outcome, what):
    """It is reported once; the next request of the same user is answered; none is left behind."""
    _, *outcomes, left = cut[f"{client} {path}"]
    assert outcomes == [outcome, "ok"], what
    assert left == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_a_request_is_under_way_until_it_ends(cut, client):
    assert cut[f"{client} /never"][0] == 1


def test_each_user_waits_once_for_a_part_of_a_second(program):
    """Also where both the locustfile and the generator ask for it."""
    told = program("arriving")
    assert len(told["waits"]) == told["began"] == 200
    assert all(0 <= wait <= 1 for wait in told["waits"])
    assert min(told["waits"]) < LEAST
    assert max(told["waits"]) > MOST
