"""The arithmetic written in ``derived:`` is done again: '4 - 1 = 3' must be right, and give the number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from handful.records.checks.finding import Finding, find, reported_numbers
from handful.records.records import Records
from handful.records.study import Study

_NUMBER = r"\d+(?:\.\d+)?"
_OPERATORS = {"+": "+", "-": "-", "−": "-", "–": "-", "×": "*", "*": "*", "/": "/", "÷": "/"}
EQUATION = re.compile(
    rf"(?<![\w.]){_NUMBER}(?:\s*[{re.escape(''.join(_OPERATORS))}]\s*{_NUMBER})+\s*=\s*{_NUMBER}(?!\w)"
)
_TOKEN = re.compile(rf"{_NUMBER}|[{re.escape(''.join(_OPERATORS))}]")


def equations(text: str) -> list[tuple[str, Fraction | None, Fraction]]:
    """Every 'a + b - c × d = e' in the text: as written, what the left side gives, what the right side says.

    >>> equations("4 - 1 = 3: all but one; 2 × 3 + 1 = 8")
    [('4 - 1 = 3', Fraction(3, 1), Fraction(3, 1)), ('2 × 3 + 1 = 8', Fraction(7, 1), Fraction(8, 1))]
    """
    found = []
    for match in EQUATION.finditer(text):
        left, _, right = match.group().rpartition("=")
        found.append((" ".join(match.group().split()), _value(left), Fraction(right.strip())))
    return found


def _value(expression: str) -> Fraction | None:
    """The value of a flat expression, products before sums; None where it divides by zero."""
    tokens = _TOKEN.findall(expression)
    terms = [Fraction(tokens[0])]
    for sign, number in zip(tokens[1::2], tokens[2::2], strict=True):
        operator, value = _OPERATORS[sign], Fraction(number)
        if operator == "*":
            terms[-1] *= value
        elif operator == "/":
            if value == 0:
                return None
            terms[-1] /= value
        else:
            terms.append(value if operator == "+" else -value)
    return sum(terms, Fraction(0))


def _equal(left: Fraction | None, right: Fraction, text: str) -> bool:
    """Equal; or, where the left side is no whole number, equal as rounded to the decimals written."""
    if left is None or left == right:
        return left is not None
    decimals = len(text.rpartition("=")[2].strip().partition(".")[2])
    return left.denominator != 1 and abs(left - right) <= Fraction(1, 2 * 10**decimals)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"


def check_derivations(records: Records, study: Study) -> Iterator[Finding]:
    """Wrong sums in ``derived:``, and sums that give another number than the one recorded."""
    for path, reported in reported_numbers(study):
        if reported.derived is None:
            continue
        written = equations(reported.derived)
        wrong = False
        for text, left, right in written:
            if not _equal(left, right, text):
                wrong = True
                gives = "nothing (a division by zero)" if left is None else _plain(left)
                yield find(
                    records,
                    study,
                    path,
                    "derivation-wrong",
                    f"`{text}` is wrong: the left side gives {gives}",
                    "correct the arithmetic in `derived:`",
                    at="derived",
                )
        value = reported.value
        if written and not wrong and isinstance(value, int | float):
            results = [right for _, _, right in written]
            if Fraction(str(value)) not in results:
                yield find(
                    records,
                    study,
                    path,
                    "derivation-gives-another-value",
                    f"the value is {value}, but the arithmetic gives {', '.join(_plain(r) for r in results)}",
                    f"`derived:` says: {reported.derived}",
                )
