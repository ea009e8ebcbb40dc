"""What an image is made from decides whether it is built again."""

from dataclasses import replace

import pytest

from loadtests.bench.images import API, API_SKLEARN, GENERATOR, Recipe, content_hash


@pytest.fixture
def recipe(tmp_path):
    """An image of one file, from a folder with others that are not part of it."""
    (tmp_path / ".dockerignore").write_text("**\n!app.py\n!wheels/*.whl\n!missing.py\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "Dockerfile.other").write_text("FROM scratch\n")
    (tmp_path / "app.py").write_text("1\n")
    (tmp_path / "notes.txt").write_text("not in the image\n")
    (tmp_path / "wheels").mkdir()
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
