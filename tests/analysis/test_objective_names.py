"""Objectives of endpoints that there are none of are refused before any load."""

import pytest

from loadtests.analysis.objective_names import misnamed, unseen
from loadtests.question import ALL, SLO, Objective

SCRIPT = {
    "visit.py": b"self.client.get('/rare')\nself.client.get(f'/item/{n}', name=\"/item/[id]\")",
    "paths.csv": b"path,times\n/listed,3\n",
}
SEEN = ["/predict/", "/health"]


def asked(*names):
    return SLO(objectives=tuple(Objective(name, 95, 300) for name in names))


@pytest.mark.parametrize(
    ("names", "what"),
    [
        ((), "nothing was named"),
        (("/predict/",), "one user asked for it"),
        ((ALL,), "all requests are no endpoint"),
        (("/rare",), "seldom asked for: the script has it"),
        (("/listed",), "seldom asked for: the data beside it has it"),
        (("/item/[id]",), "so has it the name of many"),
    ],
)
def test_what_is_or_may_be_asked_for_is_no_mistake(names, what):
    assert misnamed(asked(*names), SEEN, SCRIPT) is None, what


def test_a_wrong_name_is_told_with_the_names_there_are():
    assert misnamed(asked("/health", "/predict"), SEEN, SCRIPT) == (
        "OBJECTIVES names '/predict', but one user made no request of that name and the users' "
        "script does not have it; names seen are /predict/ and /health; did you mean '/predict/'?"
    )


def test_a_name_that_is_only_part_of_another_is_wrong():
    """The script has /rare, and no /rar."""
    assert "names '/rar'" in misnamed(asked("/rar"), SEEN, SCRIPT)


def test_where_nothing_was_seen_none_is_listed():
    assert misnamed(asked("/x"), [], SCRIPT).endswith("names seen are none")


def test_each_endpoint_is_missed_once():
    slo = SLO(objectives=(Objective("/a", 95, 300), Objective("/a", 99, 900)))
    assert unseen(slo, SEEN) == ["/a"]
