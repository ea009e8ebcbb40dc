"""Images are built once."""

import pytest

from loadtests.bench.containers import Names, create_replica
from loadtests.bench.images import API, CONTENT_LABEL, GENERATOR, ensure_image, resolve_image
from loadtests.question import Setting
from tests.evidence_log import log_case

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("recipe", [API, GENERATOR], ids=lambda recipe: recipe.name)
def test_an_image_is_built_once(client, api_image, generator_image, recipe):
    """The second time nothing is said, nothing is built, and it is the same image."""
    before, said = client.images.get(recipe.name).id, []
    assert ensure_image(client, recipe, said.append) == recipe.name
    assert said == []
    assert client.images.get(recipe.name).id == before


def test_an_image_is_the_same_under_another_name(client, api_image):
    client.images.get(api_image).tag("aguanta-test-same", "1")
    try:
        assert resolve_image(client, "aguanta-test-same:1") == resolve_image(client, api_image)
    finally:
        client.images.remove("aguanta-test-same:1")


ITS_TRIALS = "the trials of ours, read as its own"


def test_an_image_built_on_top_of_ours_is_another_and_may_write(client, api_image, tmp_path):
    """It inherits every label, and is somebody else's service all the same."""
    (tmp_path / "Dockerfile").write_text(f"FROM {api_image}\nENV ANOTHER=1\n")
    derived, _ = client.images.build(path=str(tmp_path), tag="aguanta-test-derived:1", rm=True)
    try:
        assert derived.labels[CONTENT_LABEL] == client.images.get(api_image).labels[CONTENT_LABEL]
        right = resolve_image(client, "aguanta-test-derived:1") != resolve_image(client, api_image)
        said = "trials of its own" if right else ITS_TRIALS
        log_case("mended", "image built on ours", f"FROM {api_image}", said, right, ITS_TRIALS)
        assert right, said
        names = Names("0" * 16, "1" * 64)
        container = create_replica(client, names, 1, Setting(0.5, 100), str(derived.id), 1024)
        try:
            assert not container.attrs["HostConfig"]["ReadonlyRootfs"]
            assert not container.attrs["HostConfig"]["CapDrop"]
        finally:
            container.remove(force=True)
    finally:
        client.images.remove("aguanta-test-derived:1")


def test_an_image_runs_neither_as_root_nor_with_a_shell_around_it(client, api_image):
    """Signals reach the server itself."""
    config = client.images.get(api_image).attrs["Config"]
    assert config["User"] == "10001:10001"
    assert config["Cmd"][0].endswith("python3")
    assert config["Healthcheck"]["Test"][0] == "CMD"
