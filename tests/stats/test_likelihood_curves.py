"""What a study says as a curve: values by formula, mixing of kinds, one-sided and flat curves."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.bayes_curves import maximise_curves, pool_curves_bayes
from handful.stats.bayes.curves_ml import CurveMaximum
from handful.stats.bayes.likelihood_curves import (
    LikelihoodCurve,
    from_counts,
    from_estimate,
    from_means,
    from_rate,
    from_scores,
    from_table,
    from_two_rates,
    stack,
)
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.results import Fit, NotEstimable

ALL: dict[str, LikelihoodCurve] = {
    "counts": from_counts(3, 10),
    "counts 0": from_counts(0, 4),
    "counts all": from_counts(4, 4),
    "large counts": from_counts(480, 1000),
    "rate": from_rate(2, 31.5),
    "no events": from_rate(0, 12.0),
    "table": from_table(3, 10, 1, 12),
    "table, empty cell": from_table(0, 4, 3, 5),
    "table, baseline": from_table(3, 10, 1, 12, method="baseline-integrated", baseline_sd=3.0),
    "two rates": from_two_rates(3, 10.0, 1, 20.0),
    "estimate": from_estimate(0.4, se=0.2),
    "means": from_means(4, 10.0, 2.0, 5, 8.0, 2.5),
    "scores": from_scores([1.0, 2.0, 4.0]),
    "product": from_counts(1, 4) * from_estimate(0.3, low=0.1, high=0.6, scale="logit"),
}


def fitted(curves: list[LikelihoodCurve], **options: object) -> Fit:
    fit = pool_curves_bayes(curves, **options)  # type: ignore[arg-type]
    assert isinstance(fit, Fit)
    assert fit.posteriors is not None
    return fit


@pytest.mark.parametrize("curve", ALL.values(), ids=ALL.keys())
def test_slopes_are_the_derivatives(curve: LikelihoodCurve) -> None:
    theta, step = np.array([0.37]), 1e-4
    _, slope, bend = curve.rows.slopes(theta)
    above, below = curve.rows.slopes(theta + step), curve.rows.slopes(theta - step)
    assert slope[0] == pytest.approx((above[0][0] - below[0][0]) / (2 * step), rel=1e-5, abs=1e-6)
    assert bend[0] == pytest.approx((above[1][0] - below[1][0]) / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("curve", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize("tau", [0.05, 0.6, 4.0])
def test_tables_give_the_marginal_likelihood_of_every_kind(curve: LikelihoodCurve, tau: float) -> None:
    """Against a plain sum, finer and wider, of the curve times a normal density; to 1e-8 of the value."""
    rows = stack([curve])
    if hasattr(rows, "prepare"):
        rows.prepare()
    found = MarginalTables.of(rows, shapes(rows), 1.0).log_marginals(np.array([-0.7, 0.4, 3.0]), tau)[0]
    z = np.arange(-14_000, 14_001) * 0.005
    for mu, value in zip((-0.7, 0.4, 3.0), found, strict=True):
        terms = curve.log_likelihood(mu + tau * z) - 0.5 * z * z
        whole = math.fsum(np.exp(terms - value)) * 0.005 / math.sqrt(2 * math.pi)
        assert whole == pytest.approx(1.0, abs=1e-8)


def test_values_by_formula() -> None:
    theta = 0.8
    p = special.expit(theta)
    assert from_counts(3, 10).log_likelihood(theta) == pytest.approx(math.log(120 * p**3 * (1 - p) ** 7), rel=1e-12)
    mean = 31.5 * math.exp(-1.0)
    assert from_rate(2, 31.5).log_likelihood(-1.0) == pytest.approx(math.log(mean**2 / 2) - mean, rel=1e-12)
    psi = math.exp(theta)
    terms = [math.comb(4, u) * math.comb(5, 3 - u) * psi**u for u in range(4)]
    assert from_table(1, 4, 2, 5).log_likelihood(theta) == pytest.approx(math.log(terms[1] / sum(terms)), rel=1e-12)
    share = psi * 10 / (psi * 10 + 20)
    want = math.log(4 * share**3 * (1 - share))
    assert from_two_rates(3, 10.0, 1, 20.0).log_likelihood(theta) == pytest.approx(want, rel=1e-12)


def test_baseline_integrated_curve_against_adaptive_quadrature() -> None:
    curve = from_table(0, 4, 1, 22, method="baseline-integrated", baseline_sd=10.0)
    for theta in (-4.0, 0.0, 2.0):

        def integrand(a: float, theta: float = theta) -> float:
            p, q = special.expit(a + theta / 2), special.expit(a - theta / 2)
            return float(
                (1 - p) ** 4 * 22 * q * (1 - q) ** 21 * math.exp(-0.5 * (a / 10) ** 2) / (10 * math.sqrt(2 * math.pi))
            )

        whole = integrate.quad(integrand, -90, 90, points=[-20, -10, -5, -2, 0, 5], limit=500, epsabs=0, epsrel=1e-11)[
            0
        ]
        assert curve.log_likelihood(theta) == pytest.approx(math.log(whole), abs=1e-9)


def test_t_curve_is_the_integrated_likelihood_of_a_small_sample() -> None:
    """∫ Π N(y_i; θ, σ²) dσ/σ is proportional to Student's t with n − 1 degrees of freedom."""
    y = np.array([1.0, 2.0, 4.0])
    curve = from_scores(y)

    def marginal(theta: float) -> float:
        def density(log_sd: float) -> float:
            return math.exp(-3 * log_sd - 0.5 * float(((y - theta) ** 2).sum()) * math.exp(-2 * log_sd))

        return integrate.quad(density, -6, 12, epsabs=0, epsrel=1e-11, limit=300)[0]

    got = curve.log_likelihood(0.5) - curve.log_likelihood(3.0)
    assert got == pytest.approx(math.log(marginal(0.5) / marginal(3.0)), abs=1e-8)


