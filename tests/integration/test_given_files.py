"""Files that are copied into a service's container, in real ones."""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Evidence
from loadtests.bench.base_image import ensure_base_image
from loadtests.bench.given_files import GivenFiles
from loadtests.bench.needs import Needs
from loadtests.bench.trial import run_trial
from loadtests.errors import QuestionError
from loadtests.question import Setting
from tests.integration.benches import containers_of, ignore
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

# A service that is told by a file what it answers, and tries to change it.
APP = """
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

config = json.load(open("/etc/shop/shop.json"))
try:
    open("/etc/shop/shop.json", "a").write("{}")
    config["written"] = True
except PermissionError:
    pass

class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404 if self.path not in config["paths"] or "written" in config else 200)
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
        self.client.get("/told-by-a-file")
"""


def said(client, files, command, user="10001"):
    """Return what a container that was given files says, and how it ends."""
    base = ensure_base_image(client, print)
    container = client.containers.create(base, ["sh", "-c", command], user=user)
    try:
        files.give(container)
        container.start()
        container.wait()
        return container.logs().decode()
    finally:
        container.remove(force=True)


def test_a_service_reads_what_it_is_given_and_cannot_write_it(client, bench, tmp_path):
    (tmp_path / "visitors.py").write_text(VISITORS)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "shop.json").write_text('{"paths": ["/health", "/told-by-a-file"]}')
    files = GivenFiles.read({"/etc/shop": "conf"}, tmp_path)
    with built(client, tmp_path, APP) as image:
        here = bench(image=image, locustfile=tmp_path / "visitors.py", spawn_rate=20.0)
        here = replace(here, needs=Needs.of({}, None, "", "10001", files), ready_s=30.0)
        evidence = Evidence.read(run_trial(here, Setting(0.5, 100, 2), 0, ignore))
    assert {*evidence.requests["outcome"]} - {"in_flight"} == {"ok"}
    assert evidence.trial.generator.health_status == 200


def test_folders_that_were_there_keep_their_owner_and_those_that_were_not_can_be_read(
    client, tmp_path
):
    (tmp_path / "a.txt").write_text("hello\n")
    files = GivenFiles.read(
        {"/tmp/made/deep/a.txt": "a.txt", "/var/run/a.txt": "a.txt", "/run/mine": "a.txt"}, tmp_path
    )
    told = said(
        client,
        files,
        "cd /tmp; cat made/deep/a.txt /run/a.txt /run/mine; stat -c %a:%u /tmp made made/deep",
    )
    assert told == "hello\nhello\nhello\n1777:0\n755:0\n755:0\n"


def test_a_program_that_is_given_can_be_run(client, tmp_path):
    (tmp_path / "start.sh").write_text("#!/bin/sh\necho started\n")
    (tmp_path / "start.sh").chmod(0o755)
    files = GivenFiles.read({"/start.sh": "start.sh"}, tmp_path)
    assert said(client, files, "/start.sh") == "started\n"


def test_what_the_image_has_is_replaced_by_a_file_and_kept_beside_a_folder(client, tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "hosts.extra").write_text("mine\n")
    (tmp_path / "motd").write_text("mine too\n")
    files = GivenFiles.read({"/etc": "conf", "/etc/debian_version": "motd"}, tmp_path)
    told = said(client, files, "cat /etc/hosts.extra /etc/debian_version; test -e /etc/passwd")
    assert told == "mine\nmine too\n"


def test_a_folder_that_the_image_has_stays_whose_it_was(client, tmp_path):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "a.txt").write_text("mine\n")
    files = GivenFiles.read({"/tmp": "extra"}, tmp_path)
    assert said(client, files, "cat /tmp/a.txt; stat -c %a:%u /tmp") == "mine\n1777:0\n"


@pytest.mark.parametrize(
    ("there", "here", "where"),
    [
        ("/etc/passwd/a.txt", "a.txt", "a file at /etc/passwd"),
        ("/etc/passwd", "folder", "a file at /etc/passwd"),
        ("/etc", "a.txt", "a folder at /etc"),
    ],
)
def test_a_file_in_place_of_a_folder_is_refused_before_anything_is_measured(
    bench, client, tmp_path, there, here, where
):
    (tmp_path / "a.txt").write_text("hello\n")
    (tmp_path / "folder").mkdir()
    files = GivenFiles.read({there: here}, tmp_path)
    bare = replace(bench(), needs=Needs.of({}, None, "", "", files))
    with pytest.raises(QuestionError, match=f"files has {there}, where the image has {where}; gi"):
        run_trial(bare, Setting(0.5, 200), 0, ignore)
    assert containers_of(client, bare.store) == []
