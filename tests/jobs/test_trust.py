"""The page of trust: written from what a run recorded, and honest about what it lacks."""

from loadtests.jobs.trust import render


def test_a_page_without_cases_and_pairs_says_what_is_missing_and_counts_as_wrong(tmp_path, capsys):
    """No case at all is no proof that every case is right."""
    run, docs = tmp_path / "run", tmp_path / "docs"
    run.mkdir()
    assert render(run, docs, "Last run: never.") is False
    assert "Without the A/A comparison: " in capsys.readouterr().out
    assert "Last run: never." in (docs / "trust.md").read_text()
    assert not (docs / "aa.png").exists()
