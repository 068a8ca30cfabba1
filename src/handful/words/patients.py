"""Sentences about patient rows: what the bar is, that it moves, and why it cannot."""

from __future__ import annotations

from handful.base.wording import grouped, human_list
from handful.instruments.responder import Rule

MOVES = (
    "From the patient rows: how many people reach the bar, wherever it is set. The upright line marks the bar of this "
    "page; the band holds the exact interval at each height."
)
EVERY_HEIGHT = "Every height at which the count changes stands in the table; the interval is exact at each."
CANNOT = "The bar cannot be moved here."
NO_ROWS = "The records hold no patient rows of people on this treatment."
WATERFALL = (
    "One column a person, from the largest fall to the largest rise, in percent of the start. Filled: met the bar of "
    "this page (the dashed line); outlined: did not."
)
SWIMMER = (
    "One line a person, from the start to the last visit with a score. A filled circle is a visit at which the bar was "
    "met, an outlined one a visit at which it was not."
)


def why_the_bar_cannot_move(rows: int, rebuilt: int, with_start: int, with_both: int, scales: tuple[str, ...]) -> str:
    """'… it needs each person's scores …; the records hold 32 people, 14 of them rebuilt from counts; …'."""
    if not rows:
        return f"{CANNOT} {NO_ROWS}"
    named = f" ({human_list(list(scales))})" if scales else ""
    held = f"The records hold rows of {_people(rows)} on this treatment"
    if rebuilt:
        held += f", {grouped(rebuilt)} of them rebuilt from counts"
    if not with_start:
        return f"{CANNOT} It needs each person's score at the start and later. {held}; no row gives a score."
    later = f"{grouped(with_both)} of them also later" if with_both else "none of them later"
    return (
        f"{CANNOT} It needs each person's score at the start and later. {held}; {grouped(with_start)} "
        f"{'gives' if with_start == 1 else 'give'} a score at the start{named}, {later}."
    )


def _people(value: int) -> str:
    return "1 person" if value == 1 else f"{grouped(value)} people"


def bar_words(rule: Rule, value: float, unit: str) -> str:
    """One height of a bar: '20 or less', 'at least 50 %'."""
    number = f"{value:g}"
    if rule.bar.endswith("percent"):
        return f"at least {number} %"
    named = f"{number} {unit}".strip()
    return {
        "at_most": f"{named} or less",
        "at_least": f"{named} or more",
        "below": f"below {named}",
        "above": f"above {named}",
    }.get(rule.bar, f"at least {named}")


def what_moves(rule: Rule, name: str) -> str:
    """What a bar is set on: 'SALT', 'SALT, lower than at the start by'."""
    if rule.bar.startswith("fall"):
        return f"{name}, lower than at the start by"
    return f"{name}, higher than at the start by" if rule.bar.startswith("rise") else name
