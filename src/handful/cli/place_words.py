"""The place in therapy as lines of text: the answer first, then its reasons, what would change it, what others say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handful.base.wording import capital, decimal, human_list, per_100
from handful.position.alike import distinct
from handful.position.beside import Said
from handful.position.group import GroupPlace
from handful.position.losses import UNANCHORED
from handful.position.place import Place
from handful.position.what_would_change import Further
from handful.records.records import Records
from handful.stats.results import NotEstimable
from handful.words import place as words


def lines(placed: Place, *, short: bool = False, losses: bool = False, value: bool = False) -> Iterator[str]:
    """The place as lines of text; ``short`` ends after the answer and what would change it."""
    question = placed.question
    yield question.asks or question.title
    yield f"place in therapy by the ladder “{placed.ladder.title}”; a line is a place after what has failed"
    yield ""
    yield from _answer(placed)
    if not short:
        for group, name in distinct(placed):
            yield ""
            yield from _group(group, name, placed)
            if value:
                yield from _value(group)
    if losses or not short:
        yield from _losses(placed)
    if not short:
        yield from _harms(placed)
        yield from _contraindications(placed)
    yield from _beside(placed)


def _answer(placed: Place) -> Iterator[str]:
    """Every band with its line and what keeps it from a better one; then what would change it."""
    for group in placed.everyone:
        yield f"  {words.place_line(group)}"
        if group.together:
            yield f"    {words.together_words(group)}"
        missing = words.missing_words(group)
        if missing:
            yield f"    {missing}"
    if any(group.line == placed.ladder.otherwise and not group.reason for group in placed.everyone):
        yield f"  {words.not_established()}"
    yield ""
    yield "  what would change it"
    for group, name in distinct(placed):
        yield f"    {name}: {words.headline_change(group, placed.question.outcome.name)}"


def _group(group: GroupPlace, name: str, placed: Place) -> Iterator[str]:
    """One group in full: clauses in the order of the lines, probabilities, and every way the line could move."""
    yield f"{name}, in full"
    for rung in placed.ladder.rungs:
        before = tuple(t for t in rung.after_failure_of if t not in placed.treatments)
        after = f", after {human_list(_names(placed, before))} failed" if before else ""
        yield f"  {words.line_words(rung.line)}{after}"
        for clause in group.decision.of(rung.line):
            yield f"    {words.met_words(clause)}: {words.asked_words(clause)}: {words.found_words(clause)}"
    if group.at_best != group.line:
        yield f"  {words.line_words(group.at_best)}, were every clause that cannot be told a met one"
    near = words.nearest_words(group)
    if near:
        yield f"  {near}"
    if group.probabilities:
        yield "  probability of each line, were the rate known"
        yield f"    by the rate alone, every other clause met: {words.line_chances(group.probabilities_by_rate)}"
        yield f"    the other clauses as they are: {words.chances_as_they_are(group)}"
    yield "  what would change it"
    yield from _table((*group.what_would_change.people, *group.what_would_change.studies))
    records = placed.records
    for miscount in group.what_would_change.miscounts:
        study = records.studies.get(miscount.study) if records else None
        source = records.sources.get(study.source) if records and study else None
        yield f"    {words.miscount_sentence(miscount, source.short if source else miscount.study)}"
    for trial in group.what_would_change.trials:
        yield f"    {words.trial_sentence(trial, group)}"


def _table(listed: Sequence[Further]) -> Iterator[str]:
    """The smallest number that moves the line up, for each number of further people, and how probable it is."""
    if not listed:
        return
    head = ("further people", "with the outcome", "then", "probability")
    rows = [head, *(row for further in listed for row in _rows(further))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        yield ("    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()


def _rows(further: Further) -> Iterator[tuple[str, str, str, str]]:
    how = f"{further.people}, a study of their own" if further.how == "further-study" else str(further.people)
    for line, low, high, probability in further.steps:
        run = f"{low}" if low == high else f"{low} to {high}"
        now = " (as now)" if line == further.now else ""
        yield (
            how,
            run,
            f"{words.line_words(line)}{now}",
            "not known" if probability is None else words.chance(probability),
        )
        how = ""


def _names(placed: Place, treatments: tuple[str, ...]) -> list[str]:
    return [placed.records.treatment_name(t) if placed.records else t for t in treatments]


def _losses(placed: Place) -> Iterator[str]:
    """What choosing each alternative is expected to lose, under its label: nobody compared them."""
    yield ""
    yield "expected loss of choosing each alternative, in people with the outcome of 100 treated"
    yield f"  {UNANCHORED}"
    for group in placed.everyone:  # bands with the same counts may have other alternatives beside them
        found = group.losses
        if isinstance(found, NotEstimable):
            yield f"  {group.name}: {found.reason}"
            continue
        yield f"  {group.name}"
        for one in found.losses:
            counts = ", ".join(f"{x} of {n}" for x, n in one.option.rate.counts)
            wider = f"; of {one.option.wider} together" if one.option.wider else ""
            yield f"    {one.option.name}: {decimal(100 * one.loss, 1)} (mean {per_100(one.mean)}; {counts}{wider})"
        if found.without:
            yield f"    without a count, which is no worse: {human_list(_names(placed, found.without))}"


def _harms(placed: Place) -> Iterator[str]:
    """What is unwanted, beside the line whether or not a clause asks for it."""
    if not placed.harms:
        return
    asked = any(rung.harms for rung in placed.ladder.rungs)
    yield ""
    yield f"harm on the treatment{'' if asked else '; no line of this ladder has a clause on it'}"
    for one in placed.harms:
        row = one.row
        assert row.events is not None
        assert row.total is not None
        yield f"  {row.outcome_name}: {row.events.value} of {row.total.value} ({row.study_short}, {row.arm_name})"


def _contraindications(placed: Place) -> Iterator[str]:
    yield ""
    yield "who should not have an alternative"
    if not placed.ladder.contraindications:
        yield f"  {words.no_contraindications()}"
    for found in placed.ladder.contraindications:
        source = placed.records.sources.get(found.source) if placed.records else None
        (name,) = _names(placed, (found.treatment,))
        yield f"  {words.contraindication_words(found, name, source.short if source else found.source)}"


def _value(group: GroupPlace) -> Iterator[str]:
    for one in group.what_would_change.value:
        bar = f"the {one.against} line's {decimal(one.threshold)}" if one.threshold is not None else "the alternatives"
        sample = ", ".join(f"{m} people {decimal(100 * v)}" for m, v in one.sample)
        yield f"  value of information against {bar}, of 100 people: perfect {decimal(100 * one.perfect)}; {sample}"


def _beside(placed: Place) -> Iterator[str]:
    """What guidelines and others say, with dates; then the author's own view, apart."""
    beside, records = placed.beside, placed.records
    for title, listed in (("guidelines", beside.guidelines), ("others", beside.others)):
        if listed:
            yield ""
            yield f"beside it, {title}"
            yield from _said(listed, records)
    if beside.view is not None:
        by = f" ({beside.view.by})" if beside.view.by else ""
        yield ""
        line = beside.view.line.replace("-", " ")
        yield f"the author's own view, apart{by}: {line} line, because {beside.view.because}"
        yield from _said(beside.author, records)


def _said(listed: Sequence[Said], records: Records | None) -> Iterator[str]:
    for said in listed:
        claim = said.claim
        named = [records.treatment_name(t) if records else t for t in claim.treatments]
        line = f"{claim.line} line: " if claim.line else ""
        who = words.said_by(said, records.sources if records else {})
        yield f"  {capital(who)}: {line}{', '.join(named) or 'not named'} ({claim.about})"


__all__ = ["lines"]
