"""What may be said of posterior rates and of borrowing: what fits the counts; never a comparison, never an answer."""

from __future__ import annotations

from handful.base.wording import capital, counted, decimal, level, number_word, per_100, range_per_100
from handful.stats.results import NotEstimable
from handful.synthesis.borrowing import Borrowing
from handful.synthesis.posterior_types import GroupPosterior
from handful.words.sentences import PEOPLE_NOUNS

WHAT_A_HILL_IS = (
    "Each hill shows which true rates fit what was counted: the higher it stands over a rate, the better that rate "
    "fits. The bar under it holds {level} of the hill, the mark is its middle."
)
ONE_STUDY = "Before the count, every rate was taken as equally likely."
SEVERAL = (
    "Several studies: the hill is that of the average rate over such studies; its prior says how far they may differ."
)
BORROWED = (
    "What {to} would borrow from {source}, if both were alike. This is not the answer: the answer borrows nothing. "
    "Nothing on this page shows that they are alike."
)


def hill_words(at_level: float) -> str:
    """What the pictures show, for a reader who has never seen one."""
    return WHAT_A_HILL_IS.format(level=level(at_level))


def borrowing_words(source: str, target: str) -> str:
    """What the table of borrowing is, and what it is not."""
    return BORROWED.format(source=group_called(source), to=group_called(target))


def group_called(name: str) -> str:
    """'adults', 'the group “all with dermatitis”'."""
    return name if name.split(" ")[0] in PEOPLE_NOUNS else f"the group “{name}”"


def rate_words(found: GroupPosterior) -> str:
    """'5 to 72 in 100'."""
    limits = found.limits
    return capital(limits.reason) if isinstance(limits, NotEstimable) else range_per_100(*limits)


def rate_described(found: GroupPosterior) -> tuple[str, str]:
    """Title and description of a group's hill, with all its numbers."""
    title = f"{capital(found.name)}: {counted(found.events, found.total)}"
    limits = found.limits
    if isinstance(limits, NotEstimable) or isinstance(found.rate, NotEstimable):
        return title, rate_words(found)
    return title, f"{level(found.level)} of the hill from {range_per_100(*limits)}; middle {per_100(found.rate.median)}"


def step_label(step: Borrowing) -> str:
    """'Strength 0.2'."""
    return f"Strength {step.weight:g}"


def patients_borrowed(step: Borrowing) -> str:
    """'0.7': how many more people it is as if had been seen."""
    return decimal(step.borrowed.amount, 1)


def as_if_words(step: Borrowing, source: str, target: str) -> str:
    """'With adults borrowed at strength 0.8 it would be as if one more child had been seen.'"""
    who = target if target in PEOPLE_NOUNS else "people"
    words = step.borrowed.as_if(who, rule=False)
    return f"With {group_called(source)} borrowed at strength {step.weight:g} it would be {words}."


def step_described(step: Borrowing, source: str, target: str) -> tuple[str, str]:
    """Title and description of the hill with borrowing."""
    low, high = step.with_.interval(step.level)
    title = f"{capital(group_called(target))}, with {group_called(source)} borrowed at strength {step.weight:g}"
    said = f"{level(step.level)} of the hill from {range_per_100(low, high)}; middle {per_100(step.with_.median)}"
    return title, f"{said}; as if {patients_borrowed(step)} more had been seen. Dashed: nothing borrowed."


def studies_behind(found: GroupPosterior) -> str:
    """'one study', 'two studies'."""
    return f"{number_word(found.studies)} {'study' if found.studies == 1 else 'studies'}"
