"""A second language, made from English with each phrase in brackets: what a page says outside is still in the code.

The pages of the golden review are built in it. Every number of people that stands on a page must stand in brackets, as
all words around it come from phrases. What people of the review or its sources typed is theirs and has no brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import handful as hf
from handful.base.language import PLURALS, Language, language, read_language, speaking
from handful.base.wording import count, number_word, people
from handful.site.build import answer_all, make_site, pages
from handful.site.one_question import make, task_of

REPOSITORY = Path(__file__).resolve().parents[2]

INSIDE = frozenset(["a", "span", "strong", "em", "sup", "sub"])
"""Tags that end no text."""

COUNTED = "people|persons?|studies|study|adults|children|times|weeks?"
RESULT = re.compile(rf"\b\d+ of \d+\b|\b\d+ in 100\b|\d+(?:\.\d+)? %|\b(?!20\d\d)\d+ (?:{COUNTED})\b(?!/)")


def in_brackets(english: Language) -> dict[str, str]:
    """English with each phrase in brackets; rules of plurals and the list of nouns are no phrases."""
    made = {}
    for key, phrase in english.phrases.items():
        if key.startswith(f"{PLURALS}.") or key.endswith(".nouns"):
            made[key] = phrase
        else:
            made[key] = " | ".join(f"⟦{word}⟧" for word in phrase.split(" | "))
    return made


def write(folder: Path, phrases: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for key, phrase in phrases.items():
        words = ", ".join(json.dumps(word, ensure_ascii=False) for word in phrase.split(" | "))
        lines.append(f'"{key}": ' + (f"[{words}]" if " | " in phrase else words))
    (folder / "all.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


class Blocks(HTMLParser):
    """The text of each element that holds text, without quotes of sources."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._now: list[str] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("q", "script", "style"):
            self._quiet += 1
        if tag not in INSIDE:
            self._end()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("q", "script", "style"):
            self._quiet -= 1
        if tag not in INSIDE:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self._now.append(data)

    def _end(self) -> None:
        text = " ".join("".join(self._now).split())
        self._now = []
        if text:
            self.found.append(text)


def outside(text: str) -> str:
    """What stands outside the brackets."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "\x00", text)) != text:
        text = shorter
    return text


def typed_in(review: hf.Review) -> list[str]:
    """Every text and value that was typed into the review."""

    def texts_of(data: Any) -> Iterator[str]:
        if isinstance(data, dict):
            for key, value in data.items():
                yield str(key)
                yield from texts_of(value)
        elif isinstance(data, list | tuple):
            for value in data:
                yield from texts_of(value)
        else:
            yield " ".join(str(data).split())

    documents = {id(d): d for d in (*review.records.documents.values(), *review.documents.values())}
    found = [text for document in documents.values() for text in texts_of(document.data)]
    return [*found, *(" ".join(g.text.split()) for g in review.guidance.values())]


def english_left(review: hf.Review, questions: Iterable[str], *, whole: bool) -> list[str]:
    """Every number of people on the pages, with the words around it, that no phrase says and nobody typed."""
    typed = typed_in(review)
    values, everything = set(typed), "\n".join(typed)
    files = []
    for question in questions:
        made = make(task_of(review, question, None))
        assert not made.problems
        files += made.files
    if whole:
        files += pages(make_site(review, answer_all(review)), {})
    left = []
    for path, content in files:
        if not path.endswith(".html"):
            continue
        blocks = Blocks()
        blocks.feed(re.sub(r'<section class="prose".*?</section>', "", content.decode(), flags=re.DOTALL))
        for rest in map(outside, blocks.found):
            for hit in RESULT.finditer(rest):
                around = [rest[max(0, hit.start() - 6) : hit.end()], rest[hit.start() : hit.end() + 6]]
                parts = {part.strip("\x00 ") for part in around} - {hit.group()}
                if hit.group() not in values and not any(part in everything for part in parts):
                    left.append(f"{path}: {rest[max(0, hit.start() - 60) : hit.end() + 60]}")
    return left


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Language:
    folder = write(tmp_path_factory.mktemp("languages") / "xx", in_brackets(language()))
    return read_language(folder, "xx", reference=language())


def test_every_phrase_of_a_language_in_brackets_is_read(second: Language) -> None:
    with speaking(second):
        assert count(1, 4) == "⟦1 of 4⟧"
        assert people(8) == "⟦8 people⟧"
        assert number_word(3) == "⟦three⟧"
    assert count(1, 4) == "1 of 4"


def test_no_number_of_people_on_the_pages_is_said_in_the_code(second: Language) -> None:
    review = hf.open_review(REPOSITORY / "tests" / "golden" / "review")
    with speaking(second):
        left = english_left(review, review.questions, whole=True)
    assert not left, "\n".join(left)


def test_nor_on_the_page_of_a_question_with_a_ladder_and_borrowing(second: Language) -> None:
    review = hf.open_review(REPOSITORY / "reviews" / "alopecia-areata")
    question = review.question("dupilumab-totalis-universalis")
    with speaking(second):
        left = english_left(review, [question.id], whole=False)
        answer = hf.synthesise(hf.count(hf.select(review.records, question)), question.plan)
        stored = review.beside(answer)
    assert not left, "\n".join(left)
    for sentence in stored["sentences"]:
        assert not RESULT.search(outside(sentence)), sentence


def test_the_test_finds_a_sentence_that_is_in_the_code(second: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence put into the code on purpose is found."""
    from handful.site import answer as module
    from handful.words.sentence import say

    monkeypatch.setattr(module, "design_sentence", lambda rows: say("Only 3 of 7 people were seen."))
    review = hf.open_review(REPOSITORY / "tests" / "golden" / "review")
    with speaking(second):
        left = english_left(review, review.questions, whole=False)
    assert any("Only 3 of 7 people were seen" in one for one in left)
