"""What stands behind a text, and so which words it may use: the claim ladder."""

from __future__ import annotations

from dataclasses import dataclass

from handful.words.certainty_words import LEVELS, CertaintyLevel, Thresholds
from handful.words.claim_rules import Needs
from handful.words.designs import COMPARED

MANY = 100
"""From this many people on a study may be called large."""


@dataclass(frozen=True)
class EvidenceBehind:
    """Design, people, interval, certainty and thresholds behind a text; what is not known is None.

    ``rate`` are the limits of a rate, ``difference`` those of a difference between two groups set against each other;
    from ``most_from`` on the lower limit of a rate is called most: one half, or the threshold of the plan above it.
    """

    design: str | None = None
    people: int | None = None
    certainty: CertaintyLevel | None = None
    rate: tuple[float, float] | None = None
    difference: tuple[float, float] | None = None
    thresholds: Thresholds | None = None
    most_from: float = 0.5

    @property
    def compared(self) -> bool:
        """Whether the design set groups against each other."""
        return self.design in COMPARED

    @property
    def crosses(self) -> bool:
        """Whether the interval of the difference holds no effect."""
        return self.difference is not None and self.difference[0] <= 0 <= self.difference[1]

    def verb_needed(self, hedge: str | None) -> str | None:
        """None where a claim with this hedge is carried; else the certainty whose verb should stand there."""
        said = {"low": "low", "moderate": "moderate", "very-low": "very-low", None: "high"}[hedge]
        if self.certainty is None:
            return "very-low"
        return None if LEVELS.index(self.certainty) >= LEVELS.index(said) else self.certainty

    @property
    def sizes(self) -> tuple[str, str] | None:
        """The sizes of both ends of the difference, the nearer to no effect first; None where they are not known."""
        if self.thresholds is None or self.difference is None:
            return None
        near, far = sorted(self.difference, key=abs)
        return self.thresholds.size(0.0 if self.crosses else near), self.thresholds.size(far)

    def carries(self, needs: Needs) -> bool:
        """Whether words that need this may be said at all; for ``comparison`` the verb is another matter."""
        if needs == "comparison":
            return self.compared and not self.crosses
        if needs == "thresholds":
            return self.compared and self.thresholds is not None
        if needs == "most":
            return self.rate is not None and self.rate[0] > self.most_from
        if needs == "few":
            return self.rate is not None and self.rate[1] < 0.5
        if needs == "many":
            return self.people is not None and self.people >= MANY
        return False
