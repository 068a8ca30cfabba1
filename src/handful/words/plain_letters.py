"""A text as its letters read, for matching: look-alikes, accents, invisible signs and entities do not hide a word.

Every sign of the plain text knows the place in the text it came from, so that what is found is shown as it was typed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")

# Letters of other alphabets that print like a Latin one (after Unicode Technical Standard 39, only whole look-alikes).
_LOOK_ALIKES = {
    **dict(zip("аеорсухіјѕԁһӏԛԝѵгпкмтвьѐёїү", "aeopcyxijsdhlqwvrnkmtbbeeiy", strict=True)),
    **dict(zip("АВЕЗКМНОРСТУХІЈЅҺԌԚԜѴҮ", "ABE3KMHOPCTYXIJSHGQWVY", strict=True)),
    **dict(zip("αβγεικνορτυχϲϳω", "aBveikvoptuxcjw", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC", strict=True)),
    **dict(zip("օոսցհյզ", "onughjq", strict=True)),  # Armenian
    **dict(zip("ıɑɡɩɪʟɴʀʏᴀʙᴄᴅᴇꜰɢʜᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡᴢøłđħŧƒɛɾʋ", "iagiilnryabcdefghjkmopstuvwzoldhtferv", strict=True)),
    **dict(zip("‐‑‒–﹣−", "------", strict=True)),
    **dict(zip("⁄∕", "//", strict=True)),
    "٪": "%",
    "﹪": "%",
    "\N{BRAILLE PATTERN BLANK}": " ",
    "_": " ",
}  # fmt: skip
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u034f")
_FOR_LETTERS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_STANDS_FOR_A_LETTER = re.compile(r"(?<=[A-Za-z])[013457@$](?=[A-Za-z])")
_LETTER_BY_LETTER = re.compile(r"(?<![^\W_])(?:[A-Za-z][ .\-]){3,}[A-Za-z](?![^\W_])")
_INSIDE_WORDS = re.compile(r"(?<=\w)\*{1,3}(?=\w)|(?<=\w)~~(?=\w)|(?<=[A-Za-z])\\(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class PlainText:
    """The plain text, and for each of its signs where the typed text has it: from ``starts`` to ``ends``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands from ``start`` to ``end`` here was typed."""
        if start >= len(self.starts):
            at = self.ends[-1] if self.ends else 0
            return at, at
        return self.starts[start], (self.ends[end - 1] if end > start else self.starts[start])


def plain_letters(text: str) -> PlainText:
    """The text as it reads: without invisible signs and accents, full-width and look-alike letters as plain ones.

    >>> plain_letters("s\u00adafe, e\uff46fective").text
    'safe, effective'
    """
    if text.isascii() and not _HIDES.search(text):
        places = range(len(text) + 1)
        return PlainText(text, tuple(places[:-1]), tuple(places[1:]))
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, typed in _units(text):
        for sign in _read(typed):
            signs.append(sign)
            starts.append(start)
            ends.append(end)
    read = "".join(signs)
    read = _STANDS_FOR_A_LETTER.sub(lambda match: _FOR_LETTERS[match.group()], read)
    drop = {i for match in _INSIDE_WORDS.finditer(read) for i in range(*match.span())}
    drop |= {
        i for match in _LETTER_BY_LETTER.finditer(read) for i in range(*match.span()) if not read[i].isalpha()
    }  # fmt: skip
    if drop:
        kept = [i for i in range(len(read)) if i not in drop]
        return PlainText("".join(read[i] for i in kept), tuple(starts[i] for i in kept), tuple(ends[i] for i in kept))
    return PlainText(read, tuple(starts), tuple(ends))


_HIDES = re.compile(
    f"_|{_ENTITY.pattern}|{_STANDS_FOR_A_LETTER.pattern}|{_LETTER_BY_LETTER.pattern}|{_INSIDE_WORDS.pattern}"
)
"""What a text of plain letters alone may hide words with."""


def _units(text: str) -> Iterator[tuple[int, int, str]]:
    """The signs of a text with their places; an entity is one sign, or those it stands for."""
    here = 0
    for match in _ENTITY.finditer(text):
        meant = html.unescape(match.group())
        if meant == match.group():
            continue
        for i in range(here, match.start()):
            yield i, i + 1, text[i]
        yield match.start(), match.end(), meant
        here = match.end()
    for i in range(here, len(text)):
        yield i, i + 1, text[i]


def _read(typed: str) -> Iterator[str]:
    """What one typed sign reads as: nothing, a plain letter or digit, a few of them, or itself."""
    for sign in typed:
        if sign.isascii() and sign not in _LOOK_ALIKES:
            yield sign
            continue
        if sign in _LOOK_ALIKES:
            yield _LOOK_ALIKES[sign]
            continue
        kind = unicodedata.category(sign)
        if kind in ("Cf", "Mn", "Me") or sign in _INVISIBLE_LETTERS:
            continue
        if kind == "Zs":
            yield " "
        elif kind == "Nd":
            yield str(unicodedata.decimal(sign))
        elif kind[0] == "L" or "\uff01" <= sign <= "\uff5e" or kind == "So":
            for part in unicodedata.normalize("NFKD", sign):
                if unicodedata.category(part) not in ("Mn", "Me", "Cf"):
                    yield _LOOK_ALIKES.get(part, part)
        else:
            yield sign


__all__ = ["PlainText", "plain_letters"]
