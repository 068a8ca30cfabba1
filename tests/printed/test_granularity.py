"""Percentages and means of whole numbers: published worked examples, and every possible count enumerated."""

from __future__ import annotations

import random
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

import handful as hf
from handful.base.errors import InputError
from handful.printed.granularity import MOST_LISTED
from handful.printed.rounding import printed, rounded

HOWS = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "cut": ROUND_DOWN}


def decimal_text(exact: Fraction, decimals: int, how: str) -> str:
    """What Decimal prints: it rounds, not our code. 60 digits hold every tie of numbers this small."""
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return str(value.quantize(Decimal(1).scaleb(-decimals), rounding=HOWS[how]))


# a die thrown 20 times (the example of the encyclopedia's article on the test); 49 people on a scale of seven
# (The Economist, "Come again", 18 June 2016, on Brown and Heathers); 43 people (vignette "grim" of R's scrutiny)
@pytest.mark.parametrize(("mean", "n"), [("3.48", 20), ("5.93", 49), ("5.27", 43)])
def test_published_examples_of_grim_are_impossible(mean: str, n: int) -> None:
    found = hf.grim(mean, n)
    assert not found
    assert found.possible == ()
    assert found.telling


def test_grim_names_the_nearest_means_there_are() -> None:
    assert hf.grim("3.48", 20).nearest == ((69, "3.45"), (70, "3.50"))
    assert hf.grim("5.93", 49).nearest == ((290, "5.92"), (291, "5.94"))


@pytest.mark.parametrize("decimals", [1, 2])
def test_grim_says_yes_exactly_for_the_means_that_rounding_gives(decimals: int) -> None:
    for n in range(1, 25):
        means = {decimal_text(Fraction(t, n), decimals, h) for t in range(3 * n + 1) for h in ("half-up", "half-even")}
        binary = {f"{t / n:.{decimals}f}" for t in range(3 * n + 1)}
        for units in range(3 * 10**decimals + 1):
            text = str(Decimal(units).scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals)))
            assert hf.grim(text, n, low=0, high=3).fits == (text in means | binary), (n, text)


def test_items_make_the_grain_finer() -> None:
    assert not hf.grim("3.48", 20)
    assert hf.grim("3.48", 20, items=5).possible == (348,)


def test_a_mean_outside_the_scale_is_impossible() -> None:
    assert not hf.grim("11.0", 10, low=0, high=10)
    assert not hf.grim("-0.5", 10, low=0, high=10)
    assert hf.grim("−0.5", 10).possible == (-5,)


def test_a_mean_that_could_not_have_failed_says_so() -> None:
    assert not hf.grim("3.4", 1000).telling
    assert hf.grim("3.4", 9).telling


@pytest.mark.parametrize(
    ("percent", "n", "nearest"),
    [
        ("9.4", 253, ((23, "9.1"), (24, "9.5"))),
        ("46.5", 69, ((32, "46.4"), (33, "47.8"))),
        ("37.5", 26, ((9, "34.6"), (10, "38.5"))),
        ("11.1", 30, ((3, "10.0"), (4, "13.3"))),
        ("10", 18, ((1, "6"), (2, "11"))),
    ],
)
def test_percentages_of_published_abstracts_that_no_count_gives(
    percent: str, n: int, nearest: tuple[tuple[int, str], ...]
) -> None:
    found = hf.percentage_fits(percent, n)
    assert (found.fits, found.nearest) == (False, nearest)


def test_digits_cut_off_are_told_and_not_accepted() -> None:
    found = hf.percentage_fits("9.4", 253)  # 24 of 253 is 9.486 %
    assert not found.fits
    assert found.if_cut == (24,)
    assert "cut off" in str(found)
    assert hf.percentage_fits("37.5", 26).if_cut == ()


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_each_count_fits_its_own_percentage_however_it_was_rounded(decimals: int) -> None:
    for n in range(1, 50):
        for c in range(n + 1):
            exact = Fraction(100 * c, n)
            for how in ("half-up", "half-even"):
                assert c in hf.percentage_fits(decimal_text(exact, decimals, how), n).possible
            cut = hf.percentage_fits(decimal_text(exact, decimals, "cut"), n)
            assert cut.fits or c in cut.if_cut


def test_halves_name_the_rule_that_gives_them() -> None:
    assert hf.percentage_fits("12", 8).rules == ("half-even", "binary")
    assert hf.percentage_fits("13", 8).rules == ("half-up",)


def test_people_that_fit_are_those_of_enumeration() -> None:
    percents = ["53.8", "46.2", "38.5"]  # guttman-2022, people with IgE of 200 or more: how many is not printed
    wanted = tuple(
        n
        for n in range(1, 41)
        if all(any(decimal_text(Fraction(100 * c, n), 1, "half-up") == p for c in range(n + 1)) for p in percents)
    )
    assert hf.people_that_fit(percents, 40) == wanted == (13, 26, 39)
    # deuruxolitinib 12 mg, 215 randomised: the analysed number is not printed
    assert hf.people_that_fit(["41.5", "34.5"], 215) == (142, 171, 200)


def test_ten_thousand_honest_numbers_are_never_refused() -> None:
    """Counts, sums and decimals at random; rounded by Decimal, and as Python prints binary numbers."""
    draw = random.Random(1)
    for _ in range(10_000):
        n, decimals = draw.randint(1, 3000), draw.randint(0, 3)
        c = draw.randint(0, n)
        how = draw.choice(["half-up", "half-even", "binary"])
        text = f"{100 * c / n:.{decimals}f}" if how == "binary" else decimal_text(Fraction(100 * c, n), decimals, how)
        found = hf.percentage_fits(text, n).possible
        assert c in found or len(found) == MOST_LISTED
        items, total = draw.randint(1, 4), draw.randint(-5000, 5000)
        exact = Fraction(total, n * items)
        text = f"{total / (n * items):.{decimals}f}" if how == "binary" else decimal_text(exact, decimals, how)
        assert hf.grim(text, n, items=items)


def test_rounding_is_that_of_decimal() -> None:
    draw = random.Random(2)
    for _ in range(3000):
        exact = Fraction(draw.randint(-999, 999), draw.choice([1, 2, 4, 5, 8, 16, 20, 40, 7, 3]))
        decimals = draw.randint(0, 3)
        for how in HOWS:
            assert rounded(exact, decimals, how) == Fraction(decimal_text(exact, decimals, how))


@pytest.mark.parametrize("bad", ["", "abc", "3,5", "1e5", None, True])
def test_what_is_no_number_is_refused_in_words(bad: object) -> None:
    with pytest.raises(InputError, match="is not a number as printed"):
        printed(bad)


@pytest.mark.parametrize("n", [0, -3, 2.5])
def test_nobody_has_no_mean(n: float) -> None:
    with pytest.raises(InputError, match="n="):
        hf.grim("3.5", n)  # type: ignore[arg-type]
