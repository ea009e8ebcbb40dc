"""Services that do not answer as they are asked: each is told for what it is, with what to give."""

from dataclasses import replace

import pytest

from loadtests.bench.needs import Needs
from loadtests.bench.trial import run_trial
from loadtests.errors import NotReadyError, QuestionError, SlowStartError
from loadtests.question import Setting
from loadtests.studies.trial_runner import TrialRunner
from tests.integration.benches import containers_of, ignore
from tests.integration.measuring import Printed
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

AMPLE = Setting(1, 200)
# One image of somebody's for all of it: its environment says how it behaves.
APP = """
import os, socket, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status = int(os.environ.get("HEALTH", "200")) if self.path == "/health" else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/login?next=hidden")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True
    address_family = socket.AF_INET6 if os.environ.get("IPV6") else socket.AF_INET

    def server_bind(self):
        if os.environ.get("IPV6"):
            self.socket.setsockopt(
                socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, os.environ["IPV6"] == "only"
            )
        super().server_bind()

    def handle_error(self, *connection):
        pass

if "NEEDS" in os.environ and "DATABASE_URL" not in os.environ:
    sys.exit("DATABASE_URL is not set")
if "WAITS" in os.environ:
    print("waiting for the database at", os.environ["WAITS"], flush=True)
    time.sleep(600)
if "RAW" in os.environ:
    raw = socket.create_server(("0.0.0.0", 8000))
    while True:
        taken, _ = raw.accept()
        taken.sendall(b"SSH-2.0-shop\\r\\n")
        taken.close()
while time.process_time() < float(os.environ.get("STARTS_S", "0")):
    pass
address = os.environ.get("ADDRESS", "::" if os.environ.get("IPV6") else "")
Server((address, int(os.environ.get("PORT", "8000"))), Shop).serve_forever()
"""
VISITORS = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/")
"""


@pytest.fixture(scope="module")
def image(client, tmp_path_factory):
    """That image."""
    with built(client, tmp_path_factory.mktemp("own"), APP) as name:
        yield name


@pytest.fixture
def behaving(bench, image, tmp_path):
    """Return a function that makes a bench of it, by its environment."""
    visitors = tmp_path / "visitors.py"
    visitors.write_text(VISITORS)

    def made(ready_s=4.0, command="", user="", **environment):
        needs = Needs.of(environment, None, command, user)
        return replace(bench(image=image, locustfile=visitors), needs=needs, ready_s=ready_s)

    return made


def refusal(bench, kind=NotReadyError, setting=AMPLE):
    """Return the first line of what is said of a service that never answers, and the rest."""
    with pytest.raises(kind) as told:
        run_trial(bench, setting, 0, ignore)
    assert type(told.value) is kind
    assert containers_of(bench.client, bench.store) == []
    first, _, rest = str(told.value).partition("\n")
    return first, rest


GIVE = "give what it asks for: a command (COMMAND), variables (ENVIRONMENT, ENV_FILE) or files"
ENDS = "1 of 1 replicas ended before the load began: replica 1 "
LATE = "0 of 1 replicas answered GET /health on port 8000 within 4 s: "
BEHAVIOURS = {
    "needs a variable": (
        {"NEEDS": "1"},
        f"{ENDS}ended with exit code 1; {GIVE} (FILES). It printed last:",
        "DATABASE_URL is not set",
    ),
    "waits": (
        {"WAITS": "db:5432"},
        f"{LATE}nothing listens in the container, and it uses next to no CPU: it waits for "
        "something it needs, or is still starting; see its log, or give it longer (READY_S). It "
        "printed last:",
        "waiting for the database at <WAITS>",
    ),
    "listens inside": (
        {"ADDRESS": "127.0.0.1"},
        f"{LATE}it listens on 127.0.0.1 port 8000 alone, which nobody outside of the container "
        "reaches; let the service listen on 0.0.0.0",
        "",
    ),
    "listens elsewhere": (
        {"PORT": "3000"},
        f"{LATE}nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000: "
        "ask with PORT=3000",
        "",
    ),
    "listens for IPv6 alone": (
        {"IPV6": "only"},
        f"{LATE}it listens on port 8000 for IPv6 alone, and is asked by IPv4; let the service",
        "",
    ),
    "speaks no HTTP": (
        {"RAW": "1"},
        f"{LATE}what listens on port 8000 gives no HTTP answer; give the port of HTTP (PORT)",
        "",
    ),
    "says itself that it is not ready": (
        {"HEALTH": "503"},
        f"{LATE}it answers 503 (Service Unavailable), so it says itself that it is not ready; see "
        "its log, or give the path that answers once it is (HEALTH_PATH)",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_service_that_never_answers_is_told_for_what_it_is(behaving, behaviour):
    environment, sentence, printed = BEHAVIOURS[behaviour]
    first, rest = refusal(behaving(**environment))
    assert first.startswith(sentence)
    assert rest == printed


@pytest.mark.alone
def test_a_service_still_starting_with_all_its_cpu_is_called_slow_and_not_broken(behaving):
    """As a virtual machine that compiles itself for minutes at a tenth of a CPU."""
    first, _ = refusal(behaving(STARTS_S="30"), SlowStartError, Setting(0.1, 200))
    assert "it is still starting, with all the CPU it can get: " in first
    assert "at 0.1 CPU; give it longer (READY_S)" in first


@pytest.mark.parametrize(
    ("setting", "environment", "status", "said"),
    [
        (Setting(0.2, 200), {"STARTS_S": "2", "HEALTH": "404"}, 404, "is not there (404)"),
        (AMPLE, {"IPV6": "both", "HEALTH": "302"}, 302, "is redirected to /login (302)"),
    ],
)
def test_with_time_to_start_and_both_kinds_of_addresses_all_is_well_but_the_health_path(
    behaving, capsys, setting, environment, status, said
):
    evidence, _ = TrialRunner(Printed()).trial(behaving(60.0, **environment), setting, 0)
    assert {*evidence.requests["outcome"]} - {"in_flight"} == {"ok"}
    assert evidence.trial.generator.health_status == status
    told = capsys.readouterr().out
    assert f"GET /health on port 8000 {said}, so the service counts as ready as soon as" in told
    assert "(HEALTH_PATH)" in told
    assert "hidden" not in told


def test_a_command_or_a_user_the_image_has_not_is_told_with_what_to_give(behaving):
    first, _ = refusal(behaving(command="serve --all"), QuestionError)
    assert "the image has not its command" in first
    assert first.endswith("give one that it has (COMMAND)")
    first, _ = refusal(behaving(user="shopper"), QuestionError)
    assert "the image has not its user" in first
    assert first.endswith("give one that it has, or a number (CONTAINER_USER)")
