"""Tables of margins and of the spread between trials."""

import math
from dataclasses import replace

from bs4 import BeautifulSoup

from loadtests.analysis.spread import Spread, SpreadTrial
from loadtests.question import SLO
from loadtests.report.edge_tables import margins_table, spread_table
from loadtests.report.markup import Fragment
from loadtests.verdicts import Verdict
from tests.analysis.records import row


def lines(shown: Fragment) -> list[list[str]]:
    """The cells of a table's body, ordinary spaces throughout."""
    found = BeautifulSoup(str(shown.data), "html.parser")
    return [
        [cell.get_text(" ", strip=True).replace("\xa0", " ") for cell in line.select("th, td")]
        for line in found.select("tbody tr")
    ]


def test_a_setting_has_a_share_of_every_limit_it_was_measured_by():
    found = replace(row(0.4, 200, p95_ms=45.0), slow_share=0.01, error_rate=0.0005)
    (cells,) = lines(margins_table([found], SLO()))
    assert cells[0] == "0.4 CPU / 200 MiB"
    assert cells[2:] == ["9%", "20%", "50%", "70%", "75%", "not reported"]


def test_what_is_far_beyond_a_limit_is_told_in_times_and_what_has_no_end_in_words():
    beyond = replace(row(0.3, 200, verdict=Verdict.FAILS, p95_ms=math.inf), error_rate=0.058)
    (cells,) = lines(margins_table([beyond], SLO()))
    assert (cells[2], cells[4]) == ("no answer", "58 times")
    (cells,) = lines(margins_table([beyond], SLO(error_rate=0.0)))
    assert cells[4] == "none may fail"


def test_a_trial_that_had_no_steady_state_was_not_measured_in_it():
    stopped = row(0.3, 200, verdict=Verdict.FAILS, p95_ms=None)
    stopped = replace(stopped, cpu_cores=None, memory_peak_mib=None)
    (cells,) = lines(margins_table([stopped], SLO()))
    absent = ["not measured", "not measured", "0%", "not reported", "not measured", "not reported"]
    assert cells[2:] == absent


def test_the_heads_name_the_limits():
    shown = str(margins_table([], SLO()).data).replace("\xa0", " ")
    for limit in ("p95 of 500 ms", "slow requests of 5%", "failures of 0.1%"):
        assert limit in shown
    assert lines(margins_table([], SLO())) == [["nothing holds"]]


def test_trials_of_each_length_have_a_line_of_their_own():
    found = Spread(
        (
            SpreadTrial(row(0.4, 200, p95_ms=44.0, spread=0.2), 30.0),
            SpreadTrial(row(0.4, 200, p95_ms=68.0, spread=0.1, verdict=Verdict.UNDECIDED), 30.0),
            SpreadTrial(row(0.4, 200, p95_ms=50.0, spread=0.1), 120.0),
        )
    )
    assert lines(spread_table(found)) == [
        ["2 trials of 30 s", "1", "44 ms", "56 ms", "68 ms", "35 ms to 53 ms"],
        ["1 trial of 120 s", "1", "50 ms", "50 ms", "50 ms", "45 ms to 55 ms"],
    ]


def test_trials_without_a_p95_say_so():
    stopped = SpreadTrial(row(0.4, 200, p95_ms=None, verdict=Verdict.FAILS), 30.0)
    assert lines(spread_table(Spread((stopped,)))) == [
        ["1 trial of 30 s", "0", *["not measured"] * 4]
    ]
    assert lines(spread_table(Spread(()))) == [["no valid trial"]]
