"""What may be said of posterior rates and of borrowing: what fits the counts; never a comparison, never an answer."""

from __future__ import annotations

from handful.base.wording import capital, counted, decimal, level, number_word, per_100, range_per_100
from handful.stats.results import NotEstimable
from handful.synthesis.borrowing import Borrowing
from handful.synthesis.posterior_types import GroupPosterior
from handful.words.language import language, told
from handful.words.sentences import called, is_people_noun


def hill_words(at_level: float) -> str:
    """What the pictures show, for a reader who has never seen one."""
    return told("hill.what", level=level(at_level))


def before_the_count(*, several: bool) -> str:
    """What was taken for likely before the count: of one study, or of several."""
    return told("hill.several" if several else "hill.one-study")


def borrowing_words(source: str, target: str) -> str:
    """What the table of borrowing is, and what it is not."""
    return told("borrowed.what", source=called(source), to=called(target))


def rate_words(found: GroupPosterior) -> str:
    """'5 to 72 in 100'."""
    limits = found.limits
    return capital(limits.reason) if isinstance(limits, NotEstimable) else range_per_100(*limits)


def rate_described(found: GroupPosterior) -> tuple[str, str]:
    """Title and description of a group's hill, with all its numbers."""
    title = told("hill.title", name=capital(found.name), count=counted(found.events, found.total))
    limits = found.limits
    if isinstance(limits, NotEstimable) or isinstance(found.rate, NotEstimable):
        return title, rate_words(found)
    return title, _hill(found.level, *limits, found.rate.median)


def _hill(at_level: float, low: float, high: float, middle: float) -> str:
    return told("hill.described", level=level(at_level), range=range_per_100(low, high), middle=per_100(middle))


def step_label(step: Borrowing) -> str:
    """'Strength 0.2'."""
    return told("borrowed.strength", weight=f"{step.weight:g}")


def patients_borrowed(step: Borrowing) -> str:
    """'0.7': how many more people it is as if had been seen."""
    return decimal(step.borrowed.amount, 1)


def as_if_words(step: Borrowing, source: str, target: str) -> str:
    """'With adults borrowed at strength 0.8 it would be as if one more child had been seen.'"""
    as_if = step.borrowed.as_if(target if is_people_noun(target) else "people", rule=False)
    return told("borrowed.as-if", source=called(source), weight=f"{step.weight:g}", as_if=as_if)


def step_described(step: Borrowing, source: str, target: str) -> tuple[str, str]:
    """Title and description of the hill with borrowing."""
    title = told("borrowed.title", to=capital(called(target)), source=called(source), weight=f"{step.weight:g}")
    hill = _hill(step.level, *step.with_.interval(step.level), step.with_.median)
    return title, told("borrowed.described", hill=hill, more=patients_borrowed(step))


def studies_behind(found: GroupPosterior) -> str:
    """'one study', 'two studies'."""
    return told(language().form("hill.studies", found.studies), n=number_word(found.studies))
