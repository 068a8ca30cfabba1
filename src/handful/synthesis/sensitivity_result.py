"""Every defensible analysis of a question: the rows, what was chosen in each, and which choice moves the answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handful.base.notes import Note
from handful.synthesis.sensitivity_sentence import moves_words, summary_of

OVERALL = "overall"


@dataclass(frozen=True)
class Choice:
    """One way to choose: its id, plain words, why someone would; ``bound`` marks what no source reports."""

    id: str
    words: str
    because: str = ""
    bound: bool = False


@dataclass(frozen=True)
class Dimension:
    """Something that can be chosen, and the choices; the plan's own comes first (``model``: see each group's headline).

    ``crossed`` says whether it was combined with every other choice, or varied alone because the product was too large.
    """

    id: str
    name: str
    choices: tuple[Choice, ...]
    crossed: bool = True

    def choice(self, identifier: str) -> Choice:
        """The choice of that id."""
        return next(c for c in self.choices if c.id == identifier)


@dataclass(frozen=True)
class ArmCounted:
    """One arm's count as an analysis takes it: ``reported`` is false when a bound has been put in its place.

    ``put_in`` of its people are counted by no source, ``put_in_events`` of them as with the outcome.
    """

    study: str
    arm: str
    outcome: str
    events: int
    total: int
    groups: tuple[str, ...] = ()
    case_report: bool = False
    reported: bool = True
    put_in: int = 0
    put_in_events: int = 0


@dataclass(frozen=True)
class Analysis:
    """One row: what was chosen (dimension → choice), the counts it rests on, and its estimate with interval.

    ``same`` says how many combinations of choices have exactly these inputs; the one named departs least from the
    plan. ``bound`` marks a row that puts people in whom no source counts: never a reported count.
    """

    group: str
    choices: Mapping[str, str]
    arms: tuple[ArmCounted, ...]
    estimate: float
    low: float
    high: float
    model: str
    headline: bool
    bound: bool
    departures: int
    same: int
    notes: tuple[Note, ...] = ()

    def made(self, dimension: str, choice: str) -> bool:
        """Whether the analysis made a choice; only Bayesian ones chose a prior."""
        return self.choices[dimension] == choice and (dimension != "prior" or self.model == "bayes")

    @property
    def events(self) -> int:
        """People with the outcome, added up."""
        return sum(arm.events for arm in self.arms)

    @property
    def total(self) -> int:
        """People, added up."""
        return sum(arm.total for arm in self.arms)

    @property
    def k(self) -> int:
        """How many counts were put together."""
        return len(self.arms)

    @property
    def studies(self) -> tuple[str, ...]:
        """Ids of the studies, each once."""
        return tuple(dict.fromkeys(arm.study for arm in self.arms))

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            "group": self.group,
            "choices": dict(self.choices),
            "events": self.events,
            "total": self.total,
            "k": self.k,
            "studies": list(self.studies),
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "headline": self.headline,
            "reported": not self.bound,
            "same_inputs": self.same,
            "notes": [str(note) for note in self.notes],
        }


@dataclass(frozen=True)
class Move:
    """How far one choice moves the estimate with all the others held.

    ``alone``: the span over its choices with everything else as planned; ``mean`` and ``largest``: over every setting
    of the others in which its choices give different inputs (``settings`` of them).
    """

    dimension: str
    name: str
    alone: float
    mean: float
    largest: float
    settings: int


@dataclass(frozen=True)
class NotRun:
    """Analyses that were left out, how many combinations of choices they are, and why."""

    what: str
    reason: str
    combinations: int


@dataclass(frozen=True)
class GroupSensitivity:
    """Every analysis of one group, sorted by its estimate, and what moves it most first."""

    id: str
    name: str
    rows: tuple[Analysis, ...]
    moves: tuple[Move, ...]
    combinations: int
    threshold: float | None = None
    nearest: Mapping[str, tuple[Analysis, ...]] = field(default_factory=dict)
    """Dimension → for each of its other choices the analysis nearest to the plan, with the choices that lead there."""

    @property
    def headline(self) -> Analysis | None:
        """The plan's own analysis, or None where the plan counts nobody in this group."""
        return next((row for row in self.rows if row.headline), None)

    @property
    def low(self) -> float:
        """The lowest estimate."""
        return self.rows[0].estimate

    @property
    def high(self) -> float:
        """The highest estimate."""
        return self.rows[-1].estimate

    @property
    def below(self) -> int | None:
        """How many analyses lie below the threshold; None without one."""
        return None if self.threshold is None else sum(row.estimate < self.threshold for row in self.rows)

    @property
    def summary(self) -> str:
        """The analyses in one sentence: on which side of the threshold, or over which range, and what moves them."""
        return summary_of(self)

    def to_dict(self) -> dict[str, Any]:
        """The group in short, as plain data: number, range, share, what moves most."""
        if not self.rows:
            return {"id": self.id, "analyses": 0}
        head = self.headline
        return {
            "id": self.id,
            "analyses": len(self.rows),
            "combinations": self.combinations,
            "bounds_among_them": sum(row.bound for row in self.rows),
            "lowest": _point(self.rows[0]),
            "highest": _point(self.rows[-1]),
            "headline": _point(head) if head else None,
            "threshold": self.threshold,
            "below_threshold": self.below,
            "moves": [
                {"dimension": m.dimension, "alone": m.alone, "mean": m.mean, "largest": m.largest} for m in self.moves
            ],
            "summary": self.summary,
        }


