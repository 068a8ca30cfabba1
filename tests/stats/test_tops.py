"""The search for τ²: every likelihood fit at its highest top, against a dense grid and a complex-step derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.stats.distributions.chi_squared import chi2_quantile
from handful.stats.estimates.between_study import between_study, q_limits
from handful.stats.estimates.one_small_fit import SMALL, centred_list, highest_small, solve_q_small
from handful.stats.estimates.ragged_kernels import Problems, centred, one_problem, orthonormal, pieces
from handful.stats.estimates.tops import _thorough, highest, solve_q
from handful.stats.estimates.weighted_mean import common_mean, weighted_mean

SEED = 20261122


def _random_sets(n: int, k: int, spread: float, seed: int = SEED) -> tuple[Any, Any]:
    """Columns of y and v: v log-normal, τ² one of five, mean 0.3."""
    generator = np.random.default_rng(seed)
    v = generator.lognormal(-2.0, spread, (k, n))
    tau2 = generator.choice([0.0, 0.01, 0.05, 0.2, 1.0], n)
    return 0.3 + generator.normal(size=(k, n)) * np.sqrt(v + tau2), v


def _log_likelihood(y: Any, v: Any, tau2: Any, restricted: bool) -> Any:
    """The formula as it stands in textbooks; works for complex τ², whose imaginary part carries the derivative."""
    w = 1.0 / (v + tau2)
    mean = (w * y).sum(0) / w.sum(0)
    value = 0.5 * np.log(w).sum(0) - 0.5 * (w * (y - mean) ** 2).sum(0)
    return value - 0.5 * np.log(w.sum(0)) if restricted else value


def _by_grid(y: Any, v: Any, restricted: bool) -> Any:
    """A dense grid, then halving on the derivative (by complex step) beside its best point."""
    n = y.shape[1]
    grid = np.concatenate([[0.0], np.geomspace(1e-7, 1.5 * float(((y - y.mean(0)) ** 2).sum(0).max()), 1400)])
    best, at = np.full(n, -np.inf), np.zeros(n, dtype=int)
    for j, tau2 in enumerate(grid):
        value = _log_likelihood(y, v, tau2, restricted)
        better = value > best
        best[better], at[better] = value[better], j
    low, high = grid[np.maximum(at - 1, 0)], grid[np.minimum(at + 1, len(grid) - 1)]
    for _ in range(90):
        middle = 0.5 * (low + high)
        rising = _log_likelihood(y, v, middle + 1e-30j, restricted).imag > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.where((at == 0) & (high < 1e-20), 0.0, 0.5 * (low + high))


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_two_thousand_fits_of_thirteen_studies(method: str) -> None:
    """None unconverged, none wrong by more than 1e-8 in τ²; one by one and all in one call."""
    n, k = 2000, 13
    y, v = _random_sets(n, k, 1.0)
    many = hf.pool_many(y.T.ravel(), v.T.ravel(), np.repeat(np.arange(n), k), tau2=method)
    want = _by_grid(y, v, method == "REML")
    assert many.converged.all()
    assert (many.status == 0).all()
    np.testing.assert_allclose(many.tau2, want, rtol=0, atol=1e-8)
    assert ((many.tau2 == 0) == (want < 1e-12)).all()
    for j in range(0, n, 4):
        fit = hf.pool(hf.estimates(y[:, j], v[:, j]), tau2=method)
        assert fit.converged
        assert abs(fit.tau2 - want[j]) < 1e-8


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_wild_variances_and_several_tops(k: int, restricted: bool) -> None:
    """Variances over five powers of ten: where there are several tops, the highest."""
    y, v = _random_sets(3000, k, 2.5)
    found = highest(Problems(centred(y, v), v), restricted)
    want = _by_grid(y, v, restricted)
    ours, theirs = (_log_likelihood(y, v, t, restricted) for t in (found.tau2, want))
    assert found.converged.all()
    assert (ours >= theirs - 1e-12 * (1 + np.abs(theirs))).all()
    if k == 3:
        assert found.several_tops.sum() > 10  # the search is really tried


@pytest.mark.parametrize(("far", "highest_at_0"), [(2.5, False), (2.0, True)])
def test_a_likelihood_with_two_tops(far: float, highest_at_0: bool) -> None:
    """Three precise studies agree, a fourth is far off: τ² = 0 is a top and there is another one.

    Which is higher depends on how far off the fourth is; a search that starts at one place finds one of them."""
    y, v = np.array([0.0, 0.02, -0.02, far]), np.array([0.001, 0.001, 0.001, 0.3])
    grid = np.concatenate([[0.0], np.geomspace(1e-7, 10, 20001)])
    values = _log_likelihood(y[:, None], v[:, None], grid, True)
    tops = 1 + np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:]))
    assert values[0] > values[1]
    assert len(tops) == 1
    assert (values[0] > values[tops[0]]) == highest_at_0
    found = highest(one_problem(y, v), restricted=True)
    assert found.several_tops[0]
    assert found.tau2[0] == pytest.approx(0.0 if highest_at_0 else grid[tops[0]], rel=1e-3)
    assert hf.pool(hf.estimates(y, v)).tau2 == found.tau2[0]


def test_lists_and_arrays_agree() -> None:
    """The search for few studies in plain floats, wherever its certificate holds (nearly always)."""
    y, v = _random_sets(1500, 9, 1.2)
    y = centred(y, v)
    for restricted in (True, False):
        arrays = highest(Problems(y, v), restricted).tau2
        lists = [highest_small(y[:, j].tolist(), v[:, j].tolist(), restricted) for j in range(y.shape[1])]
        held = np.array([found is not None for found in lists])
        assert held.mean() > 0.95
        np.testing.assert_allclose(np.array(lists)[held].astype(float), arrays[held], rtol=1e-11, atol=1e-14)


def test_paule_mandel_solves_its_equation_everywhere() -> None:
    y, v = _random_sets(3000, 6, 2.0)
    y = centred(y, v)
    tau2, done = solve_q(Problems(y, v), 5.0)
    w = 1.0 / (v + tau2)
    q = (w * (y - (w * y).sum(0) / w.sum(0)) ** 2).sum(0)
    assert done.all()
    assert (tau2[np.abs(q - 5) > 1e-11] == 0).all()
    assert (q <= 5 + 1e-11).all()
    for j in range(0, 3000, 50):
        assert solve_q_small(y[:, j].tolist(), v[:, j].tolist(), 5.0) == pytest.approx(float(tau2[j]), rel=1e-12)


@pytest.mark.parametrize("spread", [0.3, 2.0, 4.0])
def test_limits_of_tau2_by_lists_are_those_by_arrays(spread: float) -> None:
    """Started from the sums at 0 and at τ² against Newton from 0; both end within rounding of the same root."""
    y, v = _random_sets(400, 8, spread)
    for j in range(y.shape[1]):
        common = common_mean(y[:, j], v[:, j])
        tau2 = between_study(y[:, j], v[:, j], "REML", common)
        got = q_limits(common, weighted_mean(common, tau2), tau2, 0.95)
        targets = np.array([chi2_quantile(tail, 7) for tail in (0.025, 0.975)])
        want = solve_q(one_problem(y[:, j], v[:, j]), targets)[0]
        # rounding of Q moves a root near 0 by a share of the smallest variance, not of itself
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13 * float(v[:, j].min()))


def test_sums_by_lists_are_those_by_arrays() -> None:
    y, v = _random_sets(200, SMALL, 2.0)
    for j in range(y.shape[1]):
        common = common_mean(y[:, j], v[:, j])
        rest, variances = np.asarray(common.rest), np.asarray(common.variances)
        small = weighted_mean(common, 0.07)
        large = weighted_mean(common._replace(rest=rest, variances=variances), 0.07)
        np.testing.assert_allclose(small.shares, large.shares, rtol=1e-13)
        # 64 terms that nearly cancel in the shift; the others are sums of positive terms
        assert small.shift == pytest.approx(large.shift, abs=1e-14)
        for got, want in zip(small[1:4] + small[5:], large[1:4] + large[5:], strict=True):
            assert got == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("ratio", [1e12, 1e16, 1e20, 1e100, 1e300])
def test_one_enormous_ratio_of_variances_is_answered_alike_by_one_and_by_many(ratio: float) -> None:
    """The others' τ² where one study knows nothing; where one knows everything, the spread of the others around it."""
    y = np.array([0.1, 0.5, 0.3])
    for v in (np.array([0.01, 0.02, 0.02 * ratio]), np.array([0.01, 0.02, 0.02 / ratio])):
        fit = hf.pool(hf.estimates(y, v))
        many = hf.pool_many(y, v, np.zeros(3, dtype=int))
        assert fit.tau2 == pytest.approx(float(many.tau2[0]), rel=1e-9)
        if v[2] > 1:
            alone = hf.pool(hf.estimates(y[:2], v[:2]))
            assert [fit.tau2, fit.estimate] == pytest.approx([alone.tau2, alone.estimate], rel=1e-9)
        else:
            exact = hf.pool(hf.estimates(y, [0.01, 0.02, 0.0002 / 1e9]))  # nearer 0 changes the eighth digit at most
            assert [fit.tau2, fit.estimate, fit.se] == pytest.approx([exact.tau2, exact.estimate, exact.se], rel=1e-8)


