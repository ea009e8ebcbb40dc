"""What a person sees while trials run: few plain lines, or one display kept up to date."""

import pytest

from loadtests.generator.job import Phase
from loadtests.studies import progress
from loadtests.studies.progress import LiveProgress, PlainProgress, live_progress

LINE = {
    "phase": "steady state",
    "time_s": 20.0,
    "users": 10000,
    "rps": 1000.4,
    "p95_ms": 12.3,
    "failures_per_s": 0.0,
}
STATES = [
    ({}, "steady state 10,000 users,  1,000 requests/s, p95 12 ms, 40 s left", "all goes well"),
    ({"failures_per_s": 7.0}, "p95 12 ms, 7 failures/s, 40 s left", "failures are told"),
    ({"p95_ms": None, "rps": 0.0}, "0 requests/s, no answers, 40 s left", "nobody answers"),
    ({"time_s": 75.0}, ", 0 s left", "late: never less than nothing"),
]


class Clock:
    """A clock that goes only when told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """The clock that progress looks at."""
    stopped = Clock()
    monkeypatch.setattr(progress, "time", stopped)
    return stopped


@pytest.fixture
def display(monkeypatch):
    """Everything a display in a notebook was told to show."""
    shown = []

    class Handle:
        def display(self, page):
            shown.append(page.data)

        update = display

    monkeypatch.setattr(progress, "DisplayHandle", Handle)
    return shown


@pytest.mark.parametrize(("seen", "says", "what"), STATES)
def test_a_state_is_told_in_words_with_what_is_left(clock, capsys, seen, says, what):
    plain = PlainProgress()
    plain.trial("0.5 CPU / 300 MiB", 60.0)
    clock.now += progress.PLAIN_EVERY_S
    plain.tick(LINE | seen)
    assert capsys.readouterr().out.splitlines()[-1].endswith(says), what


def test_states_stand_below_one_another_whatever_the_phase(clock, capsys):
    plain = PlainProgress()
    plain.trial("0.5 CPU / 300 MiB", 60.0)
    for phase in Phase:
        clock.now += progress.PLAIN_EVERY_S
        plain.tick(LINE | {"phase": phase})
    _, *states = capsys.readouterr().out.splitlines()
    assert len({state.index("10,000 users") for state in states}) == 1


def test_plain_lines_are_few(clock, capsys):
    """A minute of ticks becomes a line at the start and one every ten seconds."""
    plain = PlainProgress()
    plain.trial("0.5 CPU / 300 MiB", 60.0)
    for second in range(60):
        clock.now += 1
        plain.tick(LINE | {"time_s": float(second)})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "0.5 CPU / 300 MiB: measuring, 60 s of load"
    assert len(lines) == 7


def test_a_display_shows_notes_and_below_them_the_running_trial(display):
    live = LiveProgress()
    live.note("Building <the image>")
    live.trial("0.5 CPU / 300 MiB", 60.0)
    live.tick(LINE)
    assert "Building &lt;the image&gt;\n0.5 CPU / 300 MiB: measuring, 60 s of load\n" in display[-1]
    assert "10,000 users" in display[-1]
    assert "40 s left" in display[-1]


def test_a_display_keeps_no_state_of_a_trial_that_is_over(display):
    """The cell is saved with its last state; a trial that seems to run for ever would mislead."""
    live = LiveProgress()
    live.trial("0.5 CPU / 300 MiB", 60.0)
    live.tick(LINE | {"time_s": 59.5})
    live.note("0.5 CPU / 300 MiB: holds")
    assert "users," not in display[-1]


def test_a_display_keeps_the_last_notes_only(display):
    live = LiveProgress()
    for number in range(30):
        live.note(f"note {number}.")
    assert "note 29." in display[-1]
    assert "note 17." not in display[-1]


@pytest.mark.parametrize(("session", "kind"), [("/02.ipynb", LiveProgress), (None, PlainProgress)])
def test_the_display_is_for_jupyterlab_and_lines_are_for_all_else(
    monkeypatch, display, session, kind
):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if session:
        monkeypatch.setenv("JPY_SESSION_NAME", session)
    assert isinstance(live_progress(), kind)
