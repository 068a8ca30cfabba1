"""A sentence that knows which of its words are numbers, and what each number is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number in words and the name of the place where it is explained (see ``words.names``)."""

    text: str
    name: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a source, and which source said them."""

    text: str
    source: str

    def __str__(self) -> str:
        return f"“{self.text}”"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Plain text, numbers and quoted words in order. ``str()`` reads it aloud.

    >>> print(say("Among adults, ", Number("1 of 4", "n-adults"), " had it."))
    Among adults, 1 of 4 had it.
    """

    pieces: tuple[str | Number | Quoted, ...] = ()

    def __str__(self) -> str:
        return "".join(str(piece) for piece in self.pieces)

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def __add__(self, other: Sentence | str | Number) -> Sentence:
        more = other.pieces if isinstance(other, Sentence) else (other,)
        return Sentence(self.pieces + more)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers it states."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Number))


def say(*pieces: str | Number | Quoted | Sentence) -> Sentence:
    """A sentence of pieces; sentences among them are taken apart."""
    flat: list[str | Number | Quoted] = []
    for piece in pieces:
        flat.extend(piece.pieces if isinstance(piece, Sentence) else (piece,))
    return Sentence(tuple(piece for piece in flat if piece != ""))


def listed(parts: list[Sentence], *, last: str = "and", between: str = ", ") -> Sentence:
    """'a, b and c' of sentences."""
    if len(parts) < 2:
        return parts[0] if parts else Sentence()
    made = parts[0]
    for part in parts[1:-1]:
        made = say(made, between, part)
    return say(made, f" {last} ", parts[-1])


def joined_by_space(*sentences: Sentence) -> Sentence:
    """Sentences one after another; empty ones left out."""
    made = Sentence()
    for sentence in sentences:
        made = say(made, " ", sentence) if made and sentence else made or sentence
    return made
