"""Who takes part in a half, and its table in a document."""

import pytest

from loadtests.errors import QuestionError
from loadtests.peers.half import NOT_YET
from loadtests.peers.measurement import write_comparison
from tests.peers.made import DRIFTING, HALF

README = "# A\n<!-- peers-made: written by make peers -->\nold\n<!-- /peers-made -->\nend\n"


def test_a_contender_is_chosen_by_a_word_of_its_name_and_the_first_is_always_there():
    assert HALF.chosen([]) == ("ours", "theirs", "slow")
    assert HALF.chosen(["SLOW"]) == ("ours", "slow")


def test_a_word_that_is_in_no_name_is_refused_with_the_names():
    with pytest.raises(QuestionError, match="no thing has 'fast' in its name; there are ours;"):
        HALF.chosen(["fast"])


def test_a_document_says_so_as_long_as_nothing_was_measured(tmp_path):
    assert HALF.put_into(README, tmp_path) == README.replace("old\n", NOT_YET)


def test_a_document_gets_the_table_and_where_it_was_measured(tmp_path):
    write_comparison(HALF.path(tmp_path), DRIFTING)
    said = HALF.put_into(README, tmp_path)
    assert "| theirs (them 1.2) | 8.00 (4.00 to 12.0) | 4.00x |" in said
    assert "In no column is a contender better than *ours*, by more than 1%" in said
    assert "Measured on 2026-11-27" in said
    assert HALF.put_into(said, tmp_path) == said
