"""Many posteriors in one call are the single ones."""

from __future__ import annotations

import numpy as np
import pytest

from handful.base.errors import InputError
from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.bayes_binomial_many import pool_binomial_bayes_many
from handful.stats.bayes.priors import HalfNormal, HalfT, LogNormal, Normal
from handful.stats.results import Fit


@pytest.mark.parametrize("tau_prior", [HalfNormal(1), HalfNormal(0.4), HalfT(3, 0.5)], ids=str)
def test_batch_agrees_with_single_fits(tau_prior: HalfNormal | HalfT) -> None:
    """Within 2e-5 posterior sd (mean of τ: 2e-4, an end-corrected sum)."""
    rng = np.random.default_rng(5)
    sizes = [2, 8, 5, 3, 3]
    n = rng.integers(3, 25, sum(sizes))
    x = rng.binomial(n, 0.25)
    which = np.repeat(np.arange(len(sizes)), sizes)
    x[which == 3] = 0
    x[which == 4] = n[which == 4]
    many = pool_binomial_bayes_many(x, n, which, mean_prior=Normal(0, 2), tau_prior=tau_prior)
    for s in range(len(sizes)):
        one = pool_binomial_bayes(x[which == s], n[which == s], tau_prior=tau_prior)
        assert isinstance(one, Fit)
        assert one.posteriors is not None
        mean, tau = one.posteriors["mean"], one.posteriors["tau"]
        got = [many.mean[s], many.sd[s], many.median[s], many.low[s], many.high[s]]
        want = [mean.mean, mean.sd, mean.median, *mean.interval(0.95)]
        np.testing.assert_allclose(got, want, rtol=0, atol=2e-5 * mean.sd)
        width = tau.quantile(0.75) - tau.quantile(0.25)
        got = [many.tau_median[s], many.tau_high[s]]
        np.testing.assert_allclose(got, tau.quantile([0.5, 0.975]), rtol=0, atol=5e-5 * width)
        assert many.tau_mean[s] == pytest.approx(tau.mean, abs=2e-4 * width)  # both infinite where no mean exists
        assert many.rate[s] == pytest.approx(one.details["posterior_mean"], abs=1e-6)


def test_what_a_batch_cannot_do_is_refused() -> None:
    with pytest.raises(InputError, match="sets"):
        pool_binomial_bayes_many([1, 2], [4, 4], [0.5, 1.0])
    with pytest.raises(InputError, match="no row"):
        pool_binomial_bayes_many([1, 2], [4, 4], [0, 2])
    with pytest.raises(InputError, match="nobody"):
        pool_binomial_bayes_many([0, 2], [0, 4], [0, 1])
    with pytest.raises(InputError, match="batch"):
        pool_binomial_bayes_many([1, 2], [4, 4], [0, 1], tau_prior=LogNormal(0, 1))  # type: ignore[arg-type]


def test_the_public_verb_takes_labels_in_any_order_and_leaves_nobody_out() -> None:
    import pytest

    import handful as hf

    many = hf.posteriors_many([3, 1, 2, 0, 0], [9, 4, 8, 4, 0], ["b", "a", "b", "a", "a"])
    assert many.labels == ("b", "a")
    for i, (x, n) in enumerate((([3, 2], [9, 8]), ([1, 0], [4, 4]))):
        fit = hf.pool(hf.one_arm(x, n), model="bayes")
        mean = fit.posterior("mean")  # type: ignore[union-attr]
        low, high = mean.interval(0.95)
        got = [many.mean[i], many.sd[i], many.median[i], many.low[i], many.high[i]]
        assert got == pytest.approx([mean.mean, mean.sd, mean.median, low, high], abs=1e-4 * mean.sd)
        assert many.rate[i] == pytest.approx(fit.details["posterior_mean"], abs=1e-5)  # type: ignore[union-attr]
    assert list(many.to_frame()["label"]) == ["b", "a"]
    with pytest.raises(ValueError, match="nobody was counted in a"):
        hf.posteriors_many([1, 0], [4, 0], ["b", "a"])
    with pytest.raises(ValueError, match="labels for 2 rows"):
        hf.posteriors_many([1, 0], [4, 4], ["b"])
