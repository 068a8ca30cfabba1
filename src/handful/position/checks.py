"""What a ladder must keep: what it names exists, and each question on it asks for what stands on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from handful.base.problems import Problem, did_you_mean
from handful.base.wording import human_list
from handful.base.yaml_files import Document
from handful.position.ladder import Ladder
from handful.question.question import Question
from handful.question.select import treatment_ids
from handful.records.checks.names import Names
from handful.records.people import matches
from handful.records.records import Records


def check_ladder(ladder: Ladder, document: Document, names: Names, records: Records) -> Iterator[Problem]:
    """References of one ladder."""
    yield from names.unknown_people(ladder.people, document.file, document.line(("people",)))
    for index, band in enumerate(ladder.bands):
        yield from names.unknown_people(band.people, document.file, document.line(("bands", index, "people")))
    for path, treatment in _treatments(ladder):
        yield from names.unknown("treatment", treatment, document.file, document.line(path), "treatment")
    for path, outcome in _outcomes(ladder):
        yield from names.unknown("outcome", outcome, document.file, document.line(path), "outcome")
    yield from _contraindications(ladder, document, names)
    yield from _never_reached(ladder, document)
    claims = {claim.id: claim for claim in records.claims}
    for index, identifier in enumerate(ladder.guidelines):
        line = document.line(("guidelines", index))
        if identifier not in claims:
            message = f"guidelines: `{identifier}` is not a known claim"
            hint = f"{did_you_mean(identifier, claims)}\nor add it to claims.yaml"
            yield Problem(document.file, line, "unknown-claim", message, hint)
        elif claims[identifier].line is None:
            message = f"guidelines: the claim `{identifier}` names no line"
            yield Problem(document.file, line, "claim-without-line", message, "name a claim that has `line:`")


def _contraindications(ladder: Ladder, document: Document, names: Names) -> Iterator[Problem]:
    """Each is of an alternative of the ladder, and read in a source that is there."""
    for index, found in enumerate(ladder.contraindications):
        line = document.line(("contraindications", index, "source"))
        yield from names.unknown("source", found.source, document.file, line, "source")
        if found.treatment not in ladder.alternatives:
            line = document.line(("contraindications", index, "treatment"))
            message = f"contraindications: `{found.treatment}` is not an alternative of the ladder"
            hint = f"{did_you_mean(found.treatment, ladder.alternatives)}\nor add it to `alternatives:`"
            yield Problem(document.file, line, "contraindication-of-no-alternative", message, hint)


def _never_reached(ladder: Ladder, document: Document) -> Iterator[Problem]:
    """A line that asks for everything a better line asks for is never the first whose clauses are all met."""
    for index, rung in enumerate(ladder.rungs):
        better = next((one for one in ladder.rungs[:index] if rung.asks_all_of(one)), None)
        if better is not None:
            line = document.line(("rungs", index, "line"))
            message = (
                f"rungs: nothing can stand on the {rung.line} line, as it asks for all that the {better.line} asks for"
            )
            hint = "ask less of it than of the better line in one demand at least: a lower rate, fewer people …"
            yield Problem(document.file, line, "line-never-reached", message, hint)


def _treatments(ladder: Ladder) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for key in ("alternatives", "after_failure_of"):
        yield from (((key, i), treatment) for i, treatment in enumerate(getattr(ladder, key)))
    for r, rung in enumerate(ladder.rungs):
        yield from ((("rungs", r, "after_failure_of", i), t) for i, t in enumerate(rung.after_failure_of))


def _outcomes(ladder: Ladder) -> Iterable[tuple[tuple[str | int, ...], str]]:
    yield ("outcome",), ladder.outcome
    yield from ((("accepts", i), outcome) for i, outcome in enumerate(ladder.accepts))
    for r, rung in enumerate(ladder.rungs):
        yield from ((("rungs", r, "harms", i, "outcome"), limit.outcome) for i, limit in enumerate(rung.harms))


def check_on_ladder(question: Question, document: Document, ladder: Ladder, records: Records) -> Iterator[Problem]:
    """Whether what the question asks for is what the ladder is about."""
    line = document.line(("ladder",))
    match = matches(question.people, ladder.people, records.attributes)
    if not match.yes:
        message = f"the ladder `{ladder.id}` is for other people than the question: {match.because}"
        yield Problem(document.file, line, "ladder-for-other-people", message, "name another ladder, or widen it")
    asked = treatment_ids(records, question.treatment)
    if not asked & set(ladder.alternatives):
        message = f"the ladder `{ladder.id}` does not list {human_list(sorted(asked)) or 'the treatment'}"
        yield Problem(
            document.file, line, "not-on-the-ladder", message, "add the treatment to the ladder's `alternatives:`"
        )
    other = [a.outcome for a in question.outcome.accepts if a.outcome not in ladder.outcomes]
    if other and question.counts == "outcomes":
        message = f"the question accepts {human_list(other)}, which the thresholds of the ladder are not for"
        hint = f"the ladder `{ladder.id}` takes {human_list(list(ladder.outcomes))}; add it there under `accepts:`"
        yield Problem(document.file, line, "outcome-not-on-the-ladder", message, hint)
    if question.counts == "harms":
        message = "the question counts something unwanted; a ladder places a treatment by what is wanted"
        yield Problem(document.file, line, "ladder-of-a-harm", message, "take `ladder:` away")
