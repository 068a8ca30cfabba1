"""Boschloo, Barnard and Fisher by enumeration: suprema, ties, size and power."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special

import handful as hf
from handful.stats.two_groups.exact_tests import all_tables_p, extremeness

Array = npt.NDArray[np.float64]
ORDERS = ("boschloo", "barnard", "barnard-unpooled")
SIDES = ("two-sided", "greater", "less")


def exact_key(n1: int, n2: int, order: str, side: str) -> list[list[Any]]:
    """How extreme each table is, in exact fractions (smaller is more extreme); no floating point, so ties are ties."""

    def fisher(a: int, b: int) -> Fraction:
        s = a + b
        ways = {u: comb(n1, u) * comb(n2, s - u) for u in range(max(0, s - n2), min(n1, s) + 1)}
        if side == "greater":
            held = sum(w for u, w in ways.items() if u >= a)
        elif side == "less":
            held = sum(w for u, w in ways.items() if u <= a)
        else:
            held = sum(w for w in ways.values() if w <= ways[a])
        return Fraction(held, sum(ways.values()))

    def square(a: int, b: int) -> Fraction:
        difference = Fraction(a, n1) - Fraction(b, n2)
        if difference == 0:
            return Fraction(0)
        if order == "barnard":
            p = Fraction(a + b, n1 + n2)
            variance = p * (1 - p) * (Fraction(1, n1) + Fraction(1, n2))
        else:
            p, q = Fraction(a, n1), Fraction(b, n2)
            variance = p * (1 - p) / n1 + q * (1 - q) / n2
        z2 = Fraction(10**30) if variance == 0 else difference**2 / variance
        if side == "two-sided":
            return -z2
        towards = difference if side == "greater" else -difference
        return -z2 if towards > 0 else z2

    value = fisher if order == "boschloo" else square
    return [[value(a, b) for b in range(n2 + 1)] for a in range(n1 + 1)]


def dense_supremum(region: npt.NDArray[np.bool_], n1: int, n2: int, points: int = 20001) -> float:
    """The largest probability of a set of tables over a dense grid of the common proportion."""
    a, b = np.nonzero(region)
    weight = np.bincount(
        a + b, [float(comb(n1, int(i)) * comb(n2, int(j))) for i, j in zip(a, b, strict=True)], n1 + n2 + 1
    )
    p = np.sin(np.linspace(0, np.pi / 2, points)) ** 2
    s = np.flatnonzero(weight)[:, None]
    return float((weight[s] * np.exp(special.xlogy(s, p) + special.xlog1py(n1 + n2 - s, -p))).sum(axis=0).max())


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("sizes", [(1, 1), (4, 4), (3, 5), (7, 2), (6, 9)])
def test_every_p_value_is_the_supremum_over_exactly_tied_tables(order: str, side: str, sizes: tuple[int, int]) -> None:
    """The grid falls short of the supremum by less than 1e-7 (spacing squared); ours must not fall short of the
    grid."""
    n1, n2 = sizes
    p, key = all_tables_p(n1, n2, order=order, alternative=side), exact_key(n1, n2, order, side)
    flat = np.array([k for row in key for k in row], dtype=object).reshape(n1 + 1, n2 + 1)
    for a, b in itertools.product(range(n1 + 1), range(n2 + 1)):
        grid = dense_supremum(flat <= flat[a, b], n1, n2)
        assert -1e-12 <= p[a, b] - grid <= 1e-7, (a, b)


@pytest.mark.parametrize(
    ("table", "order", "want", "elsewhere"),
    [((6, 9, 24, 26), "barnard", 0.06194, 0.0524), ((9, 11, 8, 21), "barnard", 0.02436, 0.02225)],
)
def test_where_a_common_program_loses_tied_tables(
    table: tuple[int, int, int, int], order: str, want: float, elsewhere: float
) -> None:
    """scipy 1.17's barnard_exact prints the last figure; the exact ordering and a dense grid give the one before it."""
    x1, n1, x2, n2 = table
    flat = np.array([k for row in exact_key(n1, n2, order, "two-sided") for k in row], dtype=object).reshape(
        n1 + 1, n2 + 1
    )
    grid = dense_supremum(flat <= flat[x1, x2], n1, n2)
    got = hf.two_groups(*table).p_value(test=order)
    assert got == pytest.approx(want, abs=6e-6)
    assert got == pytest.approx(grid, abs=1e-8)
    assert abs(got - elsewhere) > 1e-3


