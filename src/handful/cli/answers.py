"""From an id on the command line to the answer of that question."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from handful.cli.folder import review_folder

if TYPE_CHECKING:
    from pathlib import Path

    from handful.base.known_texts import KnownTexts
    from handful.review import Review
    from handful.synthesis.synthesis import Synthesis


def checked_review(options: argparse.Namespace) -> Review:
    """The review, when nothing is wrong with it.

    Raises:
        ReviewProblems: with every problem; nothing is computed from records that are wrong.
    """
    return checked_review_in(review_folder(options))


def checked_review_in(folder: Path, known: KnownTexts | None = None) -> Review:
    """The review of that folder, when nothing is wrong with it. ``known``: texts that were parsed before.

    Raises:
        ReviewProblems: with every problem.
    """
    from handful.base.problems import ReviewProblems
    from handful.check import check_review

    review, found = check_review(folder, known)
    if review is None:
        raise ReviewProblems(found)
    return review


def answer(review: Review, identifier: str) -> Synthesis:
    """The answer to the question of that id.

    Raises:
        UnknownChoice: when there is no such question.
    """
    from handful.base.errors import UnknownChoice
    from handful.counts.count import count
    from handful.question.select import select
    from handful.synthesis.synthesise import synthesise

    question = review.questions.get(identifier)
    if question is None:
        raise UnknownChoice("QUESTION", identifier, list(review.questions))
    return synthesise(count(select(review.records, question)), question.plan)
