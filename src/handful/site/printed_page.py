"""A built page made ready for a printer of paper: every drawing whole in itself, no link that leads nowhere.

A program that prints pages draws each inline drawing by itself: it knows neither the style sheet nor the shapes that
another drawing of the page holds. So the shapes are copied into the drawings that use them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin
from xml.etree import ElementTree

_TAG = re.compile(r"<(/?)svg\b[^>]*?(/?)>")
_USED = re.compile(r'<use\b[^>]*?\bhref="#([^"]+)"')
_NAMED = re.compile(r'\bid="([^"]+)"')
_TITLE = re.compile(r"<title>(.*?)</title>(?:<desc>(.*?)</desc>)?", re.DOTALL)
_LINK = re.compile(r'(<a\b[^>]*?) href="([^"]*)"')
_FETCHED = re.compile(r"<link\b[^>]*>|<script\b.*?</script>", re.DOTALL)
_SHOWN_ONLY_ON_PHONES = 'class="ends"'
_LETTER = r"(?:&#?\w+;|[^\s<>&])"
_TEXT = re.compile(r">[^<]{80,}")
_LONG_WORD = re.compile(rf"{_LETTER}{{80,}}")
_SIXTY = re.compile(rf"{_LETTER}{{60}}")
LETTERS = 'font-family="Liberation Sans, DejaVu Sans, sans-serif" font-size="11.5"'


def for_print(html: str, address: str = "") -> str:
    """The page as a printer needs it. ``address``: where the page stands on the web, if it does.

    Links to other pages become whole addresses; without an address they become plain words, for a file of its own has
    no neighbours.
    """
    shapes = dict(_shapes(html))
    made, at = [], 0
    for start, end in _drawings(html):
        made += [_breakable(html[at:start]), _whole(html[start:end], shapes)]
        at = end
    html = "".join((*made, _breakable(html[at:])))
    html = _FETCHED.sub("", html)
    return _LINK.sub(lambda found: f"{found[1]}{_led(found[2], address)}", html)


def _breakable(html: str) -> str:
    """Words of more than eighty letters may be broken at every sixtieth.

    A browser breaks them by itself. A printer tries every letter of the rest for each line, so that ten thousand
    letters without a space would take it minutes.
    """
    return _TEXT.sub(lambda text: _LONG_WORD.sub(lambda word: _SIXTY.sub(r"\g<0><wbr>", word[0]), text[0]), html)


def _led(href: str, address: str) -> str:
    if href.startswith(("#", "https://", "http://", "mailto:")):
        return f' href="{href}"'
    return f' href="{urljoin(address, href)}"' if address else ""


def _drawings(html: str) -> Iterator[tuple[int, int]]:
    """Where each outermost drawing begins and ends."""
    depth, start = 0, 0
    for tag in _TAG.finditer(html):
        if tag[1]:
            depth -= 1
            if depth == 0:
                yield start, tag.end()
        else:
            if depth == 0:
                start = tag.start()
            depth += not tag[2]


def _shapes(html: str) -> Iterator[tuple[str, str]]:
    """Name and text of every shape that stands in the page for others to use."""
    for start, end in _drawings(html):
        drawing = html[start:end]
        if _is_store(drawing):
            for element in ElementTree.fromstring(drawing).iter():
                if "id" in element.attrib:
                    element.tail = None
                    yield element.attrib["id"], ElementTree.tostring(element, encoding="unicode")


def _is_store(drawing: str) -> bool:
    return drawing.startswith('<svg class="defs"')


def _whole(drawing: str, shapes: dict[str, str]) -> str:
    """The drawing with the shapes that it uses, letters of its own, and one description that holds its numbers."""
    if _is_store(drawing):
        return ""
    needed: dict[str, str] = {}
    waiting = set(_USED.findall(drawing)) - set(_NAMED.findall(drawing))
    while waiting:
        name = waiting.pop()
        if name in shapes and name not in needed:
            needed[name] = shapes[name]
            waiting |= set(_USED.findall(shapes[name]))
    head, _, rest = drawing.partition(">")
    title = _TITLE.search(rest)
    if title:
        told = f"{title[1]}: {title[2]}" if title[2] else title[1]
        rest = rest[: title.start()] + f"<title>{told}</title>" + rest[title.end() :]
    else:  # only for the eye, and its numbers stand beside it; yet a figure without words is a fault in a tagged file
        ticks = " ".join(re.findall(r"<text\b[^>]*>([^<]*)</text>", "".join(needed.values()) + rest))
        rest = f"<title>{ticks or '–'}</title>" + rest
    # a shape that holds another is enough: the inner one is not written twice
    inner = {name for text in needed.values() for name in _NAMED.findall(text)[1:]}
    defs = "".join(text for name, text in sorted(needed.items()) if name not in inner)
    hidden = f'{_SHOWN_ONLY_ON_PHONES} display="none"'
    whole = f"{head} {LETTERS}>{f'<defs>{defs}</defs>' if defs else ''}{rest}"
    return whole.replace(_SHOWN_ONLY_ON_PHONES, hidden)


__all__ = ["for_print"]
