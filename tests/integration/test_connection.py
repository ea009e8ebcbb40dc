"""The connection to an engine breaks in the middle of a trial, with a word or without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.bench.containers import remove_leftovers
from loadtests.bench.engine import DEFAULT_ADDRESS, EngineClient
from loadtests.bench.trial import run_trial
from loadtests.errors import EngineError
from loadtests.question import Setting
from tests.evidence_log import log_case
from tests.integration.benches import bench_at, containers_of
from tests.integration.faults import asking, nothing_else_changes, once
from tests.integration.second_engine import SecondEngine, can_be_had, load_image
from tests.integration.ways import PORT, THERE, Cable, Forwarder, forwarder

pytestmark = pytest.mark.docker

WEB_PAGE = {"port": 8089, "health_path": "/"}
SOCKET = Path(DEFAULT_ADDRESS.removeprefix("unix://"))


@pytest.fixture
def way() -> Iterator[Forwarder]:
    """A way to this machine's engine that can be cut."""
    with forwarder(SOCKET) as way:
        yield way


@pytest.fixture(scope="module")
def cabled(client, generator_image, tmp_path_factory) -> Iterator[tuple[SecondEngine, Cable]]:
    """A second engine at the end of a cable, with the generator's image."""
    folder = tmp_path_factory.mktemp("engine")
    engine = SecondEngine(folder, "--host", f"tcp://0.0.0.0:{PORT}", "--tls=false")
    try:
        cable = Cable(engine)
        try:
            engine.start()
            load_image(engine, client, generator_image)
            yield engine, cable
        finally:
            cable.remove()
    finally:
        engine.remove()


def is_right(said: str) -> bool:
    """Say whether it is told what broke, what to do, and that nothing finished is lost."""
    wanted = (
        "a trial of 0.5 CPU / 300 MiB",
        "the connection to it",
        "see that it answers",
        "repeat the same run: finished trials are kept",
    )
    return all(words in said for words in wanted)


@pytest.mark.parametrize("back", ["at once", "later"])
def test_a_connection_that_is_cut_loses_nothing_and_what_runs_on_is_removed(
    client, way, generator_image, tmp_path, back
):
    """Where the engine answers again at once nothing is left; else the next start removes it."""

    def cut():
        way.cut()
        if back == "at once":
            way.open()

    remote = EngineClient(base_url=way.address)
    with bench_at(remote, tmp_path, generator_image, image=generator_image, **WEB_PAGE) as bench:
        here = asking(bench, users=50, spawn_rate=25.0, steady_s=30.0)
        with nothing_else_changes(client, here.store, generator_image):
            with pytest.raises(EngineError) as told:
                run_trial(here, Setting(0.5, 300), 0, once("steady state", cut))
            left = [str(container.name) for container in containers_of(client, here.store)]
            if back == "later":
                assert len(left) == 2, "nobody could be told to end them"
                way.open()
                with here.store.writing():
                    assert sorted(remove_leftovers(remote, here.store.identity)) == sorted(left)
            else:
                assert left == []
        said = str(told.value)
        log_case(
            "fault", "connection cut", f"the engine answers again {back}", said, is_right(said)
        )
        assert is_right(said), said
    remote.close()


@pytest.mark.skipif(not can_be_had(), reason="a second engine needs root and dockerd")
def test_a_connection_that_falls_silent_is_noticed(cabled, generator_image, tmp_path):
    """Nobody says that a cable is out: without asking, its streams would be waited for for ever."""
    engine, cable = cabled
    remote = EngineClient(base_url=f"tcp://{THERE}:{PORT}")
    with bench_at(remote, tmp_path, generator_image, image=generator_image, **WEB_PAGE) as bench:
        here = asking(bench, users=50, spawn_rate=25.0, steady_s=30.0)
        with pytest.raises(EngineError) as told:
            run_trial(here, Setting(0.5, 300), 0, once("steady state", cable.cut))
        cable.mend()
        with here.store.writing():
            remove_leftovers(remote, here.store.identity)
        with engine.client() as by_socket:
            assert containers_of(by_socket, here.store) == []
        said = str(told.value)
        log_case("fault", "connection cut", "the cable is pulled out", said, is_right(said))
        assert is_right(said), said
    remote.close()
