"""The place in therapy: in the answer box, as a ladder, clause by clause, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence

from handful.base.wording import capital, count, decimal, human_list, people, share_in
from handful.position.alike import distinct
from handful.position.beside import Said
from handful.position.group import GroupPlace
from handful.position.ladder import LINES
from handful.position.losses import UNANCHORED, Option
from handful.position.place import Place
from handful.position.rule import Clause, rank
from handful.position.what_would_change import Further
from handful.site import links
from handful.site.site import Site
from handful.site.views.page import Link
from handful.site.views.place import (
    ChangeOf,
    ClauseCell,
    ClauseRow,
    LossesOf,
    LossRow,
    PlaceLine,
    PlacePage,
    PlacePart,
    Run,
    RungPart,
    Strip,
)
from handful.stats.results import NotEstimable
from handful.words import place as words
from handful.words.language import told as phrase

SIGNS = {True: "✓", False: "✗", None: "?"}


def place_part(site: Site, question: str) -> PlacePart | None:
    """Everything on the place of one question, or None where it names no ladder."""
    placed = site.places.get(question)
    if placed is None:
        return None
    groups = distinct(placed)
    outcome = placed.question.outcome.name
    lines = tuple(_line(placed, group, names) for group, names in groups)
    return PlacePart(
        title=placed.ladder.title,
        lines=lines,
        author=_author(site, placed),
        guidelines=tuple(_by_source(site, placed)),
        groups=tuple(capital(name) for _, name in groups),
        rungs=tuple(_rungs(site, placed, [group for group, _ in groups])),
        otherwise=placed.ladder.otherwise,
        drawn_title=f"Place in therapy by the ladder “{placed.ladder.title}”",
        drawn=". ".join(f"{capital(x.name)}: {x.line}" for x in lines) + ".",
        intro=words.ladder_intro(),
        notes=tuple(x for x in (placed.ladder.note or "",) if x),
        contraindications=_contraindications(site, placed) or (words.no_contraindications(),),
        not_established=words.not_established() if any(x.rung == len(LINES) and x.count for x in lines) else "",
        changes=tuple(_change(site, group, name, outcome) for group, name in groups),
        trials=_trials(placed),
        more=f"../{links.place(question)}",
    )


def place_page(site: Site, question: str) -> PlacePage | None:
    """The page with every clause and every further count."""
    part = place_part(site, question)
    if part is None:
        return None
    asked = site.review.questions[question]
    placed = site.places[question]
    assert placed is not None
    return PlacePage(
        page=site.page(links.place(question), f"Place in therapy: {asked.title}", heading="Place in therapy"),
        back=Link(asked.title, f"../{links.question(question)}"),
        part=part,
        losses=tuple(_losses(site, group) for group in placed.everyone) if placed.ladder.show_losses else (),
        losses_label=capital(UNANCHORED),
    )


def _losses(site: Site, group: GroupPlace) -> LossesOf:
    found = group.losses
    if isinstance(found, NotEstimable):
        return LossesOf(capital(group.name), (), "", capital(found.reason))
    rows = tuple(
        LossRow(
            name=one.option.name,
            loss=decimal(100 * one.loss, 1),
            mean=share_in(one.mean),
            counts=_counts(one.option),
        )
        for one in found.losses
    )
    without = human_list([site.review.records.treatment_name(t) for t in found.without]) if found.without else ""
    return LossesOf(capital(group.name), rows, without, "")


def _counts(option: Option) -> str:
    """'1 of 4, 2 of 9', and of whom together."""
    counts = ", ".join(count(x, n) for x, n in option.rate.counts)
    return phrase("chances.loss-counts", counts=counts, who=option.wider) if option.wider else counts


def _line(placed: Place, group: GroupPlace, name: str) -> PlaceLine:
    note = group.reason
    if group.together and name != human_list(list(group.together)):
        note = words.together_words(group)
    elif group.together:
        note = words.not_told_apart()
    return PlaceLine(
        name=name,
        line=words.line_words(group.line),
        rung=rank(group.line),
        count=words.counted_words(group) if group.counts else "",
        note=note,
        why=capital(words.missing_words(group)),
        by_rate=tuple(words.chance_or_sure(p) for p in group.probabilities_by_rate.values()),
        as_they_are=tuple(words.chance_or_sure(p) for p in group.probabilities.values()),
    )


def _contraindications(site: Site, placed: Place) -> tuple[str, ...]:
    records = site.review.records
    return tuple(
        words.contraindication_words(c, records.treatment_name(c.treatment), records.sources[c.source].short)
        for c in placed.ladder.contraindications
    )


def _author(site: Site, placed: Place) -> str:
    view = placed.beside.view
    if view is None:
        return ""
    by = view.by or "the author"
    own = view.line.replace("-", " ")
    others = [s for s in placed.beside.author if not set(s.claim.treatments) & set(placed.treatments)]
    beside = f"; {_lines_of(site, others)}" if others else ""
    when = _when(placed.beside.author)
    return f"{by} ({when}): {own} line{beside}"


def _when(said: Sequence[Said]) -> str:
    years = sorted({s.year for s in said if s.year is not None})
    return human_list([str(y) for y in years]) if years else "date not known"


def _lines_of(site: Site, said: Sequence[Said]) -> str:
    """'tofacitinib, methotrexate first line'."""
    by_line: dict[str, list[str]] = {}
    for s in sorted(said, key=lambda s: (rank(s.claim.line or ""), s.claim.id)):
        names = [site.review.records.treatment_name(t) for t in s.claim.treatments]
        by_line.setdefault(s.claim.line or "", []).extend(names[:1])
    return "; ".join(f"{human_list(list(dict.fromkeys(names)))} {line} line" for line, names in by_line.items() if line)


def _by_source(site: Site, placed: Place) -> list[str]:
    """One sentence a guideline: when, as told by whom, which treatments at which line."""
    found: dict[str, list[Said]] = {}
    for said in placed.beside.guidelines:
        found.setdefault(said.claim.source, []).append(said)
    made = []
    for identifier, listed in found.items():
        source = site.review.records.sources.get(identifier)
        of = site.review.records.sources.get(source.summary_of) if source and source.summary_of else None
        told = f"{of.short if of else source.short if source else identifier}"
        via = f", as told by “{source.short}”" if of is not None and source is not None else ""
        made.append(f"{told}{via} ({_when(listed)}): {_lines_of(site, listed)}")
    return made


def _rungs(site: Site, placed: Place, groups: Sequence[GroupPlace]) -> list[RungPart]:
    made = []
    for rung in placed.ladder.rungs:
        before = [site.review.records.treatment_name(t) for t in rung.after_failure_of if t not in placed.treatments]
        columns = [group.decision.of(rung.line) for group in groups]
        rows = tuple(
            ClauseRow(words.asked_words(clauses[0]), tuple(_cell(site, clause) for clause in clauses))
            for clauses in zip(*columns, strict=True)
        )
        after = (
            f"after {human_list(before)} failed" if before else "" if rung.line == "first" else "after the line before"
        )
        made.append(RungPart(capital(words.line_words(rung.line)), after, rung.because, rows))
    return made


def _cell(site: Site, clause: Clause) -> ClauseCell:
    return ClauseCell(SIGNS[clause.met], words.met_words(clause), words.found_short(clause))


def _change(site: Site, group: GroupPlace, name: str, outcome: str) -> ChangeOf:
    change = group.what_would_change
    listed = change.people or change.studies
    whom = "further people" if change.people else "people of a further study"
    strips = tuple(_strip(further) for further in listed)
    told = "; ".join(
        phrase("chances.of-gives", people=s.people, needed=s.needed, line=s.line)
        if s.line
        else phrase("chances.of", people=s.people, needed=s.needed)
        for s in strips
    )
    shorts = {s: site.short(s) for s in dict.fromkeys(m.study for m in change.miscounts)}
    return ChangeOf(
        name=capital(name),
        sentence=words.headline_change(group, outcome),
        title=f"{capital(name)}: the line after each count among {whom}",
        description=phrase("chances.now", line=words.line_words(group.line), told=capital(told)),
        caption=f"{capital(name)}: {whom}, and the line that each count would give",
        strips=strips,
        miscounts=tuple(words.miscount_sentence(m, shorts[m.study]) for m in change.miscounts),
        nearest=words.nearest_words(group),
    )


def _strip(further: Further) -> Strip:
    whole = further.people + 1
    runs = tuple(
        Run(
            x=f"{100 * low / whole:.4g}%",
            width=f"{100 * (high - low + 1) / whole:.4g}%",
            middle=f"{50 * (low + high + 1) / whole:.4g}%",
            letter=_letter(line),
            filled=rank(line) < len(LINES),
        )
        for line, low, high, _ in further.steps
    )
    up = further.smallest_better
    needed = (
        phrase("chances.at-least", n=up.responders)
        if up is not None and up.responders < further.people
        else (phrase("chances.every", n=further.people) if up is not None else phrase("chances.none"))
    )
    chance = further.probability_better
    said = {"people": people(further.people), "needed": needed}
    line = words.line_words(up.line) if up is not None else ""
    return Strip(
        people=said["people"],
        runs=runs,
        needed=needed,
        line=line,
        title=phrase("chances.title-gives", **said, line=line) if line else phrase("chances.title", **said),
        description=phrase("chances.described", **said, line=line or phrase("chances.nothing")),
        chance="" if chance is None or up is None else words.chance(chance),
    )


def _letter(line: str) -> str:
    return {"first": "1", "second": "2", "third": "3", "later": "4"}.get(line, "–")


def _trials(placed: Place) -> tuple[str, ...]:
    """Each trial once, with the group whose people it would count most narrowly."""
    made: dict[str, str] = {}
    for group in (*placed.bands, placed.overall):
        for trial in group.what_would_change.trials:
            made.setdefault(trial.study, words.trial_sentence(trial, group))
    return tuple(made.values())


__all__ = ["place_page", "place_part"]
