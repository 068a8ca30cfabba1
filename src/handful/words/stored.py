"""The sentences of an answer that are kept with its results: a change of words is seen like a change of numbers."""

from __future__ import annotations

from handful.certainty.certainty import Grading
from handful.synthesis.synthesis import Synthesis
from handful.words.headline import headline
from handful.words.sentence import Sentence
from handful.words.sentences import (
    cases_sentence,
    comparison_sentence,
    design_sentence,
    is_harm_question,
    other_word_sentence,
    pooled_sentence,
)


def stored_sentences(answer: Synthesis, certainty: Grading) -> list[str]:
    """What a reader is told first, in plain words: the answer, other words, cases, and what the counts cannot show."""
    main = answer.main
    told: list[Sentence | None] = [
        headline(answer, certainty),
        pooled_sentence(answer),
        *(other_word_sentence(other, main) for other in answer.also),
        design_sentence(main.overall.count.rows),
        *(comparison_sentence(c, main, at_level=answer.plan.level) for c in main.comparisons),
    ]
    if answer.counts.cases is not None:
        told.append(cases_sentence(answer.counts.cases, harm=is_harm_question(answer)))
    return [str(sentence) for sentence in told if sentence]


__all__ = ["stored_sentences"]
