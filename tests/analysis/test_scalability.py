"""The scalability law agrees with what was published, finds known truths, and admits its doubt."""

import dataclasses
import math
from functools import cache

import lmfit
import numpy as np
import pytest
from scipy import stats

from loadtests.analysis.capacity_point import CapacityPoint
from loadtests.analysis.likelihood_region import Coefficients, capacity, peak
from loadtests.analysis.scalability import ScalabilityLaw, fit_scalability
from loadtests.analysis.scalability_fit import fit_law
from loadtests.errors import ScalabilityError
from tests.analysis.scaling import COUNTS, PEAKED, SPECSDM91, USUAL, points_of

SEEDS = 100


@cache
def laws(truth: Coefficients, noise: float = 0.03, repeats: int = 2) -> list[ScalabilityLaw]:
    """The laws fitted to so many measurements of one service."""
    return [
        fit_scalability(points_of(truth, noise=noise, repeats=repeats, seed=seed))
        for seed in range(SEEDS)
    ]


def covers(found, truth: float) -> bool:
    return found.low <= truth <= found.high


def test_the_published_coefficients_are_found():
    """The summary that usl 2 and later print: alpha, beta, gamma, residuals, fitted and peak."""
    law = fit_scalability(SPECSDM91)
    published = Coefficients(89.9952330, 0.0277285, 0.0001044)
    assert law.sigma.estimate == pytest.approx(published.sigma, rel=1e-4)
    assert law.kappa.estimate == pytest.approx(published.kappa, abs=5e-8)
    assert law.lam_per_s.estimate == pytest.approx(published.lam, rel=2e-5)
    data, _ = fit_law(SPECSDM91)
    assert data.squares(law.best) <= data.squares(published), "where they differ, ours is nearer"
    assert law.standard_error_per_s == pytest.approx(82.8, abs=0.05)
    assert law.freedom == 4
    fitted = [round(law.predict(point.replicas).capacity.estimate) for point in SPECSDM91]
    assert fitted == [90, 1078, 1541, 1850, 1879, 1822, 1646]
    assert law.peak.replicas.estimate == pytest.approx(97, abs=0.5)


def test_where_lmfit_gives_profile_intervals_ours_are_the_same():
    """Its conf_interval profiles one coefficient at a time, by the same F test."""
    law = fit_scalability(SPECSDM91)
    n = np.array([point.replicas for point in SPECSDM91])
    rates = np.array([point.rate_per_s for point in SPECSDM91])

    def residuals(given):
        return rates - capacity(n, Coefficients(given["lam"], given["sigma"], given["kappa"]))

    start = lmfit.Parameters()
    start.add_many(("lam", 90.0), ("sigma", 0.03), ("kappa", 1e-4))
    fitter = lmfit.Minimizer(residuals, start)
    profiles = lmfit.conf_interval(fitter, fitter.minimize(), sigmas=[0.95])
    for name, ours in (("lam", law.lam_per_s), ("sigma", law.sigma), ("kappa", law.kappa)):
        low, _, high = (value for _, value in profiles[name])
        width = high - low
        assert ours.low == pytest.approx(low, abs=0.01 * width), name
        assert ours.high == pytest.approx(high, abs=0.01 * width), name


@pytest.mark.parametrize(
    "truth",
    [
        USUAL,
        PEAKED,
        Coefficients(0.7, 0.3, 0.0),
        Coefficients(90_000.0, 0.0, 0.0),
        Coefficients(55.0, 0.0, 0.02),
        Coefficients(55.0, 1.0, 0.0),
    ],
    ids=str,
)
@pytest.mark.parametrize("counts", [COUNTS, (2, 3, 5, 8, 13, 21)], ids=["from 1", "from 2"])
def test_without_noise_the_truth_itself_is_found(truth, counts):
    law = fit_scalability(points_of(truth, counts))
    assert law.lam_per_s.estimate == pytest.approx(truth.lam, rel=1e-4)
    assert law.sigma.estimate == pytest.approx(truth.sigma, abs=1e-4)
    assert law.kappa.estimate == pytest.approx(truth.kappa, abs=1e-5)
    at = law.predict(30).capacity
    assert at.high - at.low < 0.01 * at.estimate
    assert covers(at, float(capacity(30, truth)))


