"""The ladder's alternatives, each selected and counted by the same rules as the question's own treatment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from handful.counts.count import count
from handful.counts.rows import CountRow
from handful.position.bands import rows_for
from handful.position.ladder import Band, Ladder
from handful.position.losses import Losses, Option, expected_losses
from handful.position.rate import Rate, rate_of
from handful.question.question import Accepted, AskedOutcome, HarmsAsked, Question, TreatmentRule
from handful.question.select import select
from handful.records.records import Records
from handful.records.study import Design
from handful.stats.results import NotEstimable

DESIGNS: tuple[Design, ...] = (
    "randomised",
    "non-randomised",
    "single-arm-trial",
    "cohort",
    "case-series",
    "pooled-trials",
)


@dataclass(frozen=True)
class Alternative:
    """An alternative and its countable arms; none where the records hold no count of the ladder's outcome."""

    treatment: str
    name: str
    rows: tuple[CountRow, ...]


def alternatives_of(
    records: Records, ladder: Ladder, question: Question, wanted: Collection[str]
) -> tuple[Alternative, ...]:
    """Every treatment of the ladder that the question does not ask about, and placebo or nothing where counted."""
    neutral = [t.id for t in records.treatments.values() if t.kind in ("placebo", "untreated")]
    listed = [t for t in dict.fromkeys((*ladder.alternatives, *neutral)) if t not in wanted]
    found = [
        Alternative(treatment, records.treatment_name(treatment), _rows(records, ladder, question, treatment))
        for treatment in listed
    ]
    return tuple(one for one in found if one.rows or one.treatment not in neutral)


def _rows(records: Records, ladder: Ladder, question: Question, treatment: str) -> tuple[CountRow, ...]:
    people = (question.alternatives.people if question.alternatives else {}) or ladder.people
    asked = question.model_copy(
        update={
            "treatment": TreatmentRule(ids=(treatment,)),
            "people": people,
            "outcome": AskedOutcome(
                name=ladder.title,
                accepts=tuple(Accepted(outcome=o, because="on the ladder") for o in ladder.outcomes),
            ),
            "counts": "outcomes",
            "also": (),
            "groups": {},
            "designs": DESIGNS,
            "case_reports": None,
            "alternatives": None,
            "harms": HarmsAsked(),
        }
    )
    return count(select(records, asked)).main.overall.rows


def losses_for(
    own: Option | NotEstimable,
    alternatives: Collection[Alternative],
    question: Question,
    ladder: Ladder,
    band: Band | None,
) -> Losses | NotEstimable:
    """The losses of a band (``band`` None: of everybody together)."""
    if isinstance(own, NotEstimable):
        return own
    options, without = [own], []
    for one in alternatives:
        found = _option(one, question, ladder, band)
        if isinstance(found, NotEstimable):
            without.append(one.treatment)
        else:
            options.append(found)
    return expected_losses(options, without)


def _option(one: Alternative, question: Question, ladder: Ladder, band: Band | None) -> Option | NotEstimable:
    rows, wider = one.rows, ""
    if band is not None and ladder.bands:
        found = rows_for(band, ladder.bands, one.rows)
        rows = found.rows
        wider = ", ".join(b.name for b in found.together) if found.wider else ""
    counts = [(row.events.value, row.total.value) for row in rows if row.events and row.total]
    rate = rate_of(counts, question.plan)
    if isinstance(rate, NotEstimable):
        return rate
    assert isinstance(rate, Rate)
    return Option(one.treatment, one.name, rate, tuple(dict.fromkeys(row.study for row in rows)), wider)
