"""Settings with their judged trials, and those with which nothing ever answered."""

import json
import math

from loadtests.analysis.answer import Effort, build, to_json
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.told import QUESTION, measured, table

LEAST, TOO_LITTLE = Setting(1, 300), Setting(0.5, 6)
TABLE = table(measured(LEAST, Verdict.HOLDS), never_ready=[TOO_LITTLE])


def test_settings_that_never_got_ready_are_the_last_rows_and_fail():
    first, last = TABLE.rows
    assert first.setting == LEAST
    assert (last.setting, last.verdict, last.cause) == (TOO_LITTLE, Verdict.FAILS, "never_ready")
    assert last.reasons == ("it ended by itself",)
    assert (last.trials, last.p95_ms, last.error_rate) == ((), None, None)


def test_they_have_no_trial_to_look_at_and_were_not_skipped():
    assert [evidence.trial.setting for evidence, _ in TABLE.trials] == [LEAST]
    assert TABLE.skipped == []


def test_they_stand_in_the_answer_like_any_that_fails():
    answer = json.loads(to_json(build(QUESTION, TABLE.rows, [], Effort(), None, {})))
    assert answer["minimum"]["cpus"] == 1
    row = answer["vertical"][-1]
    assert (row["cpus"], row["verdict"], row["p95_ms"], row["trials"]) == (0.5, "fails", None, [])
