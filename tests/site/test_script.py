"""The small script: comfort from a folder on a disk and under the strictest rules of a server; no page needs it."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.site.test_browser import browser, open_page
from tests.site.tree import parse

from handful.site.posterior import chance

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'"
POSTERIORS = "posteriors/dupilumab-totalis-universalis.html"
SHOWN = (
    "[...document.querySelectorAll('.index > li:not([hidden]) a')].filter(e => e.checkVisibility()).map(e => e.href)"
)


class _Strict(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", STRICT)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


@pytest.fixture(scope="module")
def strict(shipped_site: Path) -> Iterator[str]:
    """The address of a server that lets pages run their own files and nothing else."""
    handler = functools.partial(_Strict, directory=str(shipped_site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def search(page: Page, words: str) -> list[str]:
    page.fill("#words", words)
    found: list[str] = page.evaluate(SHOWN)
    return found


def test_search_finds_each_kind_of_thing_from_a_folder(browser: Browser, shipped_site: Path) -> None:
    page = open_page(browser, shipped_site / "search.html", 1280, "light")
    everything = len(search(page, ""))
    assert everything > 250
    for words, ending in (
        ("totalis dermatitis regrow", "questions/dupilumab-totalis-universalis.html"),
        ("JAK baricitinib", "treatments/baricitinib.html"),
        ("mckenzie 2021", "studies/mckenzie-2021.html"),
        ("MCKENZIE", "sources.html#source-mckenzie-2021"),
        ("true rate", "glossary.html#term-true-rate"),
        ("severity of alopecia tool", "instruments/salt.html"),
        ("hair care", "guidance/gentle-hair-care.html"),
    ):
        found = search(page, words)
        assert any(ending in address for address in found), (words, found)
        assert len(found) < everything / 2
        assert page.inner_text(".ask-words [role=status]").split()[0] == str(len(found))
    assert search(page, "zzz nothing") == []
    assert page.inner_text(".ask-words [role=status]") == "Nothing here has all of these words."
    page.context.close()


def test_search_by_keyboard_alone_and_by_address(browser: Browser, shipped_site: Path) -> None:
    page = open_page(browser, shipped_site / "search.html", 1280, "light")
    page.focus("#words")
    page.keyboard.type("harada")
    page.keyboard.press("Enter")
    assert "harada" in page.evaluate("document.activeElement.href"), "Enter leads to the first thing found"
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/harada-2020.html")
    page.goto((shipped_site / "search.html").as_uri() + "?q=harada")
    assert page.input_value("#words") == "harada"
    assert 0 < len(page.evaluate(SHOWN)) < 10
    page.context.close()


def test_without_script_the_search_page_is_a_list_of_links(browser: Browser, shipped_site: Path) -> None:
    page = open_page(browser, shipped_site / "search.html", 360, "light", java_script_enabled=False)
    assert not page.is_visible("#words")
    assert page.locator(".index a").count() > 250
    assert page.locator(".index a").first.is_visible()
    page.context.close()


def test_the_list_holds_everything_once_and_leads_there(shipped_site: Path) -> None:
    html = (shipped_site / "search.html").read_text(encoding="utf-8")
    assert len(html.encode()) < 150_000
    page = parse(html)
    listed = [a.attributes["href"] for ul in page.all("ul", class_="index") for a in ul.all("a")]
    assert len(listed) == len(set(listed))
    for folder in ("questions", "studies", "treatments", "instruments", "guidance"):
        for file in shipped_site.glob(f"{folder}/*.html"):
            assert f"{folder}/{file.name}" in listed
    assert f"found of {len(listed)}" == page.one(id="search").attributes["data-found"]


def test_long_tables_can_be_narrowed_and_come_back(browser: Browser, shipped_site: Path) -> None:
    page = open_page(browser, shipped_site / "treatments" / "dupilumab.html", 1280, "light")
    field = page.locator(".filter input").first
    rows = "[...document.querySelectorAll('table')].find(t => t.tBodies.length && [...t.rows].length > 20)"
    shown = f"[...{rows}.querySelectorAll('tbody > tr:not(.group)')].filter(r => r.checkVisibility()).length"
    every = page.evaluate(shown)
    field.fill("harada")
    some = page.evaluate(shown)
    assert 0 < some < every
    assert page.evaluate(
        f"[...{rows}.querySelectorAll('tr.group')].every(g => g.hidden || !g.nextElementSibling.hidden "
        "|| [...g.parentNode.rows].some(r => r !== g && !r.hidden))"
    ), "a heading without rows goes too"
    field.fill("")
    assert page.evaluate(shown) == every
    page.context.close()


def test_the_link_of_a_number_is_copied(browser: Browser, shipped_site: Path) -> None:
    file = shipped_site / "studies" / "mckenzie-2021.html"
    page = open_page(browser, file, 1280, "light")
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: t => (window.kept = t, Promise.resolve())}})"
    )
    button = page.locator(".copy").first
    button.focus()
    page.keyboard.press("Enter")
    name = page.evaluate("document.querySelector('.count').id")
    assert page.evaluate("window.kept") == f"{file.as_uri()}#{name}"
    page.wait_for_function("document.body.lastElementChild.textContent === 'Link copied'")
    size = button.bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 24
    page.context.close()


def test_the_bar_can_be_moved_by_keyboard_and_says_what_was_computed(browser: Browser, shipped_site: Path) -> None:
    page = open_page(browser, shipped_site / POSTERIORS, 360, "light")
    table = page.locator("table:has(#passing-caption)")
    bars = [h.strip() for h in table.locator("thead th").all_text_contents()][1:]
    rows = [r.locator("td").all_text_contents() for r in table.locator("tbody tr").all()]
    page.focus("#bar")
    for i, bar in enumerate(bars):
        page.evaluate("v => { const e = document.getElementById('bar'); e.value = v - 1 }", int(bar))
        page.keyboard.press("ArrowRight")
        said = page.locator(".pass dd output").all_text_contents()
        assert said == [row[i] for row in rows], bar
        assert page.locator("#bar").get_attribute("aria-valuetext") == f"{bar} in 100"
    page.context.close()


def test_the_bars_of_the_page_are_the_posterior(shipped_site: Path, repository: Path) -> None:
    """Beta(1, 1) and 1 of 4: P(rate > x) = 1 - I_x(2, 4), the regularised incomplete beta function."""
    from scipy.special import betainc

    page = parse((shipped_site / POSTERIORS).read_text(encoding="utf-8"))
    outputs = page.one(class_="pass").one("dl").all("output")
    grids = [o.attributes["data-above"].split() for o in outputs]
    assert all(len(grid) == 101 for grid in grids)
    assert grids[0] == [chance(1 - float(betainc(2, 4, x / 100))) for x in range(101)]
    assert grids[1] == [chance(1 - float(betainc(1, 5, x / 100))) for x in range(101)]


def test_chances_are_never_rounded_to_certainty() -> None:
    assert [chance(p) for p in (0.0, 0.001, 0.0051, 0.45, 0.994, 0.996, 1.0)] == [
        "0.00", "<0.01", "0.01", "0.45", "0.99", ">0.99", "1.00",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["search.html?q=harada", POSTERIORS, "treatments/dupilumab.html", "index.html"])
def test_nothing_is_refused_under_the_strictest_rules_of_a_server(browser: Browser, strict: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(strict + path)
    page.wait_for_load_state("load")
    assert not said
    if path.startswith("search"):
        assert 0 < len(page.evaluate(SHOWN)) < 10
    context.close()
