"""A language: every phrase the sentences are made of, as data, with what each must be given.

A language is a folder of ``languages/``: ``phrases.yaml``, the glossary, and the words that claim too much. English is
the reference. Another language has the same keys, and each phrase the same placeholders; all that is missing is told
at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from handful.base.errors import InputError
from handful.base.yaml_files import Document, read
from handful.words.sentence import Number, Quoted, Sentence, say

FOLDER = Path(__file__).parent / "languages"
REFERENCE = "en"


@dataclass(frozen=True)
class Language:
    """The phrases of one language by their keys (``rate.some``), and the code of the language (``en``)."""

    code: str
    phrases: Mapping[str, str]

    def has(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in self.phrases

    def text(self, key: str, **given: object) -> str:
        """The phrase with its placeholders filled, as plain text."""
        return str(self.say(key, **given))

    def say(self, key: str, **given: object) -> Sentence:
        """The phrase with its placeholders filled; numbers and sentences among them stay what they are.

        Raises:
            InputError: for a key that the language has not, or when what is given is not what the phrase holds.
        """
        if key not in self.phrases:
            raise InputError(f"the language `{self.code}` has no phrase `{key}`")
        phrase = self.phrases[key]
        if set(given) != (holds := placeholders(phrase)):
            raise InputError(f"`{key}` holds {sorted(holds)}, and was given {sorted(given)}")
        pieces: list[Sentence | str | Number | Quoted] = []
        for words, name, _, _ in Formatter().parse(phrase):
            pieces.append(words)
            if name is not None:
                value = given[name]
                pieces.append(value if isinstance(value, Sentence | Number | Quoted) else str(value))
        return say(*pieces)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words, as ``numbers.small``."""
        return tuple(self.phrases[key].split(" | "))


@cache
def language(code: str = REFERENCE) -> Language:
    """The language of that code, from the files that come with handful.

    Raises:
        InputError: when there is no such file, with those there are.
    """
    file = FOLDER / code / "phrases.yaml"
    if not code.isalpha() or not file.is_file():
        known = sorted(path.parent.name for path in FOLDER.glob("*/phrases.yaml"))
        raise InputError(f"there are no phrases for language={code!r}", hint=f"accepted: {', '.join(known)}")
    return read_language(file, code, reference=None if code == REFERENCE else language())


def read_language(file: Path, code: str, *, reference: Language | None) -> Language:
    """The language in a file, held against a reference: the same keys, the same placeholders.

    Raises:
        InputError: naming every key that is missing or unknown, and every placeholder that is, all at once.
    """
    document = read(file, file.name)
    if not isinstance(document, Document) or not isinstance(document.data, dict):
        raise InputError(f"{file.name} cannot be read as a vocabulary: {document}")
    phrases = dict(_flat(document.data, ""))
    wrong = [f"{key}: {fault}" for key, text in phrases.items() if (fault := _fault(text))]
    if reference is not None:
        wrong += [f"{key}: is missing" for key in reference.phrases if key not in phrases]
        wrong += [f"{key}: is no key of {reference.code}" for key in phrases if key not in reference.phrases]
        for key, text in phrases.items():
            if _fault(text) or key not in reference.phrases:
                continue
            has, must = placeholders(text), placeholders(reference.phrases[key])
            if has != must:
                wrong.append(f"{key}: holds {_names(has)}, and must hold {_names(must)}")
            elif len(text.split(" | ")) != len(reference.phrases[key].split(" | ")):
                wrong.append(f"{key}: another number of words than {reference.code}")
    if wrong:
        raise InputError(f"{file.name}: {len(wrong)} things are wrong", hint="\n  ".join(wrong))
    return Language(code, phrases)


def placeholders(phrase: str) -> set[str]:
    """The names between braces."""
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


def _names(found: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(found)) or "no placeholder"


def _fault(phrase: str) -> str:
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