def _point(row: Analysis) -> dict[str, Any]:
    return {
        "estimate": row.estimate,
        "low": row.low,
        "high": row.high,
        "events": row.events,
        "total": row.total,
        "reported": not row.bound,
        "choices": dict(row.choices),
    }


@dataclass(frozen=True)
class Sensitivity:
    """Every other defensible answer to a question: by group, and everything together last.

    ``dimensions`` are the choices, ``not_run`` what was left out and why. ``rows``, ``moves`` and ``summary`` are those
    of all groups, and of everything together. Nothing is averaged over rows, and the rows have no p value together.
    """

    question: str
    title: str
    level: float
    dimensions: tuple[Dimension, ...]
    groups: tuple[GroupSensitivity, ...]
    not_run: tuple[NotRun, ...]
    threshold: float | None
    threshold_from: str
    digest: str
    notes: tuple[Note, ...] = ()

    def group(self, identifier: str) -> GroupSensitivity:
        """The group of that id; ``overall`` is everything together.

        Raises:
            UnknownChoice: when there is none.
        """
        found = next((g for g in self.groups if g.id == identifier), None)
        if found is None:
            from handful.base.errors import UnknownChoice

            raise UnknownChoice("group", identifier, [g.id for g in self.groups])
        return found

    @property
    def overall(self) -> GroupSensitivity:
        """Everything together; where only one group was kept, that one."""
        return self.groups[-1]

    @property
    def rows(self) -> tuple[Analysis, ...]:
        """Every row of every group."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def moves(self) -> tuple[Move, ...]:
        """How far each choice moves the answer for everything together, the one that moves it most first."""
        return self.overall.moves

    @property
    def summary(self) -> str:
        """The analyses of everything together in one sentence."""
        return self.overall.summary

    def nearest(self, group: GroupSensitivity, dimension: Dimension) -> list[tuple[Choice, Analysis]]:
        """For each other choice of a dimension that changes the inputs: the analysis that departs least otherwise."""
        head = group.headline
        same = (head.arms, head.model, head.estimate) if head else None
        return [
            (dimension.choice(row.choices[dimension.id]), row)
            for row in group.nearest.get(dimension.id, ())
            if (row.arms, row.model, row.estimate) != same
        ]

    def beside(self, row: Analysis, dimension: Dimension) -> str:
        """What else the row chose otherwise: '; and “any regrowth”'; empty where it is that one choice alone."""
        head = next((r.choices for r in self.group(row.group).rows if r.headline), {})
        words = [
            d.choice(row.choices[d.id]).words
            for d in self.dimensions
            if d.id != dimension.id and row.choices[d.id] != head.get(d.id, d.choices[0].id)
        ]
        return f"; and {', '.join(words)}" if words else ""

    @property
    def several(self) -> bool:
        """Whether there is more than one defensible analysis in any group."""
        return any(len(group.rows) > 1 for group in self.groups)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, every row included."""
        return {
            "question": self.question,
            "level": self.level,
            "threshold": self.threshold,
            "threshold_from": self.threshold_from,
            "summary": self.summary,
            "dimensions": [
                {
                    "id": d.id,
                    "name": d.name,
                    "crossed": d.crossed,
                    "choices": [
                        {"id": c.id, "words": c.words, "because": c.because, "bound": c.bound} for c in d.choices
                    ],
                }
                for d in self.dimensions
            ],
            "groups": [group.to_dict() for group in self.groups],
            "not_run": [{"what": n.what, "reason": n.reason, "combinations": n.combinations} for n in self.not_run],
            "rows": [row.to_dict() for row in self.rows],
            "notes": [str(note) for note in self.notes],
            "computed_from": self.digest,
        }

    def short(self) -> dict[str, Any]:
        """What is kept in ``results/``: how many analyses, over which range, what moves them; no rows."""
        return {
            "choices": {d.id: [c.id for c in d.choices] for d in self.dimensions},
            "threshold": self.threshold,
            "groups": [group.to_dict() for group in self.groups],
            "not_run": [{"what": n.what, "reason": n.reason, "combinations": n.combinations} for n in self.not_run],
        }

    def table(self) -> list[dict[str, Any]]:
        """One flat dict a row: a column for each choice, then counts, estimate and interval."""
        names = [d.id for d in self.dimensions]
        return [
            {"group": row.group}
            | {name: row.choices.get(name, "") for name in names}
            | {
                "events": row.events,
                "total": row.total,
                "k": row.k,
                "studies": " ".join(row.studies),
                "estimate": row.estimate,
                "low": row.low,
                "high": row.high,
                "headline": row.headline,
                "reported": not row.bound,
                "same_inputs": row.same,
            }
            for row in self.rows
        ]

    def to_frame(self) -> Any:
        """The table as a pandas DataFrame, or a list of dicts where pandas is absent."""
        rows = self.table()
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(rows)

    def to_csv(self) -> str:
        """The table as CSV, every number in full."""
        rows = self.table()
        if not rows:
            return ""
        page = io.StringIO()
        writer = csv.DictWriter(page, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()} for row in rows)
        return page.getvalue()

    def __str__(self) -> str:
        lines = [self.title]
        for group in self.groups:
            lines.append(f"{group.name}: {group.summary}")
            lines.extend(f"  {text}" for text in moves_words(group))
        return "\n".join(lines)
