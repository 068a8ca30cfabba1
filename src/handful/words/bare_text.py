"""A text as its own words: what is quoted, computed, code or an address is blanked, and every place stays where it is.

The words of a source are not ours. A name of an outcome stands in quotation marks and is not ours either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

NOT_PROSE = re.compile(
    r"""
    \{\{.*?\}\} | \{%.*?%\} | \{\#.*?\#\}         # expressions, statements, comments of the template
    | <!--.*?-->                                  # comments of Markdown
    | ^[ ]{0,3}(```|~~~).*?^[ ]{0,3}\1            # fenced code
    | `[^`\n]*`                                   # code
    | <(?:q|blockquote|code|pre|cite)\b.*?</(?:q|blockquote|code|pre|cite)>
    | https?://\S+
    """,
    re.DOTALL | re.VERBOSE | re.MULTILINE,
)
QUOTED = re.compile(
    r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|‘[^’]*’(?!\w)"
    r"|^[ ]{0,3}>.*$",
    re.MULTILINE,
)
EXPRESSION = "\x00"
"""What an expression, code or an address leaves: no word, and no blank."""

NOTHING = "\u200b"
"""What the signs around the words of a link leave: they part no words (``plain_letters`` drops it)."""

_LINK = re.compile(r"(!?\[)([^\]\n]*)(\]\([^)\n]*\))")

_BLOCK = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+#|]|\d+[.)])\s)")
_STOP = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bDr)(?<!\bvs)(?<!\bal)(?<!\bno)[.!?…]+[”’\")\]]*(?=\s|$)")


def _as(mark: str, match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", mark, match.group())


def without_expressions(text: str) -> str:
    """The text with expressions, code and addresses blanked; the words of a link are the author's, and stay."""
    return _LINK.sub(_words_of_a_link, NOT_PROSE.sub(lambda match: _as(EXPRESSION, match), text))


def _words_of_a_link(match: re.Match[str]) -> str:
    return NOTHING * len(match.group(1)) + match.group(2) + NOTHING * len(match.group(3))


def own_words(text: str) -> str:
    """The text with expressions, code, addresses and quoted words blanked; as long as it was."""
    return QUOTED.sub(lambda match: _as(" ", match), without_expressions(text))


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence of a text: where it begins and ends."""

    start: int
    end: int


def sentences_of(text: str) -> Iterator[Span]:
    """The sentences of a text; a heading, a list item and a paragraph end one too."""
    edges = [0, *(m.end() for m in _BLOCK.finditer(text)), len(text)]
    for start, end in pairwise(edges):
        here = start
        for stop in _STOP.finditer(text, start, end):
            yield Span(here, stop.end())
            here = stop.end()
        if text[here:end].strip():
            yield Span(here, end)
