"""The engine goes away in the middle of a trial and comes back: a real one, started here."""

import signal
from collections.abc import Iterator

import pytest

from loadtests.bench.containers import remove_leftovers
from loadtests.bench.trial import run_trial
from loadtests.errors import EngineError
from loadtests.question import Setting
from tests.evidence_log import log_case
from tests.integration.benches import bench_at, containers_of
from tests.integration.faults import asking, once
from tests.integration.second_engine import SecondEngine, can_be_had, serving

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not can_be_had(), reason="a second engine needs root and dockerd"),
]


@pytest.fixture(scope="module")
def engine(client, generator_image, tmp_path_factory) -> Iterator[SecondEngine]:
    """A second engine that has the generator's image."""
    folder = tmp_path_factory.mktemp("engine")
    with serving(folder, client, generator_image) as engine:
        yield engine


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
@pytest.mark.parametrize("phase", ["ramp-up", "steady state"])
def test_an_engine_that_is_restarted_ends_the_trial_and_the_next_run_clears_up(
    engine, tmp_path, generator_image, how, phase
):
    """Nothing is stored; what the engine left is removed, and by then it measures again.

    Locust's own web page is the service here, since one image is enough for this.
    """

    def restart():
        engine.end(how)
        engine.start()

    with (
        engine.client() as client,
        bench_at(
            client, tmp_path, generator_image, image=generator_image, port=8089, health_path="/"
        ) as bench,
    ):
        here = asking(bench, users=50, spawn_rate=25.0, steady_s=30.0)
        with pytest.raises(EngineError) as told:
            run_trial(here, Setting(1, 300), 0, once(phase, restart))
        assert here.store.keys() == []
        with here.store.writing():
            remove_leftovers(client, here.store.identity)
        assert containers_of(client, here.store) == []
        said = str(told.value)
        right = "the engine failed the containers of a trial of 1 CPU / 300 MiB" in said
        right = right and "repeat the same run" in said
        log_case("fault", "engine restarted", f"{how.name} and start in the {phase}", said, right)
        assert right, said
