"""The fixed server answers everything after its time, and its clock does not wait for it."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from loadtests.peers.generator_seen import Seen, Span
from loadtests.peers.generator_target import ANSWER, Target, is_whole

SERVICE_S = 0.02
EVER = Span(0, 2**33)
POST = b"POST / HTTP/1.1\r\nHost: target\r\nContent-Length: 2\r\n\r\n{}"
GET = b"GET / HTTP/1.1\r\nHost: target\r\n\r\n"


@contextmanager
def serving(target):
    """Let it serve beside the test until the block ends."""
    thread = threading.Thread(target=target.serve)
    thread.start()
    try:
        yield
    finally:
        target.end()
        thread.join()


@pytest.fixture
def target():
    return Target(0, SERVICE_S, "127.0.0.1")


def seen(target, folder):
    """Return what it noted."""
    target.write(folder)
    return Seen.read({path.name: path.read_bytes() for path in folder.iterdir()})


def connect(target):
    return socket.create_connection(("127.0.0.1", target.port), timeout=30)


def answered(connection):
    """Read one whole answer."""
    received = b""
    while not received.endswith(ANSWER):
        received += connection.recv(4096)
    return received


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (GET, True),
        (GET[:-1], False),
        (POST, True),
        (POST[:-1], False),
        (POST.replace(b"Content-Length", b"content-length"), True),
        (b"", False),
    ],
)
def test_a_request_is_whole_with_its_head_and_all_of_its_body(received, whole):
    assert is_whole(received) is whole


def test_a_post_is_noted_with_the_time_it_took_and_a_get_is_not(target, tmp_path):
    with serving(target), connect(target) as connection:
        for request in (POST, GET, POST):
            connection.sendall(request)
            assert answered(connection).startswith(b"HTTP/1.1 200")
    noted = seen(target, tmp_path)
    assert noted.requests(EVER) == 2
    assert noted.opened(EVER) == 1
    assert (noted.latency_ms(EVER) >= 1000 * SERVICE_S).all()


def test_a_request_in_two_parts_is_one_that_began_with_the_first(target, tmp_path):
    with serving(target), connect(target) as connection:
        before_ns = time.time_ns()
        connection.sendall(POST[:20])
        after_ns = time.time_ns()
        time.sleep(0.1)
        connection.sendall(POST[20:])
        answered(connection)
    noted = seen(target, tmp_path)
    assert noted.requests(EVER) == 1
    assert before_ns <= noted.began_ns[0] <= after_ns


def test_a_request_began_when_it_came_in_though_nobody_looked(target, tmp_path):
    """A server that is late itself must not make a generator look better than it was."""
    with connect(target) as connection:
        before_ns = time.time_ns()
        connection.sendall(POST)
        after_ns = time.time_ns()
        time.sleep(0.1)
        with serving(target):
            answered(connection)
    noted = seen(target, tmp_path)
    assert before_ns <= noted.began_ns[0] <= after_ns
    assert noted.latency_ms(EVER)[0] >= 100


def test_connections_are_counted_and_those_that_ended_are_not_open(target, tmp_path):
    with serving(target):
        with connect(target) as first:
            first.sendall(POST)
            answered(first)
        with connect(target) as second:
            second.sendall(POST)
            answered(second)
        deadline = time.monotonic() + 30
        while len(target._closed) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    noted = seen(target, tmp_path)
    assert noted.opened(EVER) == 2
    assert noted.open_at_once(EVER) == 1


def test_an_answer_that_nobody_takes_any_more_is_not_noted(target, tmp_path):
    with serving(target):
        with connect(target) as gone:
            gone.sendall(POST)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
        with connect(target) as stays:
            time.sleep(0.05)
            stays.sendall(POST)
            answered(stays)
    assert seen(target, tmp_path).requests(EVER) == 1
