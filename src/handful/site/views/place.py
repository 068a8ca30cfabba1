"""The place in therapy: the line by band, the rule's clauses, what would change it, what others say beside it."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page


@dataclass(frozen=True)
class PlaceLine:
    """One group of people: its line, the count it rests on, and what must be said beside it."""

    name: str
    line: str
    rung: int
    count: str
    note: str
    why: str
    """What keeps it from the nearest better line."""
    by_rate: tuple[str, ...]
    """The probability of each line and of none, were the rate known and every other clause met."""
    as_they_are: tuple[str, ...]
    """The same with the other clauses as they stand."""


@dataclass(frozen=True)
class ClauseCell:
    """What was found for one group: a sign beside the word, so that nothing rests on colour."""

    sign: str
    state: str
    found: str


@dataclass(frozen=True)
class ClauseRow:
    """One demand of a line and what was found for each group."""

    asks: str
    cells: tuple[ClauseCell, ...]


@dataclass(frozen=True)
class RungPart:
    """One line of the ladder: after what has failed, why it asks for this, and its demands."""

    line: str
    after: str
    because: str
    rows: tuple[ClauseRow, ...]


@dataclass(frozen=True)
class Run:
    """Counts that give one line, as a bar: where it begins and how wide it is in per cent, and its letter."""

    x: str
    width: str
    middle: str
    letter: str
    filled: bool


@dataclass(frozen=True)
class Strip:
    """One number of further people: the bars of its counts, and the same in words."""

    people: str
    runs: tuple[Run, ...]
    needed: str
    line: str
    chance: str
    title: str
    description: str


@dataclass(frozen=True)
class ChangeOf:
    """What would change the line of one group."""

    name: str
    sentence: str
    title: str
    description: str
    caption: str
    strips: tuple[Strip, ...]
    miscounts: tuple[str, ...]
    nearest: str


@dataclass(frozen=True)
class LossRow:
    """One alternative for one group: what choosing it is expected to lose, the counts it rests on."""

    name: str
    loss: str
    mean: str
    counts: str


@dataclass(frozen=True)
class LossesOf:
    """The expected losses beside the alternatives for one group; ``reason`` where there are none."""

    name: str
    rows: tuple[LossRow, ...]
    without: str
    reason: str


@dataclass(frozen=True)
class PlacePart:
    """The parts of a question's page on its place in therapy."""

    title: str
    lines: tuple[PlaceLine, ...]
    author: str
    guidelines: tuple[str, ...]
    groups: tuple[str, ...]
    rungs: tuple[RungPart, ...]
    otherwise: str
    drawn_title: str
    drawn: str
    intro: str
    notes: tuple[str, ...]
    contraindications: tuple[str, ...]
    not_established: str
    """What these words say and do not say; empty where nothing stands there."""
    changes: tuple[ChangeOf, ...]
    trials: tuple[str, ...]
    more: str


@dataclass(frozen=True)
class PlacePage:
    """The page with every clause and every further count."""

    page: Page
    back: Link
    part: PlacePart
    losses: tuple[LossesOf, ...]
    """Only where the ladder asks for them."""
    losses_label: str