def test_one_sided_and_flat_curves_say_so() -> None:
    assert [from_counts(*c).one_sided for c in ((0, 4), (4, 4), (1, 4))] == [True, True, False]
    assert from_counts(0, 4).mode == -math.inf
    empty = from_table(0, 4, 0, 4)
    assert empty.flat
    assert not empty.one_sided
    assert from_table(4, 4, 4, 4).flat
    assert from_table(0, 4, 3, 5).mode == -math.inf
    assert from_table(2, 4, 3, 5).mode == pytest.approx(shapes(from_table(2, 4, 3, 5).rows).mode[0])
    assert not from_table(0, 4, 0, 4, method="baseline-integrated").flat


def test_two_series_on_one_effect_multiply_to_their_sum() -> None:
    product, whole = from_counts(1, 4) * from_counts(2, 5), from_counts(3, 9)
    theta = np.array([-3.0, -0.5, 0.0, 2.0])
    difference = product.log_likelihood(theta) - whole.log_likelihood(theta)
    np.testing.assert_allclose(difference, difference[0], atol=1e-12)
    assert product.mode == pytest.approx(whole.mode, abs=1e-6)
    assert product.people == 9
    both = fitted([product, from_counts(0, 4)], mean_prior=Normal(0, 2), tau_prior=HalfNormal(1))
    one = fitted([whole, from_counts(0, 4)], mean_prior=Normal(0, 2), tau_prior=HalfNormal(1))
    assert both.estimate == pytest.approx(one.estimate, rel=1e-7)


def test_product_with_a_one_sided_curve_keeps_its_bound() -> None:
    assert (from_counts(0, 4) * from_counts(0, 5)).one_sided
    assert not (from_counts(0, 4) * from_counts(4, 4)).one_sided


def test_curves_on_two_scales_do_not_mix() -> None:
    with pytest.raises(InputError, match="scale"):
        _ = from_counts(1, 4) * from_rate(1, 4.0)
    with pytest.raises(InputError, match="different scales"):
        pool_curves_bayes([from_counts(1, 4), from_rate(1, 4.0)])


def test_counts_as_curves_are_the_binomial_model() -> None:
    x, n = [1, 0, 3], [4, 4, 10]
    a = pool_binomial_bayes(x, n)
    b = fitted([from_counts(*c) for c in zip(x, n, strict=True)], mean_prior=Normal(0, 2), tau_prior=HalfNormal(1))
    assert isinstance(a, Fit)
    assert (a.estimate, a.low, a.high) == pytest.approx((b.estimate, b.low, b.high), rel=1e-9)


def test_counts_and_a_published_percentage_pool_together() -> None:
    """With large counts the published percentage and its logit interval are the count: the two answers meet."""
    big = from_counts(2500, 10_000)
    se = math.sqrt(1 / 2500 + 1 / 7500)
    logit = math.log(2500 / 7500)
    low, high = (100 * float(special.expit(logit + s * 1.959963984540054 * se)) for s in (-1, 1))
    published = from_estimate(25.0, low=low, high=high, scale="logit", percent=True)
    priors = {"mean_prior": Normal(0, 2), "tau_prior": HalfNormal(1)}
    a, b = fitted([from_counts(1, 4), big], **priors), fitted([from_counts(1, 4), published], **priors)
    assert a.estimate == pytest.approx(b.estimate, abs=2e-4)
    assert a.high == pytest.approx(b.high, abs=2e-4)
    # the large study decides, the 1 of 4 hardly moves it, and both stay in the count of studies
    assert b.k == 2
    assert published.notes == ()


def test_published_intervals_are_read_on_the_right_scale() -> None:
    ratio = from_estimate(2.0, low=1.0, high=4.0, scale="log")
    assert ratio.mode == pytest.approx(math.log(2))
    assert float(shapes(ratio.rows).grain[0]) == pytest.approx(math.log(4) / (2 * 1.959963984540054))
    only = from_estimate(low=1.0, high=4.0, scale="log")
    assert only.mode == pytest.approx(math.log(2))
    natural = from_estimate(0.25, se=0.05, scale="logit", se_on="natural")
    assert float(shapes(natural.rows).grain[0]) == pytest.approx(0.05 / (0.25 * 0.75))
    crooked = from_estimate(0.25, low=0.006, high=0.81, scale="logit")  # exact limits of 1 of 4
    assert crooked.notes[0].code == "interval-not-symmetric"
    fit = fitted([crooked, from_counts(2, 5)], mean_prior=Normal(0, 2), labels=["published", "ours"])
    assert ("interval-not-symmetric", "published") in {(n.code, n.about) for n in fit.notes}


