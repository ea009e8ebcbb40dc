"""Images are built once."""

import pytest

from loadtests.bench.images import API, GENERATOR, ensure_image, image_digest

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("recipe", [API, GENERATOR], ids=lambda recipe: recipe.name)
def test_an_image_is_built_once(client, api_image, generator_image, recipe):
    """The second time nothing is said, nothing is built, and it is the same image."""
    before, said = client.images.get(recipe.name).id, []
    assert ensure_image(client, recipe, said.append) == recipe.name
    assert said == []
    assert client.images.get(recipe.name).id == before


def test_an_image_is_known_by_what_it_is_made_from(client, api_image, tmp_path):
    """Under another name it is the same; the same content built elsewhere is too."""
    client.images.get(api_image).tag("aguanta-test-same", "1")
    try:
        assert image_digest(client, "aguanta-test-same:1") == image_digest(client, api_image)
    finally:
        client.images.remove("aguanta-test-same:1")


def test_an_image_runs_neither_as_root_nor_with_a_shell_around_it(client, api_image):
    """Signals reach the server itself."""
    config = client.images.get(api_image).attrs["Config"]
    assert config["User"] == "10001:10001"
    assert config["Cmd"][0].endswith("python3")
    assert config["Healthcheck"]["Test"][0] == "CMD"
