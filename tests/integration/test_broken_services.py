"""Services that fail for one user alone, in real containers: broken, and never too small."""

import pytest

from loadtests.analysis.smoke_fault import fault
from loadtests.analysis.smoke_notes import notes
from loadtests.errors import BrokenError
from loadtests.studies import parameters, smoke
from loadtests.studies.measure import check_generator
from loadtests.studies.parameters import Parameters
from loadtests.studies.smoke import refuse_broken, smoke_test
from tests.evidence_log import log_case
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

# Healthy from the first on, whatever else it does, which its variable MODE says.
SERVICE = """
import http.server, os, time

MODE, ASKED = os.environ["MODE"], []

class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, body = 200, b'{"price": 3}'
        if self.path == "/health":
            body = b"ok"
        else:
            ASKED.append(time.monotonic())
            if MODE == "dies":
                os._exit(3)
            if MODE == "never":
                time.sleep(60)
            if MODE == "slow first" and len(ASKED) == 1:
                time.sleep(1)
            if MODE == "sorry":
                body = b"we are sorry"
            if MODE.isdigit():
                status = int(MODE)
            if MODE == "one bad":
                status = 500 if self.path == "/broken" else 200
            if MODE == "model never loads" or MODE == "late" and time.monotonic() < ASKED[0] + 4:
                status, body = 503, b"the model is not there"
            if MODE == "log-in" and self.headers["Authorization"] != "Bearer known":
                status, body = 401, b"who are you?"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("", 8000), Service).serve_forever()
"""

HEAD = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
"""
LOOKS = f"""{HEAD}
    @task
    def look(self):
        self.client.get("/items")
"""
CHECKS = f"""{HEAD}
    @task
    def look(self):
        with self.client.get("/items", catch_response=True) as answer:
            if "price" not in answer.text:
                answer.failure("no price in the answer")
"""
RAISES = f"""{HEAD}
    @task
    def look(self):
        return self.client.get("/items").json()["cost"]
"""
LOGS_IN = f"""{HEAD}
    def on_start(self):
        self.known = {{"Authorization": "Bearer known"}}

    @task
    def look(self):
        self.client.get("/items", headers=self.known)
"""
THREE = f"""{HEAD}
    @task
    def look(self):
        self.client.get("/items")

    @task
    def ask(self):
        self.client.get("/prices")

    @task
    def fall(self):
        self.client.get("/broken")
"""
SELDOM = f"""{HEAD}
    @task(10 ** 6)
    def look(self):
        self.client.get("/items")

    @task(1)
    def fall(self):
        self.client.get("/broken")
"""


BEFORE = "a search through many settings, of which none holds"


@pytest.fixture(scope="module")
def image(client, tmp_path_factory):
    """The service, built once."""
    with built(client, tmp_path_factory.mktemp("service"), SERVICE) as name:
        yield name


@pytest.fixture
def seen(image, tmp_path, monkeypatch):
    """Return a function that lets one user run a script against the service in one of its modes."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")
    # Some 20 calls: of three tasks none is missed by chance.
    monkeypatch.setattr(smoke, "STEADY_S", 2.0)
    monkeypatch.setattr(smoke, "PATIENT_S", 4.5)

    def look(mode, script=LOOKS, **asked):
        (tmp_path / "script").mkdir(exist_ok=True)
        (tmp_path / "script" / "visit.py").write_text(script)
        given = Parameters(
            run="broken", image=image, environment={"MODE": mode}, timeout_s=1.5, users=5000,
            locustfile=str(tmp_path / "script" / "visit.py"), **asked,
        )  # fmt: skip
        return smoke_test(given)

    return look


@pytest.mark.parametrize(
    ("mode", "script", "heading", "what"),
    [
        ("404", LOOKS, "Broken, not too small", "every call fail: /items ("),
        ("500", LOOKS, "Broken, not too small", ": http_500)"),
        ("model never loads", LOOKS, "Broken, not too small", ": http_503)"),
        ("log-in", LOOKS, "Broken, not too small", "http_401); it wants a log-in"),
        ("sorry", CHECKS, "Broken, not too small", "wrong_answer, no price in the answer)"),
        ("fine", RAISES, "Broken, not too small", "raised KeyError: 'cost' (visit.py, line 8"),
        ("one bad", THREE, "Broken, not too small", "these calls always fail: /broken ("),
        ("never", LOOKS, "Too slow for one user", "no answer within 1.5 s (TIMEOUT_S)"),
        ("late", LOOKS, "Not ready when it says so", "GET /health answers before the service is"),
        ("dies", LOOKS, "The service ended under one user", "ended with exit code 3"),
    ],
)
def test_what_fails_for_one_user_is_told_by_its_kind_and_nothing_else_is_started(
    seen, mode, script, heading, what
):
    """Whatever the load asked for: these are 5,000 users."""
    told = seen(mode, script)
    found = fault(told)
    said = "no fault" if found is None else f"{found.heading}. {found.sentence}"
    right = said.startswith(f"{heading}.") and what in said
    log_case("mended", "one user first", f"a service: {mode}", said, right, BEFORE)
    assert right, said
    with pytest.raises(BrokenError, match=heading):
        refuse_broken(told)


@pytest.mark.parametrize(
    ("mode", "script", "note"),
    [
        ("fine", CHECKS, "all of which ended well"),
        ("log-in", LOGS_IN, "all of which ended well"),
        ("slow first", LOOKS, "later ones far less: it starts something"),
        ("one bad", SELDOM, "Not reached in"),
    ],
)
def test_what_works_or_is_not_known_yet_is_no_fault(seen, mode, script, note):
    found = seen(mode, script)
    assert fault(found) is None, notes(found)
    assert note in " ".join(notes(found))
    refuse_broken(found)


def test_what_one_user_may_lose_by_the_slo_is_let_be_and_named(seen):
    found = seen("one bad", THREE, error_rate=0.6)
    assert fault(found) is None
    assert "fails with one user already, so not for want of CPU: /broken" in " ".join(notes(found))


def test_what_the_host_can_generate_does_not_depend_on_what_the_script_makes_of_an_answer(
    tmp_path, monkeypatch
):
    """An empty server has no right answer: every check of this script would raise."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "visit.py").write_text(RAISES)
    asked = Parameters(
        run="ceiling", users=60, spawn_rate=60, think_min=0.5, think_max=1.5, steady_s=6,
        p95_ms=5000, locustfile=str(tmp_path / "script" / "visit.py"),
    )  # fmt: skip
    found = check_generator(asked)
    assert found.is_high_enough
    assert found.sentence.startswith("This host can generate the load")
    assert found.p99_ms < 1000
