"""What a sentence may rest on beside the result itself, and the sentences that follow from that alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handful.base.errors import InputError
from handful.base.wording import level as level_words
from handful.stats.results import Interval, NotEstimable
from handful.words.certainty_words import CertaintyLevel, Thresholds
from handful.words.designs import COMPARED
from handful.words.language import Language
from handful.words.numbers_in_words import sentence_case
from handful.words.sentence import Sentence, say
from handful.words.statements import effect_statement

USUAL = 0.95
"""The level of limits that need not say so."""


@dataclass(frozen=True)
class About:
    """What a sentence may rest on beside the result itself."""

    outcome: str
    who: str
    first: str
    second: str
    design: str | None
    certainty: CertaintyLevel | None
    thresholds: Thresholds | None
    counts: tuple[Any, ...] | None
    baseline: float | None
    unit: str | None
    time: str | None
    started: int | None
    frame: int | None
    language: Language

    @property
    def compared(self) -> bool:
        """Whether the two groups were set against each other by the design."""
        return self.design in COMPARED


def around(about: About, measured: int | None, *, compared: bool, level: float = USUAL) -> list[Sentence]:
    """An unusual level, who is missing, when it was counted, what the design cannot show, how certain it is."""
    more = []
    if level != USUAL:
        more.append(about.language.say("level", level=level_words(level)))
    if about.started is not None and measured is not None:
        if about.started < measured:
            raise InputError(f"started={about.started}: fewer than the {measured} who were measured")
        if about.started > measured:
            more.append(about.language.say("time.missing", measured=measured, started=about.started))
    if about.time is not None:
        unknown = about.time == "not reported"
        more.append(about.language.say("time.unknown") if unknown else about.language.say("time.at", time=about.time))
    if about.design is not None and not compared:
        more.append(about.language.say("design.none"))
    if about.certainty is not None and not compared:
        more.append(certainty_said(about.certainty, about.language))
    return more


def certainty_said(level: CertaintyLevel, language: Language) -> Sentence:
    """'Certainty of this evidence: very low.'"""
    return language.say("certainty.said", certainty=language.text(f"certainty.{level}"))


def statement(difference: Interval | NotEstimable, about: About) -> Sentence:
    """The statement on a difference of rates that certainty and thresholds allow."""
    said = effect_statement(
        difference, first=about.first, second=about.second, outcome=about.outcome, certainty=about.certainty,
        thresholds=about.thresholds, name="n-difference", language=about.language, frame=about.frame,
    )  # fmt: skip
    said = sentence_case(said)
    if about.certainty is None:
        return say(said, " ", about.language.say("certainty.not-rated"))
    return said
