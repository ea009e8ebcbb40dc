"""What a session counts: trials run, read and found invalid; a staircase is none of them."""

from dataclasses import replace

import pytest

from loadtests.analysis.answer import Effort
from loadtests.bench.staircase import staircase_plan
from loadtests.errors import KilledAtStartError, NotReadyError, QuestionError, SlowStartError
from loadtests.question import SLO, Objective, Setting
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.studies import trial_runner as session_module
from loadtests.studies.progress import STANDING, PlainProgress
from loadtests.studies.trial_runner import TrialRunner, finding_of, finding_of_never_ready
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms, write
from tests.bench.idle import idle_bench
from tests.evidence_log import log_case

SETTING = Setting(0.5, 300)
LOAD_S = 45.5
EDGE = {"latency": steady_ms(5.0, 0.05)}
LIGHTER = {"users_lost": 50}


@pytest.fixture
def bench(tmp_path):
    """A bench without an engine."""
    return idle_bench(tmp_path)


@pytest.fixture
def told(monkeypatch):
    """How the next trials come out, in their order; all went well after the last of them."""
    coming = []

    def record(bench, key, setting, given):
        found = evidence(question=bench.question, setting=setting, key=key, **given)
        timings = replace(found.trial.timings, load_s=LOAD_S)
        found = replace(found, trial=replace(found.trial, timings=timings))
        return write(found, bench.store.folder(key))

    def run_trial(bench, setting, repeat, _on_tick):
        given = coming.pop(0) if coming else {}
        return record(bench, bench.key(setting, repeat), setting, given)

    def run_staircase(bench, plan, _next_limit, _on_tick):
        return record(bench, plan.key, plan.setting, {})

    monkeypatch.setattr(session_module, "run_trial", run_trial)
    monkeypatch.setattr(session_module, "run_staircase", run_staircase)
    return coming


def begin():
    """Begin a session."""
    return TrialRunner(PlainProgress())


def spent(runner):
    """Return what a session counts, its wall time aside."""
    return replace(runner.effort, wall_seconds=0.0)


def test_a_session_begins_with_nothing():
    assert spent(begin()) == Effort()


def test_a_trial_that_is_measured_is_one_that_was_run(bench, told, capsys):
    runner = begin()
    assert runner.one_more(bench, SETTING).row.verdict is Verdict.HOLDS
    assert spent(runner) == Effort(trials_run=1, load_seconds=LOAD_S)
    assert "0.5 CPU / 300 MiB: holds (p95 of the steady state was" in capsys.readouterr().out


def test_a_health_path_that_says_nothing_is_told_of_as_what_holds_for_the_whole_job(
    bench, told, capsys
):
    told += [{"health_status": 404}] * 2
    runner = begin()
    runner.one_more(bench, SETTING)
    runner.one_more(bench, SETTING)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "HEALTH_PATH" in line)
    assert line.startswith(STANDING)


def test_a_trial_that_was_measured_before_is_read_and_costs_no_load(bench, told, capsys):
    begin().one_more(bench, SETTING)
    later = begin()
    assert later.one_more(bench, SETTING).row.verdict is Verdict.HOLDS
    assert spent(later) == Effort(trials_reused=1)
    assert "holds, measured before (" in capsys.readouterr().out


def test_a_trial_that_is_invalid_is_counted_as_such(bench, told):
    told.append(LIGHTER)
    runner = begin()
    assert runner.one_more(bench, SETTING).row.verdict is Verdict.INVALID
    assert spent(runner) == Effort(trials_run=1, trials_invalid=1, load_seconds=LOAD_S)


def test_what_was_invalid_is_measured_anew_by_the_next_runner(bench, told):
    """The three invalid ones must not be read back after "end what else runs, then repeat"."""
    told += [LIGHTER] * TRIALS_PER_SETTING
    assert begin().until_decided(bench, SETTING).row.verdict is Verdict.INVALID
    later = begin()
    result = later.until_decided(bench, SETTING)
    log_case(
        "mended",
        "invalid trials",
        "the same command after three invalid trials, now undisturbed",
        f"{result.row.verdict}, measured anew",
        result.row.verdict is Verdict.HOLDS,
        "invalid: the three were read back",
    )
    assert (result.row.verdict, len(result.trials)) == (Verdict.HOLDS, 1)
    assert spent(later) == Effort(trials_run=1, load_seconds=LOAD_S)
    assert begin().until_decided(bench, SETTING).row.trials == result.row.trials, "and then read"


