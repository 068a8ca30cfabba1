"""What numbers are called: the same name on every page, so that a link to a number stays good.

A counted number is called after its study, arm and outcome; a sum after its group. Names begin with ``n-``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 60
"""A name made of what people typed freely is cut at this length, and told apart by a few letters of its hash."""


def slug(text: str) -> str:
    """The text where it is letters, digits and single hyphens; else what is left of it and a few letters of its hash.

    Two different texts never become one.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if made and made == text and len(made) <= LONGEST:
        return made
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{made[:LONGEST].strip('-')}-{mark}".strip("-")


def group(identifier: str, outcome_set: str = "") -> str:
    """The sum of a group under the main outcome, or under another outcome word."""
    return f"n-{outcome_set}-{identifier}" if outcome_set else f"n-{identifier}"


def study_count(study: str, arm: str, outcome: str, repeat: int = 1) -> str:
    """A count of an arm; ``repeat`` tells a second count of the same outcome apart."""
    return f"n-{study}-{arm}-{outcome}" + (f"-{repeat}" if repeat > 1 else "")


def person(study: str, identifier: str) -> str:
    """A person of a case report."""
    return f"n-{study}-person-{slug(identifier)}"


CASES = "n-case-reports"
CASES_STATED = "n-case-reports-stated"
POOLED = "n-pooled"
STUDIES = "studies"
"""Counts of studies and people lead to the list of studies."""
