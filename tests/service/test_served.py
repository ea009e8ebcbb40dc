"""The application behind a real uvicorn, spoken to over a socket, byte by byte."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import BODY_LIMIT_BYTES
from tests.service.image_command import PROJECT, image_command

BODY = b'{"bill_length_mm":50,"bill_depth_mm":16,"flipper_length_mm":225,"body_mass_g":5700}'
HEAD = b"POST /predict/ HTTP/1.1\r\nHost: penguins\r\nContent-Type: application/json\r\n"
REQUEST = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
GIVE_UP_S = 60


def wait_for_port(log: Path, process: subprocess.Popen[bytes]) -> int:
    """Return the port uvicorn says it listens on."""
    deadline = time.monotonic() + GIVE_UP_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    pytest.fail(f"uvicorn did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def port(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The service as its image starts it, on a free port; its log must stay free of errors."""
    log = tmp_path_factory.mktemp("served") / "log.txt"
    command = image_command(port=0)
    environment = os.environ | {"MODEL_DIR": str(model_dir), "MODEL_ENGINE": "onnx"}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=output) as process,
    ):
        try:
            yield wait_for_port(log, process)
        finally:
            process.terminate()
            process.wait(GIVE_UP_S)
    assert "Traceback" not in log.read_text()
    assert "ERROR" not in log.read_text()


def connect(port: int) -> socket.socket:
    """Open a connection that fails instead of waiting for ever."""
    return socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_S)


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read one answer: status, headers by their lower-case name, body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        assert piece, f"closed in the middle of an answer: {received!r}"
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return int(first.split()[1]), headers, body


def test_a_connection_is_kept_for_the_next_request(port: int) -> None:
    """Users who think between requests do not connect again."""
    with connect(port) as connection:
        for _ in range(2):
            connection.sendall(REQUEST)
            status, _, body = read_answer(connection)
            assert status == 200
            assert json.loads(body)["prediction"] == "MALE"


def test_a_body_that_arrives_byte_by_byte_is_put_together(port: int) -> None:
    """A slow sender gets the same answer."""
    with connect(port) as connection:
        for byte in REQUEST:
            connection.sendall(bytes([byte]))
        assert read_answer(connection)[0] == 200


def test_a_chunked_body_over_the_limit_is_refused_and_the_connection_closed(port: int) -> None:
    """The rest of a body that was not read must not be taken for the next request."""
    chunk = b"%x\r\n%s\r\n" % (4096, b" " * 4096)
    with connect(port) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(BODY_LIMIT_BYTES // 4096):
            connection.sendall(chunk)
        connection.sendall(b"1\r\n \r\n")  # The byte too many; the body has not ended.
        status, headers, body = read_answer(connection)
        assert status == 413
        assert headers["connection"] == "close"
        assert json.loads(body)["detail"][0]["type"] == "body_too_large"
        assert connection.recv(1) == b""


def test_an_announced_size_over_the_limit_is_refused_before_the_body(port: int) -> None:
    """Nobody waits for 300 MB to be told that they are too many."""
    with connect(port) as connection:
        connection.sendall(HEAD + b"Content-Length: 300000000\r\n\r\n")
        assert read_answer(connection)[0] == 413
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"penguin\r\n\r\n", id="no HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(HEAD + b"Content-Length: many\r\n\r\n", id="a length in words"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", id="a bad chunk size"),
    ],
)
def test_malformed_http_harms_nobody_else(port: int, sent: bytes) -> None:
    """It is answered with 400 or cut off, and the next user is served."""
    with connect(port) as connection:
        connection.sendall(sent)
        answer = connection.recv(65536)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    with connect(port) as connection:
        connection.sendall(REQUEST)
        assert read_answer(connection)[0] == 200


def test_a_client_that_leaves_in_the_middle_of_a_body_harms_nobody(port: int) -> None:
    """No traceback, and the next user is served (the log is checked when the service ends)."""
    with connect(port) as connection:
        connection.sendall(REQUEST[:-10])
    with connect(port) as connection:
        connection.sendall(REQUEST)
        assert read_answer(connection)[0] == 200
