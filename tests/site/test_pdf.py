"""Question pages on paper: the numbers, people and figures of the page, in a file that can be read aloud."""

from __future__ import annotations

import io
import re
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.conftest import on_a_build_machine
from tests.site.tree import Element, parse

from handful.base.errors import HandfulError
from handful.cli.main import entry
from handful.review import open_review
from handful.site.pdf import Printer, printer
from handful.site.printed_page import for_print
from handful.site.publish import publish

if TYPE_CHECKING:
    from pypdf import PdfReader

NUMBER = re.compile(r"\d+(?:\.\d+)?")
TEAL = (42, 127, 147)
"""The one colour of what was counted."""

Printed = dict[str, tuple[Element, "PdfReader"]]


@pytest.fixture(scope="session")
def to_pdf() -> Printer:
    """The printer; where it cannot be had these tests are left out, and on a build machine that is a failure."""
    try:
        return printer()
    except HandfulError as missing:
        if on_a_build_machine():
            pytest.fail(f"no PDF can be made on this build machine: {missing}")
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def printed(to_pdf: Printer, small_site: Path, shipped_site: Path, second_site: Path) -> Printed:
    from pypdf import PdfReader

    files = [*sorted(small_site.glob("questions/*.html")), *sorted(second_site.glob("questions/*.html"))]
    files += [shipped_site / "questions" / f"dupilumab-{name}.html" for name in ("totalis-universalis", "adults")]
    found = {}
    for file in files:
        html = file.read_text(encoding="utf-8")
        found[file.stem] = parse(html), PdfReader(io.BytesIO(to_pdf(html, "")))
    return found


@cache
def texts(file: PdfReader) -> tuple[str, ...]:
    """The words of each sheet; reading them takes seconds, so once for all tests."""
    return tuple(sheet.extract_text() for sheet in file.pages)


def drawings(page: Element) -> list[Element]:
    """The outermost drawings of a page, without the store of shapes."""
    return [
        svg
        for svg in page.one("main").all("svg")
        if "defs" not in svg.classes and not any(e.tag == "svg" for e in svg.ancestors)
    ]


def shown_numbers(page: Element) -> Counter[str]:
    """Every number that a reader of the page sees, those in drawings apart."""
    found: Counter[str] = Counter()

    def walk(element: Element) -> None:
        if element.tag in ("svg", "nav", "title", "desc") or set(element.classes) & {"vh", "download"}:
            return
        for child in element.children:
            if isinstance(child, Element):
                walk(child)
            else:
                found.update(NUMBER.findall(child))

    walk(page.one("main"))
    return found


def test_every_number_of_the_page_stands_in_the_file(printed: Printed) -> None:
    """As often as on the page; what the file has beyond it are addresses, page numbers and the scales of drawings."""
    for name, (page, file) in printed.items():
        text = "\n".join(texts(file))
        missing = shown_numbers(page) - Counter(NUMBER.findall(text))
        assert not missing, (name, missing)
        assert sum(shown_numbers(page).values()) > 100


def test_the_scales_of_drawings_are_letters_in_the_file(printed: Printed) -> None:
    for name, (page, file) in printed.items():
        text = "".join(texts(file))
        scales = len(page.one("main").all("svg", class_="axis"))
        assert scales > 2
        assert len(re.findall(r"0\s*25\s*50\s*75\s*100", text)) >= scales, name


def test_filled_people_are_those_of_the_page(printed: Printed) -> None:
    """The paths that the file paints, in their order: filled and outlined, or outlined alone."""
    people = 0
    for name, (page, file) in printed.items():
        wanted = ["filled" in e.classes for e in page.one("main").all("use", class_="icon")]
        found = [painted for painted, *_ in icons(file)]
        assert found == wanted, name
        people += len(found)
    assert people > 90


