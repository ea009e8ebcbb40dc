"""Faults of the machine in the middle of a trial: what is said, what is kept, what is left."""

import os
import shutil
import subprocess
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from docker.types import Ulimit

from loadtests import record
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.bench import containers
from loadtests.bench.preflight import Grants
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.errors import HostError, RecordError
from loadtests.question import Setting
from loadtests.studies import experiment as experiment_module
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.benches import ignore, part_of
from tests.integration.faults import (
    EARLIER,
    asking,
    busy_processes,
    contents,
    nothing_else_changes,
    once,
)
from tests.integration.measuring import Printed
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

AMPLE = Setting(1, 300)
PAUSE_S = 3.0
# Four milliseconds of CPU a request, and an answer that is right for every penguin.
HARD_WORK = """
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Penguins(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'"prediction":"MALE" "prediction":"FEMALE"'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        until = time.thread_time() + 0.004
        while time.thread_time() < until:
            pass
        self.do_GET()

    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

Server(("", 8000), Penguins).serve_forever()
"""


def test_a_replica_that_is_paused_for_three_seconds_never_holds(bench, client, api_image):
    """Users who were waiting count with all they waited."""
    here = asking(bench())

    def pause():
        replica = part_of(here, "api-1")
        replica.pause()
        threading.Timer(PAUSE_S, replica.unpause).start()

    with nothing_else_changes(client, here.store, api_image):
        evidence = Evidence.read(run_trial(here, AMPLE, 0, once("steady state", pause)))
    judgement = judge(evidence)
    stalled_ms = evidence.requests["latency_ms"].max()
    right = judgement.verdict is not Verdict.HOLDS and stalled_ms >= 1000 * PAUSE_S - 50
    said = f"{judgement.verdict}: {judgement.reasons[0]}; slowest {stalled_ms:,.0f} ms"
    log_case(
        "fault",
        "paused replica",
        f"docker pause for {PAUSE_S:g} s in the steady state",
        said,
        right,
    )
    assert right, said


@pytest.fixture(scope="module")
def hard_working(client, tmp_path_factory):
    """The image of a service that needs much CPU."""
    with built(client, tmp_path_factory.mktemp("hard"), HARD_WORK) as image:
        yield image


@pytest.mark.alone
@pytest.mark.parametrize("niceness", [None, 0, -10])
def test_a_busy_host_never_makes_a_setting_fail(bench, client, api_image, hard_working, niceness):
    """What holds on a quiet host is starved by twice as many busy processes as there are CPUs."""
    if niceness is not None and niceness < 0 and os.geteuid() != 0:
        pytest.skip("only root may be less nice")
    here = asking(bench(image=hard_working), users=100)
    count = 0 if niceness is None else 2 * here.host.cpus
    with (
        nothing_else_changes(client, here.store, api_image),
        busy_processes(count, niceness or 0),
    ):
        judgement = judge(Evidence.read(run_trial(here, AMPLE, 0, ignore)))
    tripped = [check.name for check in judgement.checks if not check.ok]
    said = f"{judgement.verdict}: {judgement.reasons[0]} (tripped: {', '.join(tripped) or 'none'})"
    noted = niceness is None or judgement.verdict is Verdict.UNDECIDED or tripped != []
    right = judgement.verdict is not Verdict.FAILS and noted
    injected = f"{count} busy processes at nice {niceness}" if count else "a quiet host"
    log_case("fault", "busy host", injected, said, right)
    assert right, said


def test_more_users_than_open_files_are_refused_before_any_container(
    client, monkeypatch, tmp_path, api_image
):
    """5,000 users where a process may open 1,024 files."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    asked = Parameters(run="files", users=5000)
    look = Grants.look
    monkeypatch.setattr(
        experiment_module.Grants,
        "look",
        lambda *words: replace(look(*words), descriptor_limit=1024),
    )
    with (
        nothing_else_changes(client, Store(asked.folder), api_image),
        pytest.raises(HostError) as refused,
    ):
        Experiment(asked, client, Printed())
    said = str(refused.value)
    right = "5,000 users need 5,200 open files, the engine grants 1,024" in said
    right = right and "ask for at most 824 users" in said
    log_case("fault", "engine with few open files", "nofile 1,024, 5,000 users", said, right)
    assert right, said


def test_a_generator_without_open_files_does_not_blame_the_setting(
    bench, client, api_image, monkeypatch
):
    """Half of the users find no descriptor: the generator's own errors, so invalid."""
    here = asking(bench())
    create = containers.create

    def with_few_files(client, *, name, ulimits, **options):
        if name.endswith("locust"):
            ulimits = [Ulimit(name="nofile", soft=100, hard=100)]
        return create(client, name=name, ulimits=ulimits, **options)

    monkeypatch.setattr(containers, "create", with_few_files)
    with nothing_else_changes(client, here.store, api_image):
        judgement = judge(Evidence.read(run_trial(here, AMPLE, 0, ignore)))
    said = f"{judgement.verdict}: {'; '.join(judgement.reasons)}"
    right = judgement.verdict is Verdict.INVALID and "emfile" in said
    log_case("fault", "generator with few open files", "nofile 100, 200 users", said, right)
    assert right, said


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 40 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_leaves_no_half_trial(bench, client, api_image, small_disk):
    """The trial ran well and cannot be kept; the one before it is."""
    here = replace(asking(bench(), users=300), store=Store(small_disk / "run"))
    with nothing_else_changes(client, here.store, api_image):
        with here.store.writing(), pytest.raises(HostError) as told:
            run_trial(here, AMPLE, 0, ignore)
        assert here.store.keys() == [EARLIER.key[:16]]
        assert [path.name for path in here.store.trials.iterdir()] == [EARLIER.key[:16]]
    said = str(told.value)
    right = "could not be written" in said and "No space left on device" in said
    right = right and "repeat the same run" in said
    log_case("fault", "full disk", "40 KiB of disk for the record", said, right)
    assert right, said


@pytest.fixture(scope="module")
def measured(client, tmp_path_factory, api_image, generator_image):
    """One setting measured into a run; the run's parameters."""
    asked = Parameters(
        run="torn", users=60, spawn_rate=60, think_min=0.5, think_max=1.5, steady_s=6, p95_ms=5000
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "RUNS", tmp_path_factory.mktemp("runs"))
        (row,) = Experiment(asked, client, Printed()).table("vertical", [AMPLE]).rows
        yield SimpleNamespace(asked=asked, folder=record.trial_folder(asked.folder, row.trials[0]))


@pytest.mark.parametrize("name", [record.TRIAL_JSON, record.REQUESTS_CSV])
def test_a_torn_record_is_named_with_what_to_do(client, api_image, measured, tmp_path, name):
    """And neither judged nor overwritten; once the folder is gone it is measured again."""
    whole = shutil.copytree(measured.folder, tmp_path / "whole")
    torn = measured.folder / name
    torn.write_bytes(torn.read_bytes()[: torn.stat().st_size // 2])
    before = contents(measured.folder)
    try:
        with (
            nothing_else_changes(client, Store(measured.asked.folder), api_image),
            pytest.raises(RecordError) as told,
        ):
            Experiment(measured.asked, client, Printed()).table("vertical", [AMPLE])
        assert contents(measured.folder) == before
    finally:
        shutil.copytree(whole, measured.folder, dirs_exist_ok=True)
        shutil.rmtree(Store(measured.asked.folder).folder(EARLIER.key))
    said = str(told.value)
    right = str(measured.folder) in said and "to measure it again" in said
    log_case("fault", "torn record", f"{name} cut in half", said, right)
    assert right, said
