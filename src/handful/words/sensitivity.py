"""What may be said of many analyses of the same records: how many, over which range, and which choice moves them.

The sentence about a group's analyses is made beside the result (``synthesis/sensitivity_sentence.py``); here is what a
page says around it.
"""

from __future__ import annotations

from handful.base.wording import grouped, human_list
from handful.synthesis.sensitivity_result import Analysis, Sensitivity
from handful.words.language import language, told


def about_choices(name: str) -> str:
    """A fixed sentence about the analyses: 'why', 'no-average', 'a-bound', 'one'."""
    return told(f"choices.{name}")


def bounds_label(low: Analysis, high: Analysis) -> str:
    """'With the 3 others put in', as none to all of them."""
    more = sum(arm.put_in for arm in high.arms)
    if not more:
        return told("choices.as-few")
    return told(language().form("choices.put-in", more), n=more)


def of_group(name: str, summary: str) -> str:
    """The summary after the group's name."""
    return told("choices.of-group", name=name, summary=_inside(summary))


def together(summary: str) -> str:
    """The summary of everything together, where the groups have theirs."""
    return told("choices.together", summary=_inside(summary))


def _inside(summary: str) -> str:
    return f"{summary[:1].lower()}{summary[1:]}"


def how_many_sentence(found: Sensitivity) -> str:
    """How many analyses stand behind, and what limits them."""
    said = told(
        language().form("choices.how-many", len(found.groups)),
        analyses=grouped(len(found.rows)),
        n=len(found.groups),
        combinations=grouped(sum(group.combinations for group in found.groups)),
    )
    alone = [d.name for d in found.dimensions if not d.crossed]
    return told("choices.alone", said=said, names=human_list(alone)) if alone else said


def same_words(many: int) -> str:
    """How many combinations one row stands for."""
    return told("choices.this-one") if many == 1 else told("choices.combinations", n=grouped(many))
