"""docs/methods/words.md: its examples run, and its table is that of the rules."""

from __future__ import annotations

import doctest
from pathlib import Path

import handful as hf
from handful.words.claim_rules import claim_rules

from .fences import fences
from .words_page import PAGE, made


def test_examples_run(repository: Path) -> None:
    blocks = [fence.text for fence in fences(repository / "docs/methods/words.md") if fence.language == "python"]
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "words", "words", 0)
    assert len(session.examples) >= 15
    said: list[str] = []
    assert doctest.DocTestRunner().run(session, out=said.append).failed == 0, "".join(said)


def test_the_table_is_that_of_the_rules() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert made(page) == page, "run `python -m tests.docs.words_page`"


def test_each_rule_finds_the_words_it_is_shown_with() -> None:
    """In a bare sentence, whatever stands around them."""
    for rule in claim_rules().words:
        assert rule.like, rule.id
        for words in rule.like:
            assert rule.pattern.search(words), (rule.id, words)
            assert hf.check_words(f"It was said: {words}.").found, words
