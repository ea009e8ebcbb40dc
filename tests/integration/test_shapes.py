"""Load tests as people write them for an API with a model: each gets the right word."""

import pytest

from loadtests.analysis import causes
from loadtests.analysis.evidence import CauseName, Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.smoke_fault import fault
from loadtests.analysis.smoke_notes import notes
from loadtests.bench.trial import run_trial
from loadtests.errors import BrokenError
from loadtests.question import Setting
from loadtests.studies import parameters, smoke
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from loadtests.studies.run_search import find_minimum
from loadtests.studies.smoke import refuse_broken, smoke_test
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.benches import ignore
from tests.integration.measuring import Printed
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

AMPLE = Setting(1, 300)
HEAD = """
from locust import HttpUser, SequentialTaskSet, between, task

PENGUIN = {
    "bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 181, "body_mass_g": 3750,
}
"""
SINGLE = f"""{HEAD}
class PenguinUser(HttpUser):
    wait_time = between(1, 3)

    @task
    def predict(self):
        self.client.post("/predict/", json=PENGUIN)
"""
THREE = f"""{HEAD}
class PenguinUser(HttpUser):
    wait_time = between(1, 3)

    @task(1)
    def health(self):
        self.client.get("/health")

    @task(2)
    def predict(self):
        self.client.post("/predict/", json=PENGUIN)

    @task(1)
    def look_at_docs(self):
        self.client.get("/openapi.json")
"""
IN_TURN = f"""{HEAD}
class Visit(SequentialTaskSet):
    @task
    def arrive(self):
        self.client.get("/health")

    @task
    def ask(self):
        with self.client.post("/predict/", json=PENGUIN, catch_response=True) as answer:
            self.sex = answer.json()["prediction"]

    @task
    def ask_again(self):
        with self.client.post(
            "/predict/", json=PENGUIN, name="again", catch_response=True
        ) as answer:
            if answer.json()["prediction"] != self.sex:
                answer.failure("another sex than before")


class PenguinUser(HttpUser):
    wait_time = between(1, 3)
    tasks = [Visit]
"""


@pytest.fixture
def asked(tmp_path, monkeypatch, api_image, generator_image):
    """Return a function that makes parameters of a script, and of what else is asked."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(smoke, "STEADY_S", 3.0)
    monkeypatch.setattr(smoke, "PATIENT_S", 6.0)

    def ask(script, **changes):
        path = tmp_path / "script" / "locustfile.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        few = {
            "users": 40, "spawn_rate": 40, "think_min": 1, "think_max": 3, "steady_s": 8,
            "p95_ms": 2000, "error_rate": 0.01,
        }  # fmt: skip
        return Parameters(**{"run": "shape", "locustfile": str(path), **few, **changes})

    return ask


def measured(client, given, setting=AMPLE):
    """Return the evidence of one trial, and its judgement."""
    evidence = Evidence.read(
        run_trial(Experiment(given, client, Printed()).bench, setting, 0, ignore)
    )
    return evidence, judge(evidence)


def called(evidence):
    """Return how often each kind of request was made."""
    return evidence.requests["name"].value_counts().to_dict()


def note_word(shape, what, judgement, right):
    """Keep what was concluded beside what is true."""
    said = ": ".join([str(judgement.verdict), *judgement.reasons[:1]])
    log_case("cause", shape, what, said, right)
    return said


@pytest.mark.parametrize(
    ("script", "shares"),
    [
        (SINGLE, {"/predict/": 1.0}),
        (THREE, {"/health": 0.25, "/predict/": 0.5, "/openapi.json": 0.25}),
        (IN_TURN, {"/health": 1 / 3, "/predict/": 1 / 3, "again": 1 / 3}),
    ],
    ids=["a single call", "three tasks with a health check", "one after the other"],
)
def test_a_service_that_does_well_holds_whatever_the_shape_of_its_users(
    client, asked, script, shares, capsys
):
    evidence, judgement = measured(client, asked(script))
    told = capsys.readouterr().out
    assert "is not used" not in told  # its own wait is the question's
    ended = evidence.requests[evidence.requests["outcome"] != "in_flight"]
    assert set(ended["outcome"]) == {"ok"}
    calls = called(evidence)
    assert set(calls) == set(shares)
    total = sum(calls.values())
    assert {name: count / total for name, count in calls.items()} == pytest.approx(shares, abs=0.12)
    right = judgement.verdict is Verdict.HOLDS
    said = note_word(" and ".join(shares), "a service that does well", judgement, right)
    assert right, said


# --- a model that goes wrong, in one of the ways that its variable MODE says

API = """
import http.server, os, threading, time

