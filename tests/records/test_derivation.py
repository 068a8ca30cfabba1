"""The arithmetic written beside a derived number is done again."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.fixtures.small import arm, study_problems

from handful.records.checks.derivation import equations

DERIVED = """    outcomes:
      - outcome: better
        responders: {{value: {value}, derived: "{text}", from: one}}
"""


@pytest.mark.parametrize(
    ("value", "text", "codes"),
    [
        (3, "4 - 1 = 3: all but one", []),
        (3, "4 − 1 = 3", []),
        (7, "1 + 2 + 4 = 7", []),
        (7, "2 × 3 + 1 = 7", []),
        (6, "2 * 3 = 6 people", []),
        (3, "the four less the one who did not change", []),
        (3, "9 - 5 = 4, and 4 - 1 = 3", []),
        (3, "4 - 2 = 3", ["derivation-wrong"]),
        (3, "4 - 2 = 2", ["derivation-gives-another-value"]),
        (3, "4 / 0 = 3", ["derivation-wrong"]),
        (3, "10 / 3 = 3.3 a group, 4 - 1 = 3", []),
        (3, "10 / 3 = 3.4, 4 - 1 = 3", ["derivation-wrong"]),
    ],
)
def test_sums_are_done_again(value: int, text: str, codes: list[str]) -> None:
    found, _ = study_problems(arm(DERIVED.format(value=value, text=text)))
    assert [p.code for p in found] == codes
    assert all(p.line == 11 for p in found), found


def test_products_come_before_sums() -> None:
    assert equations("1 + 2 × 3 - 4 / 2 = 5") == [("1 + 2 × 3 - 4 / 2 = 5", Fraction(5), Fraction(5))]


def test_what_is_no_sum_is_left_alone() -> None:
    assert equations("p = 3, from 2019-2020, SALT 20 or less, n=4") == []
