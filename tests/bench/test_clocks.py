"""Two clocks laid side by side: the engine's and this machine's."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from loadtests.bench import clocks
from loadtests.bench.clocks import LARGEST_S, Offset, compare, compared
from loadtests.errors import HostError

NOON_S = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()


class Engine:
    """An engine whose clock is ahead, and whose answers take their time on the way."""

    def __init__(self, ahead_s, ways_s):
        self.ahead_s, self.ways_s = ahead_s, iter(ways_s)
        self.now_s = NOON_S

    def info(self):
        there_s, back_s = next(self.ways_s)
        self.now_s += there_s
        told = datetime.fromtimestamp(self.now_s + self.ahead_s, UTC)
        self.now_s += back_s
        return {"SystemTime": f"{told:%Y-%m-%dT%H:%M:%S.%f}789Z"}  # the engine writes nanoseconds

    def compared(self):
        """Return its offset, by this test's clock."""
        return compare(self, lambda: self.now_s)


EVEN = [(0.01, 0.01)] * 3


@pytest.mark.parametrize("ahead_s", [0.0, 2.5, -40.0])
def test_an_answer_is_of_half_way_between_question_and_answer(ahead_s):
    offset = Engine(ahead_s, EVEN).compared()
    assert offset.seconds == pytest.approx(ahead_s, abs=1e-5)
    assert offset.within_s == pytest.approx(0.01, abs=1e-5)


def test_the_quickest_answer_counts_as_it_is_off_by_least():
    offset = Engine(5.0, [(1.0, 0.0), (0.02, 0.0), (0.0, 3.0)]).compared()
    assert offset.within_s == pytest.approx(0.01, abs=1e-5)
    assert offset.seconds == pytest.approx(5.01, abs=1e-5)


@pytest.mark.parametrize("ways_s", [[(2.0, 0.0)] * 3, [(0.0, 2.0)] * 3, EVEN])
def test_the_truth_is_no_further_off_than_is_said(ways_s):
    offset = Engine(7.0, ways_s).compared()
    assert abs(offset.seconds - 7.0) <= offset.within_s + 1e-5


def test_a_time_with_its_zone_is_the_same_moment():
    engine = SimpleNamespace(info=lambda: {"SystemTime": "2026-01-01T14:00:03.25+02:00"})
    assert compare(engine, lambda: NOON_S) == Offset(3.25, 0.0)


@pytest.mark.parametrize(
    ("seconds", "within_s", "said", "what"),
    [
        (LARGEST_S, 0.0, None, "at the limit"),
        (-LARGEST_S, 0.0, None, "at the limit, behind"),
        (LARGEST_S + 5, 10.0, None, "perhaps still within it, as the answer took so long"),
        (4000.0, 0.1, "is 4,000 s ahead of this one's", "ahead"),
        (-61.0, 0.1, "is 61 s behind this one's", "behind"),
    ],
)
def test_a_clock_that_must_be_wrong_is_refused(monkeypatch, seconds, within_s, said, what):
    monkeypatch.setattr(clocks, "compare", lambda _client: Offset(seconds, within_s))
    if said is None:
        assert compared(object()).seconds == seconds, what
        return
    with pytest.raises(HostError, match=said) as refused:
        compared(object())
    assert "set-ntp true" in str(refused.value)
