"""Cohen's kappa against published tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handful.base.errors import InputError
from handful.stats.agreement.kappa import kappa
from handful.stats.results import NotEstimable


def raters(table: list[list[int]]) -> tuple[list[int], list[int]]:
    pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [a for a, _ in pairs], [b for _, b in pairs]


PUBLISHED = [
    # Fleiss 1981, chapter 13: two raters, 100 people, three diagnoses: kappa .68, its standard error .087
    ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.68, 0.005, 0.087),
    # Altman 1991, section 14.3: two radiologists, 85 xeromammograms: kappa 0.47, 54 of 85 alike
    ([[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]], 0.47, 0.005, None),
    # Cohen 1968, the unweighted kappa of its table (200 people): .492
    ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.492, 0.0005, None),
]


@pytest.mark.parametrize(("table", "value", "half_a_printed_digit", "error"), PUBLISHED)
def test_kappa_of_published_tables(table, value, half_a_printed_digit, error) -> None:
    found = kappa(*raters(table))
    assert found.kappa == pytest.approx(value, abs=half_a_printed_digit)
    if error is not None:
        # printed with three digits from rounded shares: .0877 stands there as .087
        assert found.se == pytest.approx(error, abs=0.001)


def test_the_standard_error_is_that_of_the_delta_method_by_hand() -> None:
    """2 × 2, equal margins: table 20 5 10 15; p_o .7, p_e .5, kappa .4. Every term of the formula written out."""
    found = kappa(*raters([[20, 5], [10, 15]]))
    assert found.kappa == pytest.approx(0.4, abs=1e-12)
    p = {(0, 0): 0.4, (0, 1): 0.1, (1, 0): 0.2, (1, 1): 0.3}
    row, column = {0: 0.5, 1: 0.5}, {0: 0.6, 1: 0.4}
    same = sum(p[i, i] * (1 - (row[i] + column[i]) * 0.6) ** 2 for i in (0, 1))
    other = 0.36 * sum(p[i, j] * (column[i] + row[j]) ** 2 for i, j in ((0, 1), (1, 0)))
    variance = (same + other - (0.4 - 0.5 * 0.6) ** 2) / (50 * 0.25)
    assert found.se == pytest.approx(variance**0.5, abs=1e-12)


def test_few_things_have_the_exact_interval_of_their_agreement_and_none_of_kappa() -> None:
    found = kappa(["y", "y", "n", "n"], ["y", "n", "n", "n"])
    assert (found.things, found.agreed) == (4, 3)
    assert found.agreement.low == pytest.approx(0.1941204, abs=1e-7)  # binom.test(3, 4), R 4.2.2
    assert isinstance(found.interval, NotEstimable)
    assert [note.code for note in found.notes] == ["few-things-judged"]


def test_one_answer_throughout_has_no_kappa() -> None:
    assert isinstance(kappa(["y"] * 30, ["y"] * 30).kappa, NotEstimable)
    assert isinstance(kappa([], []), NotEstimable)
    with pytest.raises(InputError, match="3 and 2"):
        kappa(["y"] * 3, ["y"] * 2)


ANSWERS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


@given(ANSWERS)
def test_kappa_does_not_care_who_comes_first_nor_for_the_order(pairs) -> None:
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    found = kappa(one, other)
    for again in (kappa(other, one), kappa(one[::-1], other[::-1])):
        if isinstance(found.kappa, NotEstimable):
            assert isinstance(again.kappa, NotEstimable)
        else:
            assert again.kappa == pytest.approx(found.kappa, abs=1e-12)
            assert again.se == pytest.approx(found.se, abs=1e-9)  # a root of a difference that may be 0
            assert -1 <= found.kappa <= found.possible + 1e-12 <= 1 + 2e-12
