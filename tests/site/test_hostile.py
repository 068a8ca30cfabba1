"""Whatever stands in a record is shown as text and does nothing."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tests.site.test_browser import browser
from tests.site.test_pdf import to_pdf
from tests.site.tree import parse

from handful.review import open_review
from handful.site.links import outward
from handful.site.markup import clean_text
from handful.site.publish import publish
from handful.words.names import slug

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from handful.site.pdf import Printer

__all__ = ["browser", "to_pdf"]

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(2)>"
OVERRIDE = "\u202egnp.exe\u202c"
LONG = "x" * 10_000
DATA = {"type": "application/ld+json"}
"""A block of data: a browser runs nothing of this type."""
JUDGEMENT = f"""id: series-2020
study: series-2020
tool: murad-2018
items: [{{item: '1', answer: ni, because: '{SCRIPT}'}}]
overall: unclear
because: '{IMAGE} {LONG}'
by: ['{SCRIPT}']
on: 2026-11-28
seen: '{OVERRIDE}'
"""
CERTAINTY = f"""question: calmol-whole
by: ['{IMAGE}']
on: 2026-11-28
seen: '{SCRIPT}'
domains:
  risk-of-bias: {{steps: -2, because: '{SCRIPT} {OVERRIDE} {LONG}'}}
"""
LADDER = f"""id: whole
title: 'Whole {SCRIPT}'
people: {{extent: [whole]}}
condition: brittle-examples
alternatives: [calmol, placebo]
outcome: clear
accepts: [clear-undefined]
rungs:
- {{line: first, rate_at_least: 0.3, with_probability: 0.9, because: '{IMAGE} {OVERRIDE} {LONG}'}}
otherwise: not established
note: '{SCRIPT}'
"""
VERSION = f"""version: '1.1'
on: 2026-01-01
results: sha256:{"0" * 64}
made_by: '{SCRIPT}'
citation: '{IMAGE} {OVERRIDE} {LONG}'
answers:
  calmol-whole:
    title: '{SCRIPT}'
    outcome: '{IMAGE}'
    studies: 1
    groups: [{{group: adults, events: 1, people: 4}}]
    verdicts: {{certainty: '{SCRIPT} {LONG}'}}
