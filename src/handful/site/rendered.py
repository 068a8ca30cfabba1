"""A view and its template made into the bytes of a page; the one style sheet."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from handful.site.links import Linker
from handful.site.markup import finalize, sentence_html
from handful.site.site import Site
from handful.words.language import told as phrase
from handful.words.patients import about_rows
from handful.words.vocabulary import fixed

NOTHING = Markup()
FILES = resources.files("handful.site")


def style_sheet() -> bytes:
    """The one style sheet."""
    text = FILES.joinpath("assets", "style.css").read_text(encoding="utf-8")
    return (without_ornament(text) + "\n").encode()


def script() -> bytes:
    """The one small script, without its comments and indentation."""
    text = FILES.joinpath("assets", "handful.js").read_text(encoding="utf-8")
    lines = re.sub(r"^ */\*.*?\*/$", "", text, flags=re.DOTALL | re.MULTILINE).splitlines()
    return ("\n".join(line.strip() for line in lines if line.strip()) + "\n").encode()


def without_ornament(css: str) -> str:
    """A style sheet without comments, and without white space that means nothing; strings stay as they are."""

    def plain(part: str) -> str:
        part = re.sub(r"\s+", " ", part)
        part = re.sub(r" ?([{};,]) ?", r"\1", part)
        return re.sub(r"([a-z-]): ", r"\1:", part).replace(";}", "}")

    parts = re.split(r'("[^"]*")', re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return "".join(part if part.startswith('"') else plain(part) for part in parts).strip()


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates: everything escaped, undefined names are errors, every shown value cleaned."""

    def load(name: str) -> str | None:
        path = FILES.joinpath("templates", name)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


_BARE = re.compile(r' (role|scope)="([a-z]+)"(?=[ >])')
"""These need no quotes, and a page has hundreds. Words of records cannot match: their quotes are escaped."""

_BEFORE_BLOCK = re.compile(r"\n(?=</?(?:t[rdh]|tbody|caption|table|li|ul|d[ltd]|div|rect|use|svg|g|path)\b)")
"""Line ends before these tags show nothing; a table of many rows holds hundreds."""


def page(template: str, view: Any, site: Site, linker: Linker, linked: Markup = NOTHING) -> bytes:
    html = (
        environment()
        .get_template(template)
        .render(
            why_intervals=fixed("why-intervals"),
            waterfall_words=about_rows("waterfall"),
            view=view,
            page=view.page,
            linked_data=linked,
            told=lambda sentence: sentence_html(sentence, linker, site),
            phrase=phrase,
        )
    )
    html = re.sub(r"\s*\n\s*", "\n", html).strip()
    html = _BARE.sub(r" \1=\2", html)
    return (_BEFORE_BLOCK.sub("", html) + "\n").encode()


__all__ = ["FILES", "NOTHING", "environment", "page", "script", "style_sheet", "without_ornament"]
