"""The certainty of an answer: where it starts, what takes it down or up, each with its reason, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from handful.base.by_id import UnknownId
from handful.base.wording import human_list

Level: TypeAlias = Literal["very-low", "low", "moderate", "high"]
LEVELS: tuple[Level, ...] = ("very-low", "low", "moderate", "high")
LEVEL_WORDS: dict[str, str] = {"very-low": "very low", "low": "low", "moderate": "moderate", "high": "high"}

DomainName: TypeAlias = Literal[
    "risk-of-bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication-bias",
    "large-effect",
    "dose-response",
    "opposing-confounding",
]
NetworkDomain: TypeAlias = Literal["intransitivity", "incoherence"]
DOWN: tuple[DomainName, ...] = ("risk-of-bias", "inconsistency", "indirectness", "imprecision", "publication-bias")
UP: tuple[DomainName, ...] = ("large-effect", "dose-response", "opposing-confounding")
DOMAIN_WORDS: dict[str, str] = {
    "risk-of-bias": "risk of bias",
    "inconsistency": "inconsistency",
    "indirectness": "indirectness",
    "imprecision": "imprecision",
    "publication-bias": "publication bias",
    "intransitivity": "intransitivity",
    "incoherence": "incoherence",
    "large-effect": "large effect",
    "dose-response": "dose and response",
    "opposing-confounding": "confounding that works the other way",
}


@dataclass(frozen=True)
class Domain:
    """One reason for a step.

    ``steps`` is 0 or negative for the domains that lower, 0 or positive for those that raise. ``made`` says whether it
    was computed, judged by people (``by``, ``on``), or not judged at all; what nobody judged counts as one step down.
    A judgement that departs from what was computed shows that too (``computed``, ``computed_because``).
    """

    name: DomainName | NetworkDomain
    steps: int
    because: str
    made: Literal["computed", "judged", "not-judged"]
    by: tuple[str, ...] = ()
    on: str = ""
    computed: int | None = None
    computed_because: str = ""

    @property
    def words(self) -> str:
        """'imprecision'."""
        return DOMAIN_WORDS[self.name]

    @property
    def overrides(self) -> bool:
        """Whether people judged otherwise than the computed suggestion."""
        return self.made == "judged" and self.computed is not None and self.computed != self.steps


@dataclass(frozen=True)
class Certainty:
    """How sure one can be of one answer.

    ``about`` is what the level is of: the ``effect`` of the treatment (that it makes the outcome more or less frequent)
    or the ``rate`` (how frequent the outcome is in such people, as a forecast, whatever the reason).
    """

    about: Literal["effect", "rate"]
    start: Level
    start_because: str
    domains: tuple[Domain, ...] = ()

    @property
    def level(self) -> Level:
        """Start and steps added up, kept between very low and high; steps up count only where nothing went down."""
        down = sum(d.steps for d in self.domains if d.steps < 0)
        up = sum(d.steps for d in self.domains if d.steps > 0) if down == 0 else 0
        return LEVELS[max(0, min(len(LEVELS) - 1, LEVELS.index(self.start) + down + up))]

    @property
    def words(self) -> str:
        """'very low'."""
        return LEVEL_WORDS[self.level]

    @property
    def because(self) -> str:
        """The reasons in one line: 'starts at high (randomised trials); down for imprecision (1)'."""
        parts = [f"starts at {LEVEL_WORDS[self.start]}: {self.start_because}"]
        for said, there in (
            ("down for", [d for d in self.domains if d.steps < 0 and d.made != "not-judged"]),
            ("up for", [d for d in self.domains if d.steps > 0]),
        ):
            if there:
                parts.append(f"{said} {human_list([f'{d.words} ({abs(d.steps)})' for d in there])}")
        if self.not_judged:
            parts.append(f"not judged, each as one step down: {human_list([DOMAIN_WORDS[n] for n in self.not_judged])}")
        return "; ".join(parts)

    @property
    def not_judged(self) -> tuple[DomainName | NetworkDomain, ...]:
        """Domains that nobody judged and nothing computed."""
        return tuple(d.name for d in self.domains if d.made == "not-judged")

    def domain(self, name: str) -> Domain | None:
        """The domain of that name."""
        return next((d for d in self.domains if d.name == name), None)

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class GradedRow:
    """One answer and how sure it is: of the main outcome, of another outcome word, or of a harm, in one group.

    ``certainty`` is that of the effect of the treatment, ``rate`` that of the count as a forecast for such people.
    """

    kind: Literal["main", "also", "harm"]
    outcome: str
    name: str
    group: str
    group_name: str
    certainty: Certainty
    rate: Certainty

    @property
    def level(self) -> Level:
        """The level of the effect."""
        return self.certainty.level


@dataclass(frozen=True)
class Grading:
    """The certainty of every answer to one question: outcome by outcome, group by group.

    ``outcome`` of a row is ``main``, the id of another outcome word, or the id of a harm; ``group`` is a group's id or
    ``overall``.
    """

    question: str
    rows: tuple[GradedRow, ...]

    @property
    def main(self) -> Certainty:
        """Of the main outcome, everything together."""
        return self.of("main")

    def row(self, outcome: str = "main", group: str = "overall") -> GradedRow:
        """The row of that outcome and group.

        Raises:
            UnknownId: (a ``KeyError``) when the question has no such outcome or group, with the nearest.
        """
        for row in self.rows:
            if row.outcome == outcome and row.group == group:
                return row
        known = {row.outcome for row in self.rows}
        if outcome not in known:
            raise UnknownId("outcome", outcome, sorted(known))
        raise UnknownId("group", group, [row.group for row in self.rows if row.outcome == outcome])

    def of(self, outcome: str = "main", group: str = "overall") -> Certainty:
        """How sure the effect is, of that outcome and group; see :meth:`row` for the errors."""
        return self.row(outcome, group).certainty

    @property
    def harms(self) -> tuple[GradedRow, ...]:
        """The rows of harms."""
        return tuple(row for row in self.rows if row.kind == "harm")

    def to_dict(self) -> dict[str, object]:
        """As plain data: levels, starts, and every step with its reason."""
        return {
            "question": self.question,
            "rows": [
                {
                    "kind": row.kind,
                    "outcome": row.outcome,
                    "group": row.group,
                    "effect": _plain(row.certainty),
                    "rate": _plain(row.rate),
                }
                for row in self.rows
            ],
        }


def _plain(found: Certainty) -> dict[str, object]:
    return {
        "level": found.level,
        "start": found.start,
        "start_because": found.start_because,
        "domains": [
            {
                "name": d.name,
                "steps": d.steps,
                "because": d.because,
                "made": d.made,
                "by": list(d.by),
                "on": d.on,
                "computed": d.computed,
                "computed_because": d.computed_because,
            }
            for d in found.domains
        ],
    }
