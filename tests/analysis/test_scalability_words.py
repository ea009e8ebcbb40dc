"""What is said of scaling never says more than its intervals do."""

import math
import re

import pytest

from loadtests.analysis import scalability_words as words
from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.evidence import Interval
from loadtests.analysis.likelihood_region import Coefficients
from loadtests.analysis.scalability import fit_scalability
from loadtests.analysis.scalability_gains import Gain, Peak, ordinal, percent
from tests.analysis.scaling import COUNTS, PEAKED, USUAL, points_of

NONE = Coefficients(400.0, 0.0, 0.0)


def gain(number: int, low: float, high: float, beyond: bool = False) -> Gain:
    return Gain(number, Interval((low + high) / 2, low, high), beyond)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ((0.11, 0.07, 0.15), "11% ± 4%"),
        ((0.11, 0.03, 0.13), "11% (95% interval 3% to 13%)"),
        ((0.1149, 0.07, 0.159), "11% ± 5%"),  # 11% ± 4% would leave out 15.9%
        ((0.042, 0.003, 0.081), "4.2% ± 3.9%"),  # 4% ± 4% would reach zero, which it does not
        ((-0.03, -0.08, 0.02), "-3% ± 5%"),
        ((1 / 3, 0.312, 1 / 3), "33% (95% interval 31% to 34%)"),
        ((1 / 3, 1 / 3, 1 / 3), "33% ± 1%"),
        ((0.0, -0.02, 0.02), "0% ± 2%"),
        ((-0.001, -0.02, 0.02), "0% ± 2%"),
        ((0.011, 0.0104, 0.0116), "1.1% ± 0.1%"),
    ],
)
def test_a_share_is_written_no_narrower_than_it_is(share, said):
    assert percent(Interval(*share)) == said
    numbers = [float(n) for n in re.findall(r"-?[\d.]+(?=%)", said.replace("95%", ""))]
    low, high = (numbers[0] - numbers[1], numbers[0] + numbers[1]) if "±" in said else numbers[1:]
    assert low <= 100 * share[1] + 1e-9
    assert high >= 100 * share[2] - 1e-9


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (21, "21st"), (22, "22nd"), (111, "111th"), (1001, "1,001st")],
)  # fmt: skip
def test_places_are_written_as_they_are_read(number, said):
    assert ordinal(number) == said


def test_only_what_is_shown_to_add_is_said_to():
    found = [gain(2, 0.7, 0.9), gain(3, 0.2, 0.3), gain(4, 0.07, 0.15), gain(5, -0.01, 0.05)]
    adds, nothing = words.gains(found, (1, 2, 4, 5))
    assert adds == (
        "By the law the 2nd replica adds 80% ± 10% and the 4th 11% ± 4%; if all did as much as "
        "the first, the 2nd would add 100% and the 4th 33%."
    )
    assert nothing == "Nothing shows that a 5th adds anything."


def test_the_first_from_which_on_nothing_is_shown_to_add_is_named_measured_or_not():
    found = [gain(2, 0.7, 0.9), gain(3, -0.1, 0.1), gain(4, 0.01, 0.03), gain(5, -0.1, 0.1),
             gain(6, -0.1, 0.0)]  # fmt: skip
    assert words.gains(found, (1, 2, 6))[-1] == (
        "Nothing shows that a 5th or any further one adds anything."
    )
    assert "an 8th" in words.gains([gain(8, -0.1, 0.1)], (7, 8))[0]
    assert "an 11th" in words.gains([gain(11, -0.1, 0.1)], (7, 11))[0]


def test_what_takes_away_is_said_to_only_where_all_of_its_interval_does():
    assert words.gains([gain(7, -0.04, -0.02)], (6, 7))[-1] == "The 7th takes 3% ± 1% away."
    assert len(words.gains([gain(7, -0.04, 0.001)], (6, 7))) == 1


