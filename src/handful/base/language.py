"""A language: every phrase that sentences are made of, as data, with what each must be given.

A language is a folder of ``words/languages/``: its phrases (``phrases/*.yaml``, one file a topic), its glossary, and
the words that claim too much. English is the reference. Another language has the same keys, and each phrase the same
placeholders; all that is missing is told at once. Which form a number takes (one person, two people) is data too:
``plurals`` of ``numbers.yaml`` has the language's rules in the notation of Unicode (CLDR), as ``one: n = 1``.

The code asks for a phrase by its key; it holds no word itself. Pages and answers are made in one language at a time:
the one that :func:`speaking` names around the making, English without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from handful.base.errors import InputError

FOLDER = Path(__file__).parent.parent / "words" / "languages"
REFERENCE = "en"
PLURALS = "numbers.plurals"
"""Where a language keeps the rules for the forms that numbers take."""

OTHER = "other"
"""The form that every language has."""

FORMS = ("zero", "one", "two", "few", "many", OTHER)


@dataclass(frozen=True, eq=False)
class Language:
    """The phrases of one language by their keys (``rate.some``), and the code of the language (``en``)."""

    code: str
    phrases: Mapping[str, str]

    def has(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in self.phrases

    def text(self, key: str, **given: object) -> str:
        """The phrase with its placeholders filled.

        Raises:
            InputError: for a key that the language has not, or when what is given is not what the phrase holds.
        """
        return "".join(map(str, self.pieces(key, **given)))

    def pieces(self, key: str, **given: object) -> list[object]:
        """The words of a phrase and what is put between them, in order; see :meth:`text`."""
        if key not in self.phrases:
            raise InputError(f"the language `{self.code}` has no phrase `{key}`")
        parts = _parts(self.phrases[key])
        holds_now = placeholders(self.phrases[key])
        if key.rpartition(".")[2] in FORMS and "n" not in holds_now:
            given.pop("n", None)  # “one study” says its number in its words
        if holds_now != set(given):
            raise InputError(f"`{key}` holds {sorted(holds_now)}, and was given {sorted(given)}")
        made: list[object] = []
        for words, name in parts:
            if words:
                made.append(words)
            if name is not None:
                made.append(given[name])
        return made

    def form(self, key: str, number: int) -> str:
        """The key of the form that a number takes: ``numbers.people`` with 1 is ``numbers.people.one``."""
        return f"{key}.{self.form_of(number)}"

    def form_of(self, number: int) -> str:
        """Which form a number takes: 'one', 'other', …"""
        return next((name for name, rule in self._rules if rule(abs(number))), OTHER)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words, as ``numbers.small``."""
        return tuple(self.phrases[key].split(" | "))

    @cached_property
    def _rules(self) -> tuple[tuple[str, PluralRule], ...]:
        start = f"{PLURALS}."
        return tuple((k.removeprefix(start), PluralRule(v)) for k, v in self.phrases.items() if k.startswith(start))


@dataclass(frozen=True)
class PluralRule:
    """A condition on a whole number n in Unicode's notation: ``n % 10 = 2..4 and n % 100 != 12..14``.

    >>> [n for n in range(1, 25) if PluralRule("n % 10 = 1 and n % 100 != 11")(n)]
    [1, 21]
    """

    text: str

    def __call__(self, number: int) -> bool:
        """Whether the number meets it."""
        return any(all(_meets(one, number) for one in either.split(" and ")) for either in self.text.split(" or "))

    @property
    def fault(self) -> str:
        """Why it cannot be read; empty when it can."""
        parts = re.split(r" and | or ", self.text)
        wrong = [part for part in parts if not _CONDITION.fullmatch(part.strip())]
        return f"{wrong[0]!r} is no condition such as `n % 10 = 2..4`" if wrong else ""


_CONDITION = re.compile(r"n(?: % (?P<by>[1-9]\d*))? (?P<sign>=|!=) (?P<values>\d+(?:\.\.\d+)?(?:,\d+(?:\.\.\d+)?)*)")


def _meets(condition: str, number: int) -> bool:
    found = _CONDITION.fullmatch(condition.strip())
    if found is None:
        raise InputError(f"{condition!r} is no condition such as `n % 10 = 2..4`")
    value = number % int(found["by"]) if found["by"] else number
    spans = (span.split("..") for span in found["values"].split(","))
    inside = any(int(span[0]) <= value <= int(span[-1]) for span in spans)
    return inside == (found["sign"] == "=")


_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


def language(code: str | None = None) -> Language:
    """The language of that code, from the files that come with handful; without one, the one that is spoken.

    Raises:
        InputError: when there is no such folder, with those there are.
    """
    if code is None:
        return _spoken.get() or shipped(REFERENCE)
    return shipped(code)


@contextmanager
def speaking(tongue: Language | str) -> Iterator[Language]:
    """Sentences are made in this language inside the ``with``.

    >>> with speaking("en") as tongue:
    ...     print(language() is tongue)
    True
    """
    chosen = language(tongue) if isinstance(tongue, str) else tongue
    token = _spoken.set(chosen)
    try:
        yield chosen
    finally:
        _spoken.reset(token)