def test_polished_maxima_are_exact_in_large_groups_too() -> None:
    """Random tables up to 100 each: never below a grid of 20,001 points, and above it by its own error only."""
    rng = np.random.default_rng(5)
    for _ in range(12):
        n1, n2 = (int(v) for v in rng.integers(20, 100, 2))
        a, b = int(rng.integers(0, n1 + 1)), int(rng.integers(0, n2 + 1))
        for side in ("two-sided", "greater"):
            key = extremeness(n1, n2, "barnard", side)
            grid = dense_supremum(key <= key[a, b], n1, n2)
            got = hf.two_groups(a, n1, b, n2).p_value(test="barnard", alternative=side)
            assert -1e-11 <= got - grid <= 1e-6


def test_a_table_asked_alone_gets_what_it_gets_among_all() -> None:
    every = all_tables_p(8, 11)
    for a, b in ((0, 0), (3, 8), (8, 0), (5, 5)):
        assert hf.two_groups(a, 8, b, 11).p_value() == pytest.approx(every[a, b], abs=1e-14)


def size_of(p: Array, n1: int, n2: int, alpha: float) -> float:
    return dense_supremum(p <= alpha, n1, n2, 2001)


@pytest.mark.parametrize(
    "test", ["boschloo", "boschloo-central", "barnard", "barnard-unpooled", "fisher", "fisher-central", "fisher-blaker"]
)
def test_size_never_exceeds_alpha(test: str) -> None:
    """All group sizes up to 8 and some unequal ones; three levels; both one-sided tests too."""
    sizes = [*itertools.product(range(1, 9), repeat=2), (15, 4), (3, 20), (12, 12)]
    for n1, n2 in sizes:
        a, b = np.indices((n1 + 1, n2 + 1))
        for side in SIDES:
            p = hf.two_groups(a, n1, b, n2).p_value(test=test, alternative=side)
            for alpha in (0.01, 0.05, 0.1):
                assert size_of(p, n1, n2, alpha) <= alpha + 1e-12, (n1, n2, side, alpha)


def test_fisher_mid_p_can_exceed_alpha() -> None:
    """Why it is not called exact: the largest size over groups up to 12 is above 5 %, though not by much."""
    sizes = []
    for n1, n2 in itertools.product(range(2, 13), repeat=2):
        a, b = np.indices((n1 + 1, n2 + 1))
        sizes.append(size_of(hf.two_groups(a, n1, b, n2).p_value(test="fisher-mid-p"), n1, n2, 0.05))
    assert 0.05 < max(sizes) < 0.08


@pytest.mark.parametrize("side", SIDES)
def test_boschloo_is_never_less_powerful_than_fisher(side: str) -> None:
    """p is never above Fisher's, so what Fisher rejects Boschloo rejects, at every level and whatever the truth."""
    gained = 0
    for n1, n2 in [*itertools.product(range(1, 16), repeat=2), (30, 30), (30, 7), (25, 28)]:
        a, b = np.indices((n1 + 1, n2 + 1))
        groups = hf.two_groups(a, n1, b, n2)
        boschloo, fisher = groups.p_value(alternative=side), groups.p_value(test="fisher", alternative=side)
        # p-values within 1e-11 of 1 count as 1 in the ordering
        assert np.all(boschloo <= fisher + 3e-11)
        gained += int(((boschloo <= 0.05) & (fisher > 0.05)).sum())
    assert gained > 200


@pytest.mark.parametrize("order", ORDERS)
def test_symmetries_of_all_tables(order: str) -> None:
    p = all_tables_p(6, 9, order=order)
    np.testing.assert_allclose(p, p[::-1, ::-1], rtol=1e-12)
    np.testing.assert_allclose(p, all_tables_p(9, 6, order=order).T, rtol=1e-12)
    greater, less = (all_tables_p(6, 9, order=order, alternative=side) for side in ("greater", "less"))
    np.testing.assert_allclose(greater, less[::-1, ::-1], rtol=1e-12)
    # more events in the first group are stronger evidence that it has the higher risk
    if order != "barnard-unpooled":
        assert np.all(np.diff(greater, axis=0) <= 1e-12)
        assert np.all(np.diff(greater, axis=1) >= -1e-12)


def test_fishers_p_value_in_exact_fractions() -> None:
    for n1, n2 in ((4, 4), (7, 5), (1, 6)):
        a, b = np.indices((n1 + 1, n2 + 1))
        for side in SIDES:
            got = hf.two_groups(a, n1, b, n2).p_value(test="fisher", alternative=side)
            want = np.array([[float(v) for v in row] for row in exact_key(n1, n2, "boschloo", side)])
            np.testing.assert_allclose(got, want, rtol=1e-12)


def test_empty_margins_have_p_one_for_every_order() -> None:
    for order, (n1, n2) in itertools.product(ORDERS, ((1, 1), (4, 4), (9, 2))):
        p = all_tables_p(n1, n2, order=order)
        assert p[0, 0] == pytest.approx(1.0, abs=1e-12)
        assert p[-1, -1] == pytest.approx(1.0, abs=1e-12)
