"""Several trials of every setting: their order, what is repeated, what is read again."""

from types import SimpleNamespace

import pytest

from loadtests.analysis.cost import Prices
from loadtests.bench.preflight import Grants
from loadtests.bench.store import Store
from loadtests.errors import NotReadyError
from loadtests.question import Setting
from loadtests.studies import trial_runner
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import PlainProgress
from loadtests.studies.replicates import INVALID_REPEATS, measure_replicates
from loadtests.studies.results import read_table
from loadtests.verdicts import Verdict
from tests.analysis.records import HOST, evidence, steady_ms, write
from tests.bench.idle import QUESTION, idle_bench

SMALL = [Setting(0.1, 100, n) for n in (1, 2, 4)]
LARGE = Setting(0.4, 400, 1)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """A machine whose trials come out as `comes` says of a setting, and what was asked of it."""
    told = SimpleNamespace(asked=[], comes={}, run=tmp_path / "mine", dies=None)
    nothing = SimpleNamespace(list=lambda **_: [])
    client = SimpleNamespace(**dict.fromkeys(("containers", "networks", "volumes"), nothing))

    def run_trial(bench, setting, repeat, _on_tick):
        told.asked.append(setting)
        if told.dies is not None and told.dies(setting, repeat):
            raise NotReadyError("no answer in 60 s")
        key = bench.key(setting, repeat)
        given = {"seed": repeat + 1, **told.comes.get(setting, {})}
        return write(
            evidence(question=bench.question, setting=setting, key=key, **given),
            bench.store.folder(key),
        )

    class Idle(Experiment):
        def __init__(self):
            self.asked = Parameters(replicates=2, splits=[1, 4])
            self.run, self.runs = told.run, tmp_path
            self.prices, self.progress = Prices(), PlainProgress()
            self.grants = Grants(HOST, None, 100_000)
            self.bench = idle_bench(
                tmp_path, client=client, question=QUESTION, store=Store(told.run)
            )

    monkeypatch.setattr(trial_runner, "run_trial", run_trial)
    told.begin = Idle
    return told


def measured(told, replicates=3):
    """Measure the small ones and their total as one."""
    tables = {"scale_out": SMALL, "equal_cost": [LARGE, SMALL[-1]]}
    return measure_replicates(told.begin(), tables, replicates)


def test_each_round_asks_every_setting_once_in_an_order_of_its_own(told):
    measured(told)
    thirds = [told.asked[n : n + 4] for n in (0, 4, 8)]
    assert len(told.asked) == 12
    assert all(sorted(third) == sorted([*SMALL, LARGE]) for third in thirds)
    assert len({tuple(third) for third in thirds}) > 1


def test_the_table_keeps_what_was_asked_that_its_settings_do_not_tell(told):
    """So that the run can be repeated; the splits are kept once."""
    found = measured(told)
    kept = read_table(told.run, "scale_out").manifest.asked
    assert (kept["replicates"], kept["splits"], kept["ready_s"]) == (2, [1, 4], None)
    assert found["equal_cost"].manifest.asked == {}


def test_a_setting_of_two_tables_is_measured_once_and_stands_in_both(told):
    found = measured(told)
    assert [len(result.trials) for result in found["scale_out"].results] == [3, 3, 3]
    both = found["equal_cost"].results
    assert [result.setting for result in both] == [LARGE, SMALL[-1]]
    assert both[1].row.trials == found["scale_out"].results[-1].row.trials
    efforts = [table.manifest.effort.trials_run for table in found.values()]
    assert efforts == [12, 0], "the cost is told once"


def test_what_was_measured_is_read_when_the_run_goes_on(told):
    first = measured(told)
    asked = told.asked.copy()
    again = measured(told)
    assert told.asked == asked
    assert again["scale_out"].rows == first["scale_out"].rows
    assert read_table(told.run, "equal_cost").rows == first["equal_cost"].rows


def test_more_trials_go_on_where_fewer_ended(told):
    measured(told, 1)
    assert len(told.asked) == 4
    measured(told, 3)
    assert len(told.asked) == 12


def test_a_run_of_another_name_has_another_order(told):
    measured(told)
    ours, told.asked, told.run = told.asked, [], told.run.with_name("others")
    measured(told)
    assert told.asked != ours


def test_invalid_trials_are_made_up_for_a_bounded_number_of_times(told):
    """The generator was late in each of them."""
    told.comes[LARGE] = {"users_lost": 900, "users_reached": 100}
    found = measured(told)
    assert told.asked.count(LARGE) == 3 + INVALID_REPEATS
    assert found["equal_cost"].results[0].row.verdict is Verdict.INVALID


def test_a_single_trial_in_doubt_is_repeated_as_ever(told):
    """So the original's table, of one trial a row, is decided where it can be."""
    told.comes[SMALL[0]] = {"latency": steady_ms(5.0, slow_share=0.05)}
    measured(told, 1)
    assert told.asked.count(SMALL[0]) == 3
    assert told.asked.count(LARGE) == 1


def test_a_setting_that_is_never_ready_in_one_of_its_trials_fails(told):
    told.dies = lambda setting, repeat: setting == SMALL[1] and repeat == 1
    found = measured(told)["scale_out"]
    assert [each.setting for each in found.manifest.never_ready] == [SMALL[1]]
    row = next(row for row in found.rows if row.setting == SMALL[1])
    assert row.verdict is Verdict.FAILS
    assert told.asked.count(SMALL[1]) == 3, "one, and one asked twice"


def test_a_setting_that_the_host_cannot_grant_is_told_once(told):
    huge = Setting(64, 100)
    found = measure_replicates(told.begin(), {"scale_out": [huge, SMALL[0]]}, 3)["scale_out"]
    assert [skip.setting for skip in found.skipped] == [huge]
    assert told.asked == [SMALL[0]] * 3
