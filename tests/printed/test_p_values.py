"""p-values against statistics and counts: R's tails, and what statcheck recomputes."""

from __future__ import annotations

import math
import random

import pytest

import handful as hf
from handful.base.errors import InputError
from handful.stats.converting.statistic_tails import p_of_statistic

# R 4: 2*pt(-2.2, 28), pf(4.5, 2, 67.21, lower = FALSE), pchisq(6.53, 1, lower = FALSE), 2*pnorm(-2.05), and the t of a
# correlation; 0.0046094 and 0.0528594 are the p-values that statcheck gives for the demonstration paper of metacheck
TAILS = [
    ("t", 2.2, (28.0,), 0.0362254847788378),
    ("t", 2.9, (97.7,), 0.00460939058690088),
    ("t", -1.96, (97.2,), 0.05285936397754),
    ("F", 4.5, (2.0, 67.21), 0.0146522420510817),
    ("chi2", 6.53, (1.0,), 0.0106069956985735),
    ("z", -2.05, (), 0.0403644308114088),
    ("r", 0.45, (22.0,), 0.027354084552174),
]


@pytest.mark.parametrize(("kind", "value", "df", "p"), TAILS)
def test_the_tails_are_those_of_r(kind: str, value: float, df: tuple[float, ...], p: float) -> None:
    assert math.isclose(p_of_statistic(kind, value, df), p, rel_tol=1e-12)  # two implementations of one function


def test_statcheck_calls_the_same_two_right_and_wrong() -> None:
    """The demonstration paper of metacheck: t(97.7) = 2.9, p = 0.005 agrees; t(97.2) = -1.96, p = 0.152 does not."""
    assert hf.p_value_fits("0.005", "t", "2.9", 97.7)
    wrong = hf.p_value_fits("0.152", "t", "-1.96", 97.2)
    assert not wrong
    assert wrong.low < 0.0528594 < wrong.high


# p by R: fisher.test, chisq.test(correct = FALSE), chisq.test, and the likelihood ratio
TABLES = [
    (7, 34, 1, 34, 0.0544001304950657, 0.0239258434806266, 0.0598452989566412, 0.0173261030908124),
    (12, 40, 5, 38, 0.100502487945387, 0.0717274707322356, 0.126886217566458, 0.0680724821450079),
    (15, 16, 3, 14, 8.94289697256632e-05, 5.48594757874055e-05, 0.000251833992671792, 1.83709854796327e-05),
    (30, 120, 45, 118, 0.0362386254604686, 0.0291872437963991, 0.0412096472652095, 0.0287962244064005),
]


@pytest.mark.parametrize("row", TABLES)
def test_the_tests_of_counts_are_those_of_r(row: tuple[float, ...]) -> None:
    x1, n1, x2, n2 = (int(v) for v in row[:4])
    tried = dict(hf.p_value_fits_counts("0.5", x1, n1, x2, n2).tried)
    for name, p in zip(("fisher", "chi-squared", "chi-squared-yates", "likelihood-ratio"), row[4:], strict=True):
        assert math.isclose(tried[name], p, rel_tol=1e-6), name  # R's fisher.test is good to about 1e-7


def test_any_usual_test_is_enough_and_is_named() -> None:
    assert [name for name, _ in hf.p_value_fits_counts("0.0239", 7, 34, 1, 34).by] == ["chi-squared"]
    assert [name for name, _ in hf.p_value_fits_counts("0.060", 7, 34, 1, 34).by] == ["chi-squared-yates"]
    found = hf.p_value_fits_counts("0.6", 7, 34, 1, 34)
    assert not found
    assert "χ² with Yates 0.0598" in str(found)


