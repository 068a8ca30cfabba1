"""Permutation tests of a meta-regression, and the sign test of a pooled mean: every rearrangement is fitted in full.

Moderators: if they have nothing to do with the effects, any assignment of their rows to the studies is as likely as the
one observed (Higgins & Thompson 2004, 10.1002/sim.1752; Follmann & Proschan 1999, 10.1111/j.0006-341X.1999.00732.x).
Without moderators: under a mean of 0 each estimate is as likely with the other sign. τ² is estimated anew each time, so
a p value needs no normal approximation; it is the share of rearrangements with a statistic at least as large. All
rearrangements (``exact``) include the observed one; of n random ones the observed one is counted as one more.

Rearrangements are columns of ``ragged_kernels.Problems``; nothing is fitted in a loop.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.estimates import fast_engine, tops
from handful.stats.estimates.ragged_kernels import Problems, centred, pieces, pooled, q_statistic

FloatArray: TypeAlias = npt.NDArray[np.float64]

_COLUMNS = 8192
#: ties: a statistic this much smaller, relatively, still counts as equal
_TIE = 1e-9
MOST_EXACT = 400_000


@dataclass(frozen=True)
class PermutationTest:
    """``p`` for each coefficient by name and ``qm_p`` for all moderators together; ``rearrangements`` were fitted."""

    p: dict[str, float]
    qm_p: float
    rearrangements: int
    exact: bool
    seed: int | None
    kind: str

    def __str__(self) -> str:
        how = "all" if self.exact else f"{self.rearrangements} random (seed {self.seed})"
        rows = [f"{name}: p = {value:.4g}" for name, value in self.p.items()]
        count = f" {self.rearrangements}" if self.exact else ""
        return "\n".join([f"{how}{count} {self.kind}; together p = {self.qm_p:.4g}", *rows])


def rearrangements(k: int, n: int | str, seed: int | None, *, signs: bool) -> tuple[Iterator[FloatArray], int, bool]:
    """Blocks of shape (k, ·) of row numbers, or of ±1; how many in all, and whether they are all there are."""
    every = 2**k if signs else math.factorial(k)
    if n == "exact":
        if every > MOST_EXACT:
            what = "signs" if signs else "orders"
            raise InputError(
                f"{k} studies have {every:.3g} {what}, too many to list", hint="give a number of random ones and a seed"
            )
        return _all(k, signs), every, True
    if isinstance(n, str) or n < 1 or n != int(n):
        raise InputError(f"n={n!r} is neither a number of rearrangements nor 'exact'")
    if seed is None:
        raise InputError("random rearrangements need a seed", hint="seed=1, so that the p value can be had again")
    return _random(k, int(n), seed, signs), int(n), False


def _all(k: int, signs: bool) -> Iterator[FloatArray]:
    source = itertools.product((1.0, -1.0), repeat=k) if signs else itertools.permutations(range(k))
    while block := list(itertools.islice(source, _COLUMNS)):
        yield np.array(block, dtype=np.float64).T


def _random(k: int, n: int, seed: int, signs: bool) -> Iterator[FloatArray]:
    generator = np.random.default_rng(seed)
    for at in range(0, n, _COLUMNS):
        many = min(_COLUMNS, n - at)
        if signs:
            yield np.asarray(2.0 * generator.integers(0, 2, (k, many)) - 1.0, dtype=np.float64)
        else:
            yield np.asarray(np.argsort(generator.random((k, many)), axis=0), dtype=np.float64)


def tau2_many(problems: Problems, method: str, y: FloatArray) -> FloatArray:
    """τ² of each column by the named method ("" means a common effect); ``y`` as it was before centring."""
    k, p = problems.k, problems.p
    n = problems.n
    if method == "":
        return np.zeros(n)
    if method in ("REML", "ML"):
        return tops.highest(problems, method == "REML").tau2
    if method in ("PM", "EB"):
        return tops.solve_q(problems, float(k - p))[0]
    if method == "HE":
        rest, taken = problems.y, np.zeros((k, 1))
        for q in problems.basis or (np.full((k, 1), 1.0 / math.sqrt(k)),):
            rest = rest - q * np.add.reduce(q * rest, 0)
            taken = taken + q * q
        expected = np.add.reduce(problems.v * (1.0 - taken), 0)
        return np.asarray(np.maximum((np.add.reduce(rest * rest, 0) - expected) / (k - p), 0.0))
    if method == "SJ":
        around = y - np.add.reduce(y, 0) / k
        start = np.broadcast_to(np.add.reduce(around * around, 0) / k, n)
        return np.where(start > 0, start * q_statistic(problems, start)[0] / (k - p), 0.0)
    zero = np.zeros(n)
    q = q_statistic(problems, zero)[0]
    if method == "DL":
        return np.asarray(np.maximum((q - (k - p)) / pieces(problems, zero, True).b, 0.0))
    return np.asarray(np.maximum((q - k) / np.add.reduce(1.0 / problems.v, 0), 0.0))


def sign_statistics(
    y: FloatArray, v: FloatArray, signs: FloatArray, method: str, factor: str, kernels: Any = None
) -> FloatArray:
    """|mean/se| for each column of signs; by compiled kernels where they are given."""
    if kernels is not None:
        found, sure = fast_engine.sign_each(kernels, y, v, signs, method, factor)
        if not sure.all():
            found[~sure] = sign_statistics(y, v, signs[:, ~sure], method, factor)
        return found
    flipped = signs * y[:, None]
    variances = v[:, None]
    middle = np.add.reduce(flipped / variances, 0) / np.add.reduce(1.0 / variances, 0)
    problems = Problems(centred(flipped, variances), variances)
    mean, total, q = pooled(problems, tau2_many(problems, method, flipped))
    return np.asarray(np.abs(mean + middle) / np.sqrt(_scaled(1.0 / total, q / (len(y) - 1), factor)))


def _scaled(variance: FloatArray, scale: FloatArray, factor: str) -> FloatArray:
    if factor == "knapp-hartung":
        return variance * scale
    return variance * np.maximum(scale, 1.0) if factor == "knapp-hartung-safe" else variance


def order_statistics(
    y: FloatArray,
    v: FloatArray,
    design: FloatArray,
    tested: tuple[int, ...],
    orders: FloatArray,
    method: str,
    test: str,
) -> tuple[FloatArray, FloatArray]:
    """|statistic| of each coefficient, shape (p, n), and QM, with the rows of the design in each of these orders."""
    k, p = design.shape
    at = orders.astype(np.intp)
    n = at.shape[1]
    basis, triangle = np.linalg.qr(design)
    permuted = tuple(np.ascontiguousarray(basis[:, j][at]) for j in range(p))
    variances = v[:, None]
    column = y[:, None]
    outside = np.ones(k) - basis @ (basis.T @ np.ones(k))
    origin = float(y.mean()) if float(np.abs(outside).max()) < 1e-9 else 0.0  # a shift is harmless beside an intercept
    problems = Problems(column - origin, variances, permuted)
    tau2 = tau2_many(problems, method, column)
    w = 1.0 / (variances + tau2)
    gram, right = np.empty((n, p, p)), np.empty((n, p))
    for i, q in enumerate(permuted):
        wq = w * q
        right[:, i] = np.add.reduce(wq * column, 0)
        for j in range(i + 1):
            gram[:, i, j] = gram[:, j, i] = np.add.reduce(wq * permuted[j], 0)
    inverse = np.linalg.inv(gram)
    inside = np.einsum("nij,nj->ni", inverse, right)
    rest = column - np.einsum("ni,ikn->kn", inside, np.stack(permuted))
    scale = np.add.reduce(w * rest * rest, 0) / (k - p)
    back = np.linalg.inv(triangle)
    beta = inside @ back.T
    covariance = back @ inverse @ back.T
    factor = _scaled(np.ones(n), scale, test)
    se = np.sqrt(np.einsum("nii->ni", covariance) * factor[:, None])
    own = np.array(tested, dtype=np.intp)
    qm = np.zeros(n)
    if own.size:
        step = np.sqrt(np.einsum("nii->ni", covariance))[:, own]
        part = covariance[:, own][:, :, own] / (step[:, :, None] * step[:, None, :])
        scaled = beta[:, own] / step
        qm = np.einsum("ni,ni->n", scaled, np.linalg.solve(part, scaled[:, :, None])[:, :, 0]) / factor
    return np.abs(beta / se).T, qm


def permutation_test(
    y: FloatArray,
    v: FloatArray,
    design: FloatArray,
    names: tuple[str, ...],
    tested: tuple[int, ...],
    *,
    method: str,
    test: str,
    n: int | str = 1000,
    seed: int | None = None,
    engine: str = "auto",
) -> PermutationTest:
    """Rearrange and fit; with one column of ones the signs of the estimates, else the rows of the design.

    ``engine`` as in ``pool_many``, for the signs; with moderators it is always numpy.
    """
    k, p = design.shape
    signs = p == 1 and not tested
    blocks, count, exact = rearrangements(k, n, seed, signs=signs)
    kernels = fast_engine.compiled(engine, count * k) if signs else None
    as_observed = np.ones((k, 1)) if signs else np.arange(float(k))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):  # a perfect fit has an infinite statistic
        seen, seen_qm = _statistics(y, v, design, tested, as_observed, method, test, signs, kernels)
        larger, larger_qm = np.zeros(p), 0
        for block in blocks:
            found, qm = _statistics(y, v, design, tested, block, method, test, signs, kernels)
            larger += (found >= seen * (1.0 - _TIE)).sum(axis=1)
            larger_qm += int((qm >= seen_qm * (1.0 - _TIE)).sum())
    extra = 0 if exact else 1
    share = (larger + extra) / (count + extra)
    together = (larger_qm + extra) / (count + extra)
    p_values = {name: float(value) for name, value in zip(names, share, strict=True)}
    kind = "sign changes" if signs else "orders of the moderators"
    return PermutationTest(p_values, p_values[names[0]] if signs else together, count, exact, seed, kind)


def _statistics(
    y: FloatArray, v: FloatArray, design: FloatArray, tested: tuple[int, ...], block: FloatArray, method: str,
    test: str, signs: bool, kernels: Any,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    if signs:
        found = sign_statistics(y, v, block, method, test, kernels)
        return found[None, :], found
    return order_statistics(y, v, design, tested, block, method, test)