@pytest.mark.parametrize(
    ("truth", "what"),
    [
        (USUAL, "both reasons"),
        (Coefficients(400.0, 0.0, 0.0), "perfect scaling, both at their bound"),
        (Coefficients(400.0, 0.08, 0.0), "kappa at its bound"),
        (Coefficients(400.0, 0.0, 0.02), "sigma at its bound"),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_promise(truth, what):
    """95% promised; of a hundred services, by chance six fewer."""
    figures = {
        "lam": [covers(law.lam_per_s, truth.lam) for law in laws(truth)],
        "sigma": [covers(law.sigma, truth.sigma) for law in laws(truth)],
        "kappa": [covers(law.kappa, truth.kappa) for law in laws(truth)],
        "X(8)": [covers(law.predict(8).capacity, float(capacity(8, truth))) for law in laws(truth)],
        "X(12)": [
            covers(law.predict(12).capacity, float(capacity(12, truth))) for law in laws(truth)
        ],
        "gain": [
            covers(law.gain(6).share, float(capacity(6, truth) / capacity(5, truth) - 1))
            for law in laws(truth)
        ],
        "peak": [covers(law.peak.replicas, float(peak(truth))) for law in laws(truth)],
    }
    for name, held in figures.items():
        assert np.mean(held) >= 0.89, f"{name}: {what}"


def test_intervals_are_no_wider_than_the_estimates_scatter():
    """Else they would hold anything: t of 13 degrees of freedom times their deviation."""
    gains = [law.gain(6).share for law in laws(USUAL)]
    width = np.median([gain.high - gain.low for gain in gains])
    scatter = 2 * stats.t.ppf(0.975, 13) * np.std([gain.estimate for gain in gains])
    assert 0.8 < width / scatter < 1.25


def test_one_trial_more_falls_where_it_is_said_to():
    """Of a count that was not measured; noise is of one size there."""
    rng = np.random.default_rng(4)
    held = []
    for seed in range(SEEDS):
        points = points_of(USUAL, (1, 2, 3, 4, 6, 8), 0.03, 2, seed, bracket=0.03 * 1.96)
        new = float(capacity(5, USUAL)) * (1 + 0.03 * rng.standard_normal())
        held.append(covers(fit_scalability(points).predict(5).one_trial, new))
    assert np.mean(held) >= 0.92


def test_a_replica_that_adds_nothing_is_seldom_said_to():
    """κ such that the 6th adds exactly nothing: X(6) = X(5)."""
    sigma = 0.05
    none = Coefficients(400.0, sigma, (1 - sigma) / 30)
    assert float(capacity(6, none) / capacity(5, none)) == pytest.approx(1)
    gains = [law.gain(6) for law in laws(none)]
    assert np.mean([gain.adds or gain.takes for gain in gains]) <= 0.09


def test_perfect_scaling_is_the_bound_itself_and_its_interval_begins_there():
    law = fit_scalability(points_of(Coefficients(400.0, 0.0, 0.0), noise=0.01, seed=3))
    assert law.sigma.low == law.kappa.low == 0
    assert law.sigma.high > 0
    assert law.gain(4).share.high == pytest.approx(1 / 3)
    assert law.peak.replicas.high == math.inf
    assert not law.grows_faster


def test_more_than_linear_growth_is_told_as_what_the_law_has_no_room_for():
    law = fit_scalability([CapacityPoint(n, 100 * n**1.2) for n in COUNTS])
    assert law.sigma.estimate == 0
    assert law.grows_faster
    assert not fit_scalability(points_of(USUAL, noise=0.02)).grows_faster


def test_linear_growth_is_seldom_called_more_than_that_or_not_described():
    linear = laws(Coefficients(400.0, 0.0, 0.0))
    assert np.mean([law.grows_faster for law in linear]) <= 0.05
    assert np.mean([not law.noise.describes for law in linear]) <= 0.12


def test_a_service_that_hits_a_wall_is_said_not_to_follow_the_law():
    """Linear up to three, then nothing: repeats agree far better than the law fits."""
    walled = [
        CapacityPoint(n, min(n, 3) * 400.0 * (1 + jitter))
        for n in COUNTS
        for jitter in (-0.003, 0.0, 0.003)
    ]
    law = fit_scalability(walled)
    assert not law.noise.describes
    assert law.noise.freedom == len(COUNTS) - 3, "of counts, not of points"
    fitting = fit_scalability(points_of(USUAL, noise=0.02, repeats=3, seed=1))
    assert fitting.noise.describes
    assert fitting.noise.freedom == 3 * len(COUNTS) - 3


def test_points_measured_once_leave_open_whether_the_law_describes_them():
    assert fit_scalability(points_of(USUAL, noise=0.02)).noise.misfit is None


def test_points_without_intervals_count_by_the_same_share_of_each():
    """A tenth off at one replica weighs as much as a tenth off at eight."""
    points = points_of(Coefficients(400.0, 0.0, 0.0))
    off = [
        fit_scalability(
            [
                dataclasses.replace(
                    point, rate_per_s=point.rate_per_s * (0.9 if at == wrong else 1)
                )
                for at, point in enumerate(points)
            ]
        ).standard_error_per_s
        for wrong in (0, 7)
    ]
    assert off[0] < 0.5 * off[1], "in requests/s, a tenth of one replica's is little"


def test_points_with_intervals_count_by_how_sure_they_are():
    """The same wrong point draws the law less when it comes with a wide interval."""
    sure = points_of(USUAL, bracket=0.02)
    wrong = sure[-1].rate_per_s * 1.3
    off = fit_scalability([*sure[:-1], CapacityPoint(8, wrong, wrong * 0.98, wrong * 1.02)])
    vague = fit_scalability([*sure[:-1], CapacityPoint(8, wrong, wrong * 0.5, wrong * 1.5)])
    truth = float(capacity(8, USUAL))
    far, near = (abs(law.predict(8).capacity.estimate - truth) for law in (off, vague))
    assert near < 0.1 * far


def test_points_are_believed_to_be_as_unsure_as_they_say():
    """Coarse steps of load that happen to lie on a law do not make it sure."""
    coarse = fit_scalability(points_of(USUAL, bracket=0.10)).predict(8).capacity
    fine = fit_scalability(points_of(USUAL, bracket=0.01)).predict(8).capacity
    assert coarse.high - coarse.low > 5 * (fine.high - fine.low)
    assert coarse.high - coarse.low > 0.1 * coarse.estimate


def test_one_narrow_interval_does_not_outweigh_all_others():
    """Repeats that agree by chance: believed to be half as unsure as the others, no less."""
    points = points_of(USUAL, noise=0.03, seed=2, bracket=0.06)
    lucky = dataclasses.replace(
        points[3], low_per_s=points[3].rate_per_s * 0.9999, high_per_s=points[3].rate_per_s * 1.0001
    )
    law = fit_scalability([*points[:3], lucky, *points[4:]])
    assert abs(law.residuals_per_s[3]) > 0.1 * abs(fit_scalability(points).residuals_per_s[3])


def test_intervals_that_only_some_points_have_weigh_nothing():
    some = points_of(USUAL, noise=0.03, seed=2)
    named = [dataclasses.replace(some[0], low_per_s=1.0, high_per_s=4000.0), *some[1:]]
    assert fit_scalability(named).best == fit_scalability(some).best


@pytest.mark.parametrize(
    ("counts", "there"),
    [
        ((1, 2, 3, 4, 8), "there are 5: 1, 2, 3, 4 and 8"),
        ((1, 2, 2, 3, 3, 3, 4), "there are 4: 1, 2, 3 and 4"),
        ((6,), "there are 1: 6"),
        ((), "there are none"),
    ],
)
def test_fewer_than_six_different_counts_are_refused_by_name(counts, there):
    with pytest.raises(ScalabilityError, match=r"at least 6 different replica counts") as told:
        fit_scalability([CapacityPoint(n, 100.0 * n) for n in counts])
    assert str(told.value).endswith(f"{there}.")


def test_six_counts_are_enough_and_the_order_of_the_points_is_nothing():
    points = points_of(USUAL, (1, 2, 3, 4, 6, 8), noise=0.02, seed=5)
    assert fit_scalability(points[::-1]) == fit_scalability(points)


def test_residuals_are_those_of_the_points_in_order_of_their_counts():
    points = points_of(USUAL, noise=0.02, seed=6)
    law = fit_scalability(points[::-1])
    told = [point.rate_per_s - law.predict(point.replicas).capacity.estimate for point in points]
    assert law.residuals_per_s == pytest.approx(told)
    assert law.standard_error_per_s == pytest.approx(math.sqrt(sum(r**2 for r in told) / 5))


def test_beyond_what_was_measured_is_marked_as_that_and_less_sure():
    law = fit_scalability(points_of(USUAL, (2, 3, 4, 5, 6, 8), noise=0.03, seed=1))
    assert [law.predict(n).beyond for n in (1, 2, 7, 8, 9)] == [True, False, False, False, True]
    assert [law.gain(n).beyond for n in (2, 3, 8, 9)] == [True, False, False, True]
    assert [gain.replicas for gain in law.gains] == [3, 4, 5, 6, 7, 8]
    inside, far = law.predict(8).capacity, law.predict(40).capacity
    assert (far.high - far.low) / far.estimate > (inside.high - inside.low) / inside.estimate


def test_the_curve_is_what_is_predicted_count_by_count():
    law = fit_scalability(points_of(USUAL, noise=0.03, seed=1))
    at, low, high = law.curve(np.array([2.0, 7.0]))
    assert (at[1], low[1], high[1]) == pytest.approx(dataclasses.astuple(law.predict(7).capacity))
    assert low[0] < at[0] < high[0]


@pytest.mark.parametrize("asked", [0, -1])
def test_no_replica_at_all_has_no_capacity(asked):
    law = fit_scalability(points_of(USUAL))
    with pytest.raises(ValueError, match="at least 1"):
        law.predict(asked)
    with pytest.raises(ValueError, match="at least 1"):
        law.gain(asked + 1)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((0, 100.0), "at least 1"),
        ((1, 0.0), "above 0"),
        ((1, math.nan), "above 0"),
        ((1, math.inf), "above 0"),
        ((1, 100.0, 90.0), "both bounds"),
        ((1, 100.0, None, 110.0), "both bounds"),
        ((1, 100.0, 101.0, 110.0), "outside its interval"),
        ((1, 100.0, 90.0, 99.0), "outside its interval"),
        ((1, 100.0, 90.0, math.inf), "outside its interval"),
    ],
)
def test_what_is_no_capacity_is_refused(given, why):
    with pytest.raises(ValueError, match=why):
        CapacityPoint(*given)