def test_what_was_undecided_is_read_and_not_measured_anew(bench, told):
    """Doubt is evidence too; it would be thrown away until luck decides."""
    told += [EDGE] * TRIALS_PER_SETTING
    first = begin().until_decided(bench, SETTING)
    later = begin()
    assert later.until_decided(bench, SETTING).row.trials == first.row.trials
    assert spent(later) == Effort(trials_reused=TRIALS_PER_SETTING)


def test_a_trial_beyond_the_verdict_is_kept_apart(bench, told):
    told += [{}, LIGHTER]
    runner = begin()
    result = runner.until_decided(bench, SETTING)
    beyond, _ = runner.beyond(bench, SETTING)
    assert beyond.trial.key not in result.row.trials
    again = begin()
    assert again.until_decided(bench, SETTING).row.trials == result.row.trials
    assert again.beyond(bench, SETTING)[1].verdict is Verdict.HOLDS, "the invalid one is left"


def test_a_setting_is_measured_until_it_is_decided(bench, told):
    told += [LIGHTER, {}]
    runner = begin()
    result = runner.until_decided(bench, SETTING)
    assert (result.row.verdict, len(result.trials)) == (Verdict.HOLDS, 2)
    assert spent(runner) == Effort(trials_run=2, trials_invalid=1, load_seconds=2 * LOAD_S)


def test_a_setting_that_stays_undecided_is_left_after_its_third_trial(bench, told):
    told += [EDGE] * 9
    runner = begin()
    assert len(runner.until_decided(bench, SETTING).trials) == TRIALS_PER_SETTING
    assert runner.effort.trials_run == TRIALS_PER_SETTING


def test_more_users_are_another_load_with_trials_of_its_own(bench, told):
    workload = replace(bench.question.workload, users=50)
    fewer = replace(bench, question=replace(bench.question, workload=workload))
    runner = begin()
    assert [len(runner.one_more(each, SETTING).trials) for each in (bench, fewer)] == [1, 1]
    assert spent(runner) == Effort(trials_run=2, load_seconds=2 * LOAD_S)


def test_a_service_that_does_not_answer_in_time_is_asked_once_more(
    bench, told, monkeypatch, capsys
):
    """One slow start would rule out every smaller setting."""
    run_trial, starts = session_module.run_trial, []

    def slow_at_first(*asked):
        starts.append(asked)
        if len(starts) == 1:
            raise NotReadyError("0 of 1 replicas answered")
        return run_trial(*asked)

    monkeypatch.setattr(session_module, "run_trial", slow_at_first)
    said = begin().one_more(bench, SETTING).row.verdict
    what = "no answer at the first start, sound at the second"
    before = "fails, and every smaller setting with it"
    log_case("mended", "slow start", what, said, said is Verdict.HOLDS, before)
    assert said is Verdict.HOLDS
    assert "0 of 1 replicas answered; asked once more" in capsys.readouterr().out


def test_a_start_that_had_all_its_cpu_is_not_asked_for_again(bench, monkeypatch):
    """It would take as long once more, which at a small CPU is ten minutes."""
    starts = []

    def slow(*asked):
        starts.append(asked)
        raise SlowStartError("still starting, give it longer (READY_S)")

    monkeypatch.setattr(session_module, "run_trial", slow)
    with pytest.raises(SlowStartError):
        begin().one_more(bench, SETTING)
    assert len(starts) == 1


def test_what_a_health_path_says_of_readiness_is_told_once(bench, told, monkeypatch, capsys):
    told += [{"health_status": 404}] * 2
    runner = begin()
    for _ in range(2):
        runner.one_more(bench, SETTING)
    assert capsys.readouterr().out.count("is not there (404)") == 1