def test_pieces_are_the_traces_they_are_called() -> None:
    """Against the matrices, for a mean and for a design."""
    generator = np.random.default_rng(3)
    y, v = generator.normal(size=7), generator.lognormal(size=7)
    for design in (np.ones((7, 1)), np.column_stack([np.ones(7), generator.normal(size=(7, 2))])):
        problem = one_problem(y, v, design)
        for tau2 in (0.0, 0.3):
            w = np.diag(1 / (v + tau2))
            p = w - w @ design @ np.linalg.inv(design.T @ w @ design) @ design.T @ w
            want = [y @ p @ p @ y, np.trace(p), y @ p @ p @ p @ y, np.trace(p @ p)]
            got = pieces(problem, np.array([tau2]), True)
            np.testing.assert_allclose([got.a[0], got.b[0], got.c[0], got.d[0]], want, rtol=1e-10)
            plain = pieces(problem, np.array([tau2]), False)
            np.testing.assert_allclose([plain.b[0], plain.d[0]], [np.trace(w), np.trace(w @ w)], rtol=1e-13)


def test_blocks_do_not_change_the_pieces() -> None:
    y, v = _random_sets(5000, 5, 1.0)
    design = np.column_stack([np.ones(5), np.arange(5.0)])
    for basis in (None, orthonormal(design)):
        whole = pieces(Problems(y, v, basis), np.full(5000, 0.1), True)
        some = np.arange(4990, 5000)
        part = pieces(Problems(y, v, basis).take(some), np.full(10, 0.1), True)
        for name in ("a", "b", "c", "d"):
            np.testing.assert_allclose(getattr(whole, name)[some], getattr(part, name), rtol=1e-14)


def test_thorough_search_counts_tops() -> None:
    y, v = np.array([0.1, 0.4, 0.9, 0.3]), np.full(4, 0.05)
    tau2, tops = _thorough(one_problem(y, v), np.array([0.5]), True)
    assert tops == 1
    assert tau2 == pytest.approx(float(y.var(ddof=1)) - 0.05, rel=1e-10)


def test_centring_keeps_the_digits_of_a_far_origin() -> None:
    y, v = [0.1, 0.9, 0.4, -0.2], [0.04, 0.05, 0.03, 0.1]
    here, far = (highest(one_problem(np.array(y) + shift, np.array(v)), True).tau2[0] for shift in (0.0, 1e6))
    assert far == pytest.approx(here, rel=1e-8)
    assert sum(centred_list(y, v)[0][i] / v[i] for i in range(4)) == pytest.approx(0.0, abs=1e-14)
