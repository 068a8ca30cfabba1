"""Numbers for people. Expected values are written by hand, or counted by whole-number arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest

from handful.base import wording as w


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.0, "0"),
        (1e-12, "fewer than 1"),
        (0.0063, "fewer than 1"),
        (0.00999, "fewer than 1"),
        (0.01, "1"),
        (0.0149, "1"),
        (0.015, "2"),
        (0.5265, "53"),
        (0.6024, "60"),
        (0.8059, "81"),
        (0.99, "99"),
        (0.9901, "more than 99"),
        (0.9999999, "more than 99"),
        (1.0, "100"),
    ],
)
def test_per_100(rate: float, words: str) -> None:
    assert w.per_100(rate) == words


def test_per_100_is_never_none_or_all_unless_it_is() -> None:
    for k in range(1, 1000):
        assert w.per_100(k / 1000) not in ("0", "100")


def test_ranges() -> None:
    assert w.range_per_100(0.0063, 0.8059) == "fewer than 1 to 81 in 100"
    assert w.range_per_100(0.0, 0.6024) == "0 to 60 in 100"
    assert w.percent_range(0.0063094, 0.8058796, digits=2) == "0.63 to 80.59 %"
    assert w.percent(0.25) == "25.0 %"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.3546, 0.7203, "between 35 fewer and 72 more in 100"),
        (0.04, 0.32, "between 4 more and 32 more in 100"),
        (-0.2, -0.001, "between 20 fewer and fewer than 1 fewer in 100"),
        (0.0, 0.1, "between as many and 10 more in 100"),
    ],
)
def test_differences_name_both_directions(low: float, high: float, words: str) -> None:
    assert w.difference_per_100(low, high) == words


def test_counts() -> None:
    assert w.count(1, 4) == "1 of 4"
    assert w.counted(0, 4) == "none of 4"
    assert w.counted(4, 4) == "all 4 of 4"
    assert w.counted(1, 4) == "1 of 4"
    assert w.counted(0, 0) == "none of 0"


def test_numbers_of_people() -> None:
    assert w.people(1) == "1 person"
    assert w.people(8) == "8 people"
    assert w.plural(1, "study", "studies") == "1 study"
    assert w.plural(2, "study", "studies") == "2 studies"
    assert w.plural(0, "arm") == "0 arms"
    assert w.number_word(0) == "no"
    assert w.number_word(7) == "seven"
    assert w.number_word(12) == "twelve"
    assert w.number_word(13) == "13"


def test_thousands() -> None:
    assert w.grouped(9999) == "9999"
    assert w.grouped(20548) == "20\N{NARROW NO-BREAK SPACE}548"
    assert w.grouped(1234567) == "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"


def test_minus_signs_are_true_ones() -> None:
    assert w.decimal(-2.5, 1) == "\N{MINUS SIGN}2.5"


@pytest.mark.parametrize(
    ("p", "words"), [(1.0, "1.00"), (0.4286, "0.43"), (0.0995, "0.100"), (0.0234, "0.023"), (0.0009, "less than 0.001")]
)
def test_p_values(p: float, words: str) -> None:
    assert w.p_value(p) == words


def test_lists_and_letters() -> None:
    assert w.human_list([]) == ""
    assert w.human_list(["a"]) == "a"
    assert w.human_list(["a", "b", "c"]) == "a, b and c"
    assert w.human_list(("a", "b"), last="or") == "a or b"
    assert w.capital("alopecia AREATA") == "Alopecia AREATA"
    assert w.capital("") == ""
    assert w.spoken("alopecia-totalis") == "alopecia totalis"
    assert w.weeks(1) == "1 week"
    assert w.weeks(17.3) == "17.3 weeks"
    assert w.level(0.95) == "95 %"
    assert w.level(0.999) == "99.9 %"


def test_rounding_is_to_the_nearest_whole_number() -> None:
    """Against exact fractions, halves up."""
    for total in (7, 9, 31, 250):
        for events in range(total + 1):
            rate = Fraction(events, total)
            if rate == 0 or rate == 1 or 100 * rate < 1 or 100 * rate > 99:
                continue
            assert w.per_100(events / total) == str((200 * rate + 1) // 2)
