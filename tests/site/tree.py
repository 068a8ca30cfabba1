"""HTML read into a small tree with nothing but the standard library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input"}
"""Elements that are never closed; those of SVG that hold nothing are written with a slash."""


@dataclass(repr=False)
class Element:
    """An element with what it holds; text stands among the children as str."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)
    parent: Element | None = None

    def __iter__(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Elements below, in order of the document; ``class_`` must be among the classes."""
        wanted = attributes.pop("class_", None)
        return [
            e
            for e in self
            if (not tag or e.tag == tag)
            and (wanted is None or wanted in e.classes)
            and all(e.attributes.get(k) == v for k, v in attributes.items())
        ]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only element of that kind."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def text(self, without: tuple[str, ...] = ()) -> str:
        """The text in it, without that of the named elements."""
        parts = [
            child if isinstance(child, str) else child.text(without) if child.tag not in without else " "
            for child in self.children
        ]
        return " ".join(" ".join(parts).split())

    @property
    def ancestors(self) -> list[Element]:
        return [] if self.parent is None else [self.parent, *self.parent.ancestors]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self.open = [self.root]

    def _add(self, tag: str, attributes: list[tuple[str, str | None]]) -> Element:
        element = Element(tag, {k: v or "" for k, v in attributes}, parent=self.open[-1])
        self.open[-1].children.append(element)
        return element

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """The document; an element that is not closed, or closed in the wrong order, is an error."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert len(parser.open) == 1, [e.tag for e in parser.open]
    return parser.root
