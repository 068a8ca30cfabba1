"""Numbers for people: the only place where rounding happens.

House rule: below 20 people a percentage is never written, the count is; interval ends may be given as whole numbers
per 100.
"""

from __future__ import annotations

import math

FEWEST_FOR_PERCENT = 20
"""Below this many people no percentage is written in words."""

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count(events: int, total: int) -> str:
    """'1 of 4'."""
    return f"{events} of {total}"


def number_word(value: int) -> str:
    """'three' up to twelve, digits beyond; zero is 'no'."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else f"{value:,}".replace(",", " ")


def plural(value: int, one: str, many: str = "") -> str:
    """'1 study', '2 studies'."""
    return f"{value} {one if value == 1 else many or one + 's'}"


def per_100(rate: float, *, end: str = "point") -> str:
    """A rate as a whole number per 100, never 0 or 100 unless it is exactly that: 'fewer than 1', '81', 'more than 99'.

    ``end`` may be ``low`` or ``high``; both round to the nearest whole number, as the point does.
    """
    if rate <= 0:
        return "0"
    if rate >= 1:
        return "100"
    value = math.floor(100 * rate + 0.5)
    if 100 * rate < 1:
        return "fewer than 1"
    if 100 * rate > 99:
        return "more than 99"
    return str(value)


def range_per_100(low: float, high: float) -> str:
    """'fewer than 1 to 81 in 100'."""
    return f"{per_100(low, end='low')} to {per_100(high, end='high')} in 100"


def range_per_1000(low: float, high: float) -> str:
    """'2 to 31 in 1000', for what is rarer than 1 in 100; never 0 or 1000 unless it is exactly that."""
    return f"{_per_1000(low)} to {_per_1000(high)} in 1000"


def _per_1000(rate: float) -> str:
    if rate <= 0:
        return "0"
    if rate >= 1:
        return "1000"
    if 1000 * rate < 1:
        return "fewer than 1"
    return "more than 999" if 1000 * rate > 999 else str(math.floor(1000 * rate + 0.5))


def percent(rate: float, *, digits: int = 1) -> str:
    """'25.0 %', for tables; full digits stand there, and never in prose about fewer than 20 people."""
    return f"{100 * rate:.{digits}f} %"


def percent_range(low: float, high: float, *, digits: int = 1) -> str:
    """'0.6 to 80.6 %', for tables."""
    return f"{100 * low:.{digits}f} to {100 * high:.{digits}f} %"


def decimal(value: float, digits: int = 2) -> str:
    """A plain decimal with a true minus sign."""
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def p_value(value: float) -> str:
    """'0.43', '0.003', 'less than 0.001'."""
    if value < 0.001:
        return "less than 0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def difference_per_100(low: float, high: float) -> str:
    """Both directions where the interval holds both: 'between 35 fewer and 72 more in 100'.

    Ends are differences of rates, -1 to 1.
    """
    ends = [f"{per_100(abs(end))} {'fewer' if end < 0 else 'more'}" if end else "as many" for end in (low, high)]
    return f"between {ends[0]} and {ends[1]} in 100"


def counted(events: int, total: int) -> str:
    """A count inside a sentence: 'none of 4', '1 of 4', 'all 4 of 4'."""
    if events == 0:
        return f"none of {grouped(total)}"
    return f"all {grouped(total)} of {grouped(total)}" if events == total else f"{grouped(events)} of {grouped(total)}"


def grouped(value: int) -> str:
    """A whole number with thin spaces between thousands from 10 000 on: '9999', '20 548'."""
    return str(value) if abs(value) < 10_000 else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def people(value: int) -> str:
    """'1 person', '8 people'."""
    return f"{grouped(value)} {'person' if value == 1 else 'people'}"


def capital(text: str) -> str:
    """The text with its first letter large; what follows is left alone."""
    return text[:1].upper() + text[1:]


def level(value: float) -> str:
    """'95 %'."""
    return f"{100 * value:g} %"


def weeks(value: float) -> str:
    """'24 weeks'."""
    return f"{value:g} week" + ("" if value == 1 else "s")


def human_list(words: list[str] | tuple[str, ...], *, last: str = "and") -> str:
    """'a, b and c'."""
    if not words:
        return ""
    if len(words) == 1:
        return words[0]
    return ", ".join(words[:-1]) + f" {last} " + words[-1]


def spoken(identifier: str) -> str:
    """An id read aloud: 'alopecia-totalis' becomes 'alopecia totalis'."""
    return identifier.replace("-", " ")
