"""What may be said of many analyses of the same records: how many, over which range, and which choice moves them.

The sentence about a group's analyses is made beside the result (``synthesis/sensitivity_sentence.py``); here is what a
page says around it.
"""

from __future__ import annotations

from handful.base.wording import grouped, human_list
from handful.synthesis.sensitivity_result import Analysis, Sensitivity

WHY = (
    "Someone else could have chosen otherwise and defended it. Each row changes one choice and keeps the others where "
    "that is possible."
)
NO_AVERAGE = (
    "All of them use the same few people, so they are neither averaged nor counted as votes: the range shows how much "
    "of the answer was chosen."
)
A_BOUND = (
    "Bounds put in people whom one source counts and for whom nobody gives a result: from none of them to all of them. "
    "They show how far these people could move the count; nobody reported it."
)
ONE = "Only one analysis of these counts is defensible, so there is nothing to set beside it."


def bounds_label(low: Analysis, high: Analysis) -> str:
    """'With the 3 others put in, as none to all of them'."""
    more = sum(arm.put_in for arm in high.arms)
    if not more:
        return "As few to as many as possible"
    return f"With the {more} others put in" if more > 1 else "With the other one put in"


def of_group(name: str, summary: str) -> str:
    """The summary after the group's name."""
    return f"{name}: {summary[:1].lower()}{summary[1:]}"


def together(summary: str) -> str:
    """The summary of everything together, where the groups have theirs."""
    return f"All together, {summary[:1].lower()}{summary[1:]}"


def how_many_sentence(found: Sensitivity) -> str:
    """How many analyses stand behind, and what limits them."""
    rows = len(found.rows)
    combined = sum(group.combinations for group in found.groups)
    said = (
        f"{grouped(rows)} different analyses of {len(found.groups)} "
        f"{'group' if len(found.groups) == 1 else 'groups of people, everything together among them'}; "
        f"{grouped(combined)} combinations of choices gave them, as many have the same inputs."
    )
    alone = [d.name for d in found.dimensions if not d.crossed]
    if not alone:
        return said
    return f"{said} Varied one at a time, as all combinations would be too many: {human_list(alone)}."


def same_words(many: int) -> str:
    """How many combinations one row stands for."""
    return "this one" if many == 1 else f"{grouped(many)} combinations"