def test_a_double_zero_table_is_listed_and_does_not_count() -> None:
    tables = [from_table(1, 4, 0, 4), from_table(0, 3, 0, 3), from_table(3, 10, 1, 12)]
    fit = fitted(tables, labels=["a", "b", "c"], mean_prior=Normal(0, 2.82), tau_prior=HalfNormal(0.5))
    assert (fit.k, fit.people, fit.labels) == (2, 30, ("a", "c"))
    assert [n.about for n in fit.notes if n.code == "study-left-out"] == ["b"]
    without = fitted([tables[0], tables[2]], mean_prior=Normal(0, 2.82), tau_prior=HalfNormal(0.5))
    assert fit.estimate == without.estimate
    assert isinstance(pool_curves_bayes([tables[1]], mean_prior=Normal(0, 1)), NotEstimable)
    assert isinstance(pool_curves_bayes([]), NotEstimable)


def test_swapping_the_arms_turns_the_odds_ratio_round() -> None:
    rows = [(1, 4, 0, 4), (3, 10, 1, 12), (2, 9, 5, 8)]
    options = {"mean_prior": Normal(0, 2.82), "tau_prior": HalfNormal(0.5)}
    a = fitted([from_table(*r) for r in rows], **options)
    b = fitted([from_table(c, d, x, n) for x, n, c, d in rows], **options)
    assert a.coefficient == pytest.approx(-b.coefficient, abs=1e-7)  # type: ignore[operator]
    assert a.coefficient_high == pytest.approx(-b.coefficient_low, abs=1e-7)  # type: ignore[operator]
    methods = [fitted([from_table(*r, method="baseline-integrated") for r in rows], **options), a]
    assert abs(methods[0].coefficient - methods[1].coefficient) < 0.1 * a.se  # type: ignore[operator]


def test_maximum_likelihood_of_normal_curves_by_the_score_equation() -> None:
    y, v = np.array([0.1, -0.4, 0.35, 1.9]), np.array([0.04, 0.09, 0.06, 0.2])
    found = maximise_curves([from_estimate(a, se=math.sqrt(b)) for a, b in zip(y, v, strict=True)])
    assert isinstance(found, CurveMaximum)
    w = 1 / (v + found.tau2)
    assert found.mu == pytest.approx(float(w @ y / w.sum()), abs=1e-9)
    assert float((w**2 * ((y - found.mu) ** 2 - v)).sum() - found.tau2 * float((w**2).sum())) == pytest.approx(
        0, abs=1e-7
    )


def test_maximum_at_the_boundary_and_nowhere() -> None:
    equal = maximise_curves([from_counts(2, 8), from_counts(2, 8), from_counts(1, 4)])
    assert isinstance(equal, CurveMaximum)
    assert equal.boundary
    assert equal.mu == pytest.approx(math.log(5 / 15), abs=1e-10)
    assert isinstance(maximise_curves([from_counts(0, 8), from_counts(0, 3)]), NotEstimable)
    assert isinstance(maximise_curves([]), NotEstimable)


REFUSED: list[Callable[[], object]] = [
    lambda: from_counts(5, 4),
    lambda: from_rate(1, 0.0),
    lambda: from_two_rates(1, 1.0, 1, 0.0),
    lambda: from_estimate(2.0),
    lambda: from_estimate(se=1.0),
    lambda: from_estimate(-1.0, se=1.0, scale="log"),
    lambda: from_estimate(25.0, low=10.0, high=40.0, scale="logit"),
    lambda: from_estimate(1.0, low=3.0, high=2.0),
    lambda: from_estimate(1.0, se=0.0),
    lambda: from_means(1, 0.0, 1.0, 5, 0.0, 1.0),
    lambda: from_scores([1.0]),
    lambda: from_scores([2.0, 2.0]),
    lambda: pool_curves_bayes([from_estimate(0.4, se=0.1)], average=True, mean_prior=Normal(0, 1)),
]


@pytest.mark.parametrize("make", REFUSED)
def test_what_makes_no_curve_is_refused_with_a_hint(make: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.hint


def test_unknown_choices_name_the_known_ones() -> None:
    with pytest.raises(UnknownChoice, match="baseline-integrated"):
        from_table(1, 4, 1, 4, method="baseline")  # type: ignore[arg-type]
    with pytest.raises(UnknownChoice, match="logit"):
        from_estimate(0.4, se=1, scale="probit")  # type: ignore[arg-type]


def test_curves_print_and_draw() -> None:
    assert str(from_counts(1, 4)) == "1 of 4 (logit)"
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    for curve in (from_counts(0, 4), from_table(3, 10, 1, 12)):
        assert curve.draw().get_ylabel() == "likelihood (top = 1)"
    plt.close("all")
