"""Text made into HTML that can do no harm: nothing a record or a text holds is ever more than text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from handful.site.links import Linker
from handful.site.site import Site
from handful.words.sentence import Number, Quoted, Sentence

_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc]")
_TAGS = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "a", "code", "br", "hr"}


def clean_text(text: str) -> str:
    """Without characters that have no shape: controls are dropped, those that turn the direction are named.

    A right-to-left override shows as [U+202E]. Marks of private use, which this package uses itself, are dropped.
    """
    named = _INVISIBLE.sub(lambda match: f"[U+{ord(match.group()):04X}]", text)
    return "".join(c for c in named if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Co", "Cs"))


def finalize(value: Any) -> Any:
    """Every value that a template shows passes here."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    return clean_text(value) if isinstance(value, str) else value


def sentence_html(sentence: Sentence, linker: Linker, site: Site) -> Markup:
    """A sentence with its numbers linked to where they are explained, and quoted words with their source."""
    made = []
    for piece in sentence.pieces:
        if isinstance(piece, Number):
            href = piece.name if "/" in piece.name or "#" in piece.name else linker.number(piece.name)
            made.append(Markup('<a class="number" href="{}">{}</a>').format(href, clean_text(piece.text)))
        elif isinstance(piece, Quoted):
            source = site.review.records.sources.get(piece.source)
            title = source.short if source else piece.source
            made.append(
                Markup('<q data-source="{}" title="{}">{}</q>').format(
                    piece.source, clean_text(title), clean_text(piece.text)
                )
            )
        else:
            made.append(escape(clean_text(piece)))
    return Markup("").join(made)


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    return parser.disable(["image", "html_block", "html_inline"])


def markdown(text: str) -> str:
    """Markdown as clean HTML: no HTML of its own, no pictures, links only to http(s) and inside the site."""
    import nh3

    raw = _parser().render(clean_text_but_marks(text))
    raw = re.sub(r"<(/?)h1>", r"<\1h2>", raw)
    cleaned: str = nh3.clean(
        raw,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    return cleaned


def clean_text_but_marks(text: str) -> str:
    """As ``clean_text``, but the two marks that stand for kept values stay."""
    parts = re.split("([\ue000\ue001])", text)
    return "".join(part if part in ("\ue000", "\ue001") else clean_text(part) for part in parts)
