"""A service is named by its image, or by a compose file with its name in it; never by both."""

import pytest

from loadtests.bench.compose import compose_command
from loadtests.errors import EngineError, QuestionError
from loadtests.studies.parameters import Parameters

SHOP = """
services:
  api:
    image: shop:1
    command: serve --key ${KEY:-open sesame}
    environment: {KEY: "${KEY:-open sesame}", LEVEL: info}
    depends_on: [db]
  db:
    image: postgres:15
"""


def has_compose():
    try:
        return bool(compose_command())
    except EngineError:
        return False


needs_compose = pytest.mark.skipif(not has_compose(), reason="Docker Compose is not here")


@pytest.fixture
def shop(tmp_path):
    """A compose file of somebody's."""
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return str(path)


@pytest.mark.parametrize("given", [{"compose": "shop.yaml"}, {"service": "api"}])
def test_a_file_without_a_service_is_refused_and_a_service_without_a_file(given):
    with pytest.raises(QuestionError, match=r"COMPOSE=compose\.yaml SERVICE=api"):
        _ = Parameters(**given).target


def test_an_image_beside_a_compose_file_is_refused(shop):
    with pytest.raises(QuestionError, match="leave image out"):
        _ = Parameters(image="shop:2", compose=shop, service="api").target


@needs_compose
def test_the_target_is_what_the_file_says_and_no_secret_stands_in_it(shop):
    target = Parameters(compose=shop, service="api", port=80).target
    assert (target.image, target.port) == ("shop:1", 80)
    assert target.environment == ("KEY", "LEVEL")
    assert target.companions == ("db",)
    assert len(target.stack_digest) == 21
    assert "sesame" not in repr(target)


@needs_compose
def test_what_is_given_by_name_goes_before_what_the_file_says(shop):
    asked = Parameters(
        compose=shop, service="api", environment={"LEVEL": "debug"}, command="serve --quick"
    )
    assert asked.needs.environment["LEVEL"] == "debug"
    assert asked.needs.environment["KEY"] == "open sesame"
    assert asked.needs.command == ("serve", "--quick")


@needs_compose
def test_the_file_is_read_once(shop):
    asked = Parameters(compose=shop, service="api")
    assert asked.stack is asked.stack


def test_without_a_file_there_is_nothing_beside_the_service():
    assert Parameters().stack is None
    assert Parameters().target.stack_digest == ""
