"""A service that sleeps in its handler, in real containers: replicas help, more CPU does not."""

import re
from dataclasses import replace

import pytest

from loadtests.analysis import judge
from loadtests.analysis.evidence import CauseName
from loadtests.analysis.validity import checks
from loadtests.question import Setting
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import REPLICAS
from loadtests.studies.minimum_search import read_minimum_search
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import read_table
from loadtests.studies.run_search import find_minimum
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.measuring import Printed
from tests.integration.own_image import built

pytestmark = [pytest.mark.docker, pytest.mark.alone]

# As of a framework with one event loop that a handler blocks: 18 answers a second, at any CPU.
SLEEPER = """
import asyncio, time

async def serve(reader, writer):
    while head := await reader.readuntil(b"\\r\\n\\r\\n"):
        if b"/health" not in head.split(b"\\r\\n")[0]:
            time.sleep(1 / 18)
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
        await writer.drain()

async def main():
    async with await asyncio.start_server(serve, "", 8000, backlog=512) as server:
        await server.serve_forever()

asyncio.run(main())
"""
VISITOR = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/")
"""


def on_a_quiet_machine(evidence):
    """Take a busy machine for a quiet one: what is waited for here is a sleep, and no CPU."""
    busy = ("generator_lag", "generator_cpu", "steal_time", "crowded_host", "cpu_speed")
    return tuple(replace(each, ok=each.ok or each.name in busy) for each in checks(evidence))


@pytest.fixture(scope="module")
def found(client, tmp_path_factory):
    """The search, and its run: 60 users who think for 1.5 s ask for 40 requests a second."""
    folder = tmp_path_factory.mktemp("sleeper")
    (folder / "script").mkdir()
    (folder / "script" / "visit.py").write_text(VISITOR)
    with built(client, folder, SLEEPER) as image, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "RUNS", folder / "runs")
        patch.setattr(judge, "validity_checks", on_a_quiet_machine)
        asked = Parameters(
            run="sleeper", image=image, locustfile=str(folder / "script" / "visit.py"),
            users=60, spawn_rate=60, think_min=1, think_max=2, steady_s=8, p95_ms=1000,
            error_rate=0.01, cpu_steps=[0.1, 0.2, 0.5, 1, 1.5], memory_steps=[50, 100, 200],
        )  # fmt: skip
        yield find_minimum(Experiment(asked, client, Printed()), asked), asked.folder


def test_it_is_told_that_more_cpu_does_not_help_and_how_many_replicas_do(found):
    search, _ = found
    why = search.ended.why
    right = "that takes about 3 replicas" in why and "more CPU does not help" in why
    what = "a handler that sleeps: 18 requests/s a replica, at any CPU"
    before = "No setting was measured to hold. Ask with larger steps or fewer users."
    log_case("mended", "what sleeps", what, why, right, before)
    assert right, why
    # 18 at most: a busy host adds to each sleep.
    assert re.search(r"it answers 1[5-8] requests/s a replica", why)
    assert "Ask with larger steps" not in why


def test_no_other_size_is_tried_since_none_would_do(found):
    search, _ = found
    (row,) = search.rows
    assert (row.setting, row.verdict, row.cause) == (
        Setting(1.5, 200), Verdict.FAILS, CauseName.HELD_BACK,
    )  # fmt: skip
    assert {cell.verdict for cell in search.cells} == {Verdict.FAILS}
    assert search.ended.proven


def test_replicas_are_measured_once_and_help(found):
    search, run = found
    (row,) = read_table(run, REPLICAS).rows
    assert row.setting.replicas == 3
    assert row.verdict is Verdict.HOLDS, row.reasons
    assert f"{row.setting.label} was measured to hold" in search.ended.why


def test_the_same_is_read_again_from_the_record(found):
    search, run = found
    read = read_minimum_search(run)
    assert read.ended == search.ended
    assert read.cells == search.cells
