"""Settings with their judged trials, and those with which nothing ever answered."""

import hashlib
import json
from dataclasses import replace

import pytest

from loadtests.analysis.answer import Effort, build, to_json
from loadtests.analysis.judge import judge
from loadtests.errors import RecordError
from loadtests.question import Setting
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import SettingResult, ran_script
from loadtests.verdicts import Verdict
from tests.analysis.proxied import behind
from tests.analysis.records import evidence
from tests.evidence_log import log_case
from tests.told import QUESTION, measured, table

LEAST, TOO_LITTLE = Setting(1, 300), Setting(0.5, 6)
TABLE = table(measured(LEAST, Verdict.HOLDS), never_ready=[TOO_LITTLE])


def test_settings_that_never_got_ready_are_the_last_rows_and_fail():
    first, last = TABLE.rows
    assert first.setting == LEAST
    assert (last.setting, last.verdict, last.cause) == (TOO_LITTLE, Verdict.FAILS, "never_ready")
    assert last.reasons == ("it ended by itself",)
    assert (last.trials, last.p95_ms, last.error_rate) == ((), None, None)


def test_trials_that_were_balanced_in_several_ways_are_not_judged_together():
    """What holds with one may fail with another."""
    trials = [(seen, judge(seen)) for seen in (evidence(), behind(evidence()))]
    with pytest.raises(RecordError, match="were balanced by dns and by haproxy"):
        SettingResult.of(trials[0][0].trial.setting, trials)
    assert SettingResult.of(trials[1][0].trial.setting, trials[1:]).trials == tuple(trials[1:])


def test_they_have_no_trial_to_look_at_and_were_not_skipped():
    assert [evidence.trial.setting for evidence, _ in TABLE.trials] == [LEAST]
    assert TABLE.skipped == []


def test_they_stand_in_the_answer_like_any_that_fails():
    answer = json.loads(to_json(build(QUESTION, TABLE.rows, [], Effort(), None, {})))
    assert answer["minimum"]["cpus"] == 1
    row = answer["vertical"][-1]
    assert (row["cpus"], row["verdict"], row["p95_ms"], row["trials"]) == (0.5, "fails", None, [])


SCRIPT = b"# users of somebody's shop\n"
SHA256 = hashlib.sha256(SCRIPT).hexdigest()
SCRIPTS = [
    ({"own_script": True}, "", True, "this project's own, which may have changed since"),
    ({"own_script": False, "locustfile_sha256": SHA256}, "mine.py", True, "the same script"),
    ({"own_script": True}, "mine.py", False, "the project's own is not yours"),
    ({"own_script": False, "locustfile_sha256": "another"}, "mine.py", False, "yours, edited"),
    ({"own_script": False}, "", False, "somebody else's is not the project's own"),
    ({"own_script": None}, "", False, "an old record of who knows what"),
]


@pytest.mark.parametrize(("recorded", "asked", "same", "what"), SCRIPTS)
def test_a_record_answers_only_for_the_script_its_users_ran(tmp_path, recorded, asked, same, what):
    """Else the example's answer would be shown as that of anybody's script."""
    (tmp_path / "mine.py").write_bytes(SCRIPT)
    trial = replace(evidence().trial, **recorded)
    given = Parameters(locustfile=str(tmp_path / asked) if asked else "")
    found = ran_script(trial, given)
    if asked and not same:
        said = "shown as yours" if found else "not shown"
        name = "record of another script"
        log_case("mended", name, f"mine.py: {what}", said, found is same, "shown as yours")
    assert found is same, what
