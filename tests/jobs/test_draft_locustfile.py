"""`make locustfile` writes a first locustfile, shows it, and says how it is used."""

import json
from pathlib import Path

import pytest

from loadtests.drafts.writing import formatted
from loadtests.jobs import draft_locustfile
from loadtests.jobs.console import ANSWERED, REFUSED
from tests.drafts.entries import entry, recording

SHOP = str(Path(__file__).parents[1] / "drafts" / "documents" / "shop.yaml")


@pytest.fixture
def asked(tmp_path, monkeypatch, capsys):
    """Return a function that runs the job, and returns its exit code and what it said."""
    monkeypatch.setattr(draft_locustfile, "ROOT", tmp_path)
    monkeypatch.setattr(draft_locustfile, "LOCUSTFILES", tmp_path / "locustfiles")

    def ask(*arguments):
        code = draft_locustfile.main([*arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return ask


@pytest.fixture
def har(tmp_path):
    """A recording."""
    path = tmp_path / "visit.har"
    key = {"X-API-Key": "secret"}
    path.write_text(json.dumps(recording(entry(headers=key), entry("http://cdn.example/a"))))
    return str(path)


def test_it_shows_what_it_wrote_and_how_it_is_used(asked, tmp_path):
    code, said = asked("--openapi", SHOP)
    path = "locustfiles/a-shop-of-quotes/locustfile.py"
    text = (tmp_path / path).read_text()
    assert code == ANSWERED
    assert text in said
    assert text == formatted(text)
    assert f"make report LOCUSTFILE={path} IMAGE=… PORT=… HEALTH_PATH=…" in said
    assert "Of 13 operations it makes 5." in said
    assert "Put the secret API_KEY into locustfiles/a-shop-of-quotes/API_KEY.txt." in said


def test_it_leaves_what_was_mended_and_says_so(asked, tmp_path):
    asked("--openapi", SHOP)
    mended = tmp_path / "locustfiles" / "a-shop-of-quotes" / "locustfile.py"
    mended.write_text("mended")
    _, said = asked("--openapi", SHOP)
    assert "locustfiles/a-shop-of-quotes/locustfile.py is another one, and was left" in said
    assert "Written to locustfiles/a-shop-of-quotes-2/locustfile.py" in said
    assert mended.read_text() == "mended"
    assert "It is there already: locustfiles/a-shop-of-quotes-2" in asked("--openapi", SHOP)[1]


def test_a_recording_is_told_by_what_is_kept_and_what_is_not(asked, har):
    code, said = asked("--har", har)
    assert code == ANSWERED
    assert "Of 2 calls, 1 to shop.example are kept, in one step." in said
    assert "Left out are calls to other hosts: 1 to cdn.example; HAR_HOST=" in said
    assert "Put the secret X_API_KEY into locustfiles/shop-example/X_API_KEY.txt." in said
    assert "http://cdn" not in asked("--har", har, "--har-host", "cdn.example")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Error: nothing is given: say where it is described, OPENAPI="),
        (["--openapi", "a", "--har", "b"], "Error: give one of them"),
        (["--openapi", "/nowhere.json"], "Error: /nowhere.json cannot be read"),
        (["--har", SHOP], "is no recording: it has no log of entries"),
    ],
)
def test_it_refuses_in_one_sentence_and_writes_nothing(asked, tmp_path, arguments, said):
    code, told = asked(*arguments)
    assert code == REFUSED
    assert said in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "locustfiles").exists()
