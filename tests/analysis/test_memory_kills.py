"""Whose memory ran out: the setting's, or the host's."""

from dataclasses import replace

import pytest

from loadtests.analysis.causes import diagnose
from loadtests.analysis.judge import judge
from loadtests.analysis.memory_kills import host_memory, killed_by_limit
from loadtests.record import Event
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence
from tests.evidence_log import log_case


def killed(samples_mib, **given):
    """A replica of 300 MiB that was OOM-killed, and its memory as docker stats saw it."""
    found = evidence(oom_s=5.0, memory_peak_mib=max(samples_mib, default=None), **given)
    stats = found.docker_stats
    seen = stats[stats["role"] == "replica"].iloc[: len(samples_mib)]
    return replace(found, docker_stats=seen.assign(memory_mib=samples_mib))


@pytest.mark.parametrize(
    ("samples_mib", "given", "by_limit", "what"),
    [
        ([100.0, 200.0, 299.0], {"cgroup": "2"}, True, "filled to the brim"),
        ([100.0, 270.0], {"cgroup": "2", "oom_event": False}, True, "nine tenths, and no event"),
        ([30.0, 130.0, 180.0], {"cgroup": "2"}, True, "grew by 100 MiB/s, so may have to 280"),
        ([30.0, 130.0, 180.0], {"oom_event": False}, False, "nobody told of its own limit"),
        ([30.0, 131.0, 135.0], {"cgroup": "2"}, False, "at 135 MiB, and growing slowly"),
        (
            [10.0, 140.0, 150.0, 151.0, 150.0, 151.0, 150.0],
            {"cgroup": "2"},
            False,
            "grew by 130 MiB as its users came, and not since",
        ),
        ([30.0, 131.0, 135.0], {"cgroup": "1"}, True, "v1 tells of the cgroup's own limit alone"),
        ([30.0], {"cgroup": "2"}, True, "killed in its first second, which samples do not see"),
        ([], {"cgroup": "2"}, True, "memory not reported: the engine's word"),
        ([], {"oom_event": False}, False, "memory not reported, and no word of the engine"),
    ],
)
def test_a_kill_is_the_settings_where_its_limit_was_reached(samples_mib, given, by_limit, what):
    found = killed(samples_mib, **given)
    assert (killed_by_limit(found) is not None) is by_limit, what
    assert host_memory(found).ok is by_limit, what


@pytest.mark.parametrize(
    ("samples_mib", "times", "by_limit", "what"),
    [
        ([30.0, 131.0, 135.0], 1, True, "at its limit, though it was last seen far below"),
        ([100.0, 200.0, 299.0], 0, False, "never at its limit, though it was nearly full"),
    ],
)
def test_where_the_kernel_counted_nothing_is_inferred(samples_mib, times, by_limit, what):
    found = killed(samples_mib, cgroup="2")
    first, *others = found.trial.replicas
    counted = (replace(first, ooms_at_limit=times), *others)
    found = replace(found, trial=replace(found.trial, replicas=counted))
    assert (killed_by_limit(found) is not None) is by_limit, what
    assert host_memory(found).ok is by_limit, what


def test_a_host_out_of_memory_is_told_with_what_to_do():
    found = judge(killed([100.0, 120.0, 125.0], cgroup="2"))
    said = f"{found.verdict}: {found.reasons[0]}"
    what = "killed at 125 MiB of its 300"
    right = found.verdict is Verdict.INVALID and "the host ran out of memory" in said
    log_case("mended", "host out of memory", what, said, right, "fails: OOM-killed at 300 MiB")
    assert found.reasons[0].startswith(
        "replica 1 was OOM-killed with 125 MiB used of its 300 MiB. Its limit was not "
    )
    assert "the host ran out of memory" in found.reasons[0]
    assert diagnose(killed([100.0, 120.0, 125.0], cgroup="2")).name != "out_of_memory"


@pytest.mark.parametrize(
    ("actions", "code", "peak_mib", "verdict", "what"),
    [
        (("die",), 137, 140.0, Verdict.INVALID, "SIGKILL, and nobody told of it"),
        (("kill", "die"), 137, 140.0, Verdict.FAILS, "the engine was told to kill it"),
        (("die",), 1, 140.0, Verdict.FAILS, "it ended by itself"),
        (("die",), 137, 290.0, Verdict.FAILS, "it was full: a kill of its own that was missed"),
    ],
)
def test_a_kill_that_came_from_nowhere_is_the_hosts(actions, code, peak_mib, verdict, what):
    """With cgroup v1 neither engine nor kernel tells of a container that the host had to kill."""
    found = evidence(died_s=30.0, memory_peak_mib=peak_mib)
    first, *others = found.trial.replicas
    trial = replace(
        found.trial,
        replicas=(replace(first, exit_code=code), *others),
        events=tuple(Event(30.0, first.name, action) for action in actions),
    )
    judged = judge(replace(found, trial=trial))
    if verdict is Verdict.INVALID:
        said, right = f"{judged.verdict}: {judged.reasons[0]}", judged.verdict is verdict
        before = "fails: Replica 1 ended with exit code 137, 10 s into the steady state"
        log_case("mended", "killed, and nobody told", what, said, right, before)
    assert judged.verdict is verdict, f"{what}: {judged.reasons}"
    if verdict is Verdict.INVALID:
        assert judged.reasons[0].startswith("replica 1 was killed by somebody unseen, with 140 MiB")


def test_what_a_replica_grew_by_as_its_users_came_is_no_sign_that_it_was_full():
    found = judge(killed([10.0, 140.0, 150.0, 151.0, 150.0, 151.0, 150.0], cgroup="2"))
    what = "killed at 151 MiB of its 300, having grown by 130 MiB/s as its users came"
    said, right = f"{found.verdict}: {found.reasons[0]}", found.verdict is Verdict.INVALID
    before = "fails: Replica 1 was OOM-killed at 300 MiB, 5 s into the ramp-up"
    log_case("mended", "grown long before its kill", what, said, right, before)
    assert right, said
