"""One word for how a request ended, whatever it is wrapped in."""

import errno
import socket
from http.client import RemoteDisconnected

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError

from loadtests.generator.outcome import OWN_ERRORS, outcome_of


def wrapped(inner, *outer):
    """Return the last of some exceptions, each raised because of the one before."""
    for error in outer:
        error.__cause__ = inner
        inner = error
    return inner


def named(name):
    """Return an exception of a library that must not be imported here."""
    return type(name, (Exception,), {})("something went wrong")


def within(error):
    """Return an exception that was raised while another was handled."""
    later = named("Later")
    later.__context__ = error
    return later


REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "refused")
NO_NAME = socket.gaierror(-2, "Name or service not known")

OUTCOMES = [
    (None, 200, "ok", "an answer"),
    (REFUSED, 0, "refused", "nobody listens"),
    (ConnectionResetError(errno.ECONNRESET, "reset"), 0, "reset", "hung up"),
    (BrokenPipeError(errno.EPIPE, "pipe"), 0, "reset", "hung up while we spoke"),
    (named("HTTPConnectionClosed"), 0, "reset", "hung up, as geventhttpclient says it"),
    (RemoteDisconnected("closed"), 0, "reset", "hung up, as requests says it"),
    (OSError(errno.EHOSTUNREACH, "no route"), 0, "unreachable", "the replica's address is gone"),
    (OSError(errno.ETIMEDOUT, "timed out"), 0, "timeout", "the kernel gave up"),
    (TimeoutError("no whole answer within 10 s"), 0, "timeout", "we gave up"),
    (named("Timeout"), 0, "timeout", "gevent gave up"),
    (named("CutOffError"), 0, "timeout", "we gave up on the whole"),
    (named("ReadTimeout"), 0, "timeout", "requests gave up"),
    (OSError(errno.EMFILE, "too many files"), 0, "emfile", "we ran out of descriptors"),
    (OSError(errno.ENFILE, "too many files"), 0, "emfile", "the machine ran out"),
    (OSError(errno.EADDRNOTAVAIL, "no port"), 0, "eaddrnotavail", "we ran out of ports"),
    (NO_NAME, 0, "dns", "the name is not known"),
    (named("CatchResponseError"), 200, "wrong_answer", "the locustfile did not like it"),
    (named("HTTPParseError"), 200, "wrong_answer", "no HTTP"),
    (named("LocustBadStatusCode"), 503, "http_503", "an error page"),
    (requests.HTTPError("500 Server Error"), 500, "http_500", "an error page, by requests"),
    (named("SomethingNew"), 0, "SomethingNew", "unknown: its own name"),
    (named("SomethingNew"), 302, "SomethingNew", "no error by its status"),
    (named("SomethingNew"), 399, "SomethingNew", "still none"),
    (named("SomethingNew"), 400, "http_400", "the first that is one"),
    (within(REFUSED), 0, "refused", "raised while a refusal was handled"),
    (wrapped(REFUSED, named("A"), named("B")), 0, "refused", "the cause of a cause"),
    (requests.ConnectionError(ProtocolError("aborted", RemoteDisconnected())), 0, "reset", "args"),
    (
        wrapped(REFUSED, NewConnectionError(None, "x"), MaxRetryError(None, "/"),
                requests.ConnectionError("x")),
        0, "refused", "as requests wraps a refusal",
    ),
    (
        requests.ConnectionError(ReadTimeoutError(None, "/", "read")),
        0, "timeout", "as requests says that a body did not come",
    ),
    (wrapped(NO_NAME, requests.ConnectionError("x")), 0, "dns", "as requests wraps a lost name"),
]  # fmt: skip


@pytest.mark.parametrize(("exception", "status", "outcome", "what"), OUTCOMES)
def test_every_end_has_its_word(exception, status, outcome, what):
    assert outcome_of(exception, status) == outcome, what


def test_what_was_raised_from_another_is_followed_to_its_beginning():
    """Python links such a pair twice, as cause and as context."""

    def raise_from_each_other():
        try:
            try:
                raise REFUSED
            except OSError as refused:
                raise named("A") from refused
        except Exception as first:
            raise named("B") from first

    with pytest.raises(Exception, match="something went wrong") as raised:
        raise_from_each_other()
    assert raised.value.__cause__ is raised.value.__context__
    assert outcome_of(raised.value, 0) == "refused"


def test_of_a_cause_and_an_argument_the_cause_has_the_word():
    both = wrapped(REFUSED, requests.ConnectionError(RemoteDisconnected("closed")))
    assert outcome_of(both, 0) == "refused"


def test_exceptions_that_point_at_each_other_end():
    one, other = named("One"), named("Other")
    one.__cause__, other.__cause__ = other, one
    assert outcome_of(one, 0) == "One"


def test_running_out_of_something_or_asking_somebody_else_is_no_fault_of_the_service():
    assert set(OWN_ERRORS) == {"emfile", "eaddrnotavail", "dns", "other_host"}
