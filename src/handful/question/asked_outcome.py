"""The outcome a question asks about: its name for people, what answers it: reported outcomes, rules over rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag

from handful.base.typed import Id, Typed, Words
from handful.instruments.instrument import Instrument
from handful.instruments.responder import At, Rule
from handful.question.missing import MissingRule
from handful.records.treatment import OutcomeDefinition


class Accepted(Typed):
    """A reported outcome that answers the question, and why it does."""

    outcome: Id
    because: Words


class AcceptedRule(Typed):
    """A rule over patient rows that answers the question: who responded, at which visit, and who had no visit."""

    rule: Rule
    at: At
    missing: Annotated[
        MissingRule | None, Field(description="people without a score; the plan's rule when it is not given")
    ] = None
    because: Words

    @property
    def outcome(self) -> str:
        """The id under which the count stands: 'salt-at-most-20-at-24-weeks'."""
        return f"{self.rule.id}-at-{self.at.weeks:g}-weeks".replace(".", "-")

    def definition(self, instruments: Mapping[str, Instrument]) -> OutcomeDefinition:
        """The rule as an outcome with a name and a definition, for readers."""
        words = self.rule.words(instruments)
        instrument = self.rule.instruments[0] if len(self.rule.instruments) == 1 else None
        said = f"{words} at {self.at.words}; counted person by person from patient rows"
        return OutcomeDefinition(id=self.outcome, name=words, definition=said, instrument=instrument)


def _which(value: Any) -> str:
    if isinstance(value, AcceptedRule) or (isinstance(value, dict) and "rule" in value):
        return "rule"
    return "outcome"


Acceptable: TypeAlias = Annotated[
    Annotated[Accepted, Tag("outcome")] | Annotated[AcceptedRule, Tag("rule")], Discriminator(_which)
]


class AskedOutcome(Typed):
    """The outcome asked about: its name for people, and the reported outcomes it accepts, first one first."""

    name: Words
    accepts: Annotated[tuple[Acceptable, ...], Field(min_length=1)]

    @property
    def rules(self) -> tuple[AcceptedRule, ...]:
        """The rules over patient rows among what is accepted."""
        return tuple(a for a in self.accepts if isinstance(a, AcceptedRule))


class OtherWord(AskedOutcome):
    """The same people under another outcome word, shown beside the answer and never added to it."""

    id: Id
    because: Words