@pytest.mark.parametrize(
    ("p", "fits"),
    [("<0.05", True), ("<0.01", False), (">0.05", False), (">.01", True), ("ns", False), ("0.036", True),
     ("0.04", True), ("0.05", False), ("p = 0.0362", True), ("0.03", False)],
)  # fmt: skip
def test_signs_and_digits_of_a_printed_p(p: str, fits: bool) -> None:
    """t(28) = 2.200 has p = 0.0362."""
    assert hf.p_value_fits(p, "t", "2.200", 28).fits is fits


def test_a_verdict_that_changes_and_one_tail_are_told() -> None:
    found = hf.p_value_fits("0.04", "t", "1.80", 30)  # two-sided 0.082, one-sided 0.041
    assert not found
    assert found.if_one_sided
    assert found.changes_the_verdict
    assert hf.p_value_fits("0.04", "t", "1.80", 30, sides=1)
    assert hf.p_value_fits("0.036", "t", "1.80", 30).changes_the_verdict
    cut = hf.p_value_fits("0.08", "z", "1.700", ())  # 0.0891: rounded 0.09
    assert not cut
    assert cut.if_cut


def test_zeros_mean_very_small() -> None:
    assert hf.p_value_fits("0.000", "t", "9.1", 50)
    assert not hf.p_value_fits("0.000", "t", "2.1", 50)


def test_impossible_statistics_fit_nothing() -> None:
    assert "never negative" in str(hf.p_value_fits("0.5", "F", "-1.2", (1, 20)))
    assert "between −1 and 1" in str(hf.p_value_fits("0.5", "r", "1.2", 20))


def test_ten_thousand_honest_statistics_are_never_refused() -> None:
    draw = random.Random(4)
    for _ in range(10_000):
        kind = draw.choice(["t", "F", "chi2", "z", "r"])
        few, many = draw.randint(1, 8), draw.randint(2, 200)
        df: tuple[float, ...] = {"t": (many,), "F": (few, many), "chi2": (few,), "z": (), "r": (many,)}[kind]
        value = draw.uniform(-0.95, 0.95) if kind == "r" else draw.expovariate(0.5)
        value = -value if kind in ("t", "z") and draw.random() < 0.5 else value
        p = p_of_statistic(kind, value, df)
        shown = f"{value:.{draw.randint(1, 3)}f}"
        form = draw.choice(["=", "<", ">"])
        if form == "=":
            text = f"{p:.{draw.randint(1, 4)}f}"
        elif form == "<":
            text = "<" + next((b for b in ("0.001", "0.01", "0.05", "0.1") if p < float(b)), "1")
        else:
            text = ">" + next((b for b in ("0.2", "0.1", "0.05") if p > float(b)), "0")
        assert hf.p_value_fits(text, kind, shown, df), (kind, value, shown, df, p, text)


def test_a_thousand_honest_tables_are_never_refused() -> None:
    draw = random.Random(5)
    names = ["fisher", "chi-squared", "chi-squared-yates", "fisher-mid-p", "score"]
    for _ in range(1000):
        n1, n2 = draw.randint(2, 60), draw.randint(2, 60)
        x1, x2 = draw.randint(0, n1), draw.randint(0, n2)
        if not 0 < x1 + x2 < n1 + n2:
            continue
        p = float(hf.two_groups(x1, n1, x2, n2).p_value(test=draw.choice(names)))  # type: ignore[arg-type]
        assert hf.p_value_fits_counts(f"{p:.{draw.randint(2, 4)}f}", x1, n1, x2, n2), (x1, n1, x2, n2, p)


@pytest.mark.parametrize("p", ["maybe", "1.5", "0.05 %", ""])
def test_what_is_no_p_is_refused(p: str) -> None:
    with pytest.raises(InputError, match="p-value"):
        hf.p_value_fits(p, "z", "1.96")


def test_degrees_of_freedom_are_asked_for() -> None:
    with pytest.raises(InputError, match="df="):
        hf.p_value_fits("0.05", "t", "2.0")
    with pytest.raises(InputError, match="statistic="):
        hf.p_value_fits("0.05", "tt", "2.0", 3)
