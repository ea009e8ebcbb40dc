"""A setting measured until it is decided, and every trial that holds counted again."""

from loadtests.analysis.evidence import Row
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from loadtests.studies.experiment import TRIALS_PER_SETTING
from loadtests.studies.results import SettingResult, read_evidence
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.truth.brute_force import objections

DECIDED = frozenset({Verdict.HOLDS, Verdict.FAILS})


def measured(bench: Bench, setting: Setting, enough: frozenset[Verdict] = DECIDED) -> SettingResult:
    """Measure a setting until its trials say one of `enough`, or decide, or the budget is spent.

    A trial from which this machine's neighbours took the CPU says `invalid` or `undecided`; it is
    repeated, at most twice, as in an experiment.
    """
    trials = []
    for repeat in range(TRIALS_PER_SETTING):
        trials.append(read_evidence(run_trial(bench, setting, repeat, lambda _line: None)))
        found = SettingResult.of(setting, trials)
        if found.row.verdict in enough | DECIDED:
            break
    return found


def said(row: Row) -> str:
    """Write what came out, the verdict first."""
    cause = f": {row.cause}" if row.cause else ""
    return f"{row.verdict}{cause} ({row.reasons[0]})"


def require_recount(store: Store) -> None:
    """Require that plain loops over its raw requests object to no trial that holds."""
    held = 0
    keys = store.keys()
    for folder in (store.trials / key for key in keys):
        evidence, judgement = read_evidence(folder)
        if judgement.verdict is Verdict.HOLDS:
            held += 1
            found = objections(folder)
            what = f"holds at {evidence.trial.setting.label}, {evidence.trial.target.image}"
            log_case("recount", evidence.trial.target.image, what, "; ".join(found), not found)
            assert found == [], what
    assert held or not keys, "not one trial held"
