"""What ran beside the service is told, and that no setting has it."""

from loadtests.report.companion_lines import companion_sentences, companions_named
from tests.analysis.records import evidence
from tests.analysis.test_companion_health import beside


def test_of_a_service_alone_nothing_is_said():
    assert companion_sentences(evidence()) == []
    assert companions_named(evidence().trial) == ""


def test_a_companion_is_told_with_what_it_used_and_what_it_is_not():
    (said,) = companion_sentences(beside(evidence(), cores=0.4))
    assert said.startswith("Beside it ran db, which used 0.40 CPU and up to 60 MiB; it is no part")


def test_a_limit_of_its_own_stands_beside_what_it_used():
    (said,) = companion_sentences(beside(evidence(), cores=0.4, limit_cores=0.5))
    assert "used 0.40 CPU of its 0.5 and up to 60 MiB" in said


def test_it_is_named_by_what_its_image_is():
    named = companions_named(beside(evidence()).trial)
    assert named == "db (sha256:1), started anew for every trial"
