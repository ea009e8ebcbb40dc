"""Rounds in random order, kept when they are finished."""

import pytest

from loadtests.errors import RecordError, TrialError
from loadtests.peers.gauge import Gauge
from loadtests.peers.measurement import Machine, read_comparison
from loadtests.peers.rounds import Figures, measure_rounds, order, resume
from tests.peers.made import MACHINE, comparison, measured

NAMES = ("ours", "theirs", "slow")


class Measured:
    """Measures nothing, and knows who was asked for."""

    def __init__(self, stops_at=None):
        self.asked = []
        self._stops_at = stops_at

    def __call__(self, name, number):
        if (name, number) == self._stops_at:
            raise KeyboardInterrupt
        self.asked.append((name, number))
        if name == "slow":
            raise TrialError("it answered 500")
        return Figures({"cost": 1.0 * number}, ("a note",))


@pytest.fixture
def gauge():
    return Gauge(lambda: 300.0)


def rounds(path, gauge, measure, number=3, here=None):
    begun = resume(path, here or comparison(), lambda _text: None)
    return measure_rounds(path, begun, NAMES, number, measure, gauge, lambda _text: None)


def test_each_round_has_an_order_of_its_own_that_is_the_same_whenever_it_is_asked():
    orders = [order(NAMES, number) for number in range(1, 20)]
    assert orders == [order(NAMES, number) for number in range(1, 20)]
    assert {tuple(sorted(one)) for one in orders} == {tuple(sorted(NAMES))}
    assert len({one[0] for one in orders}) == len(NAMES)


def test_every_contender_is_measured_in_every_round_with_its_place(tmp_path, gauge):
    measure = Measured()
    found = rounds(tmp_path / "made.json", gauge, measure)
    expected = [(name, number) for number in (1, 2, 3) for name in order(NAMES, number)]
    assert measure.asked == expected
    assert [(one.contender, one.round) for one in found.measurements] == expected
    assert [one.place for one in found.measurements] == [1, 2, 3] * 3
    assert {one.work_us for one in found.measurements} == {300.0}


def test_a_contender_that_fails_is_told_with_why_and_ends_nothing(tmp_path, gauge):
    found = rounds(tmp_path / "made.json", gauge, Measured(), 1)
    failed = {one.contender: (one.failed, one.figures) for one in found.measurements}
    assert failed == {
        "ours": ("", {"cost": 1.0}), "theirs": ("", {"cost": 1.0}), "slow": ("it answered 500", {}),
    }  # fmt: skip


def test_a_finished_round_is_kept_and_one_that_was_not_is_measured_again(tmp_path, gauge):
    path = tmp_path / "made.json"
    with pytest.raises(KeyboardInterrupt):
        rounds(path, gauge, Measured(stops_at=(order(NAMES, 2)[1], 2)))
    kept = read_comparison(path)
    assert kept is not None
    assert {one.round for one in kept.measurements} == {1}
    measure = Measured()
    assert rounds(path, gauge, measure).rounds == 3
    assert {number for _, number in measure.asked} == {2, 3}
    assert len(measure.asked) == 2 * len(NAMES)


def test_a_round_without_one_of_the_contenders_is_measured_anew():
    found = comparison(measured(1, "ours"), measured(1, "theirs"))
    assert found.has_round(1, frozenset({"ours"}))
    assert not found.has_round(1, frozenset(NAMES))
    again = found.with_round((measured(1, "ours", cost=2.0),))
    assert [one.figures for one in again.measurements] == [{"cost": 2.0}]


def test_measurements_of_another_machine_are_not_mixed_with_those_of_this(tmp_path, gauge):
    path = tmp_path / "made.json"
    rounds(path, gauge, Measured(), 1)
    other = Machine(64, "another CPU", 4_000, "6.1", "20.10", "3.11")
    here = type(comparison())(other)
    with pytest.raises(RecordError, match="another machine"):
        resume(path, here, lambda _text: None)


def test_rounds_of_another_image_of_the_same_name_are_left_out(tmp_path, gauge):
    path, said = tmp_path / "made.json", []
    rounds(path, gauge, Measured(), 1, comparison(made_of={"ours": "a", "theirs": "b"}))
    same = resume(path, comparison(made_of={"ours": "a"}), said.append)
    assert same.rounds == 1
    assert same.made_of == {"ours": "a", "theirs": "b"}
    changed = resume(path, comparison(made_of={"ours": "other"}), said.append)
    assert changed.rounds == 0
    assert said == ["Measured anew, as these have changed since: ours"]


def test_who_could_not_be_had_and_now_can_is_absent_no_more(tmp_path, gauge):
    path = tmp_path / "made.json"
    rounds(path, gauge, Measured(), 1, comparison(absent={"theirs": "no wheel", "slow": "none"}))
    found = resume(path, comparison(made_of={"theirs": "b"}), lambda _text: None)
    assert found.absent == {"slow": "none"}
    assert found.machine == MACHINE


def test_a_file_that_is_no_comparison_is_refused(tmp_path):
    path = tmp_path / "made.json"
    path.write_text("{}")
    with pytest.raises(RecordError, match="no comparison"):
        read_comparison(path)
