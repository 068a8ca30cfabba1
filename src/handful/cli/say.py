"""Words for people on standard error, results on standard output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handful.base.problems import Report


def message(text: str) -> None:
    """A message: what was done, or what went wrong."""
    print(text, file=sys.stderr)


def result(text: str) -> None:
    """A result, for people or the next program."""
    print(text)


def as_json(value: Any) -> None:
    """A result as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def summary(report: Report) -> str:
    """'3 problems in 2 files', 'no problems', and how many faults are declared."""
    from handful.base.wording import plural

    if report.ok:
        text = "no problems"
    else:
        files = len({problem.file for problem in report})
        text = f"{plural(len(report), 'problem')} in {plural(files, 'file')}"
    if report.known:
        text += f"; {plural(len(report.known), 'known fault')} of sources, declared"
    if report.told:
        text += f"; {plural(len(report.told), 'thing')} to look at (--known lists them)"
    return text