def test_filled_people_are_seen_on_the_rendered_sheet(printed: Printed, tmp_path: Path) -> None:
    """The colour in the middle of each person, from the picture that a reader of the file sees."""
    if shutil.which("pdftoppm") is None:
        if on_a_build_machine():
            pytest.fail("pdftoppm is not installed on this build machine")
        pytest.skip("pdftoppm is not installed")
    page, file = printed["dupilumab-adults"]
    wanted = ["filled" in e.classes for e in page.one("main").all("use", class_="icon")]
    whole = tmp_path / "page.pdf"
    stream = file.stream
    stream.seek(0)
    whole.write_bytes(stream.read())
    scale, seen = 4.0, []
    pictures: dict[int, np.ndarray[Any, Any]] = {}
    for _, sheet, x, y in icons(file):
        if sheet not in pictures:
            made = subprocess.run(
                ["pdftoppm", "-r", str(72 * scale), "-f", str(sheet + 1), "-l", str(sheet + 1), str(whole)],
                capture_output=True, check=True,
            )  # fmt: skip
            head, rest = made.stdout.split(b"\n255\n", 1)
            wide, high = (int(v) for v in head.split(b"\n")[1].split())
            pictures[sheet] = np.frombuffer(rest, dtype=np.uint8).reshape(high, wide, 3)
        picture = pictures[sheet]
        at = picture[int(picture.shape[0] - y * scale), int(x * scale)]
        seen.append(bool(np.abs(at.astype(int) - TEAL).max() < 8))
    assert seen == wanted
    assert sum(wanted) == 3 + 6


def icons(file: PdfReader) -> Iterator[tuple[bool, int, float, float]]:
    """Each person drawn: whether it is filled, on which sheet, and where the middle of its body is, in points."""
    for number, sheet in enumerate(file.pages):
        found: list[tuple[bool, int, float, float]] = []
        waiting: list[tuple[float, float]] = []

        def visit(
            operator: bytes,
            operands: list[Any],
            matrix: list[float],
            _: list[float],
            found: list[tuple[bool, int, float, float]] = found,
            waiting: list[tuple[float, float]] = waiting,
            number: int = number,
        ) -> None:
            if operator == b"m" and [float(v) for v in operands] == [8.0, 2.0]:  # where the head of a person begins
                a, b, c, d, e, f = matrix
                waiting.append((a * 8 + c * 15 + e, b * 8 + d * 15 + f))
            elif operator in (b"B", b"f", b"f*", b"B*", b"b", b"S", b"s", b"n") and waiting:
                x, y = waiting.pop()
                found.append((operator not in (b"S", b"s", b"n"), number, x, y))

        sheet.extract_text(visitor_operand_before=visit)
        yield from found


def test_every_figure_is_there_with_its_words_and_numbers(printed: Printed) -> None:
    for name, (page, file) in printed.items():
        figures = [e for e in structure(file) if e["/S"] == "/Figure"]
        told = [" ".join(str(e.get("/Alt", "")).split()) for e in figures]
        assert all(told), name
        wanted = [svg for svg in drawings(page) if svg.attributes.get("role") == "img"]
        assert len(wanted) > 2
        said = [f"{svg.all('title')[0].text()}: {svg.all('desc')[0].text()}" for svg in wanted]
        others = Counter(told) - Counter(said)
        assert not Counter(said) - Counter(told), name
        assert sum(others.values()) >= len(drawings(page)) - len(wanted), "scales; again where a table goes on"
        assert not [other for other in others if not re.fullmatch(r"[-−\d ]+", other)], others


def structure(file: PdfReader) -> Iterator[Any]:
    """Every element of the tree of tags."""
    waiting = [file.trailer["/Root"]["/StructTreeRoot"]]  # type: ignore[index]
    while waiting:
        element = waiting.pop().get_object()
        if "/S" in element:
            yield element
        kids = element.get("/K", [])
        kids = kids if isinstance(kids, list) else [kids]
        waiting += [k for k in kids if not isinstance(k, int) and "/StructTreeRoot" not in k.get_object()
                    and k.get_object().get("/Type") in ("/StructElem", None)]  # fmt: skip


def test_the_file_is_tagged_named_and_in_its_language(printed: Printed) -> None:
    for page, file in printed.values():
        root = file.trailer["/Root"]
        assert root["/Lang"] == "en"  # type: ignore[index]
        assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
        assert file.metadata is not None
        assert file.metadata.title == page.one("head").one("title").text()
        xmp = root["/Metadata"].get_object().get_data().decode("utf-8")  # type: ignore[index]
        assert re.search(r"pdfuaid:part[^0-9]*1\b", xmp)
        kinds = Counter(str(e["/S"]) for e in structure(file))
        assert kinds["/H1"] == 1
        assert kinds["/H2"] == len(page.one("main").all("h2"))
        assert kinds["/Table"] >= len(page.one("main").all("table"))
        assert file.outline, "the headings are bookmarks"


