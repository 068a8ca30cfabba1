"""Printed percentages against whole people: by enumeration, and against Python's own decimal rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.small import arm, study_problems

from handful.printed.granularity import counts_that_fit
from handful.records.checks.percentages import fits


def _rounded(count: int, of: int, decimals: int) -> set[str]:
    """What a program prints for 100 count / of: halves upward, or to the even digit. Decimal rounds; we do not."""
    exact = Fraction(100 * count, of)
    step = Decimal(1).scaleb(-decimals)
    # 60 digits hold every tie exactly: a tie ends after decimals + 1 digits
    value = Decimal(exact.numerator).scaleb(0) / Decimal(exact.denominator)
    return {str(value.quantize(step, rounding=r)) for r in (ROUND_HALF_UP, ROUND_HALF_EVEN)}


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_a_percentage_fits_a_count_exactly_when_a_program_prints_it_for_that_count(decimals: int) -> None:
    for of in range(1, 61):
        printed = {count: _rounded(count, of, decimals) for count in range(of + 1)}
        for count, texts in printed.items():
            for text in texts:
                expected = tuple(c for c, t in printed.items() if text in t)
                assert counts_that_fit(text, of) == expected, (count, of, text)


@given(st.integers(1, 5000), st.integers(0, 3), st.integers(0, 100_000))
def test_the_quick_search_finds_what_the_definition_says(of: int, decimals: int, units: int) -> None:
    units = min(units, 100 * 10**decimals)
    percent = f"{units // 10**decimals}" + (f".{units % 10**decimals:0{decimals}d}" if decimals else "")
    found = counts_that_fit(percent, of)
    around = range(
        max(0, units * of // (100 * 10**decimals) - 60), min(of, units * of // (100 * 10**decimals) + 60) + 1
    )
    assert set(found) & set(around) == {c for c in around if fits(percent, c, of)}


@pytest.mark.parametrize(
    ("percent", "of", "counts"),
    [
        ("32.5", 40, (13,)),
        ("25", 4, (1,)),
        ("9.4", 253, ()),  # 23 of 253 is 9.1 %, 24 is 9.5 %
        ("37.5", 26, ()),  # 9 of 26 is 34.6 %, 10 is 38.5 %
        ("11.1", 30, ()),
        ("46.5", 69, ()),  # 32 of 69 is 46.4 %, 33 is 47.8 %
        ("0.8", 267, ()),  # 2 of 267 is 0.7 %, 3 is 1.1 %
        ("12.5", 8, (1,)),
        ("13", 8, (1,)),  # halves upward
        ("12", 8, (1,)),  # halves to the even digit
        ("0", 300, (0, 1)),
        ("100", 3, (3,)),
        ("50", 0, ()),
    ],
)
def test_counts_by_hand(percent: str, of: int, counts: tuple[int, ...]) -> None:
    assert counts_that_fit(percent, of) == counts


PERCENT = """    outcomes:
      - outcome: better
        percent: {{value: "{percent}", at: p. 3}}
{more}"""


def test_a_percentage_that_no_count_gives_says_what_would_fit() -> None:
    (problem,), _ = study_problems(arm(PERCENT.format(percent="25", more="")))
    assert (problem.line, problem.code) == (11, "percentage-fits-no-count")
    assert "2 of 9 is 22 %, 3 of 9 is 33 %" in problem.hint


def test_a_modelled_percentage_is_no_count() -> None:
    assert study_problems(arm(PERCENT.format(percent="25", more="        modelled: true\n"))) == ([], [])


def test_a_percentage_of_any_of_the_numbers_of_people_is_fine() -> None:
    n = "started: {value: 9, at: p. 2}\n      assessed: {value: 8, at: p. 2}"
    assert study_problems(arm(PERCENT.format(percent="25", more=""), n)) == ([], [])


def test_a_percentage_that_is_not_the_count_beside_it() -> None:
    more = "        responders: {value: 2, at: p. 3}\n"
    (problem,), _ = study_problems(arm(PERCENT.format(percent="33", more=more)))
    assert (problem.line, problem.code) == (11, "percentage-does-not-match-count")
    assert problem.message.endswith("33 % is not 2 of 9")
    assert "33 % of 9 would be 3" in problem.hint
    assert study_problems(arm(PERCENT.format(percent="22", more=more))) == ([], [])


BACK = """    outcomes:
      - outcome: better
        responders: {{value: {value}, at: p. 3, back-calculated: {{percent: "{percent}", of: {of}}}}}
"""


@pytest.mark.parametrize(
    ("value", "percent", "of", "code"),
    [
        (3, "33.3", 9, None),
        (2, "33.3", 9, "back-calculation-wrong"),
        (2, "25", 9, "percentage-fits-no-count"),
        (3, "1", 300, "back-calculation-ambiguous"),
    ],
)
def test_a_count_is_calculated_back_only_where_one_whole_number_fits(
    value: int, percent: str, of: int, code: str | None
) -> None:
    found, _ = study_problems(arm(BACK.format(value=value, percent=percent, of=of)))
    assert [p.code for p in found] == ([code] if code else [])


KNOWN = """    outcomes:
      - outcome: better
        percent:
          value: "{percent}"
          at: p. 3
          known: {{code: {code}, because: the paper prints it, value: "{declared}"}}
"""


def _known(percent: str = "25", code: str = "percentage-fits-no-count", declared: str = "25") -> str:
    return arm(KNOWN.format(percent=percent, code=code, declared=declared))


def test_a_declared_fault_is_known_and_no_problem() -> None:
    problems, known = study_problems(_known())
    assert problems == []
    assert [k.code for k in known] == ["percentage-fits-no-count"]
    assert "the paper prints it" in known[0].hint


def test_a_declared_fault_expires_when_the_number_has_it_no_more() -> None:
    problems, known = study_problems(_known(percent="33", declared="33"))
    assert known == []
    assert [(p.code, p.line) for p in problems] == [("known-fault-expired", 14)]


def test_a_declared_fault_expires_when_the_number_changes() -> None:
    problems, known = study_problems(_known(percent="26"))
    assert known == []
    assert sorted(p.code for p in problems) == ["known-fault-expired", "percentage-fits-no-count"]


def test_a_declared_fault_needs_a_code_that_exists() -> None:
    problems, _ = study_problems(_known(code="percentage-fits-no-cuont"))
    expired = next(p for p in problems if p.code == "known-fault-expired")
    assert "did you mean `percentage-fits-no-count`?" in expired.hint
