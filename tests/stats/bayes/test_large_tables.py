"""Tables of very many people: the conditional curve stays exact, small and quick, and ends in the normal one."""

from __future__ import annotations

import math

import numpy as np
import pytest

import handful as hf
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.bayes.table_curves import HypergeometricCurves

PRIORS = {"mean": Normal(0.0, 2.82), "tau": HalfNormal(0.5)}


def _plain_sum(x1: int, n1: int, x2: int, n2: int, theta: float) -> float:
    """log P(x1 | margins, θ) with every possible x1, exact weights by whole numbers' ratios."""
    m = x1 + x2
    low, high = max(0, m - n2), min(n1, m)
    u = np.arange(low, high, dtype=float)
    ratios = np.log((n1 - u) * (m - u)) - np.log((u + 1) * (n2 - m + u + 1))
    weight = np.concatenate([[0.0], np.cumsum(ratios + theta)])
    return float(weight[x1 - low] - np.logaddexp.reduce(weight))


@pytest.mark.parametrize(
    "table",
    [
        (400, 4000, 500, 4000),
        (9000, 10_000, 8700, 10_000),
        (3, 90_000, 9, 70_000),
        (0, 5000, 700, 6000),
        (2500, 5000, 2500, 5000),
    ],
)
def test_every_so_manyth_term_is_the_whole_sum(table: tuple[int, int, int, int]) -> None:
    """Down to e⁻²⁰⁰ of the top; 1e-9 is what the plain sum of up to 2·10⁴ rounded ratios leaves."""
    x1, n1, x2, n2 = table
    cells = [c + 0.5 for c in (x1, n1 - x1, x2, n2 - x2)]
    centre, error = math.log(cells[0] * cells[3] / cells[1] / cells[2]), math.sqrt(sum(1 / c for c in cells))
    rows = HypergeometricCurves(*(np.array([float(v)]) for v in table))
    theta = centre + error * np.linspace(-12, 12, 25)
    want = np.array([_plain_sum(x1, n1, x2, n2, float(t)) for t in theta])
    matters = want > want.max() - 200.0
    assert matters.sum() >= 13
    np.testing.assert_allclose(rows.value(theta[None, :])[0][matters], want[matters], rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("n", [10**4, 10**5, 10**6, 10**7, 10**8, 10**9])
def test_two_arms_end_in_the_normal_model(n: int) -> None:
    """The curve's third derivative moves θ by about 1/x: the answer differs from the normal model's by that order."""
    tables = [(n // 10, n, n // 10 + n // 50, n), (n // 10 + n // 50, n, n // 10 + n // 30, n)]
    x1, n1, x2, n2 = (list(column) for column in zip(*tables, strict=True))
    ours = hf.pool(hf.two_arms(x1, n1, x2, n2), model="bayes", priors=PRIORS)
    y = [math.log(a / (b - a) / (c / (d - c))) for a, b, c, d in tables]
    v = [1 / a + 1 / (b - a) + 1 / c + 1 / (d - c) for a, b, c, d in tables]
    normal = hf.pool(hf.estimates(y, v, measure="OR"), model="bayes", priors=PRIORS)
    for name in ("estimate", "low", "high", "tau2"):
        assert getattr(ours, name) == pytest.approx(getattr(normal, name), rel=max(30.0 / n, 2e-7)), name


@pytest.mark.parametrize("n", [10**5, 10**7, 10**9])
def test_the_sum_does_not_grow_with_the_people(n: int) -> None:
    rows = HypergeometricCurves(*(np.array([float(v)]) for v in (n // 10, n, n // 8, n)))
    assert rows.terms()[0].size < 2000


def test_rare_events_among_very_many_keep_their_digits() -> None:
    """3 and 9 events of 10⁹: binomial given 12 events, to 1/n; logarithms of 10⁹! alone would leave six digits."""
    rows = HypergeometricCurves(*(np.array([float(v)]) for v in (3, 10**9, 9, 10**9)))
    theta = np.linspace(-4, 1, 11)
    p = 1 / (1 + np.exp(-theta))
    want = math.log(math.comb(12, 3)) + 3 * np.log(p) + 9 * np.log1p(-p)
    np.testing.assert_allclose(rows.value(theta[None, :])[0], want, atol=1e-7)
