"""What goes wrong is recorded where it is the service's doing, else told; never hidden."""

import pytest
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from loadtests.analysis import causes
from loadtests.analysis.evidence import CauseName, Evidence
from loadtests.analysis.judge import judge
from loadtests.bench import load as load_module
from loadtests.bench.containers import Names, remove_leftovers
from loadtests.bench.images import resolve_image
from loadtests.bench.sampler import Sampler
from loadtests.bench.trial import run_trial
from loadtests.errors import EngineError, ImageError, TrialError
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.benches import containers_of, ignore, part_of
from tests.integration.faults import once

pytestmark = pytest.mark.docker

AMPLE = Setting(1, 300)


def nothing_left(bench):
    """Say that neither containers nor files are left of a bench's trials."""
    return containers_of(bench.client, bench.store) == [] and not [*bench.store.trials.glob("*/*")]


def test_a_setting_too_small_to_start_in_is_recorded_and_fails_for_memory(bench):
    """Killed before it answered anything: evidence, and the surest of all."""
    evidence = Evidence.read(run_trial(bench(), Setting(0.5, 30), 0, ignore))
    judgement = judge(evidence)
    right = (judgement.verdict, judgement.cause) == (Verdict.FAILS, CauseName.OUT_OF_MEMORY)
    said = f"{judgement.verdict}: {judgement.reasons[0]}"
    log_case("fault", "OOM-killed", "a limit of 30 MiB", said, right)
    assert right, said
    assert "OOM-killed" in judgement.reasons[0]
    assert "30 MiB" in " ".join(judgement.reasons)
    (replica,) = evidence.trial.replicas
    assert replica.oom_kills >= 1
    assert not replica.running_at_end


def test_a_replica_that_dies_under_load_ends_the_trial_early_and_fails_it(bench):
    """Users who ask on get refusals; ten minutes of them would say nothing more."""
    here = bench(steady_s=600.0)
    kill = once("steady state", lambda: part_of(here, "api-1").kill())
    evidence = Evidence.read(run_trial(here, AMPLE, 0, kill))
    (replica,) = evidence.trial.replicas
    assert (replica.running_at_end, replica.exit_code, replica.oom_kills) == (False, 137, 0)
    assert evidence.trial.phases.steady_end_s < 300
    assert "die" in {event.action for event in evidence.trial.events}
    assert causes.diagnose(evidence).name == CauseName.REPLICA_DIED
    judgement = judge(evidence)
    starved = {c.name for c in judgement.checks if not c.ok} & {"steal_time", "crowded_host"}
    if not starved:  # else a neighbour might have caused it, and the verdict says so
        assert (judgement.verdict, judgement.cause) == (Verdict.FAILS, CauseName.REPLICA_DIED)
    right = judgement.verdict is not Verdict.HOLDS
    said = f"{judgement.verdict}: {judgement.reasons[0]}"
    log_case("fault", "killed replica", "SIGKILL to the replica in the steady state", said, right)
    assert right, said


def test_one_replica_of_two_that_dies_is_noticed_too(bench):
    here = bench(steady_s=600.0)
    kill = once("steady state", lambda: part_of(here, "api-2").kill())
    evidence = Evidence.read(run_trial(here, Setting(0.5, 200, 2), 0, kill))
    assert [replica.running_at_end for replica in evidence.trial.replicas] == [True, False]
    assert causes.diagnose(evidence).name == CauseName.REPLICA_DIED


def test_a_generator_that_is_killed_leaves_no_trial(bench):
    """What it measured went with it; the setting may not be blamed."""
    here = bench(steady_s=600.0)
    kill = once("steady state", lambda: part_of(here, "locust").kill())
    with pytest.raises(TrialError, match=r"exit code 137 before its work was done") as told:
        run_trial(here, AMPLE, 0, kill)
    right = nothing_left(here)
    said = str(told.value).splitlines()[0]
    log_case(
        "fault", "killed generator", "SIGKILL to the generator in the steady state", said, right
    )
    assert right


def test_a_person_who_interrupts_leaves_nothing_behind(bench):
    here = bench(steady_s=600.0)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trial(here, AMPLE, 0, once("warm-up", interrupt))
    assert nothing_left(here)


def test_an_image_that_cannot_be_had_is_told_with_its_name(client):
    """Nobody listens on that port, so no registry is asked."""
    with pytest.raises(ImageError, match=r"the image 127\.0\.0\.1:9/nobody/api:1 is neither"):
        resolve_image(client, "127.0.0.1:9/nobody/api:1")


@pytest.mark.parametrize("name", ["Shop:1", "a shop", "http://registry.example/shop"])
def test_what_is_no_name_of_an_image_is_told(client, name):
    with pytest.raises(ImageError, match=r"is no name of an image \(.*; it is like registry"):
        resolve_image(client, name)


def test_an_engine_that_refuses_a_container_is_told_and_nothing_is_left(bench, client):
    """Somebody else's container has its name."""
    here = bench()
    name = Names(here.store.identity, here.key(AMPLE, 0)).container("api-1")
    other = client.containers.create(here.target.image, name=name)
    try:
        with pytest.raises(EngineError, match=r"the engine refused to create aguanta-.*-api-1"):
            run_trial(here, AMPLE, 0, ignore)
        assert nothing_left(here)
    finally:
        other.remove()


def test_a_finished_trial_is_kept_though_its_containers_cannot_be_removed(bench, monkeypatch):
    """An engine that answers 500 to a removal takes nothing with it; the next start clears up."""
    here = bench()

    def refuses(_container, **_how):
        raise APIError("500 Server Error", explanation="driver failed to remove root filesystem")

    with monkeypatch.context() as patched:
        patched.setattr(Container, "remove", refuses)
        folder = run_trial(here, AMPLE, 0, ignore)
    said = (
        "kept whole" if Evidence.read(folder).trial.generator.requests > 0 else "without requests"
    )
    left = containers_of(here.client, here.store)
    cleared = remove_leftovers(here.client, here.store.identity)
    cleared_all = sorted(cleared) == sorted(str(c.name) for c in left) != []
    right = said == "kept whole" and cleared_all
    what, before = "the engine answers 500 to every removal", "the error, and the trial was lost"
    log_case("mended", "removal refused", what, said, right, before)
    assert right, said


def test_what_watches_a_trial_and_breaks_is_told(bench, monkeypatch):
    """Without the engine's events a kill would be missed; such a trial is no evidence."""

    def breaks(_sampler, _raw):
        raise KeyError("Actor")

    monkeypatch.setattr(Sampler, "note_event", breaks)
    here = bench()
    with pytest.raises(TrialError, match=r"watching the trial broke off \(KeyError: 'Actor'\)"):
        run_trial(here, AMPLE, 0, ignore)
    assert nothing_left(here)


def test_the_network_is_made_when_it_is_not_there(client, monkeypatch):
    name = "aguanta-test-network"
    containers = load_module.containers
    containers.ensure_network(client, name)
    containers.ensure_network(client, name)
    made = client.networks.list(names=[name])
    try:
        assert [network.name for network in made] == [name]
    finally:
        for network in made:
            network.remove()
    with pytest.raises(NotFound):
        client.networks.get(name)
