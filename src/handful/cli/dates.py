"""Days on the command line."""

from __future__ import annotations

import argparse
import datetime


def day(text: str) -> datetime.date:
    """The day that an argument names, in the form 2026-11-28."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-28") from error
