"""What one connection may carry: requests in a row, in pieces, and ones that are refused early."""

import json
import socket
from collections.abc import Callable
from http.client import parse_headers
from io import BufferedReader

import pytest

from service.app import BODY_LIMIT_BYTES
from tests.service.test_served import BODY, HEAD, REQUEST, connect, port

__all__ = ["port"]

LIGHT = BODY.replace(b"5700", b"4600").replace(b"225", b"212").replace(b":50", b":45.5")
LIGHT_REQUEST = HEAD + b"Content-Length: %d\r\n\r\n" % len(LIGHT) + LIGHT
HEALTH = b"GET /health HTTP/1.1\r\nHost: penguins\r\n\r\n"
FORM = HEAD.replace(b"application/json", b"text/plain")


def chunked(head: bytes, body: bytes, size: int) -> bytes:
    """Return a request whose body comes in chunks and is not announced."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def read_next(stream: BufferedReader, *, with_body: bool = True) -> tuple[int, bytes]:
    """Read just one answer: its status and body."""
    status = int(stream.readline().split()[1])
    length = int(parse_headers(stream).get("content-length", "0"))
    return status, stream.read(length) if with_body else b""


def talk(port: int, *pieces: bytes, answers: int) -> list[tuple[int, bytes]]:
    """Send pieces over one connection, each after a pause, and read as many answers."""
    with connect(port) as connection, connection.makefile("rb") as stream:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return [read_next(stream) for _ in range(answers)]


def sex(answer: bytes) -> str:
    """Return what was predicted."""
    return str(json.loads(answer)["prediction"])


def test_pipelined_requests_are_answered_in_their_order(port: int) -> None:
    """One that is sent before the last was answered waits for its turn."""
    answers = talk(port, (REQUEST + LIGHT_REQUEST + HEALTH) * 5, answers=15)
    assert [status for status, _ in answers] == [200] * 15
    assert [sex(body) for _, body in answers[0::3]] == ["MALE"] * 5
    assert [sex(body) for _, body in answers[1::3]] == ["FEMALE"] * 5
    assert [json.loads(body)["status"] for _, body in answers[2::3]] == ["ok"] * 5


@pytest.mark.parametrize("cut", [1, 30, len(HEAD) + 5, len(LIGHT_REQUEST) - 1])
def test_a_request_that_begins_to_arrive_with_the_last_one_is_answered(port: int, cut: int) -> None:
    """Wherever its first piece ends: in its first line, its headers, or its body."""
    with connect(port) as connection, connection.makefile("rb") as stream:
        connection.sendall(REQUEST + LIGHT_REQUEST[:cut])
        assert sex(read_next(stream)[1]) == "MALE"
        connection.sendall(LIGHT_REQUEST[cut:] + REQUEST)
        assert sex(read_next(stream)[1]) == "FEMALE"
        assert sex(read_next(stream)[1]) == "MALE"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_body_in_chunks_is_put_together(port: int, size: int) -> None:
    """Its size is not known beforehand, and the connection goes on."""
    answers = talk(port, chunked(HEAD, BODY, size), chunked(HEAD, LIGHT, size), answers=2)
    assert [sex(body) for _, body in answers] == ["MALE", "FEMALE"]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "after the refusal"])
@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(FORM + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY, id="announced"),
        pytest.param(chunked(FORM, BODY, 16), id="chunked"),
    ],
)
def test_the_body_of_a_refused_request_is_not_taken_for_the_next(
    port: int, refused: bytes, at_once: bool
) -> None:
    """It was refused by its head; its body still has to be read, whenever it comes."""
    head, _, body = refused.partition(b"\r\n\r\n")
    with connect(port) as connection, connection.makefile("rb") as stream:
        connection.sendall(refused if at_once else head + b"\r\n\r\n")
        assert read_next(stream)[0] == 415
        connection.sendall((b"" if at_once else body) + REQUEST)
        status, answer = read_next(stream)
        assert (status, sex(answer)) == (200, "MALE")


def test_who_asks_first_is_told_to_go_on(port: int) -> None:
    """Expect: 100-continue holds the body back until the head was accepted."""
    with connect(port) as connection, connection.makefile("rb") as stream:
        connection.sendall(
            REQUEST.removesuffix(b"\r\n\r\n" + BODY) + b"\r\nExpect: 100-continue\r\n\r\n"
        )
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert stream.readline() == b"\r\n"
        connection.sendall(BODY + REQUEST)
        assert [read_next(stream)[0] for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(HEAD + b"Content-Length: %d" % (BODY_LIMIT_BYTES + 1), 413, id="too large"),
        pytest.param(FORM + b"Content-Length: %d" % len(BODY), 415, id="not JSON"),
    ],
)
def test_who_asks_first_with_a_wrong_head_is_refused_at_once(
    port: int, head: bytes, status: int
) -> None:
    """No body is asked for that would not be read."""
    assert talk(port, head + b"\r\nExpect: 100-continue\r\n\r\n", answers=1)[0][0] == status


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"DELETE"])
def test_another_method_is_refused_and_the_connection_kept(port: int, method: bytes) -> None:
    """The answer to HEAD has no body, whatever length it names."""
    with connect(port) as connection, connection.makefile("rb") as stream:
        connection.sendall(method + b" /predict/ HTTP/1.1\r\nHost: penguins\r\n\r\n" + REQUEST)
        assert read_next(stream, with_body=method != b"HEAD")[0] == 405
        assert read_next(stream)[0] == 200


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param(lambda r: r.replace(b"\r\n", b"\r\nConnection: close\r\n", 1), id="by header"),
        pytest.param(lambda r: r.replace(b"HTTP/1.1", b"HTTP/1.0"), id="by version"),
    ],
)
def test_who_asks_for_it_is_cut_off_after_the_answer(
    port: int, asking: Callable[[bytes], bytes]
) -> None:
    """The last request of a connection says so, or is of HTTP/1.0."""
    with connect(port) as connection, connection.makefile("rb") as stream:
        connection.sendall(asking(REQUEST))
        assert read_next(stream)[0] == 200
        assert stream.read() == b""
