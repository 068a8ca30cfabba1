"""Days: those that no calendar has (2026-02-31 in a file, found with its line), and which one it is today."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime

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


def today() -> date:
    """Today, or the day that SOURCE_DATE_EPOCH names, so that what is made today can be made again."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if named.isdigit():
        return datetime.fromtimestamp(int(named), tz=UTC).date()
    return datetime.now(tz=UTC).date()


__all__ = ["impossible_day", "today"]
