"""The language that sentences are made in, whose phrases keep the numbers in them apart from the words."""

from __future__ import annotations

from functools import cache

from handful.base import language as base
from handful.words.sentence import Number, Quoted, Sentence
from handful.words.sentence import say as say_pieces


class Language(base.Language):
    """A language that also says sentences: numbers and sentences put into a phrase stay what they are."""

    def say(self, key: str, **given: object) -> Sentence:
        """The phrase with its placeholders filled; see :meth:`~handful.base.language.Language.text`."""
        pieces = self.pieces(key, **given)
        return say_pieces(*(p if isinstance(p, Sentence | Number | Quoted | str) else str(p) for p in pieces))


def language(code: str | None = None) -> Language:
    """The language of that code, or the one that is spoken; see :func:`handful.base.language.language`."""
    return _sayer(base.language(code))


def say(key: str, **given: object) -> Sentence:
    """The phrase of that key in the language that is spoken."""
    return language().say(key, **given)


def told(key: str, **given: object) -> str:
    """The phrase of that key in the language that is spoken, as plain text."""
    return base.language().text(key, **given)


@cache
def _sayer(found: base.Language) -> Language:
    return Language(found.code, found.phrases)


__all__ = ["Language", "language", "say", "told"]
