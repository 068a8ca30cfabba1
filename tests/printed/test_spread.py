"""Standard deviations of whole numbers: a published example, and every set of small scores enumerated."""

from __future__ import annotations

import random
import statistics
from itertools import combinations_with_replacement

import pytest

import handful as hf
from handful.base.errors import InputError


def test_published_example_of_grimmer_is_impossible() -> None:
    """Mean 7.3, sd 2.51, 12 people: vignette "grimmer" of R's scrutiny. By hand: sums 87 and 88 are possible; with 87
    the sum of squares must be 700, which is even while 87 is odd; with 88 none lies between 714.36 and 714.91."""
    found = hf.grimmer("7.3", "2.51", 12)
    assert found.mean_fits
    assert not found


@pytest.mark.parametrize(("n", "width"), [(2, 6), (3, 5), (4, 4), (5, 3), (7, 2)])
@pytest.mark.parametrize("decimals", [1, 2])
def test_on_a_scale_with_ends_grimmer_is_exact(n: int, width: int, decimals: int) -> None:
    """Every set of n scores from 0 to width; each printed pair is possible exactly when some set has it."""
    pairs = {
        (f"{statistics.mean(xs):.{decimals}f}", f"{statistics.stdev(xs):.{decimals}f}")
        for xs in combinations_with_replacement(range(width + 1), n)
    }
    means = sorted({mean for mean, _ in pairs})
    sds = sorted({sd for _, sd in pairs})
    for mean in means:
        for sd in sds:
            assert hf.grimmer(mean, sd, n, low=0, high=width).fits == ((mean, sd) in pairs), (mean, sd)


def test_without_ends_grimmer_is_exact_for_up_to_four_people() -> None:
    pairs = {
        (f"{statistics.mean(xs):.2f}", f"{statistics.stdev(xs):.2f}")
        for xs in combinations_with_replacement(range(-9, 10), 3)
    }
    for units in range(300):  # sd from 0.00 to 2.99: no wider than the range enumerated
        sd = f"{units / 100:.2f}"
        assert hf.grimmer("0.33", sd, 3).fits == (("0.33", sd) in pairs), sd


def test_ten_thousand_honest_standard_deviations_are_never_refused() -> None:
    draw = random.Random(3)
    for _ in range(10_000):
        n, width, decimals = draw.randint(2, 40), draw.choice([1, 4, 10, 30, 100]), draw.randint(0, 3)
        scores = [draw.randint(0, width) for _ in range(n)]
        mean, sd = f"{statistics.mean(scores):.{decimals}f}", f"{statistics.stdev(scores):.{decimals}f}"
        ends = {"low": 0, "high": width} if draw.random() < 0.5 else {}
        assert hf.grimmer(mean, sd, n, **ends), (scores, mean, sd)
        assert hf.sd_possible(mean, sd, n, 0, width), (scores, mean, sd)


def test_items_scale_the_grain() -> None:
    scores = [(3 + 4) / 2, (2 + 2) / 2, (5 + 4) / 2]
    mean, sd = f"{statistics.mean(scores):.2f}", f"{statistics.stdev(scores):.2f}"
    assert hf.grimmer(mean, sd, 3, items=2)
    assert not hf.grimmer(mean, sd, 3)


def test_a_population_sd_is_told_and_not_accepted() -> None:
    scores = [1, 2, 4, 4, 9]
    mean, population = f"{statistics.mean(scores):.2f}", f"{statistics.pstdev(scores):.2f}"
    found = hf.grimmer(mean, population, 5)
    assert not found
    assert found.if_divided_by_n
    assert "n − 1" in str(found)


@pytest.mark.parametrize(("n", "width"), [(2, 4), (3, 4), (4, 3), (5, 3)])
def test_the_greatest_sd_is_that_of_enumeration(n: int, width: int) -> None:
    """Whole means only: with the zeros of six decimals, rounding plays no part away from the ends."""
    sets = list(combinations_with_replacement(range(width + 1), n))
    for total in range(0, n * width + 1, n):
        most = max(statistics.stdev(xs) for xs in sets if sum(xs) == total)
        mean = f"{total // n}.000000"
        assert hf.sd_possible(mean, f"{most:.6f}", n, 0, width)
        if any(set(xs) <= {0, width} for xs in sets if sum(xs) == total):  # everybody at an end: the bound is reached
            assert not hf.sd_possible(mean, f"{most + 0.01:.6f}", n, 0, width)


def test_a_mean_at_the_end_leaves_no_spread() -> None:
    assert hf.sd_possible("0.00", "0.00", 10, 0, 4)
    assert not hf.sd_possible("0.000", "0.5", 10, 0, 4)
    assert not hf.sd_possible("4.2", "0.5", 10, 0, 4)


def test_one_person_has_no_standard_deviation() -> None:
    with pytest.raises(InputError, match="n=1"):
        hf.grimmer("3", "1", 1)
    with pytest.raises(InputError, match="low below high"):
        hf.sd_possible("3", "1", 5, 4, 4)
