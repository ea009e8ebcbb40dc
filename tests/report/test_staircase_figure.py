"""The live staircase over time, as it is drawn and told."""

from dataclasses import replace

from matplotlib.text import Text

from loadtests.report.plots.staircase import staircase_figure, staircase_figure_alt
from tests.analysis.replicas import climb

RATES = [40.0, 60.0, 80.0]


def raised(**of_load):
    """A staircase that users, or arrivals, are added to level by level."""
    seen = climb(RATES, fails_from=2)
    steps = tuple(
        replace(step, users=100, rate_per_s=rate) if of_load else step
        for step, rate in zip(seen.trial.steps, RATES, strict=True)
    )
    question = seen.trial.question
    if of_load:
        question = replace(question, workload=question.workload.opened("poisson", RATES[-1]))
    generator = seen.generator.assign(rps=50.0, users=100)
    trial = replace(seen.trial, steps=steps, question=question)
    return replace(seen, trial=trial, generator=generator)


def lines_of(axes):
    """The lines of a panel that have a name, without those between its levels."""
    return [line for line in axes.get_lines() if not line.get_label().startswith("_")]


def test_of_an_open_load_arrivals_are_drawn_and_told_and_requests_stand_beside_them():
    """A script may make several requests of an arrival."""
    evidence = raised(rate=True)
    load = staircase_figure(evidence).axes[-1]
    assert load.get_ylabel() == "arrivals/s"
    asked, answered = lines_of(load)
    assert (asked.get_label(), answered.get_label()) == ("arrivals/s", "requests/s")
    assert [*asked.get_ydata()] == [*RATES, RATES[-1]]
    told = staircase_figure_alt(evidence)
    assert "60 arrivals/s were the most that met the SLO" in told
    under = [text.get_text() for text in staircase_figure(evidence).findobj(Text)]
    assert any("arrivals added step by step" in text for text in under)


def test_of_users_it_is_users():
    load = staircase_figure(raised()).axes[-1]
    assert load.get_ylabel() == "users"
    assert [line.get_label() for line in lines_of(load)] == ["users"]
