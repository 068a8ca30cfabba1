"""Question pages as tagged PDF files (PDF/UA-1), for paper and for sending; made with WeasyPrint, an extra.

Nothing is fetched: the page and the two style sheets are handed over as text, and every request is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

from handful.base.errors import HandfulError
from handful.site.printed_page import for_print

Printer = Callable[[str, str], bytes]
"""The HTML of a page and its address on the web (or nothing) → a PDF."""

VARIANT = "pdf/ua-1"
_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def printer() -> Printer:
    """A printer of pages; made before anything else is done, so that what is missing is said at once.

    Raises:
        HandfulError: when WeasyPrint, or the Pango library that it draws letters with, is not installed.
    """
    try:
        with _quiet():
            from weasyprint import CSS, HTML
            from weasyprint.text.fonts import FontConfiguration
            from weasyprint.urls import URLFetcher
    except ImportError as error:
        raise HandfulError(
            "a PDF needs WeasyPrint, which is not installed", hint="pip install 'handful[pdf]'"
        ) from error
    except OSError as error:  # the package is there, the library behind it is not
        raise HandfulError(
            "a PDF needs the Pango library, which WeasyPrint does not find on this machine",
            hint=f"on Debian and Ubuntu: apt-get install {_LIBRARIES}; on a Mac: brew install pango",
        ) from error

    class Nothing(URLFetcher):  # type: ignore[misc]
        """No page asks for anything; one that does gets nothing."""

        def fetch(self, url: str, headers: object = None) -> Any:
            raise ValueError(f"{url[:200]} is not fetched")

    fonts, nothing = FontConfiguration(), Nothing()
    with _quiet():
        sheets = [CSS(string=text, font_config=fonts, url_fetcher=nothing) for text in _sheets()]

    def to_pdf(html: str, address: str) -> bytes:
        with _quiet():
            page = HTML(string=for_print(html, address), media_type="print", url_fetcher=nothing)
            made: Any = page.write_pdf(stylesheets=sheets, font_config=fonts, pdf_variant=VARIANT)
        if not isinstance(made, bytes):  # pragma: no cover (None only where a target is named)
            raise HandfulError("WeasyPrint made no file")
        return made

    return to_pdf


def _sheets() -> Iterator[str]:
    assets = resources.files("handful.site").joinpath("assets")
    for name in ("style.css", "paper.css"):
        yield assets.joinpath(name).read_text(encoding="utf-8")


@contextmanager
def _quiet() -> Iterator[None]:
    """WeasyPrint tells of every rule of a style sheet that is meant for screens; nobody can act on that."""
    loggers = [logging.getLogger(name) for name in ("weasyprint", "weasyprint.progress", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


__all__ = ["Printer", "printer"]
