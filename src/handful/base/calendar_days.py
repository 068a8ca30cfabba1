"""Days that no calendar has: 2026-02-31 in a file, found with its line."""

from __future__ import annotations

import re
from datetime import date

_DAY = re.compile(r"(?<=[:,] )(\d{4})-(\d\d?)-(\d\d?)(?=[\s,\]}]|$)", re.MULTILINE)


def impossible_day(text: str) -> tuple[int, str] | None:
    """The first unquoted value that is written as a day and is none: its line, and what is wrong with it.

    >>> impossible_day("id: a\\nlast_search: 2026-02-31\\n")
    (2, '2026-02-31 is no day of the calendar')
    """
    for match in _DAY.finditer(text):
        year, month, day = (int(part) for part in match.groups())
        try:
            date(year, month, day)
        except ValueError:
            return text.count("\n", 0, match.start()) + 1, f"{match.group()} is no day of the calendar"
    return None


__all__ = ["impossible_day"]
