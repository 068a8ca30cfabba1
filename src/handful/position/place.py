"""Where a treatment stands among the alternatives: the ladder's rule applied to the answer, by band and together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from handful.counts.rows import CountRow
from handful.position.alternatives import alternatives_of
from handful.position.authority import authority_for
from handful.position.bands import BandRows, rows_for
from handful.position.beside import Beside, beside
from handful.position.group import GroupPlace, Setting
from handful.position.ladder import About, Band, Ladder
from handful.position.rate import Pair, Rate, rate_of
from handful.position.rule import Clause, decide, line_probabilities, nearest
from handful.question.question import Question
from handful.question.select import treatment_ids
from handful.records.people import NOT_KNOWN
from handful.records.records import Records
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import RowAnswer, Synthesis

if TYPE_CHECKING:
    from handful.position.what_would_change import Change

GroupCertainty: TypeAlias = Callable[[str, Sequence[CountRow], Sequence[Pair], About], "str | None"]
"""The level for a group, of its effect or its rate, when its counts are these; None where it cannot be told."""


@dataclass(frozen=True)
class Place:
    """The computed place in therapy, by band and together, with what others say set apart from it.

    ``line`` and ``because`` are those of everybody together; ``bands`` those of the ladder, ``groups`` those of the
    question. ``view`` is the author's own and ``beside`` what guidelines and others claim: nothing is computed from
    the author's view, and from claims only what the ladder names.
    """

    question: Question
    ladder: Ladder
    treatments: tuple[str, ...]
    bands: tuple[GroupPlace, ...]
    groups: tuple[GroupPlace, ...]
    overall: GroupPlace
    beside: Beside
    under_way: tuple[str, ...] = ()
    harms: tuple[RowAnswer, ...] = ()
    """Counts of what is unwanted on the treatment; the rule takes part only where a line has a clause on it."""
    records: Records | None = field(default=None, repr=False)

    @property
    def line(self) -> str:
        """The line for everybody together: 'first', 'second', 'third', 'later', or that none is established."""
        return self.overall.line

    @property
    def because(self) -> tuple[Clause, ...]:
        """The clauses for everybody together, in order."""
        return self.overall.because

    @property
    def probabilities(self) -> Mapping[str, float]:
        """The probability of each line for everybody together, were the rate known."""
        return self.overall.probabilities

    @property
    def what_would_change(self) -> Change:
        """What would change the line of everybody together."""
        return self.overall.what_would_change

    @property
    def everyone(self) -> tuple[GroupPlace, ...]:
        """The bands, or else the groups, and everybody together."""
        return (*(self.bands or self.groups), self.overall)

    def group(self, identifier: str) -> GroupPlace | None:
        """The band or group of that id; ``overall`` is everybody together."""
        return next((g for g in (*self.bands, *self.groups, self.overall) if g.id == identifier), None)


def place_of(answer: Synthesis, ladder: Ladder, *, certainty: GroupCertainty | None = None) -> Place:
    """The place that follows from an answer.

    ``certainty(group, rows, counts, about)`` gives the level for a group of that id and those rows when its counts are
    these; without it no clause on certainty can be told.
    """
    question, records = answer.question, answer.counts.records
    wanted = tuple(sorted(treatment_ids(records, question.treatment)))
    overall = _somebody(answer.main.overall.count.rows)
    alternatives = alternatives_of(records, ladder, question, wanted)

    def made(identifier: str, name: str, found: BandRows, band: Band | None) -> GroupPlace:
        counts = tuple((r.events.value, r.total.value) for r in found.rows if r.events and r.total)
        setting = Setting(
            question=question,
            ladder=ladder,
            treatments=wanted,
            name=" or ".join(records.treatment_name(t) for t in wanted[:3]),
            authority=authority_for(records, ladder, wanted, _needed(ladder, band, found.rows)),
            harms=_harms(answer, ladder, wanted, band),
            alternatives=alternatives,
            band=band,
            studies=tuple(dict.fromkeys(row.study for row in found.rows)),
            certainty=lambda c, about: certainty(identifier, found.rows, c, about) if certainty else None,
            under_way=answer.counts.under_way,
            names=records.attributes,
        )
        facts = setting.facts(counts)
        decision = decide(ladder, facts)
        close = nearest(ladder, decision, facts)
        return GroupPlace(
            id=identifier,
            name=name,
            line=decision.line,
            counts=counts,
            rows=found.rows,
            decision=decision,
            facts=facts,
            setting=setting,
            probabilities=line_probabilities(ladder, decision, facts),
            probabilities_by_rate=line_probabilities(ladder, decision, facts, rate_alone=True),
            nearest=close[0] if close else None,
            nearest_alone=close[1] if close else False,
            together=tuple(b.name for b in found.together) if found.wider else (),
            left=found.left,
            unknown=found.unknown,
            reason=_reason(found, band, ladder) if isinstance(facts.rate, NotEstimable) else "",
        )

    return Place(
        question=question,
        ladder=ladder,
        treatments=wanted,
        bands=tuple(made(b.id, b.name, rows_for(b, ladder.bands, overall), b) for b in ladder.bands),
        groups=tuple(made(g.id, g.count.name, BandRows(_somebody(g.count.rows), ()), None) for g in answer.main.groups),
        overall=made("overall", "all together", BandRows(overall, ()), None),
        beside=beside(records, ladder, question, wanted),
        under_way=tuple(study.id for study in answer.counts.under_way),
        harms=tuple(one for one in answer.harms if one.row.treatment in wanted and one.row.countable),
        records=records,
    )


def _somebody(rows: Sequence[CountRow]) -> tuple[CountRow, ...]:
    """The counts of somebody: 0 of 0 says nothing."""
    return tuple(row for row in rows if row.total is None or row.total.value > 0)


def _needed(ladder: Ladder, band: Band | None, rows: Sequence[CountRow]) -> tuple[str, ...] | None:
    """Whom a licence must cover: the band asked about, or everybody who was counted; None where that is not known."""
    if ladder.attribute is None:
        return ()
    if band is not None:
        return tuple(band.people[ladder.attribute])
    values: set[str] = set()
    for row in rows:
        found = set(row.people.get(ladder.attribute, ("not reported",)))
        if found & NOT_KNOWN:
            return None
        values |= found
    return tuple(sorted(values)) or None


def _harms(
    answer: Synthesis, ladder: Ladder, wanted: Sequence[str], band: Band | None
) -> dict[str, Rate | NotEstimable]:
    """The rates of the unwanted outcomes the ladder names, under the treatment, in the band where it is told apart."""
    from handful.synthesis.posteriors import NO_RATE

    named = dict.fromkeys(limit.outcome for rung in ladder.rungs for limit in rung.harms)
    made: dict[str, Rate | NotEstimable] = {}
    for outcome in named:
        rows = [
            answered.row
            for answered in answer.harms
            if answered.row.outcome == outcome
            and answered.row.treatment in wanted
            and answered.row.countable
            and answered.row.design not in NO_RATE
        ]
        if band is not None:
            rows = list(rows_for(band, ladder.bands, rows).rows)
        counts = [(row.events.value, row.total.value) for row in rows if row.events and row.total]
        made[outcome] = rate_of(counts, answer.plan) if counts else NotEstimable("nobody was counted for it")
    return made


def _reason(found: BandRows, band: Band | None, ladder: Ladder) -> str:
    """Why nothing can be computed."""
    if band is None:
        return "no data"
    told = ladder.attribute or "group"
    if found.unknown:
        return f"no data for this {told}: the {told} of the people counted is not reported"
    return f"no data for this {told}"