"""
NOTE = f"# 1.1\n\n{SCRIPT} {IMAGE} {OVERRIDE} [x](javascript:alert(7)) {LONG}\n"


@pytest.fixture(scope="module")
def hostile(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small review with hostile words in every place that people type."""
    folder = tmp_path_factory.mktemp("hostile") / "review"
    shutil.copytree(repository / "tests" / "golden" / "review", folder)

    def change(file: str, old: str, new: str) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, (file, old)
        path.write_text(text.replace(old, new), encoding="utf-8")

    change("review.yaml", "title: Brittle examples and their made-up treatments", f"title: 'Brittle {SCRIPT}'")
    change("review.yaml", "Made up for tests. Not medical advice, not even information.", f"{IMAGE} not advice")
    change(
        "questions/calmol-whole.yaml", "title: Calmol for the whole form", f"title: '{SCRIPT} Calmol'\nnote: {LONG} #"
    )
    change("questions/calmol-whole.yaml", "asks: Does", f"asks: '{IMAGE} {OVERRIDE} \"quoted\" Does' #")
    change("questions/calmol-whole.yaml", "name: any improvement\n    because", f"name: '{SCRIPT}'\n    because")
    change("studies/series-2020.yaml", "quote: one adult was clear at week 24", f"quote: '{SCRIPT} {OVERRIDE}'")
    change("studies/series-2020.yaml", "name: four adults", f"name: '{LONG} adults'")
    change("studies/series-2020.yaml", "dose: 5 drops a day", "dose: '\" onmouseover=\"alert(3)'")
    change("sources/series-2020.yaml", "title: Calmol in four adults with a whole example", f"title: 'T {SCRIPT}'")
    change("sources/letter-2021.yaml", "https://example.org/letter", "javascript:alert(4)")
    change("sources/letter-2021.yaml", "  where: [", "  where: ['data:text/html,x', 'https://e.org/\" onclick=\"x', ")
    change("studies/report-2019.patients.csv", "clear in a month,8", f'"{IMAGE}, {OVERRIDE}",8')
    change("conflicts.yaml", "title: Clear or better?", f"title: '{SCRIPT}'")
    change("claims.yaml", "statement: Calmol is placed second", f"statement: '{IMAGE}'")
    change("guidance/rest.md", "Two tips, made up.", f"{SCRIPT} [x](javascript:alert(5)) {IMAGE}")
    with (folder / "questions" / "calmol-whole.md").open("a", encoding="utf-8") as file:
        file.write(f"\n{SCRIPT} {IMAGE} {OVERRIDE} [x](javascript:alert(6)) <a href='javascript:x'>y</a> {LONG}\n")
    change("questions/calmol-whole.yaml", "related: calmol-adults", "related: calmol-adults\nladder: whole")
    (folder / "ladders").mkdir()
    (folder / "ladders" / "whole.yaml").write_text(LADDER, encoding="utf-8")
    (folder / "versions").mkdir()
    (folder / "versions" / "1.1.yaml").write_text(VERSION, encoding="utf-8")
    (folder / "versions" / "1.1.md").write_text(NOTE, encoding="utf-8")
    change("review.yaml", "name: the test", f"name: '{SCRIPT} {LONG}'")
    change("review.yaml", "funding: none", f"funding: '{IMAGE}'")
    change("sources/article-2022.yaml", "authors: Cohn", f"authors: '{SCRIPT}'")
    (folder / f"{SCRIPT.replace('/', '')}.yaml").write_text(SCRIPT, encoding="utf-8")
    change("corrections.yaml", "by: A reader", f"by: '{SCRIPT}'")
    change("corrections.yaml", "The figure in the paper", f"'{IMAGE} {OVERRIDE} {LONG}' #")
    change("corrections.yaml", "by: the test", f"by: '{IMAGE}'")
    change("instruments/mess.yaml", "name: Made-up Example Severity Score (MESS)", f"name: '{SCRIPT} {OVERRIDE} score'")
    change("instruments/mess.yaml", "measures: how", f"note: '{LONG} {IMAGE}'\nmeasures: how")
    change("treatments.yaml", "name: calmol, class: calmer", f"name: '{IMAGE} calmol', note: '{SCRIPT} {LONG}'")
    change("outcomes.yaml", "a lower score, by any amount", f"{SCRIPT} {OVERRIDE}")
    change("review.yaml", "whole: whole example (all of it)", f"whole: '{SCRIPT} example ({IMAGE})'")
    (folder / "judgements").mkdir()
    (folder / "judgements" / "series-2020.yaml").write_text(JUDGEMENT, encoding="utf-8")
    (folder / "certainty").mkdir()
    (folder / "certainty" / "calmol-whole.yaml").write_text(CERTAINTY, encoding="utf-8")
    site = folder.parent / "site"
    publish(open_review(folder), to=site)
    assert {"places", "versions", "evidence"} <= {file.parent.name for file in site.rglob("*.html")}
    return site


def test_nothing_of_it_becomes_an_element_or_an_attribute(hostile: Path) -> None:
    for file in hostile.rglob("*.html"):
        page = parse(file.read_text(encoding="utf-8"))
        code = [script for script in page.all("script") if script.attributes != DATA]
        assert [script.attributes["src"].removeprefix("../") for script in code] == ["assets/handful.js"], file.name
        assert not any(script.text() for script in code), file.name
        assert not page.all("img")
        for element in page:
            assert not [k for k in element.attributes if k.startswith("on")], (file.name, element.attributes)
            href = element.attributes.get("href", "")
            mail = r"mailto:review@example\.org\?subject=[A-Za-z0-9%._-]*&body=[A-Za-z0-9%._~-]*$"
            ours = rf"(https?://|#|(\.\./)*[a-z0-9/.-]*\.(html|css|json|csv|xml|zip|ris|bib)(#|$)|data:,$|{mail})"
            assert re.match(ours, href) or not href, href


def test_it_is_shown_legibly(hostile: Path) -> None:
    page = parse((hostile / "questions" / "calmol-whole.html").read_text(encoding="utf-8"))
    assert IMAGE in page.one("h1").text()
    assert "[U+202E]gnp.exe[U+202C]" in page.one("h1").text()
    assert LONG in page.text()
    assert any(SCRIPT in q.text() for q in page.all("q"))
    words = {
        "risk-of-bias.html": (SCRIPT, IMAGE, "[U+202E]gnp.exe[U+202C]", LONG),
        "instruments/mess.html": (SCRIPT, IMAGE, "[U+202E]gnp.exe[U+202C]", LONG),
        "treatments/calmol.html": (SCRIPT, IMAGE, LONG),
        "methods/calmol-whole.html": (SCRIPT, IMAGE, "[U+202E]gnp.exe[U+202C]", LONG),
        "questions/calmol-whole.html": (SCRIPT, IMAGE, LONG),
        "places/calmol-whole.html": (IMAGE, "[U+202E]gnp.exe[U+202C]", LONG),
        "versions/1.1.html": (SCRIPT, IMAGE, "[U+202E]gnp.exe[U+202C]", LONG),
        "search.html": (SCRIPT, IMAGE, "[U+202E]gnp.exe[U+202C]"),
        "about.html": (SCRIPT, IMAGE, LONG),
        "evidence/calmol-whole.html": (SCRIPT,),
    }
    for name, wanted in words.items():
        said = parse((hostile / name).read_text(encoding="utf-8")).text()
        assert not [word for word in wanted if word not in said], name
    sources = parse((hostile / "sources.html").read_text(encoding="utf-8")).text()
    assert "javascript:alert(4)" in sources, "an address that may not be linked is shown as text"


