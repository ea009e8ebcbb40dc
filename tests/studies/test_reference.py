"""The reference speed of a host: taken once, kept beside the runs, told from that of another."""

import json
from dataclasses import replace

import pytest

from loadtests.bench.images import GeneratorImage
from loadtests.errors import RecordError
from loadtests.studies.reference import FILE, kept_us, with_reference
from loadtests.verdicts import Step
from tests.analysis.records import evidence
from tests.bench.idle import idle_bench

LEVEL = Step(1.0, 1000, 100, 0, 0, 0.3, 0.0, 20.0, 27.0)


def stairs(work_us=330.04):
    """A live staircase of one level."""
    found = evidence(work_us=work_us)
    return replace(found, trial=replace(found.trial, steps=(LEVEL,)))


def kept(runs, bench):
    return kept_us(runs, bench.host, bench.generator.content)


def test_the_first_staircase_gives_the_reference_and_later_searches_have_it(tmp_path):
    bench = idle_bench(tmp_path)
    assert kept(tmp_path, bench) is None
    assert with_reference(bench, tmp_path, stairs()).reference_us == 330.0
    assert kept(tmp_path, bench) == 330.0
    (line,) = json.loads((tmp_path / FILE).read_text())
    assert set(line) == {"cpu_model", "generator", "work_us", "date"}


def test_a_bench_that_has_a_reference_keeps_it_and_nothing_is_written(tmp_path):
    """The one that was given, or that of the search before."""
    given = idle_bench(tmp_path, reference_us=250.0)
    assert with_reference(given, tmp_path, stairs()) is given
    assert not (tmp_path / FILE).exists()


def test_a_reference_that_was_taken_on_a_busy_machine_is_taken_anew(tmp_path):
    """Ordinary drift changes nothing; what was given for this search is nobody's to replace."""
    with_reference(idle_bench(tmp_path), tmp_path, stairs(400.0))
    again = idle_bench(tmp_path, reference_us=kept(tmp_path, idle_bench(tmp_path)))
    assert with_reference(again, tmp_path, stairs(360.0)).reference_us == 400.0
    assert with_reference(again, tmp_path, stairs(460.0)).reference_us == 400.0
    assert with_reference(again, tmp_path, stairs(330.0)).reference_us == 330.0
    assert kept(tmp_path, again) == 330.0


def test_a_staircase_without_a_gauge_gives_none(tmp_path):
    bench = idle_bench(tmp_path)
    assert with_reference(bench, tmp_path, stairs(None)) is bench
    assert not (tmp_path / FILE).exists()


def test_another_processor_and_another_generator_have_references_of_their_own(tmp_path):
    """An engine elsewhere and this machine may take turns."""
    bench = idle_bench(tmp_path)
    elsewhere = replace(bench, host=replace(bench.host, cpu_model="another"))
    changed = replace(bench, generator=GeneratorImage("sha256:3", "changed"))
    for place, each in enumerate((bench, elsewhere, changed)):
        assert kept(tmp_path, each) is None
        with_reference(each, tmp_path, stairs(300.0 + place))
    assert [kept(tmp_path, each) for each in (bench, elsewhere, changed)] == [300.0, 301.0, 302.0]


@pytest.mark.parametrize("torn", ["", "[{", '[{"cpu_model": "CPU"}]', "{}"])
def test_a_torn_file_is_refused_with_what_to_do(tmp_path, torn):
    (tmp_path / FILE).write_text(torn)
    with pytest.raises(RecordError, match="remove it, and the next search takes the speed anew"):
        kept(tmp_path, idle_bench(tmp_path))


def test_nothing_is_left_beside_the_file(tmp_path):
    runs = tmp_path / "runs"
    with_reference(idle_bench(tmp_path), runs, stairs())
    assert [path.name for path in runs.iterdir()] == [FILE]
