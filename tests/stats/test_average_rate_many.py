"""Average rates of many sets in one call, against the single fit, which computes them in another way."""

from __future__ import annotations

import numpy as np
import pytest

from handful.base.errors import InputError
from handful.stats.bayes.average_rate_many import average_rate_many
from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.priors import HalfCauchy, HalfNormal

SETS = [
    ([1, 0], [4, 4]),
    ([0, 0, 0], [4, 5, 3]),
    ([4, 4], [4, 4]),
    ([3, 5, 1, 7], [10, 12, 9, 11]),
    ([1, 0, 13, 300], [4, 4, 40, 900]),
    ([0, 50], [50, 50]),
    ([1, 1, 1, 1, 0, 1, 3], [1, 1, 1, 1, 1, 1, 4]),
]


def _flat(sets):
    events = np.concatenate([x for x, _ in sets])
    totals = np.concatenate([n for _, n in sets])
    return events, totals, np.repeat(np.arange(len(sets)), [len(x) for x, _ in sets])


def test_the_batch_is_the_single_fit() -> None:
    """The single fit promises 1e-5 posterior sd and reaches about 1e-9; the batch adds at most 1e-8 in a limit where
    the density is flattest (everyone, or nobody, in every study)."""
    scales = (0.5, 1.0, 2.0)
    found = average_rate_many(*_flat(SETS), tau_priors=[HalfNormal(s) for s in scales])
    for scale, many in zip(scales, found, strict=True):
        for i, (x, n) in enumerate(SETS):
            one = pool_binomial_bayes(x, n, tau_prior=HalfNormal(scale), accuracy="high")
            assert many.estimate[i] == pytest.approx(one.estimate, abs=2e-9)
            assert many.low[i] == pytest.approx(one.low, abs=2e-8)
            assert many.high[i] == pytest.approx(one.high, abs=2e-8)


def test_one_count_agrees_with_plain_quadrature() -> None:
    """3 of 9, one study: the posterior of m = E[expit(μ + τz)] by brute force over μ, τ and z, none of it shared."""
    mu, tau, z = np.linspace(-12, 12, 1201), np.linspace(0, 5.5, 111), np.linspace(-7, 7, 141)
    w = np.exp(-0.5 * z * z)
    w /= w.sum()
    averages, masses = [], []
    for t in tau:
        rate = 1 / (1 + np.exp(-(mu[:, None] + t * z)))
        averages.append(rate @ w)
        ends = 0.5 if t in (tau[0], tau[-1]) else 1.0
        masses.append(((rate**3 * (1 - rate) ** 6) @ w) * np.exp(-0.5 * (mu / 2) ** 2 - 0.5 * t * t) * ends)
    average, mass = np.concatenate(averages), np.concatenate(masses)
    order = np.argsort(average)
    cdf = (np.cumsum(mass[order]) - 0.5 * mass[order]) / mass.sum()
    (found,) = average_rate_many([3], [9], [0])
    for value, q in ((found.low[0], 0.025), (found.estimate[0], 0.5), (found.high[0], 0.975)):
        # the brute force is a sum of points: its distribution function is good to about 1e-4
        assert np.interp(value, average[order], cdf) == pytest.approx(q, abs=2e-4)


def test_order_of_rows_and_company_of_other_sets_do_not_matter() -> None:
    events, totals, which = _flat(SETS)
    (back,) = average_rate_many(events[::-1], totals[::-1], which[::-1])
    (there,) = average_rate_many(events, totals, which)
    (alone,) = average_rate_many([3, 5, 1, 7], [10, 12, 9, 11], [0] * 4)
    assert np.allclose(back.estimate, there.estimate, rtol=0, atol=1e-12)
    assert alone.high[0] == pytest.approx(there.high[3], abs=1e-12)


def test_swapping_events_and_non_events_mirrors_it() -> None:
    events, totals, which = _flat(SETS)
    (there,), (mirror,) = (average_rate_many(x, totals, which) for x in (events, totals - events))
    assert np.allclose(there.estimate, 1 - mirror.estimate, rtol=0, atol=1e-8)
    assert np.allclose(there.low, 1 - mirror.high, rtol=0, atol=1e-8)


def test_what_cannot_be_batched_is_said() -> None:
    with pytest.raises(InputError, match="half-normal"):
        average_rate_many([1], [2], [0], tau_priors=[HalfCauchy(1)])
    with pytest.raises(InputError, match="no row"):
        average_rate_many([1], [2], [1])
    with pytest.raises(InputError, match="nobody"):
        average_rate_many([0], [0], [0])
