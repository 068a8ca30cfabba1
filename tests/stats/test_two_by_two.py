"""hf.two_groups and TwoGroups: contrasts of two proportions by enumeration, by symmetry and at the edges."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize, special

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.two_groups.two_by_two import DIFFERENCES, ODDS_RATIOS, RATIOS
from handful.stats.two_groups.two_tests import TESTS

Array = npt.NDArray[np.float64]
CONTRASTS = [
    *(("risk_difference", m) for m in DIFFERENCES),
    *(("risk_ratio", m) for m in RATIOS),
    *(("odds_ratio", m) for m in ODDS_RATIOS),
]
#: methods that move the estimate, so that their limits need not surround it
SHIFTED = {"agresti-caffo", "price-bonett", "gart", "scas", "gart-nam", "miettinen-nurminen-unbiased"}


def every_table(n1: int, n2: int) -> tuple[Array, Array]:
    a, b = np.indices((n1 + 1, n2 + 1)).reshape(2, -1)
    return a.astype(float), b.astype(float)


def limits(contrast: str, method: str, x1: Any, n1: Any, x2: Any, n2: Any, **options: Any) -> tuple[Any, Any]:
    got = getattr(hf.two_groups(x1, n1, x2, n2), contrast)(method=method, **options)
    assert isinstance(got, hf.Interval)
    return got.low, got.high


@cache
def all_limits(contrast: str, method: str, n1: int, n2: int) -> tuple[Array, Array]:
    """The limits of every table of two groups: several tests look at the same ones."""
    a, b = every_table(n1, n2)
    low, high = limits(contrast, method, a, n1, b, n2)
    return low, high


# --- against brute force ----------------------------------------------------------------------------------------------


def score_by_brute_force(x1: int, n1: int, x2: int, n2: int, d: float, total: bool) -> float:
    """The score statistic of a difference with the restricted estimates found by a general optimiser, not by our
    equations."""

    def minus_log_likelihood(p2: float) -> float:
        p1 = p2 + d
        return -float(
            special.xlogy(x1, p1)
            + special.xlog1py(n1 - x1, -p1)
            + special.xlogy(x2, p2)
            + special.xlog1py(n2 - x2, -p2)
        )

    low, high = max(0.0, -d), min(1.0, 1 - d)
    found = optimize.minimize_scalar(
        minus_log_likelihood, bounds=(low + 1e-12, high - 1e-12), method="bounded", options={"xatol": 1e-13}
    )
    q2, q1 = found.x, found.x + d
    v = q1 * (1 - q1) / n1 + q2 * (1 - q2) / n2
    factor = (n1 + n2) / (n1 + n2 - 1) if total else 1.0
    return float((x1 / n1 - x2 / n2 - d) / math.sqrt(v * factor))


@pytest.mark.parametrize(
    "table", [(7, 30, 1, 30), (20, 101, 10, 105), (1, 4, 3, 5), (1, 4, 0, 4), (5, 56, 0, 29), (10, 10, 0, 10)]
)
def test_score_limits_of_a_difference_solve_their_equation(table: tuple[int, int, int, int]) -> None:
    """z at the limits is +-1.959964, with the restricted maximum found independently (its own error is about 1e-7)."""
    for method, total in (("miettinen-nurminen", True), ("mee", False)):
        low, high = limits("risk_difference", method, *table)
        if low > -1:
            assert score_by_brute_force(*table, low, total) == pytest.approx(1.959964, abs=2e-5)
        if high < 1 - 1e-9:
            assert score_by_brute_force(*table, high, total) == pytest.approx(-1.959964, abs=2e-5)


@pytest.mark.parametrize(
    ("table", "want"),
    [
        ((7, 30, 1, 30), (0.03200, 0.38401)),
        ((20, 101, 10, 105), (0.00641, 0.20292)),
        ((1, 4, 3, 5), (-0.77810, 0.31264)),
        ((0, 4, 0, 4), (-0.52325, 0.52325)),
    ],
)
def test_score_limits_where_another_program_fails(table: tuple[int, int, int, int], want: tuple[float, float]) -> None:
    """Five decimals by constrained maximisation; statsmodels 0.15 gives 0.03238 to 0.38180, an upper 0.2009, and an
    exception."""
    assert limits("risk_difference", "miettinen-nurminen", *table) == pytest.approx(want, abs=6e-6)


def test_double_zero_limits_have_a_closed_form() -> None:
    """0 of m against 0 of n: the upper limit of p1 - p2 is c/(m + c), c = z^2 N/(N - 1)."""
    for m, n in ((4, 4), (3, 7), (1, 1), (30, 2)):
        c = special.ndtri(0.975) ** 2 * (m + n) / (m + n - 1)
        assert limits("risk_difference", "miettinen-nurminen", 0, m, 0, n) == pytest.approx(
            (-c / (n + c), c / (m + c)), rel=1e-13
        )


def test_published_uncertainty_of_one_in_four_against_none_in_four() -> None:
    groups = hf.two_groups(1, 4, 0, 4)
    got = groups.risk_difference()
    assert isinstance(got, hf.Interval)
    assert (got.estimate, got.low, got.high) == pytest.approx((0.25, -0.3546, 0.7203), abs=6e-5)
    assert groups.p_value(test="fisher") == 1.0


# --- what the intervals promise ---------------------------------------------------------------------------------------


def pair_coverage(n1: int, n2: int, low: Array, high: Array, p1: Array, p2: Array, truth: Array) -> Array:
    """Probability that the interval holds the truth at each (p1, p2)."""
    a, b = every_table(n1, n2)
    first = special.binom(n1, a) * p1[:, None] ** a * (1 - p1[:, None]) ** (n1 - a)
    second = special.binom(n2, b) * p2[:, None] ** b * (1 - p2[:, None]) ** (n2 - b)
    holds = (low <= truth[:, None] + 1e-12) & (high >= truth[:, None] - 1e-12)
    chance: Array = (first * second * holds).sum(axis=1)
    return chance


@pytest.mark.parametrize("sizes", [(1, 1), (2, 6), (4, 4), (3, 7)])
@pytest.mark.parametrize("method", ["exact-unconditional", "exact-boschloo"])
def test_exact_unconditional_limits_never_cover_less_than_their_level(sizes: tuple[int, int], method: str) -> None:
    """Over a grid of both proportions, and just beside every limit, for the difference and the ratio."""
    n1, n2 = sizes
    steps = np.linspace(0.002, 0.998, 80)
    for contrast in ("risk_difference", "risk_ratio"):
        low, high = all_limits(contrast, method, n1, n2)
        ends = np.concatenate([low, high])
        ends = ends[np.isfinite(ends) & (ends != 0) & (np.abs(ends) != 1)]
        beside = np.unique(np.concatenate([ends * (1 + 1e-9), ends * (1 - 1e-9)]))
        truth, p2 = (v.reshape(-1) for v in np.meshgrid(np.concatenate([beside, [0.0, 0.3, 1.0]]), steps))
        p1 = truth + p2 if contrast == "risk_difference" else truth * p2
        real = (p1 > 0) & (p1 < 1)
        covered = pair_coverage(n1, n2, low, high, p1[real], p2[real], truth[real])
        assert covered.min() >= 0.95 - 1e-9, contrast


def test_exact_conditional_odds_ratio_never_covers_less_than_its_level() -> None:
    """Given the margins, and so without them: for odds ratios beside every limit and baselines over a grid."""
    n1, n2 = 4, 5
    a, b = every_table(n1, n2)
    low, high = limits("odds_ratio", "conditional-exact", a, n1, b, n2)
    ends = np.concatenate([low, high])
    ends = ends[np.isfinite(ends) & (ends > 0)]
    psi, p2 = (
        v.reshape(-1)
        for v in np.meshgrid(np.concatenate([ends * (1 + 1e-9), ends * (1 - 1e-9)]), np.linspace(0.01, 0.99, 40))
    )
    odds = psi * p2 / (1 - p2)
    covered = pair_coverage(n1, n2, low, high, odds / (1 + odds), p2, psi)
    assert covered.min() >= 0.95 - 1e-9


@pytest.mark.parametrize(
    ("n", "method", "mean", "infimum"),
    [
        (4, "miettinen-nurminen", 0.975, 0.844),
        (4, "newcombe", 0.953, 0.830),
        (4, "agresti-caffo", 0.968, 0.867),
        (10, "miettinen-nurminen", 0.960, 0.840),
        (10, "newcombe", 0.954, 0.835),
    ],
)
def test_coverage_of_difference_intervals_is_what_the_methods_page_prints(
    n: int, method: str, mean: float, infimum: float
) -> None:
    """Mean over both proportions on a midpoint grid; the infimum lies at p1 near 0, p2 near 1 and is looked for
    there."""
    a, b = every_table(n, n)
    low, high = limits("risk_difference", method, a, n, b, n)
    steps = (np.arange(150) + 0.5) / 150
    p1, p2 = (v.reshape(-1) for v in np.meshgrid(steps, steps))
    assert pair_coverage(n, n, low, high, p1, p2, p1 - p2).mean() == pytest.approx(mean, abs=2e-3)
    # along p1 = 0: one proportion against certainty; every limit from both sides
    ends = np.concatenate([low, high])
    ends = ends[(ends > -1) & (ends < 0)]
    truth = np.concatenate([ends + 1e-9, ends - 1e-9])
    corner = np.full(truth.size, 1e-9)
    least = pair_coverage(n, n, low, high, corner, corner - truth, truth).min()
    assert least == pytest.approx(infimum, abs=2e-3)


@pytest.mark.parametrize(("contrast", "method"), CONTRASTS)
@pytest.mark.parametrize("sizes", [(4, 4), (3, 7)])
def test_limits_are_ordered_in_range_and_rise_with_the_first_count(
    contrast: str, method: str, sizes: tuple[int, int]
) -> None:
    n1, n2 = sizes
    a, b = every_table(n1, n2)
    # the estimate does not depend on the method, but for the odds ratio's
    quick = "newcombe" if contrast == "risk_difference" else "katz" if contrast == "risk_ratio" else method
    estimate = np.asarray(getattr(hf.two_groups(a, n1, b, n2), contrast)(method=quick).estimate)
    low, high, estimate = (v.reshape(n1 + 1, n2 + 1) for v in (*all_limits(contrast, method, n1, n2), estimate))
    assert not np.isnan(low).any()
    assert not np.isnan(high).any()
    assert not np.isnan(estimate).any()
    floor = -1.0 if contrast == "risk_difference" else 0.0
    ceiling = 1.0 if contrast == "risk_difference" else np.inf
    assert np.all((low >= floor) & (high <= ceiling) & (low <= high))
    if method not in SHIFTED:
        # the conditional estimate lies within the limits of its own kind; 1e-9 for the roots
        assert np.all((low <= estimate + 1e-9) & (estimate <= high + 1e-9))
    if method in (
        "miettinen-nurminen",
        "mee",
        "koopman",
        "conditional-exact",
        "mid-p",
        "exact-unconditional",
        "exact-boschloo",
        "cornfield",
    ):
        with np.errstate(invalid="ignore"):
            for limit in (low, high):
                rising, falling = np.diff(limit, axis=0), np.diff(limit, axis=1)
                assert np.all((rising >= -1e-9) | np.isnan(rising)), "in x1"
                assert np.all((falling <= 1e-9) | np.isnan(falling)), "in x2"


# --- p-values and intervals belong together ---------------------------------------------------------------------------

PAIRS = [
    ("risk_difference", "miettinen-nurminen", "score"),
    ("risk_difference", "mee", "chi-squared"),
    ("risk_ratio", "koopman", "chi-squared"),
    ("risk_ratio", "miettinen-nurminen", "score"),
    ("odds_ratio", "miettinen-nurminen", "score"),
    ("odds_ratio", "cornfield", "chi-squared"),
    ("odds_ratio", "conditional-exact", "fisher-central"),
    ("odds_ratio", "mid-p", "fisher-central-mid-p"),
    ("risk_difference", "exact-boschloo", "boschloo-central"),
    ("risk_ratio", "exact-boschloo", "boschloo-central"),
]


@pytest.mark.parametrize(("contrast", "method", "test"), PAIRS)
def test_p_value_and_interval_never_contradict_each_other(contrast: str, method: str, test: str) -> None:
    for n1, n2 in ((4, 4), (3, 7)) if method.startswith("exact-") else ((6, 6), (4, 9)):
        a, b = every_table(n1, n2)
        low, high = all_limits(contrast, method, n1, n2)
        p = hf.two_groups(a, n1, b, n2).p_value(test=test)
        none = 0.0 if contrast == "risk_difference" else 1.0
        clear = np.abs(p - 0.05) > 1e-9
        outside = (low > none) | (high < none)
        assert np.array_equal(outside[clear], (p < 0.05)[clear])


# --- symmetry ---------------------------------------------------------------------------------------------------------


def some_tables(how_many: int, largest: int) -> tuple[Array, Array, Array, Array]:
    """Tables with groups of 1 to ``largest``, their counts uniform, so that empty and full groups are common."""
    rng = np.random.default_rng(20)
    n1, n2 = rng.integers(1, largest + 1, (2, how_many))
    x1, x2 = rng.integers(0, n1 + 1), rng.integers(0, n2 + 1)
    return x1.astype(float), n1.astype(float), x2.astype(float), n2.astype(float)


def turned_round(contrast: str, low: Array, high: Array) -> tuple[Array, Array]:
    """The limits of the negative difference, or of the inverse ratio."""
    if contrast == "risk_difference":
        return -high, -low
    with np.errstate(divide="ignore"):
        return 1 / high, 1 / low


CLOSED_OR_SCORE = [(c, m) for c, m in CONTRASTS if not m.startswith("exact-")]


@pytest.mark.parametrize(("contrast", "method"), CLOSED_OR_SCORE)
def test_swapping_groups_turns_every_interval_round(contrast: str, method: str) -> None:
    x1, n1, x2, n2 = some_tables(200, 40)
    one, other = limits(contrast, method, x1, n1, x2, n2), limits(contrast, method, x2, n2, x1, n1)
    for mine, theirs in zip(one, turned_round(contrast, *other), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-8, abs=1e-10)


# a ratio of risks has no such symmetry, nor have limits recovered from those of the odds
@pytest.mark.parametrize(
    ("contrast", "method"), [(c, m) for c, m in CLOSED_OR_SCORE if c != "risk_ratio" and not m.startswith("mover-r")]
)
def test_counting_non_events_instead_turns_difference_and_odds_ratio_round(contrast: str, method: str) -> None:
    x1, n1, x2, n2 = some_tables(200, 40)
    one, other = limits(contrast, method, x1, n1, x2, n2), limits(contrast, method, n1 - x1, n1, n2 - x2, n2)
    for mine, theirs in zip(one, turned_round(contrast, *other), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("test", TESTS)
def test_two_sided_p_values_do_not_depend_on_what_is_called_first_or_event(test: str) -> None:
    x1, n1, x2, n2 = some_tables(40, 40)
    p = hf.two_groups(x1, n1, x2, n2).p_value(test=test)
    assert np.all((p >= 0) & (p <= 1))
    assert p == pytest.approx(hf.two_groups(x2, n2, x1, n1).p_value(test=test), rel=1e-9)
    assert p == pytest.approx(hf.two_groups(n1 - x1, n1, n2 - x2, n2).p_value(test=test), rel=1e-9)
    greater = hf.two_groups(x1, n1, x2, n2).p_value(test=test, alternative="greater")
    assert greater == pytest.approx(hf.two_groups(x2, n2, x1, n1).p_value(test=test, alternative="less"), rel=1e-9)


@pytest.mark.parametrize(
    ("contrast", "method"),
    # corrected for skewness or bias, limits need not widen with the level
    [(c, m) for c, m in CLOSED_OR_SCORE if m not in ("scas", "gart-nam", "miettinen-nurminen-unbiased")],
)
def test_more_confidence_is_wider_and_one_sided_bounds_are_nested(contrast: str, method: str) -> None:
    tables = some_tables(100, 40)
    for level in (0.5, 0.8, 0.9, 0.99):
        low, high = limits(contrast, method, *tables, level=level)
        wide = limits(contrast, method, *tables, level=(1 + level) / 2)
        assert np.all(wide[0] <= low + 1e-9)
        assert np.all(wide[1] >= high * (1 - 1e-12) - 1e-9)
        upper = limits(contrast, method, *tables, level=(1 + level) / 2, side="upper")
        assert upper[1] == pytest.approx(high, rel=1e-9)


# --- edges ------------------------------------------------------------------------------------------------------------

ZOO = [
    (1, 4, 0, 4),
    (0, 4, 0, 4),
    (4, 4, 4, 4),
    (4, 4, 0, 4),
    (0, 1, 0, 1),
    (1, 1, 0, 1),
    (1, 1, 1, 1),
    (0, 10_000, 0, 3),
    (0, 10_000, 1, 10_000),
    (10_000, 10_000, 9_999, 10_000),
    (1, 1_000_000, 0, 1_000_000),
    (3, 3, 0, 500),
]


@pytest.mark.parametrize(
    ("contrast", "method", "table"),
    # the unconditional limits list all (n1 + 1)(n2 + 1) tables
    [(c, m, t) for c, m in CONTRASTS for t in ZOO if not m.startswith("exact-") or t[1] * t[3] < 50_000],
)
def test_sparse_tables_give_numbers_in_range(contrast: str, method: str, table: tuple[int, int, int, int]) -> None:
    low, high = limits(contrast, method, *table)
    assert type(low) is float
    assert type(high) is float
    assert low <= high
    assert (-1 if contrast == "risk_difference" else 0) <= low
    assert high <= (1 if contrast == "risk_difference" else math.inf)


@pytest.mark.parametrize("table", [*(t for t in ZOO if max(t) <= 500), (0, 1500, 0, 3)])
def test_sparse_tables_have_p_values(table: tuple[int, int, int, int]) -> None:
    for test, alternative in itertools.product(TESTS, ("two-sided", "greater", "less")):
        p = hf.two_groups(*table).p_value(test=test, alternative=alternative)
        assert type(p) is float
        assert 0 <= p <= 1
        if table[0] + table[2] in (0, table[1] + table[3]) and test != "fisher-mid-p" and alternative == "two-sided":
            assert p == 1.0


def test_no_events_at_all_say_nothing_about_ratios() -> None:
    for contrast in ("risk_ratio", "odds_ratio"):
        got = getattr(hf.two_groups(0, 4, 0, 5), contrast)()
        assert (got.low, got.high) == (0.0, math.inf)
        assert [n.code for n in got.notes] == ["no-information-on-a-ratio"]
        assert "no information" in got.notes[0].text
    everyone = hf.two_groups(4, 4, 5, 5)
    assert everyone.odds_ratio().notes[0].code == "no-information-on-a-ratio"  # type: ignore[union-attr]
    assert everyone.risk_ratio().estimate == 1.0  # type: ignore[union-attr]
    assert everyone.risk_ratio().notes == ()


def test_no_tables_give_no_numbers() -> None:
    groups = hf.two_groups([], [], [], [])
    for contrast, method in CONTRASTS:
        assert np.size(getattr(groups, contrast)(method=method).low) == 0
    for test in TESTS:
        assert np.size(groups.p_value(test=test)) == 0
    assert np.size(groups.probability_greater()) == 0
    assert np.size(groups.posterior_difference().quantile(0.5)) == 0


def test_a_group_of_nobody() -> None:
    groups = hf.two_groups(0, 0, 1, 4)
    for result in (groups.risk_difference(), groups.risk_ratio(), groups.odds_ratio(), groups.p_value()):
        assert isinstance(result, hf.NotEstimable)
    many = hf.two_groups([0, 1], [0, 4], [1, 0], [4, 4])
    got = many.risk_difference()
    assert isinstance(got, hf.Interval)
    assert (got.low[0], got.high[0], got.estimate[0]) == (-1.0, 1.0, 0.0)  # type: ignore[index]
    assert got.notes[-1].about == "position 0"
    assert many.odds_ratio().high[0] == math.inf  # type: ignore[union-attr,index]
    assert list(many.p_value(test="score")) == [1.0, pytest.approx(0.3173, abs=5e-5)]


def test_arrays_broadcast_and_agree_with_their_elements() -> None:
    rng = np.random.default_rng(3)
    n1, n2 = rng.integers(1, 20, (2, 15))
    x1, x2 = rng.integers(0, n1 + 1), rng.integers(0, n2 + 1)
    many = hf.two_groups(x1, n1, x2, n2)
    for contrast, method in CONTRASTS:
        got = getattr(many, contrast)(method=method)
        for i in range(0, 15, 7):
            one = getattr(hf.two_groups(int(x1[i]), int(n1[i]), int(x2[i]), int(n2[i])), contrast)(method=method)
            assert (got.low[i], got.high[i], got.estimate[i]) == pytest.approx(
                (one.low, one.high, one.estimate), rel=1e-11
            )
    for test in TESTS:
        p = many.p_value(test=test)
        assert p.shape == (15,)
        i = 11
        assert p[i] == pytest.approx(hf.two_groups(x1[i], n1[i], x2[i], n2[i]).p_value(test=test), rel=1e-11)
    wide = hf.two_groups([[0], [1], [2]], 4, [[0, 1]], 4).risk_difference()
    assert wide.low.shape == (3, 2)  # type: ignore[union-attr]


def test_more_tables_than_can_be_listed_are_refused_with_a_way_out() -> None:
    groups = hf.two_groups(10, 20_000, 3, 20_000)
    for ask in (groups.p_value, lambda: groups.risk_difference(method="exact-unconditional")):
        with pytest.raises(InputError, match=r"fisher-mid-p.*score"):
            ask()
    assert groups.p_value(test="fisher-mid-p") == pytest.approx(groups.p_value(test="score"), rel=0.1)


def test_groups_of_some_hundreds_and_very_unequal_ones_are_quick_enough() -> None:
    """Boschloo is never above Fisher (it is built from it), and close to it in large groups."""
    for table in ((180, 300, 150, 310), (0, 10_000, 1, 3), (3, 3, 0, 500)):
        groups = hf.two_groups(*table)
        boschloo, fisher = groups.p_value(), groups.p_value(test="fisher")
        assert 0 < boschloo <= fisher
    assert groups.p_value(test="barnard") <= 1


def test_bad_input_names_every_bad_position() -> None:
    with pytest.raises(InputError) as caught:
        hf.two_groups([5, 1, 1], 4, [0, -1, 0.5], 4)
    text = str(caught.value)
    for words in ("position 0: x1 = 5 of n1 = 4", "position 1: x2 = -1", "position 2: x2 = 0.5"):
        assert words in text
    with pytest.raises(UnknownChoice, match="miettinen-nurminen"):
        hf.two_groups(1, 4, 0, 4).risk_difference(method="mietinen-nurminen")
    with pytest.raises(UnknownChoice, match="boschloo"):
        hf.two_groups(1, 4, 0, 4).p_value(test="boshloo")
    with pytest.raises(UnknownChoice, match="greater"):
        hf.two_groups(1, 4, 0, 4).p_value(alternative="bigger")


def test_the_published_mover_r_odds_ratio_does_not_narrow_and_says_so() -> None:
    """500 of 1000 against 500 of 1000: Woolf 0.839 to 1.192; the published mixture 0.42 to 2.4."""
    groups = hf.two_groups(500, 1000, 500, 1000)
    mixed, right = groups.odds_ratio(method="mover-r-wilson"), groups.odds_ratio(method="mover-r-wilson-odds")
    woolf = groups.odds_ratio(method="woolf")
    assert mixed.high > 2  # type: ignore[union-attr,operator]
    assert mixed.notes[0].code == "mover-r-mixed"
    assert right.high == pytest.approx(woolf.high, rel=0.01)  # type: ignore[union-attr]
