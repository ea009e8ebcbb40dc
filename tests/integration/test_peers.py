"""Services beside each other in real containers: each answers, is filled, and has its figures."""

from dataclasses import replace

import pytest

from loadtests.bench.images import API_NULL, GeneratorImage, ensure_image
from loadtests.bench.store import Store
from loadtests.errors import TrialError
from loadtests.peers.contenders import NULL, OURS
from loadtests.peers.crowd import Crowd
from loadtests.peers.saturation import ensure_wrk
from loadtests.peers.service_bench import Lengths, ServiceBench
from loadtests.question import Question, Setting, Workload
from tests.integration.benches import PATIENT, QUICK

# A core is filled from the other: beside other tests there may be no answer at all.
pytestmark = [pytest.mark.docker, pytest.mark.alone]

CROWD = Question(Workload(**QUICK), PATIENT)


@pytest.fixture(scope="module")
def bench(client, tmp_path_factory, api_image, generator_image):
    """A bench for short looks; nothing of it is left behind."""
    ensure_wrk(print)
    null = ensure_image(client, API_NULL, print)
    names = {OURS.name: api_image, NULL.name: null}
    images = {name: str(client.images.get(image).id) for name, image in names.items()}
    store = Store(tmp_path_factory.mktemp("peers"))
    generator = GeneratorImage(str(client.images.get(generator_image).id), "content")
    crowd = Crowd(client, store, generator, CROWD, Setting(0.5, 300))
    bench = ServiceBench(client, store, images, crowd, Lengths(1, 2))
    yield bench
    label = f"aguanta.store={store.identity}"
    assert client.containers.list(all=True, filters={"label": label}) == []


def test_a_service_has_every_figure_from_its_start_to_its_crowd(bench):
    measured = bench.measure(OURS, 1)
    found = measured.values
    assert {"rps", "cpu_ms", "p50_ms", "p99_ms", "at_rest_mib", "start_s", "image_mib"} <= {*found}
    # Where others use the machine its trial may be invalid; then it has no figures.
    crowded = {"crowded_cpu_ms", "crowded_p99_ms", "crowded_mib"} <= {*found}
    assert crowded or "invalid" in "".join(measured.notes)
    assert 0 < found["cpu_ms"] < 1000
    assert found["p50_ms"] <= found["p99_ms"]
    # The container has one core, and the kernel's count of it agrees with the answers.
    assert 0 < found["rps"] * found["cpu_ms"] / 1000 < 1.3


def test_a_service_that_carries_too_little_is_not_crowded_and_that_is_noted(bench):
    workload = replace(CROWD.workload, users=10**9)
    crowd = replace(bench.crowd, question=replace(CROWD, workload=workload))
    found = replace(bench, crowd=crowd).measure(OURS, 2)
    assert not [name for name in found.values if name.startswith("crowded")]
    assert "does not carry" in found.notes[-1]


def test_a_service_that_answers_wrongly_has_no_figures(bench):
    """The one without a model calls every penguin a male."""
    wrong = replace(NULL, knows=True)
    with pytest.raises(TrialError, match=r"it answered 200 .*not \"FEMALE\""):
        bench.measure(wrong, 1)
