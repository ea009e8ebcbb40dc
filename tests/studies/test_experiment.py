"""What an experiment keeps with its run, with an engine that never ran."""

from loadtests.analysis.evidence import Skipped
from loadtests.question import Setting
from loadtests.studies import measure
from loadtests.studies.manifest import read_manifest
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import PlainProgress
from tests.studies.test_study import TARGET

ASKED = Parameters(run="mine", image=TARGET.image, vcpu_hour=1.5)
GIVEN, REFUSED = Setting(1, 300), Setting(64, 300)


def test_a_part_is_kept_with_what_was_refused_what_it_cost_and_its_prices(run, engine):
    progress = PlainProgress()
    experiment = measure.Experiment(ASKED, measure.ensure_engine(progress.note), progress)
    with experiment.measuring() as runner:
        seen, _ = runner.trial(experiment.bench, GIVEN, 0)
    refused = Skipped(REFUSED, "the host has fewer CPUs")
    kept = experiment.keep(
        "part", experiment.bench, [GIVEN, REFUSED], [seen.trial.key], runner, [refused]
    )
    assert read_manifest(run, "part") == kept
    assert (kept.settings, kept.trials) == ((GIVEN, REFUSED), (seen.trial.key,))
    assert kept.skipped == (refused,)
    assert (kept.effort.trials_run, kept.prices) == (1, ASKED.prices)