def test_where_every_replica_adds_nothing_is_said_of_the_rest():
    assert len(words.gains([gain(2, 0.7, 0.9), gain(3, 0.2, 0.3)], (1, 2, 3))) == 1


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (
            (5.3, 4.2, 6.7),
            "Capacity peaks at about 5 replicas (95% interval 4 to 7): beyond that, more replicas "
            "answer less.",
        ),
        (
            (7.0, 5.0, 21.4),
            "The law has its peak at about 7 replicas, but it is not shown: its 95% interval 5 to "
            "22 reaches beyond the 8 that were measured.",
        ),
        (
            (15.0, 7.5, math.inf),
            "No peak is shown among the counts that were measured, nor that there is none: the "
            "law has it at about 15 replicas, 95% interval 7 to no end.",
        ),
        (
            (15.0, 11.0, 40.0),
            "Capacity still grows at the 8 replicas that were measured; a peak lies beyond what "
            "was measured, if there is one (by the law about 15 replicas, 95% interval 11 to 40).",
        ),
        (
            (math.inf, 30.2, math.inf),
            "Capacity still grows at the 8 replicas that were measured; a peak lies beyond what "
            "was measured, if there is one (by the law there is none, 95% interval 30 to no end).",
        ),
    ],
)
def test_the_peak_is_claimed_only_within_what_was_measured(at, said):
    assert Peak(Interval(*at), 8).sentence == said


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((0.0277, 0.0102, 0.0611), "0.028 (0.010 to 0.061)"),
        ((0.000104, 0.00006, 0.00018), "0.00010 (0.00006 to 0.00018)"),
        ((0.0, 0.0, 0.0312), "0.000 (0.000 to 0.031)"),
        ((0.04, 0.0004, 0.08), "0.0400 (0.0004 to 0.0800)"),
        ((0.0, 0.0, 0.0), "0 (0 to 0)"),
    ],
)
def test_a_coefficient_is_written_with_the_digits_that_its_interval_has(interval, said):
    assert words.coefficient(Interval(*interval)) == said


@pytest.mark.parametrize(
    ("sigma_low", "kappa_low", "most", "begins"),
    [
        (0.01, 0.001, 0.6, "Both are shown"),
        (0.01, 0.0, 0.6, "It is shown that replicas wait"),
        (0.0, 0.001, 0.6, "It is shown that each costs all others"),
        (0.0, 0.0, 0.99, "Returns are shown to diminish, but not why"),
        (0.0, 0.0, 1.0, "Returns are not shown to diminish"),
    ],
)
def test_a_reason_is_shown_only_where_its_interval_leaves_zero(sigma_low, kappa_low, most, begins):
    said = words.what_is_shown(
        Interval(0.02, sigma_low, 0.1), Interval(0.002, kappa_low, 0.01), Interval(0.5, 0.4, most)
    )
    assert said.startswith(begins)


def test_a_law_says_its_coefficients_its_fit_its_gains_its_peak_and_the_line():
    said = fit_scalability(points_of(PEAKED, noise=0.01, repeats=3, seed=1)).sentences
    whole = " ".join(said)
    assert said[0].startswith(
        "Fitted to 24 points at 8 replica counts (1, 2, 3, 4, 5, 6, 7 and 8), the capacity of n "
        f"replicas is {words.LAW} with λ = "
    )
    assert "(standard error)" in said[1]
    assert "lack of fit" not in whole
    assert "Both are shown" in whole
    assert "Nothing shows that" in whole
    assert "Capacity peaks at about 6 replicas" in whole
    assert re.search(r"^8 replicas hold [\d,]+ requests/s .* give 3,[12]\d\d: 3\d% of it", said[-1])


def test_a_law_of_perfect_scaling_claims_no_reason_no_peak_and_no_end_of_gains():
    whole = " ".join(fit_scalability(points_of(NONE, noise=0.01, seed=3)).sentences)
    assert "Returns are not shown to diminish" in whole
    assert "Nothing shows that" not in whole
    assert "Capacity still grows" in whole or "No peak is shown" in whole


def test_without_a_single_replica_its_capacity_is_said_to_be_extrapolated():
    assert (
        "λ, its capacity, is extrapolated"
        in fit_scalability(points_of(USUAL, (2, 3, 4, 5, 6, 8))).sentences[0]
    )
    assert "extrapolated" not in fit_scalability(points_of(USUAL)).sentences[0]


def test_a_law_that_does_not_describe_its_points_says_so():
    walled = [
        CapacityPoint(n, min(n, 3) * 400.0 * jitter)
        for n in COUNTS
        for jitter in (0.997, 1.0, 1.003)
    ]
    said = fit_scalability(walled).sentences[1]
    assert "does not describe this service well" in said
    assert "p = 0.001 at most" in said


def test_more_than_linear_growth_is_told():
    said = fit_scalability([CapacityPoint(n, 100 * n**1.2) for n in COUNTS]).sentences
    assert words.GROWS_FASTER in said