@pytest.mark.parametrize(
    ("error", "of_memory"),
    [(NotReadyError("never"), False), (KilledAtStartError("OOM-killed before it began"), True)],
)
def test_a_service_that_never_answers_is_told_so_after_two_starts(
    bench, told, monkeypatch, error, of_memory
):
    """Close to the limit the same setting starts at times and is killed at others."""
    starts = []

    def never(*asked):
        starts.append(asked)
        raise error

    monkeypatch.setattr(session_module, "run_trial", never)
    runner = begin()
    with pytest.raises(NotReadyError):
        runner.one_more(bench, SETTING)
    assert len(starts) == 2
    found = finding_of_never_ready(runner.never_ready(SETTING, error))
    assert found.verdict is Verdict.FAILS
    if of_memory:
        said = f"{found.verdict}, OOM-killed" if found.oom_killed else f"{found.verdict}"
        what = "a limit of 6 MiB, in which the engine finds the first process killed"
        before = "api-1 could not be started: cannot start a stopped process; the search ended"
        log_case("mended", "killed before it began", what, said, found.oom_killed, before)
    assert found.oom_killed is of_memory, "CPU would not have helped"


def test_a_staircase_costs_load_and_is_no_trial(bench, told):
    plan = staircase_plan(bench, SETTING, [100, 100], (0.25, 0.5))
    runner, later = begin(), begin()
    for each in (runner, later):
        assert each.staircase(bench, plan, lambda _seen: None).trial.key == plan.key
    assert spent(runner) == Effort(load_seconds=LOAD_S)
    assert spent(later) == Effort(), "read, and free"


def test_a_service_that_does_nothing_costs_load_and_is_no_trial(bench, told):
    runner = begin()
    runner.generator_check(bench, SETTING, 0)
    assert spent(runner) == Effort(load_seconds=LOAD_S)


def test_a_search_sees_what_a_trial_says_whatever_its_speed_and_how_fast_its_cpu_was(bench, told):
    """The setting's verdict is undecided, as the CPU was slower; by itself the trial fails."""
    told.append({"latency": steady_ms(5.0, 0.2), "work_us": 375.0, "reference_us": 300.0})
    found = finding_of(begin().one_more(bench, SETTING))
    assert (found.verdict, found.own) == (Verdict.UNDECIDED, Verdict.FAILS)
    assert found.speed == pytest.approx(0.8)


def test_a_search_sees_the_share_of_the_objective_that_decides(bench, told):
    """All requests keep the SLO: 3% are slow, 5% may be; of the one endpoint only 1% may."""
    slo = SLO(objectives=(Objective("/predict/", 99, 500),))
    strict = replace(bench, question=replace(bench.question, slo=slo))
    told.append({"latency": steady_ms(5.0, 0.03)})
    result = begin().one_more(strict, SETTING)
    assert result.judgement.slow_share.estimate < slo.slow_share
    assert finding_of(result).slow_share > slo.slow_share


def test_an_objective_of_what_a_whole_trial_never_asked_for_ends_the_search(bench, told):
    """Every other trial would be undecided as well."""
    slo = SLO(objectives=(Objective("/none", 95, 500),))
    asked = replace(bench, question=replace(bench.question, slo=slo))
    with pytest.raises(QuestionError, match=r"names '/none', but none of .* seen are /predict/: "):
        begin().one_more(asked, SETTING)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"failures": {"reset": 0.3}}, "too small a setting may never come so far"),
        ({"steady_s": 1.0}, "nor may a load that ended early"),
        ({"users_lost": 50}, "nor one that lost its users"),
    ],
)
def test_where_the_service_did_badly_what_was_never_asked_for_proves_nothing(
    bench, told, given, what
):
    slo = SLO(objectives=(Objective("/none", 95, 500),))
    asked = replace(bench, question=replace(bench.question, slo=slo))
    told.append(given)
    assert begin().one_more(asked, SETTING).row.verdict is not Verdict.HOLDS, what


def test_a_trial_of_which_the_speed_is_not_known_counts_as_one_at_reference_speed(bench, told):
    told.append({"latency": steady_ms(5.0, 0.2)})
    found = finding_of(begin().one_more(bench, SETTING))
    assert (found.verdict, found.own, found.speed) == (Verdict.FAILS, Verdict.FAILS, 1.0)
