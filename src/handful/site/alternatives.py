"""Other treatments side by side: of each the rows a reader needs, the rest on the page of the treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handful.base.wording import capital, plural
from handful.counts.rows import CountRow
from handful.site.forest import share_axis
from handful.site.links import Linker
from handful.site.rows import count_row, told_below, without_treatment
from handful.site.site import Site
from handful.site.views import Forest, ForestGroup, ForestRow, Link
from handful.synthesis.synthesis import RowAnswer, Synthesis
from handful.words.vocabulary import fixed

MOST = 4
"""So many rows a treatment at most; people without active treatment are always shown whole."""

SHORTENED = (
    f"At most {MOST} rows a treatment: one a study and outcome (of several doses that with the largest group), counts "
    "before printed percentages. The others stand on the page of the treatment. Placebo and no treatment stand whole."
)
FAULT = "known fault of the source"
NO_TREATMENT = frozenset({"placebo", "untreated"})


def alternatives_forest(site: Site, linker: Linker, answer: Synthesis) -> Forest | None:
    """The table: placebo and no treatment first and whole, then each treatment by name."""
    found: dict[str, list[RowAnswer]] = {}
    kinds = {r.row.treatment: r.row.treatment_kind for r in answer.alternatives}
    for row in sorted(
        answer.alternatives,
        key=lambda r: (kinds[r.row.treatment] not in NO_TREATMENT, r.row.treatment_name.lower()),
    ):
        found.setdefault(row.row.treatment, []).append(row)
    if not found:
        return None
    sub = without_treatment(site)
    groups = []
    for treatment, listed in found.items():
        none = kinds[treatment] in NO_TREATMENT
        shown = listed if none else shown_rows(listed)
        left = len(listed) - len(shown)
        groups.append(
            ForestGroup(
                title=capital(listed[0].row.treatment_name),
                note="no active treatment" if none else "",
                rows=tuple(_row(site, linker, r, sub(r.row)) for r in shown),
                href=site.treatment_page(treatment, linker.root),
                more=f"{plural(left, 'more count')} on its page" if left else "",
            )
        )
    made = Forest(
        caption="Other treatments of such people, each count with its own definition and time",
        first_column="Study",
        axis=share_axis(),
        groups=tuple(groups),
    )
    return told_below(made)


def _row(site: Site, linker: Linker, answer: RowAnswer, sub: str) -> ForestRow:
    """A row whose known fault is named here and told in full where its number is."""
    made = count_row(site, linker, answer, sub=sub)
    marks = [Link("known fault of the source", made.count_href) if m.text.startswith(FAULT) else m for m in made.marks]
    return replace(made, marks=tuple(marks))


def shown_rows(listed: Sequence[RowAnswer]) -> list[RowAnswer]:
    """At most so many rows: one a study and outcome, then further counts (doses, times) as far as there is room."""
    best: dict[tuple[str, str], RowAnswer] = {}
    for answer in listed:
        key = (answer.row.study, answer.row.outcome)
        if key not in best or _rank(answer.row) < _rank(best[key].row):
            best[key] = answer
    first = sorted(best.values(), key=lambda a: _rank(a.row))[:MOST]
    taken = {id(a) for a in best.values()}
    rest = sorted((a for a in listed if id(a) not in taken and a.row.countable), key=lambda a: _rank(a.row))
    kept = {id(a) for a in (*first, *rest[: MOST - len(first)])}
    return sorted((a for a in listed if id(a) in kept), key=lambda a: not a.row.countable)


def _rank(row: CountRow) -> tuple[bool, bool, bool, int]:
    """Counts first, then percentages as printed, then those of a model; of equal ones that of most people."""
    modelled = row.percent is not None and row.percent.modelled and row.events is None
    return not row.countable, row.total is None, modelled, -(row.total.value if row.total else 0)


def alternatives_text(answer: Synthesis, forest: Forest | None) -> tuple[str, ...]:
    """What the table is, why these people, and what is not shown here."""
    asked = answer.question.alternatives
    if asked is None:
        return ()
    said = [fixed("alternatives")]
    if asked.because:
        said.append(f"Chosen because: {asked.because}.")
    if not answer.alternatives:
        said.append("The records hold none.")
    if not {r.row.treatment_kind for r in answer.alternatives} & NO_TREATMENT:
        said.append(fixed("no-placebo"))
    if forest is not None and any(group.more for group in forest.groups):
        said.append(SHORTENED)
    return tuple(said)


__all__ = ["alternatives_forest", "alternatives_text", "shown_rows"]
