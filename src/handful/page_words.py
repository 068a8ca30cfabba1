"""Words that reach a page: of titles and reasons; how hard the text of a page is to read, and which terms it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handful.base.problems import Problem
from handful.base.yaml_files import Document
from handful.prose_check import check_words
from handful.review import Review
from handful.words.bare_text import QUOTED
from handful.words.glossary import Term, glossary, terms_of_a_review
from handful.words.reading import HARDEST, MOST_WORDS, Reading, reading_level

# a value in the text is about as long as “one of four”; what a function says is not the author's to shorten
_VALUE = re.compile(r"\{\{\s*[\w.]+(?:\s*\|\s*\w+)?\s*\}\}")
_CALL = re.compile(r"\{\{\s*(?:comparison|conflict|quote|study)\(.*?\}\}|\{\{.*?\.sentence\s*\}\}|\{%.*?%\}", re.DOTALL)
_OTHER = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def field_words(review: Review) -> list[Problem]:
    """Words in titles and reasons that claim more than counts carry; names of outcomes, quotes, numbers are let be."""
    found: list[Problem] = []
    for key, question in review.questions.items():
        document = review.documents[f"questions/{key}"]
        found += _at(document, ("title",), question.title)
        found += _at(document, ("asks",), question.asks)
        found += _at(document, ("note",), question.note)
        for i, accepted in enumerate(question.outcome.accepts):
            found += _at(document, ("outcome", "accepts", i, "because"), accepted.because)
        for i, other in enumerate(question.also):
            found += _at(document, ("also", i, "because"), other.because)
            for j, accepted in enumerate(other.accepts):
                found += _at(document, ("also", i, "accepts", j, "because"), accepted.because)
        if question.alternatives is not None:
            found += _at(document, ("alternatives", "because"), question.alternatives.because)
        if question.view is not None:
            found += _at(document, ("view", "because"), question.view.because)
    conflicts = review.records.documents.get("conflicts.yaml")
    for i, conflict in enumerate(review.records.conflicts):
        if conflicts is not None:
            for name in ("title", "because", "note"):
                found += _at(conflicts, ("conflicts", i, name), getattr(conflict, name))
    for key, ladder in review.ladders.items():
        document = review.documents[f"ladders/{key}"]
        found += _at(document, ("title",), ladder.title)
        for i, rung in enumerate(ladder.rungs):
            found += _at(document, ("rungs", i, "because"), rung.because)
    about = review.documents["review.yaml"]
    for name in ("title", "summary", "search_note"):
        found += _at(about, (name,), getattr(review.about, name))
    return found


def _at(document: Document, place: tuple[str | int, ...], text: str | None) -> Iterator[Problem]:
    if text:
        yield from check_words(text, document.file, first_line=document.line(place), numbers="of-sources")


def own_terms(review: Review) -> tuple[Term, ...]:
    """The terms of the review: of its glossary, and names of traits that explain themselves in brackets."""
    named = [name for values in review.about.attributes.values() for name in values.values()]
    return terms_of_a_review(review.about.glossary, named)


def review_terms(review: Review) -> tuple[Term, ...]:
    """The review's terms and those of evidence that every review shares, for a page to explain where first used."""
    own = own_terms(review)
    names = {term.name.lower() for term in own}
    return (*own, *(term for term in glossary() if term.name.lower() not in names))


def known_names(review: Review) -> set[str]:
    """Names that no shorter word stands for: of the disease, of drugs, and what the review's own glossary explains."""
    names = {review.about.condition, *(treatment.name for treatment in review.records.treatments.values())}
    names |= {term.name for term in own_terms(review)}
    # one long word of such a name, standing for all of it: “alopecia”, “universalis”
    return names | {word for name in names for word in re.findall(r"[^\W\d_]{8,}", name)}


def lay_text(prose: str) -> str:
    """The author's text as a reader meets it, without the sentences that handful makes: for measuring."""
    plain = _OTHER.sub("one of four", _VALUE.sub("one of four", _CALL.sub("", prose)))
    plain = re.sub(r"<!--.*?-->|^#.*$", "", plain, flags=re.DOTALL | re.MULTILINE)
    return QUOTED.sub("it", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain))


def reading_of(prose: str, review: Review) -> Reading:
    """How hard the text of a page is to read; names of diseases and drugs count as one short word each."""
    return reading_level(lay_text(prose), known_names(review))


def hard_to_read(review: Review) -> list[Problem]:
    """Texts that are long or hard for a lay reader: worth a look, no fault."""
    found: list[Problem] = []
    for key, prose in review.prose.items():
        reading = reading_of(prose, review)
        file = f"questions/{key}.md"
        if reading.grade > HARDEST:
            message = f"grade {reading.grade:.1f} (Flesch and Kincaid); {HARDEST:g} is the most for a lay text"
            hint = "shorter sentences, shorter words; one thought a sentence"
            found.append(Problem(file, 1, "hard-to-read", message, hint))
        if reading.words > MOST_WORDS:
            message = f"{reading.words} words; {MOST_WORDS} is the most for a lay text"
            found.append(Problem(file, 1, "long-to-read", message, "the tables say the rest"))
    return found
