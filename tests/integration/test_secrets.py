"""What a service is given in secret stays between it and whoever gave it."""

import shutil

import pytest
from papermill.exceptions import PapermillExecutionError

from loadtests.jobs.notebooks import SINGLE, run_notebook
from loadtests.studies.parameters import RUNS
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

SECRET = "s3cret-of-the-shop"
KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEF"
# A service that prints whatever it knows, and ends where it is told to.
APP = """
import os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

print("logging in with", os.environ["PASSWORD"], "at", os.environ["URL"], flush=True)
if "ENDS" in os.environ:
    sys.exit("cannot log in at " + os.environ["URL"])

class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked as", os.environ["PASSWORD"], flush=True)
        self.send_response(302)
        self.send_header("Location", "/login?token=" + os.environ["PASSWORD"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass

ThreadingHTTPServer(("", 8000), Shop).serve_forever()
"""
VISITORS = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/", allow_redirects=False)
"""


@pytest.fixture
def asked(client, tmp_path, request):
    """Return the parameters of a small trial of it, into a run that is removed again."""
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "visitors.py").write_text(VISITORS)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "key.pem").write_text(KEY)
    run = f"test-secrets-{tmp_path.name}"
    (RUNS / run).mkdir(parents=True)
    with built(client, tmp_path, APP) as image:
        yield {
            "run": run, "image": image, "cpus": 0.5, "memory_mib": 100, "users": 10,
            "spawn_rate": 10, "think_min": 0.2, "think_max": 0.4, "steady_s": 8, "error_rate": 0.5,
            "locustfile": str(tmp_path / "script" / "visitors.py"), "ready_s": 20,
            "env_file": str(tmp_path / "secret.env"),
            "files": {"/etc/shop": str(tmp_path / "given")},
        }  # fmt: skip
    shutil.rmtree(RUNS / run)


def secret_env(asked, tmp_path, *more):
    """Write the file of variables."""
    lines = [f"PASSWORD={SECRET}", f"URL=db://shop:{SECRET}@db:5432/shop", *more]
    (tmp_path / "secret.env").write_text("\n".join(lines))


def what_is_kept(run):
    """Return all that a run's folder has, as text, by path."""
    return {
        str(path.relative_to(run)): path.read_bytes().decode(errors="replace")
        for path in run.rglob("*")
        if path.is_file()
    }


def shown_in(texts):
    """Return where a secret stands."""
    return [name for name, text in texts.items() if SECRET in text or KEY in text]


def test_secrets_are_in_no_record_notebook_or_log(asked, tmp_path, capfd):
    secret_env(asked, tmp_path)
    run_notebook(SINGLE, asked, RUNS / asked["run"])
    kept = what_is_kept(RUNS / asked["run"])
    trial, *_ = [text for name, text in kept.items() if name.endswith("trial.json")]
    assert "PASSWORD" in trial, "it was given"
    assert "/etc/shop" in trial, "it was given"
    assert shown_in(kept | {"printed": "".join(capfd.readouterr())}) == []


def test_secrets_are_in_no_error_of_a_service_that_ends(asked, tmp_path, capfd):
    secret_env(asked, tmp_path, "ENDS=now")
    with pytest.raises(PapermillExecutionError, match="cannot log in at <URL>") as told:
        run_notebook(SINGLE, asked, RUNS / asked["run"])
    texts = {"printed": "".join(capfd.readouterr()), "error": str(told.value)}
    assert shown_in(what_is_kept(RUNS / asked["run"]) | texts) == []