def test_links_lead_into_the_file_or_to_the_web_and_never_to_this_machine(printed: Printed) -> None:
    shown = 0
    for page, file in printed.values():
        for sheet in file.pages:
            for annotation in sheet.get("/Annots", []):
                action = annotation.get_object().get("/A")
                if action is not None and "/URI" in action:
                    assert str(action["/URI"]).startswith(("https://", "http://", "mailto:"))
        foot = "".join(f"{page.one(class_='home').text()}·{page.all(class_='kicker')[0].text()}".split())
        text = "".join("".join(sheet.split()) for sheet in texts(file))
        text = re.sub(re.escape(foot) + r"\d+/\d+|•", "", text)  # an address may go on over the foot of a page
        assert "file:" not in text
        for link in page.one("main").all("a"):
            if link.attributes["href"].startswith("http"):
                shown += 1
                assert f"<{link.attributes['href']}>" in text, "an address can be read on paper"
    assert shown > 0


def test_an_address_of_the_site_makes_links_to_its_other_pages() -> None:
    html = '<a class="x" href="../studies/a.html#n-1">A</a><a href="#here">B</a>'
    assert for_print(html, "https://e.org/r/questions/q.html") == (
        '<a class="x" href="https://e.org/r/studies/a.html#n-1">A</a><a href="#here">B</a>'
    )
    assert for_print(html) == '<a class="x">A</a><a href="#here">B</a>'


def test_every_drawing_holds_the_shapes_that_it_uses(sites: tuple[Path, ...]) -> None:
    """A drawing that is printed by itself knows nothing of its neighbours."""
    used = 0
    for site in sites:
        for file in site.glob("questions/*.html"):
            for svg in re.findall(r"<svg.*?</svg>", for_print(file.read_text(encoding="utf-8")), re.DOTALL):
                names = set(re.findall(r'\bid="([^"]+)"', svg))
                for name in re.findall(r'<use\b[^>]*href="#([^"]+)"', svg):
                    used += 1
                    assert name in names, (file.name, name)
    assert used > 500


def test_nothing_is_fetched(to_pdf: Printer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def called(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", called)
    monkeypatch.setattr(socket.socket, "connect", called)
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'from this machine' }", encoding="utf-8")
    html = (
        '<html lang="en"><head><title>t</title><style>@import "https://example.org/a.css";'
        f'@import "{secret.as_uri()}"; p {{ background: url(https://example.org/b.png) }}</style></head>'
        f'<body><p>words</p><img alt="x" src="https://example.org/c.png"><object data="{secret.as_uri()}"></object>'
    )
    made = to_pdf(html, "")
    from pypdf import PdfReader

    text = PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert "words" in text
    assert "from this machine" not in text


def test_a_site_with_pdf_files_links_them_and_is_made_alike_twice(
    to_pdf: Printer, repository: Path, tmp_path: Path, small_site: Path
) -> None:
    review = open_review(repository / "tests" / "golden" / "review")
    made = [publish(review, to=tmp_path / name, pdf=True) for name in ("one", "two")]
    names = {name for name in made[0].files if name.endswith(".pdf")}
    assert names == {f"questions/{key}.pdf" for key in review.questions}
    for name in made[0].files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    page = parse((tmp_path / "one" / "questions" / "calmol-whole.html").read_text(encoding="utf-8"))
    assert "calmol-whole.pdf" in {a.attributes["href"].rpartition("/")[2] for a in page.all("a", class_="download")}
    assert not list(small_site.rglob("*.pdf")), "only where they are asked for"
    assert "calmol-whole.pdf" not in (small_site / "questions" / "calmol-whole.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "said"),
    [(ImportError("no"), "pip install 'handful[pdf]'"), (OSError("cannot load library 'libpango'"), "apt-get install")],
)
def test_what_is_missing_is_said_before_anything_is_written(
    error: Exception,
    said: str,
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import builtins

    plain = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "weasyprint":
            raise error
        return plain(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    review = repository / "tests" / "golden" / "review"
    assert entry(["build", str(review), "-o", str(tmp_path / "site"), "--pdf", "--quiet"]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
