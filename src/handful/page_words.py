"""Words that reach a page: of titles and reasons; how hard the text of a page is to read, and which terms it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import partial
from typing import Any

from handful.base.errors import HandfulError
from handful.base.problems import Problem
from handful.base.yaml_files import Document, Place
from handful.certainty.grade import grade
from handful.counts.count import count
from handful.prose_check import check_words
from handful.question.select import select
from handful.review import Review
from handful.synthesis.synthesise import synthesise
from handful.words.bare_text import QUOTED
from handful.words.evidence_behind import EvidenceBehind
from handful.words.evidence_of_answer import evidence_of_answer, least_of
from handful.words.glossary import Term, glossary, terms_of_a_review
from handful.words.reading import HARDEST, MOST_WORDS, Reading, reading_level

# a value in the text is about as long as “one of four”; what a function says is not the author's to shorten
_VALUE = re.compile(r"\{\{\s*[\w.]+(?:\s*\|\s*\w+)?\s*\}\}")
_CALL = re.compile(r"\{\{\s*(?:comparison|conflict|quote|study)\(.*?\}\}|\{\{.*?\.sentence\s*\}\}|\{%.*?%\}", re.DOTALL)
_OTHER = re.compile(r"\{\{.*?\}\}", re.DOTALL)


OURS = frozenset({"because", "note", "departs_because", "agreed_by", "design_note", "missing", "mechanism", "left_out"})
"""Keys of every file under which the people of the review write in their own words."""

OURS_IN: dict[str, Set[Place]] = {
    "review.yaml": {("title",), ("summary",), ("search_note",), ("glossary", "*"), ("left_out", "*", "what")},
    "questions": {("title",), ("asks",), ("case_reports", "stated")},
    "ladders": {("title",), ("otherwise",), ("contraindications", "*")},
    "conflicts.yaml": {("conflicts", "*", "title")},
    "corrections.yaml": {("corrections", "*", "reply", "says")},
    "certainty": {("seen",)},
    "judgements": {("seen",)},
}
"""Further places of a file, or of the files of a folder. Names of outcomes, titles and words of sources are theirs."""


class Evidence:
    """What stands behind the texts of a review, computed when a text needs it: a claim that some evidence carries."""

    def __init__(self, review: Review | None) -> None:
        self._review = review
        self._known: dict[str, EvidenceBehind] = {}

    def of(self, question: str) -> EvidenceBehind:
        """What the texts of a question may rest on; nothing where it cannot be computed."""
        if self._review is None or question not in self._review.questions:
            return EvidenceBehind()
        if question not in self._known:
            self._known[question] = self._computed(self._review, question)
        return self._known[question]

    def least(self) -> EvidenceBehind:
        """What every question carries: for texts that belong to none of them."""
        return least_of([self.of(question) for question in (self._review.questions if self._review else ())])

    @staticmethod
    def _computed(review: Review, question: str) -> EvidenceBehind:
        asked = review.questions[question]
        try:
            answer = synthesise(count(select(review.records, asked)), asked.plan)
            return evidence_of_answer(answer, grade(answer, review.judgements))
        except HandfulError:
            return EvidenceBehind()


def field_words(review: Review, evidence: Evidence) -> list[Problem]:
    """Words of titles, reasons and notes that claim more than counts carry; quotes, names and numbers are let be."""
    found: list[Problem] = []
    documents = {id(d): d for d in (*review.records.documents.values(), *review.documents.values())}
    for document in documents.values():
        folder = document.file.split("/")[0]
        question = _question_of(document, folder)
        behind = partial(evidence.of, question) if question else evidence.least
        for place, text in _ours(document.data, (), OURS_IN.get(folder, set())):
            line = document.line(place)
            found += check_words(text, document.file, first_line=line, behind=behind, numbers="of-sources")
    for study, people in review.records.people.items():
        for person, line in zip(people, review.records.person_lines.get(study, ()), strict=False):
            if person.note:
                file = f"studies/{study}.patients.csv"
                found += check_words(person.note, file, first_line=line, behind=evidence.least, numbers="of-sources")
    return found


def _question_of(document: Document, folder: str) -> str:
    """The question that a file belongs to; nothing for other files."""
    key = {"questions": "id", "certainty": "question"}.get(folder)
    return str(document.data.get(key, "")) if key and isinstance(document.data, dict) else ""


def _ours(data: Any, place: Place, more: Set[Place]) -> Iterator[tuple[Place, str]]:
    """Every text of a file that people of the review wrote in their own words, with its place."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _ours(value, (*place, key), more)
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _ours(value, (*place, index), more)
    elif isinstance(data, str) and place:
        named = next((part for part in reversed(place) if isinstance(part, str)), "")
        if named in OURS or any(_fits(place, wanted) for wanted in more):
            yield place, data


def _fits(place: Place, wanted: Place) -> bool:
    return len(place) == len(wanted) and all(w in ("*", p) for p, w in zip(place, wanted, strict=True))


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