@pytest.mark.parametrize("width", [320, 1280])
def test_in_a_browser_nothing_runs_and_nothing_is_wider_than_the_window(
    browser: Browser, hostile: Path, width: int
) -> None:
    """No dialog, no error, nothing asked for but the site's own files; long words break instead of pushing."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: ran.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((hostile.as_uri(), "data:,")) else ran.append(request.url),
    )
    for file in sorted(hostile.rglob("*.html")):
        page.goto(file.as_uri())
        assert not page.evaluate(
            "document.querySelectorAll('img, iframe, object, embed, script:not([src]):not([type])').length"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
    page.goto((hostile / "search.html").as_uri())
    for words in (IMAGE, SCRIPT, OVERRIDE, "x" * 10_000, '"><b>', "\\"):
        page.fill("#words", words)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto((hostile / "search.html").as_uri() + "?q=%3Cimg%20src%3Dx%20onerror%3Dalert(8)%3E")
    assert page.input_value("#words") == IMAGE.replace("(2)", "(8)")
    assert not ran
    context.close()


def test_what_a_browser_keeps_for_machines_holds_it_as_text(hostile: Path) -> None:
    """Linked data, feed, tables and references: parsed by their own rules, the words come back as words."""
    page = parse((hostile / "questions" / "calmol-whole.html").read_text(encoding="utf-8"))
    (block,) = [s.text() for s in page.all("script") if s.attributes == DATA]
    assert SCRIPT in json.dumps(json.loads(block), ensure_ascii=False)
    assert "<" not in block, "no </script> can end it"
    feed = ElementTree.fromstring((hostile / "feed.xml").read_bytes())
    assert SCRIPT in "".join(feed.itertext())
    references = json.loads((hostile / "sources.json").read_text(encoding="utf-8"))
    assert any(SCRIPT in str(entry) for entry in references)


def test_on_paper_it_is_words_too(hostile: Path, to_pdf: Printer) -> None:
    from pypdf import PdfReader

    made = to_pdf((hostile / "questions" / "calmol-whole.html").read_text(encoding="utf-8"), "")
    file = PdfReader(io.BytesIO(made))
    text = "".join("".join(sheet.extract_text().split()) for sheet in file.pages)
    assert "".join(SCRIPT.split()) in text
    assert "".join(IMAGE.split()) in text
    assert "[U+202E]gnp.exe[U+202C]" in text
    assert text.count("x") > 10_000, "the long word breaks over lines"
    for forbidden in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction"):
        assert forbidden not in made
    for sheet in file.pages:
        for annotation in sheet.get("/Annots", []):
            action = annotation.get_object().get("/A")
            if action is not None and "/URI" in action:
                assert str(action["/URI"]).startswith(("https://", "http://", "mailto:"))


def test_no_character_that_turns_text_around_is_left(hostile: Path) -> None:
    for file in hostile.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search("[\u202a-\u202e\u2066-\u2069\ue000\ue001]", text), file.name


def test_clean_text_keeps_writing_and_names_what_is_invisible() -> None:
    assert clean_text("Müller 漢字 עברית é\n") == "Müller 漢字 עברית é\n"
    assert clean_text("a\u202eb\x00c\x1b[31md\ue000") == "a[U+202E]bc[31md"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//example.org/x",
        "https://user@example.org",
        "https://example.org/a b",
        "https://example.org/\u202ex",
        "https://",
        "http://[",
        "/etc/passwd",
        "https://example.org/" + "x" * 3000,
        "\thttps://example.org",
    ],
)
def test_addresses_that_are_not_linked(address: str) -> None:
    assert outward(address) is None


def test_plain_addresses_are_linked() -> None:
    assert outward("https://example.org/a?b=c#d") == "https://example.org/a?b=c#d"


def test_names_of_numbers_are_plain_and_told_apart() -> None:
    assert slug("case-2") == "case-2"
    made = [
        slug(text)
        for text in ("case-2", "Case 2", "Case/2", "<script>", "é", "", "../..", LONG, LONG + "y", '"x" onclick="')
    ]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) and len(name) < 80 for name in made)