@cache
def shipped(code: str) -> Language:
    """The language of that code; see :func:`language`."""
    folder = FOLDER / code / "phrases"
    if not code.isalpha() or not folder.is_dir():
        known = sorted(path.parent.name for path in FOLDER.glob("*/phrases"))
        raise InputError(f"there are no phrases for language={code!r}", hint=f"accepted: {', '.join(known)}")
    return read_language(folder, code, reference=None if code == REFERENCE else shipped(REFERENCE))


def read_language(folder: Path, code: str, *, reference: Language | None) -> Language:
    """The language whose phrases are the YAML files of a folder, held against a reference.

    It has the same keys and in each phrase the same placeholders; what differs by number has the forms of its own
    ``plurals``.

    Raises:
        InputError: naming every key that is missing or unknown, and every placeholder that is, all at once.
    """
    from handful.base.yaml_files import Document, read  # not at the start of every command

    phrases: dict[str, str] = {}
    wrong: list[str] = []
    for file in sorted(folder.glob("*.yaml")):
        document = read(file, file.name)
        if not isinstance(document, Document) or not isinstance(document.data, dict):
            wrong.append(f"{file.name} cannot be read as phrases: {document}")
            continue
        for key, text in _flat(document.data, ""):
            wrong += [f"{key}: stands twice, the second time in {file.name}"] if key in phrases else []
            phrases[key] = text
    wrong += [f"{key}: {fault}" for key, text in phrases.items() if (fault := _fault(key, text))]
    forms = _forms(phrases)
    wrong += [f"{PLURALS}.{form}: is none of the forms {', '.join(FORMS)}" for form in forms if form not in FORMS]
    wrong += _unlike(phrases, forms, reference or Language(code, phrases))
    if wrong:
        raise InputError(f"the phrases of {code}: {len(wrong)} things are wrong", hint="\n  ".join(wrong))
    return Language(code, phrases)


def _unlike(phrases: Mapping[str, str], forms: tuple[str, ...], reference: Language) -> Iterator[str]:
    """What differs from the reference: keys and placeholders."""
    by_number = _plural_keys(reference.phrases)
    needed = {key: key for key in reference.phrases if not _form_of_key(key, by_number)}
    needed = {key: model for key, model in needed.items() if not key.startswith(f"{PLURALS}.")}
    needed |= {f"{key}.{form}": f"{key}.{OTHER}" for key in sorted(by_number) for form in forms}
    for key, model in needed.items():
        if key not in phrases:
            yield f"{key}: is missing"
        elif not _fault(key, phrases[key]):
            has, must = placeholders(phrases[key]), placeholders(reference.phrases[model])
            if has != must and not (key != model and has < must):  # “one person” need not hold its number
                yield f"{key}: holds {_names(has)}, and must hold {_names(must)}"
            elif not key.endswith(".nouns") and _words(phrases[key]) != _words(reference.phrases[model]):
                yield f"{key}: another number of words than {reference.code}"
    for key in phrases:
        if key not in needed and not key.startswith(f"{PLURALS}."):
            yield f"{key}: is no key of {reference.code}"


def _forms(phrases: Mapping[str, str]) -> tuple[str, ...]:
    """The forms that numbers take in a language."""
    return (*(k.removeprefix(f"{PLURALS}.") for k in phrases if k.startswith(f"{PLURALS}.")), OTHER)


def _plural_keys(phrases: Mapping[str, str]) -> frozenset[str]:
    """What differs by number: keys that have an ``other``."""
    return frozenset(key.removesuffix(f".{OTHER}") for key in phrases if key.endswith(f".{OTHER}"))


def _form_of_key(key: str, by_number: frozenset[str]) -> bool:
    before, _, last = key.rpartition(".")
    return before in by_number and last in FORMS


def placeholders(phrase: str) -> set[str]:
    """The names between braces."""
    return {name for _, name in _parts(phrase) if name is not None}


def _words(phrase: str) -> int:
    return len(phrase.split(" | "))


@lru_cache(maxsize=4096)
def _parts(phrase: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((words, name) for words, name, _, _ in Formatter().parse(phrase))


def _names(found: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(found)) or "no placeholder"


def _fault(key: str, phrase: str) -> str:
    if key.startswith(f"{PLURALS}."):
        return PluralRule(phrase).fault
    try:
        parts = list(Formatter().parse(phrase))
    except ValueError as error:
        return f"cannot be read: {error}"
    odd = [name for _, name, form, turn in parts if name is not None and (form or turn or not name.isidentifier())]
    return f"a placeholder is a plain name, not {odd[0]!r}" if odd else ""


def _flat(tree: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield name, " | ".join(map(str, value))
        else:
            yield name, str(value)


__all__ = ["FOLDER", "Language", "PluralRule", "language", "placeholders", "read_language", "shipped", "speaking"]
