"""Numbers in the words of a language. Rounding is that of ``base/wording.py``: whole numbers in 10, 100 or 1000."""

from __future__ import annotations

import math
from collections.abc import Sequence

from handful.base.wording import capital, grouped
from handful.words.language import Language
from handful.words.sentence import Sentence, say

FRAMES = (10, 100, 1000)
"""The denominators in which frequencies are given."""


def share(rate: float, language: Language, *, frame: int = 100) -> str:
    """'34', 'fewer than 1', 'more than 99': people in ``frame``; 0 and all of them only where it is exactly that."""
    if rate <= 0:
        return "0"
    if rate >= 1:
        return grouped(frame)
    if frame * rate < 1:
        return language.text("numbers.fewer-than-1")
    if frame * rate > frame - 1:
        return language.text("numbers.more-than", value=grouped(frame - 1))
    return grouped(math.floor(frame * rate + 0.5))


def range_in(low: float, high: float, language: Language, *, frame: int = 100) -> str:
    """'fewer than 1 to 81 in 100'."""
    ends = {"low": share(low, language, frame=frame), "high": share(high, language, frame=frame)}
    return language.text("numbers.range", **ends, frame=grouped(frame))


def share_in(rate: float, language: Language, *, frame: int = 100) -> str:
    """'34 in 100'."""
    return language.text("numbers.share", value=share(rate, language, frame=frame), frame=grouped(frame))


def more_or_fewer(difference: float, language: Language, *, frame: int = 100) -> str:
    """'35 fewer', '72 more', 'as many'."""
    if difference == 0:
        return language.text("numbers.as-many")
    size = share(abs(difference), language, frame=frame)
    if frame * abs(difference) < 1:
        size = language.text("numbers.less-than-1")
    return language.text("numbers.fewer" if difference < 0 else "numbers.more", value=size)


def counted(events: int, total: int, language: Language) -> str:
    """'none of 4', '1 of 4', 'all 4 of 4'."""
    if events == 0:
        return language.text("numbers.none-of", total=grouped(total))
    if events == total:
        return language.text("numbers.all-of", total=grouped(total))
    return count(events, total, language)


def count(events: int, total: int, language: Language) -> str:
    """'1 of 4'; none of 4 is '0 of 4'."""
    return language.text("numbers.of", events=grouped(events), total=grouped(total))


def number_word(value: int, language: Language) -> str:
    """'three' up to twelve, digits beyond."""
    small = language.words("numbers.small")
    return small[value] if 0 <= value < len(small) else grouped(value)


def people(value: int, language: Language) -> str:
    """'1 person', '8 people'."""
    return language.text(language.form("things.person", value), n=grouped(value))


def studies(value: int, language: Language) -> str:
    """'1 study', '2 studies'."""
    return language.text(language.form("things.study", value), n=grouped(value))


def joined(parts: Sequence[Sentence | str], language: Language, *, last: str = "and") -> Sentence:
    """'a, b and c'."""
    if len(parts) < 2:
        return say(*parts)
    made = say(parts[0])
    for part in parts[1:-1]:
        made = say(made, ", ", part)
    return say(made, f" {language.text(f'numbers.{last}')} ", parts[-1])


def sentence_case(found: Sentence) -> Sentence:
    """With its first letter large."""
    if not found.pieces or not isinstance(found.pieces[0], str):
        return found
    return Sentence((capital(found.pieces[0]), *found.pieces[1:]))
