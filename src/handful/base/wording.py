"""Numbers for people: the only place where rounding happens. Their words are those of the language that is spoken.

House rule: below 20 people a percentage is never written, the count is; interval ends may be given as whole numbers
per 100.
"""

from __future__ import annotations

import math

from handful.base.language import language

FEWEST_FOR_PERCENT = 20
"""Below this many people no percentage is written in words."""


def count(events: int, total: int) -> str:
    """'1 of 4'."""
    return language().text("numbers.of", events=grouped(events), total=grouped(total))


def number_word(value: int) -> str:
    """'three' up to twelve, digits beyond; zero is 'no'."""
    small = language().words("numbers.small")
    return small[value] if 0 <= value < len(small) else grouped(value)


def plural(value: int, one: str, many: str = "") -> str:
    """'1 study', '2 studies': a thing that the language has under ``things`` by its name here, or else these words."""
    spoken_now, key = language(), f"things.{one.replace(' ', '-')}"
    if spoken_now.has(f"{key}.other"):
        return spoken_now.text(spoken_now.form(key, value), n=grouped(value))
    return f"{value} {one if value == 1 else many or one + 's'}"


def per_100(rate: float, *, end: str = "point") -> str:
    """A rate as a whole number per 100, never 0 or 100 unless it is exactly that: 'fewer than 1', '81', 'more than 99'.

    ``end`` may be ``low`` or ``high``; both round to the nearest whole number, as the point does.
    """
    return share(rate, 100)


def share(rate: float, frame: int) -> str:
    """A rate as a whole number of ``frame`` people, never 0 or all of them unless it is exactly that."""
    if rate <= 0:
        return "0"
    if rate >= 1:
        return str(frame)
    if frame * rate < 1:
        return language().text("numbers.fewer-than-1")
    if frame * rate > frame - 1:
        return language().text("numbers.more-than", value=str(frame - 1))
    return str(math.floor(frame * rate + 0.5))


def share_in(rate: float, frame: int = 100) -> str:
    """'34 in 100'."""
    return language().text("numbers.share", value=share(rate, frame), frame=frame)


def range_per_100(low: float, high: float) -> str:
    """'fewer than 1 to 81 in 100'."""
    return language().text("numbers.range", low=share(low, 100), high=share(high, 100), frame=100)


def range_per_1000(low: float, high: float) -> str:
    """'2 to 31 in 1000', for what is rarer than 1 in 100; never 0 or 1000 unless it is exactly that."""
    return language().text("numbers.range", low=share(low, 1000), high=share(high, 1000), frame=1000)


def percent(rate: float, *, digits: int = 1) -> str:
    """'25.0 %', for tables; full digits stand there, and never in prose about fewer than 20 people."""
    return language().text("numbers.percent", value=f"{100 * rate:.{digits}f}")


def percent_range(low: float, high: float, *, digits: int = 1) -> str:
    """'0.6 to 80.6 %', for tables."""
    ends = {"low": f"{100 * low:.{digits}f}", "high": f"{100 * high:.{digits}f}"}
    return language().text("numbers.percent-range", **ends)


def decimal(value: float, digits: int = 2) -> str:
    """A plain decimal with a true minus sign."""
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def p_value(value: float) -> str:
    """'0.43', '0.003', 'less than 0.001'."""
    if value < 0.001:
        return language().text("numbers.less-than", value="0.001")
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def difference_per_100(low: float, high: float) -> str:
    """Both directions where the interval holds both: 'between 35 fewer and 72 more in 100'.

    Ends are differences of rates, -1 to 1.
    """
    return language().text("numbers.between", low=_more_or_fewer(low), high=_more_or_fewer(high), frame=100)


def _more_or_fewer(difference: float) -> str:
    if not difference:
        return language().text("numbers.as-many")
    return language().text("numbers.fewer" if difference < 0 else "numbers.more", value=share(abs(difference), 100))


def counted(events: int, total: int) -> str:
    """A count inside a sentence: 'none of 4', '1 of 4', 'all 4 of 4'."""
    if events == 0:
        return language().text("numbers.none-of", total=grouped(total))
    return language().text("numbers.all-of", total=grouped(total)) if events == total else count(events, total)


def grouped(value: int) -> str:
    """A whole number with thin spaces between thousands from 10 000 on: '9999', '20 548'."""
    return str(value) if abs(value) < 10_000 else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def people(value: int) -> str:
    """'1 person', '8 people'."""
    return plural(value, "person")


def capital(text: str) -> str:
    """The text with its first letter large; what follows is left alone."""
    return text[:1].upper() + text[1:]


def level(value: float) -> str:
    """'95 %'."""
    return language().text("numbers.percent", value=f"{100 * value:g}")


def weeks(value: float) -> str:
    """'24 weeks'."""
    spoken_now = language()
    form = spoken_now.form("things.week", int(value)) if value == int(value) else "things.week.other"
    return spoken_now.text(form, n=f"{value:g}")


def human_list(words: list[str] | tuple[str, ...], *, last: str = "and") -> str:
    """'a, b and c'; ``last`` is and, or or."""
    if len(words) < 2:
        return words[0] if words else ""
    return ", ".join(words[:-1]) + f" {language().text(f'numbers.{last}')} " + words[-1]


def spoken(identifier: str) -> str:
    """An id read aloud: 'alopecia-totalis' becomes 'alopecia totalis'."""
    return identifier.replace("-", " ")
