"""The plan: what a job counts on, and what it refuses before anything runs."""

import pytest

from loadtests.errors import QuestionError
from loadtests.jobs.notebooks import MEASURING, REPORT, SEARCH
from loadtests.jobs.plan import make_plan
from loadtests.question import Setting

ALL = (*MEASURING, REPORT)


def test_a_plan_counts_each_setting_once():
    """Notebook 02's setting may stand in 03's table, and a size of 04's too."""
    given = {"settings": [[1, 500], [0.5, 300]], "sizes": [[0.5, 300]], "replica_counts": [1, 3]}
    plan = make_plan({**given, "replicates": 1, "splits": []}, ALL)
    assert plan.trials == 3
    assert plan.asked.vertical_settings == [Setting(1, 500), Setting(0.5, 300)]
    assert plan.expected_s > 3 * plan.asked.question.workload.duration_s


def test_a_plan_counts_every_trial_of_several_replicas_and_its_staircases():
    """The total of three as one container is a setting more; each has as many trials as asked."""
    given = {"settings": [[1, 500]], "sizes": [[0.5, 300]], "replica_counts": [1, 3]}
    more = {"replicates": 3, "splits": [1, 3], "capacity_counts": [], "users_beyond": 0}
    plan = make_plan({**given, **more}, ALL)
    assert plan.trials == 1 + 3 * 3
    climbs = make_plan({**given, **more, "capacity_counts": [1, 2]}, ALL)
    assert climbs.trials == plan.trials
    assert climbs.expected_s > plan.expected_s + 4 * 30
    users = make_plan({**given, **more, "users_beyond": 1.5}, ALL)
    assert users.expected_s > plan.expected_s + 60


def test_a_plan_counts_only_what_its_notebooks_measure():
    """Without notebook 02 its setting is not measured."""
    given = {"settings": [[0.5, 300]]}
    assert make_plan(given, (SEARCH, REPORT)).trials == 1


def test_a_plan_counts_the_long_trial_of_a_search():
    short, long = (make_plan({"final_steady_s": s}, ALL).expected_s for s in (60.0, 600.0))
    assert long - short == 540


def test_settings_by_name_have_no_long_trial():
    named = {"settings": [[1, 500]]}
    short, long = (make_plan({**named, "final_steady_s": s}, ALL).expected_s for s in (60.0, 600.0))
    assert long == short


REFUSED = [
    ({"user": 5}, ALL, "did you mean users?", "nearly a name"),
    ({"nothing": 5}, ALL, "there is no parameter 'nothing'", "no name"),
    ({"trees": 5}, ALL, "there is no parameter 'trees'", "of the training notebook only"),
    ({"users": "many"}, ALL, "users is 'many'", "a wrong type"),
    ({"users": 0}, ALL, "users is 0", "a value that makes no sense"),
    ({"think_min": 20}, ALL, "think_time_s is (20, 15)", "two that make no sense together"),
    ({"run": "../x"}, ALL, "run is '../x'", "out of its folder"),
    ({"run": "example"}, ALL, "the example", "over the recorded example"),
    ({"locustfile": "nowhere.py"}, ALL, "there is no such file", "no such users"),
    ({"image": " "}, ALL, "image is ' '", "no image"),
    ({"sizes": [[0.5]]}, ALL, "sizes has [0.5]", "half a pair"),
    (
        {"sizes": [[0.5, 300]]},
        (SEARCH, REPORT),
        "sizes: no notebook of this job uses that",
        "of a notebook that does not run",
    ),
]


@pytest.mark.parametrize(("given", "notebooks", "says", "what"), REFUSED)
def test_what_makes_no_sense_is_refused_before_anything_runs(given, notebooks, says, what):
    with pytest.raises(QuestionError) as refusal:
        _ = make_plan(given, notebooks).expected_s
    assert says in str(refusal.value), what
