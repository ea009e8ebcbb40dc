"""A drafted locustfile goes into a folder of its own, never over one that is there."""

import pytest

from loadtests.drafts.placing import place


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Penguin sex", "penguin-sex"),
        ("shop.example:8080", "shop-example-8080"),
        ("../../etc/passwd", "etc-passwd"),
        ("日本", "service"),
    ],
)
def test_its_folder_is_named_for_the_service(tmp_path, title, folder):
    placed = place("text", title, tmp_path)
    assert placed.path == tmp_path / folder / "locustfile.py"
    assert (placed.path.read_text(), placed.is_new, placed.instead_of) == ("text", True, None)


def test_the_same_once_more_is_the_same_file(tmp_path):
    first = place("text", "shop", tmp_path)
    again = place("text", "shop", tmp_path)
    assert (again.path, again.is_new) == (first.path, False)


def test_what_somebody_has_mended_is_left_as_it_is(tmp_path):
    mended = place("text", "shop", tmp_path).path
    mended.write_text("mended")
    placed = place("text", "shop", tmp_path)
    assert mended.read_text() == "mended"
    assert placed.path == tmp_path / "shop-2" / "locustfile.py"
    assert (placed.is_new, placed.instead_of) == (True, mended)
    assert place("text", "shop", tmp_path).path == placed.path


def test_what_lies_beside_it_stays(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "TOKEN.txt").write_text("secret")
    assert place("text", "shop", tmp_path).path.parent == tmp_path / "shop"
    assert (tmp_path / "shop" / "TOKEN.txt").read_text() == "secret"