MODE, MODEL, LOADING = os.environ["MODE"], [], threading.Lock()

class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, b"ok")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with LOADING:
            if MODE == "loads late" and not MODEL:
                MODEL.append(bytearray(b"x") * (250 * 1024 * 1024))
        began = time.thread_time()
        while MODE == "20 ms" and time.thread_time() < began + 0.02:
            pass
        status = 503 if MODE == "never loads" else 200
        self.answer(status, b'{"prediction": "MALE"}')

    def log_message(self, *words):
        pass

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256

Server(("", 8000), Api).serve_forever()
"""


@pytest.fixture(scope="module")
def api(client, tmp_path_factory):
    """Return a function that gives the parameters of the API in one of its ways."""
    with built(client, tmp_path_factory.mktemp("api"), API) as image:
        yield lambda mode: {"image": image, "environment": {"MODE": mode}}


def test_a_model_that_dies_at_the_first_request_is_told_as_memory(client, asked, api):
    evidence, judgement = measured(client, asked(SINGLE, **api("loads late")), Setting(1, 150))
    right = (judgement.verdict, judgement.cause) == (Verdict.FAILS, CauseName.OUT_OF_MEMORY)
    said = note_word("loads on the first request", "a model of 250 MiB in 150", judgement, right)
    assert right, said
    assert "OOM-killed" in judgement.reasons[0]
    assert evidence.trial.replicas[0].oom_kills >= 1


def test_with_memory_for_its_model_it_is_fine(client, asked, api):
    _, judgement = measured(client, asked(SINGLE, **api("loads late")), Setting(1, 400))
    assert judgement.verdict is Verdict.HOLDS, judgement.reasons


def test_one_user_alone_with_all_the_memory_sees_nothing_wrong(asked, api):
    seen = smoke_test(asked(SINGLE, **api("loads late")))
    assert fault(seen) is None, notes(seen)


def test_where_no_memory_that_may_be_chosen_is_enough_more_is_advised(client, asked, api):
    steps = {"cpu_steps": [0.5, 1], "memory_steps": [100, 200]}
    given = asked(SINGLE, **api("loads late"), **steps)
    search = find_minimum(Experiment(given, client, Printed()), given)
    why = search.ended.why
    before = "No setting was measured to hold. Ask with larger steps or fewer users."
    right = why.endswith("Ask with more memory (MEMORY_STEPS).")
    log_case("cause", "dies of memory", "at every size that is asked", why, right, before)
    assert right, why
    assert {row.cause for row in search.rows} == {CauseName.OUT_OF_MEMORY}


def test_the_same_users_are_too_many_for_too_little_cpu(client, asked, api):
    """Too small is told for what it is, and not as broken."""
    given = asked(SINGLE, **api("20 ms"), p95_ms=500, steady_s=8)
    evidence, judgement = measured(client, given, Setting(0.15, 100))
    assert causes.diagnose(evidence).name is CauseName.CPU_THROTTLED
    # Where the machine is busy, the verdict is void and says so.
    disturbed = any(not c.ok and c.voids.takes(Verdict.FAILS) for c in judgement.checks)
    right = judgement.verdict is Verdict.FAILS or disturbed
    said = note_word("a single call", "20 requests/s of 20 ms on 0.15 CPU", judgement, right)
    assert right, said


def test_a_health_check_that_lies_is_told_by_one_user_as_broken_not_too_small(asked, api):
    seen = smoke_test(asked(THREE, **api("never loads"), timeout_s=3))
    found = fault(seen)
    right = found is not None and found.heading == "Broken, not too small"
    said = found.sentence if found else " ".join(notes(seen))
    log_case("cause", "health check that lies", "/health 200, /predict/ 503 for ever", said, right)
    assert right, said
    assert "/predict/ (" in said
    assert "http_503" in said
    with pytest.raises(BrokenError, match="Broken, not too small"):
        refuse_broken(seen)
