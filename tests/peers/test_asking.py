"""A service is ready when it first answers rightly, and every answer is looked at."""

import json
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from loadtests.errors import NotReadyError, TrialError
from loadtests.peers.asking import check_answers, first_right_answer_s
from loadtests.peers.contenders import FIELDS, OURS, PENGUINS

SEXES = dict(PENGUINS)


class Answering(BaseHTTPRequestHandler):
    """Tells a penguin's sex, after some answers that are none."""

    protocol_version = "HTTP/1.1"
    not_yet, wrong = 0, ""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        sex = SEXES[tuple(body[name] for name in FIELDS)]
        kind = type(self)
        status = 503 if kind.not_yet > 0 else 200
        kind.not_yet -= 1
        content = json.dumps({"prediction": "MALE" if sex == kind.wrong else sex}).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def service():
    """Return a function that starts one; it answers on a port of its own."""
    started = []

    def start(**changes):
        handler = type("Handler", (Answering,), changes)
        server = HTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        started.append(server)
        return replace(OURS, port=server.server_port)

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_a_service_that_tells_every_penguins_sex_is_right(service):
    check_answers(service(), "127.0.0.1")


def test_one_wrong_answer_is_told(service):
    with pytest.raises(TrialError, match=r"it answered 200 .*not \"FEMALE\""):
        check_answers(service(wrong="FEMALE"), "127.0.0.1")


def test_it_has_started_with_its_first_right_answer(service):
    contender = service(not_yet=3)
    assert first_right_answer_s(contender, "127.0.0.1", time.monotonic(), 30) > 0
    check_answers(contender, "127.0.0.1")


def test_one_that_never_answers_rightly_is_told_with_its_last_answer(service):
    with pytest.raises(NotReadyError, match="the last was 503"):
        first_right_answer_s(service(not_yet=10**6), "127.0.0.1", time.monotonic(), 0.2)
