"""Which load is asked for: users, or arrivals at a rate, and what does not go together."""

import pytest

from loadtests.errors import QuestionError
from loadtests.question import Workload
from loadtests.studies.parameters import Parameters

REFUSED = [
    ({"rate": 50}, "users who wait for answers have none", "a rate of closed users"),
    ({"arrivals": "poisson"}, "say how many come a second (rate)", "arrivals without a rate"),
    ({"arrivals": "open", "rate": 50}, "must be closed or poisson or constant", "no known kind"),
    ({"arrivals": "constant", "rate": 0}, "rate_per_s is 0; it must be a number above 0", "none"),
    ({"find": "rate"}, "say the most arrivals/s to ask with (rate)", "no most to ask with"),
    ({"find": "users", "arrivals": "poisson", "rate": 5}, "find the rate", "users without users"),
    ({"find": "speed"}, "it must be one of minimum, users, rate", "nothing that is looked for"),
]


@pytest.mark.parametrize(("given", "says", "what"), REFUSED)
def test_what_does_not_go_together_is_refused_with_what_to_do(given, says, what):
    with pytest.raises(QuestionError) as refusal:
        _ = Parameters(**given).question
    assert says in str(refusal.value), what


def test_users_are_the_load_where_nothing_else_is_said():
    assert Parameters(users=7).question.workload == Workload(users=7)


@pytest.mark.parametrize("kind", ["poisson", "constant"])
def test_arrivals_at_a_rate_are_a_load_with_all_the_rest_of_the_question(kind):
    asked = Parameters(arrivals=kind, rate=50, steady_s=9, timeout_s=4).question.workload
    assert asked == Workload(steady_s=9, timeout_s=4).opened(kind, 50)


def test_a_rate_that_is_looked_for_arrives_by_chance_where_nothing_else_is_said():
    assert Parameters(find="rate", rate=50).question.workload.arrivals == "poisson"
    asked = Parameters(find="rate", rate=50, arrivals="constant")
    assert asked.question.workload.arrivals == "constant"
    assert (asked.finds_rate, asked.finds_capacity, asked.finds_users) == (True, True, False)
