"""P(A better than B by at least so much) from two posteriors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import handful as hf
from handful.base.errors import InputError
from handful.stats.bayes.better import probability_better
from handful.stats.bayes.posterior import NormalMixture, Posterior
from handful.stats.borrowed.mixtures import BetaMixture


def beta(a: float, b: float) -> Posterior:
    return Posterior(BetaMixture((1.0,), (a,), (b,)).on_logit(), "rate", "logit")


@pytest.mark.parametrize(("a", "b", "c", "d"), [(2, 4, 1, 5), (5, 1, 1, 5), (30, 70, 25, 75), (1, 1, 1, 1)])
def test_two_beta_posteriors_by_the_exact_sum(a: int, b: int, c: int, d: int) -> None:
    """P(p1 > p2) = Σ_{i<a} B(c + i, b + d) / ((b + i) B(1 + i, b) B(c, d)), whole numbers."""
    want = sum(
        float(np.exp(special.betaln(c + i, b + d) - special.betaln(1 + i, b) - special.betaln(c, d))) / (b + i)
        for i in range(a)
    )
    assert probability_better(beta(a, b), beta(c, d)) == pytest.approx(want, abs=1e-12)


def test_two_groups_says_the_same_with_and_without_a_margin() -> None:
    two = hf.two_groups(6, 20, 3, 20)
    first, second = beta(6.5, 14.5), beta(3.5, 17.5)
    assert probability_better(first, second) == pytest.approx(
        float(two.probability_greater(prior="jeffreys")), abs=1e-10
    )
    sample = np.linspace(5e-6, 1 - 5e-6, 100_000)
    want = float((1 - first.on("natural").cdf(second.on("natural").quantile(sample) + 0.1)).mean())
    assert probability_better(first, second, by=0.1) == pytest.approx(want, abs=1e-6)


def test_normals_by_their_difference() -> None:
    def normal(mean: float, sd: float) -> Posterior:
        return Posterior(NormalMixture(np.ones(1), np.array([mean]), np.array([sd])), "effect")

    for sds in ((1.0, 1.0), (0.01, 2.0), (3.0, 0.002)):
        want = float(special.ndtr((0.5 - 0.2 - 0.1) / np.hypot(*sds)))
        assert probability_better(normal(0.5, sds[0]), normal(0.2, sds[1]), by=0.1) == pytest.approx(want, abs=1e-12)
    assert probability_better(normal(40, 1), normal(0, 1)) == pytest.approx(1, abs=1e-13)
    assert probability_better(normal(0, 1), normal(40, 1)) == pytest.approx(0, abs=1e-13)


def test_one_side_and_the_other_make_one_for_adults_and_children() -> None:
    adults, children = (hf.pool(hf.one_arm([x], [4]), model="bayes", accuracy="high") for x in (1, 0))
    up, down = hf.probability_better(adults, children), hf.probability_better(children, adults)
    assert up + down == pytest.approx(1, abs=1e-9)
    assert up == pytest.approx(0.731, abs=1e-3)
    assert hf.probability_better(adults, adults) == pytest.approx(0.5, abs=1e-9)
    assert hf.probability_better(adults, children, by=0.1) < up
    assert hf.probability_better(adults, children, higher_is_better=False) == pytest.approx(down, abs=1e-12)


def test_every_kind_of_posterior_is_taken() -> None:
    fit = hf.pool(hf.one_arm([1, 2, 3], [4, 5, 9]), model="bayes")
    borrowing = hf.borrow(hf.one_arm([0], [4]), hf.one_arm([1], [4]))
    for of in ("headline", "mean", "prediction"):
        assert 0.5 < hf.probability_better(fit, borrowing, of=of) < 1
    ml = hf.pool(hf.one_arm([1, 2, 3, 4, 2], [4, 5, 9, 9, 9]), model="binomial-normal")
    assert isinstance(hf.probability_better(ml, fit), hf.NotEstimable)
    with pytest.raises(InputError, match="at least 0"):
        hf.probability_better(fit, fit, by=-0.1)
    with pytest.raises(InputError, match="has no posterior"):
        hf.probability_better(3, fit)
