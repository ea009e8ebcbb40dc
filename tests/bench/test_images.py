"""What an image is made from decides whether it is built again."""

import time
from dataclasses import replace

import pytest
from docker.utils.build import exclude_paths

from loadtests.bench import images
from loadtests.bench.images import (
    API,
    API_SKLEARN,
    GENERATOR,
    RECIPES,
    Recipe,
    content_hash,
    ensure_images,
    prepare_builds,
)
from loadtests.errors import ImageError


@pytest.fixture
def recipe(tmp_path):
    """An image of one file, from a folder with others that are not part of it."""
    (tmp_path / ".dockerignore").write_text("**\n!app.py\n!wheels*/*.whl\n!missing.py\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "Dockerfile.other").write_text("FROM scratch\n")
    (tmp_path / "app.py").write_text("1\n")
    (tmp_path / "notes.txt").write_text("not in the image\n")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels-other").mkdir()
    (tmp_path / "wheels" / "a.whl").write_bytes(b"wheel")
    return Recipe("image:latest", tmp_path, (), target="one")


def edited(name, text):
    """Write a file of the context."""
    return lambda recipe: (recipe.context / name).write_text(text)


CHANGES = [
    (edited("app.py", "2\n"), True, "a file of the image"),
    (edited("wheels/a.whl", "other"), True, "a package"),
    (edited("wheels/b.whl", "more"), True, "another package"),
    (edited("missing.py", ""), True, "a file that was not there"),
    (edited("Dockerfile", "FROM scratch\nENV A=1\n"), True, "how it is built"),
    (lambda recipe: (recipe.context / "app.py").unlink(), True, "a file is gone"),
    (edited("wheels-other/a.whl", "other"), False, "a package of another recipe"),
    (edited("notes.txt", "changed\n"), False, "a file that is not part of it"),
    (edited("Dockerfile.other", "FROM x\n"), False, "how another one is built"),
    (edited("app.py", "1\n"), False, "written again with the same content"),
]


@pytest.mark.parametrize(("change", "differs", "what"), CHANGES)
def test_an_image_is_another_when_what_it_is_made_from_is(recipe, change, differs, what):
    before = content_hash(recipe, "sha256:base")
    change(recipe)
    assert (content_hash(recipe, "sha256:base") != before) is differs, what


def test_another_base_target_or_dockerfile_makes_another_image(recipe):
    hashes = {
        content_hash(recipe, "sha256:base"),
        content_hash(recipe, "sha256:newer"),
        content_hash(replace(recipe, target="two"), "sha256:base"),
        content_hash(replace(recipe, dockerfile="Dockerfile.other"), "sha256:base"),
    }
    assert len(hashes) == 4


def test_a_file_that_was_renamed_makes_another_image(recipe):
    before = content_hash(recipe, "sha256:base")
    (recipe.context / "wheels" / "a.whl").rename(recipe.context / "wheels" / "b.whl")
    assert content_hash(recipe, "sha256:base") != before


@pytest.mark.parametrize("recipe", [API, API_SKLEARN, GENERATOR], ids=lambda recipe: recipe.name)
def test_the_projects_recipes_name_what_is_there(recipe):
    assert (recipe.context / recipe.dockerfile).is_file()
    assert (recipe.context / ".dockerignore").is_file()
    assert all((recipe.context / lock).is_file() for lock in recipe.locks)
    dockerfile = (recipe.context / recipe.dockerfile).read_text()
    assert recipe.target is None or f" AS {recipe.target}\n" in dockerfile


def test_an_engine_without_buildkit_makes_nothing_of_another_arm():
    """It makes every stage above the target, and scikit-learn's packages are the largest."""
    dockerfile = (API.context / API.dockerfile).read_text()
    above, _, _ = dockerfile.partition(f" AS {API.target}\n")
    assert "sklearn AS" not in above
    assert " AS packages-sklearn" not in above
    assert dockerfile.rstrip().endswith(f"FROM {API.target}"), "what is built by default"


class Steps:
    """Stands in for the steps of a build: notes when each ends; `failing` ones raise."""

    def __init__(self, failing=()):
        self.ended, self.failing = [], failing

    def step(self, name, takes_s=0.0):
        def work(*_):
            time.sleep(takes_s)
            self.ended.append(name)
            if name in self.failing:
                raise ImageError(f"{name} failed")
            return True

        return work


def placed(monkeypatch, steps):
    """Put the steps in the place of the real ones."""
    monkeypatch.setattr(images, "ensure_base_image", steps.step("base"))
    monkeypatch.setattr(images, "_ensure_packages", steps.step("packages", takes_s=0.02))
    monkeypatch.setattr(images, "ensure_image", steps.step("image", takes_s=0.02))


def test_every_image_is_built_after_the_base_and_all_packages_are_there(monkeypatch):
    steps = Steps()
    placed(monkeypatch, steps)
    ensure_images(None, (GENERATOR, API), print)
    assert sorted(steps.ended[:3]) == ["base", "packages", "packages"]
    assert steps.ended[3:] == ["image", "image"]


@pytest.mark.parametrize("failing", ["base", "packages"])
def test_a_step_that_fails_beside_others_raises_its_own_error_when_they_have_ended(
    monkeypatch, failing
):
    steps = Steps([failing])
    placed(monkeypatch, steps)
    with pytest.raises(ImageError, match=f"^{failing} failed$"):
        prepare_builds(None, (GENERATOR, API), print)
    assert sorted(steps.ended) == ["base", "packages", "packages"]


def test_nothing_is_built_on_what_failed(monkeypatch):
    steps = Steps(["base"])
    placed(monkeypatch, steps)
    with pytest.raises(ImageError):
        ensure_images(None, (GENERATOR, API), print)
    assert "image" not in steps.ended


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_the_packages_of_an_image_are_handed_to_the_engine(recipe):
    ignored = (recipe.context / ".dockerignore").read_text().split()
    assert f"{recipe.wheels}/.keep" in exclude_paths(str(recipe.context), ignored)
