"""The pages in a real browser: widths, sizes of letters, contrast and names, keyboard, without script, in print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]
SMALL_PAGES = (
    "index.html",
    "questions/calmol-whole.html",
    "questions/calmol-adults.html",
    "studies/series-2020.html",
    "studies/report-2019.html",
    "sources.html",
    "conflicts.html",
    "guidance/rest.html",
    "about.html",
    "methods/calmol-whole.html",
    "treatments/calmol.html",
    "treatments/placebo.html",
    "instruments/mess.html",
    "glossary.html",
    "history.html",
)
FLAGSHIP = "questions/dupilumab-totalis-universalis.html"

#: the size of every text that is seen, in CSS pixels, drawings included
SIZES = """() => {
  const small = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.nodeValue.trim() || element.closest('title, desc, defs')) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    if (range.getClientRects().length === 0) continue;
    let size = parseFloat(getComputedStyle(element).fontSize);
    if (element instanceof SVGElement) size *= Math.abs(element.getScreenCTM().d);
    if (size < 12) small.push([size, node.nodeValue.trim().slice(0, 40)]);
  }
  for (const use of document.querySelectorAll('svg.plot use')) {
    const scale = Math.abs(use.getScreenCTM().d);
    if (Math.abs(scale - 1) > 1e-6) small.push([scale, 'a drawing is scaled']);
  }
  return small;
}"""

#: what is wider than the window and neither scrolls nor is put aside
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && box.right > window.innerWidth + 1 && !e.closest('.scroll, svg') && box.left >= 0;
}).map(e => e.tagName + '.' + e.className).slice(0, 5)"""


def one_of_each(site: Path) -> list[Path]:
    """Every page at the top, and of every folder of pages the longest: one of each type."""
    folders = sorted({file.parent for file in site.rglob("*.html")} - {site})
    return [*sorted(site.glob("*.html")), *(max(f.glob("*.html"), key=lambda p: p.stat().st_size) for f in folders)]


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield opened
        opened.close()


def open_page(browser: Browser, file: Path, width: int, scheme: Literal["light", "dark"], **more: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(file.as_uri())
    return page


def asked(browser: Browser, file: Path) -> list[str]:
    """Every address that the page asks for."""
    context = browser.new_context()
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    context.close()
    return seen


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_sideways_scroll_and_no_small_letters(
    browser: Browser, small_site: Path, shipped_site: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    files = [small_site / name for name in SMALL_PAGES]
    if scheme == "light":
        files += [*sorted(shipped_site.glob("questions/*.html")), *one_of_each(shipped_site)]
    page = open_page(browser, files[0], width, scheme)
    for file in files:
        page.goto(file.as_uri())
        scrolled = page.evaluate("document.documentElement.scrollWidth")
        assert scrolled <= width, (file.name, page.evaluate(TOO_WIDE))
        assert not page.evaluate(SIZES), file.name
    page.context.close()


def test_tables_need_no_scrolling_on_a_phone(browser: Browser, shipped_site: Path) -> None:
    """Rows become cards: nothing of a figure hides beyond the edge."""
    page = open_page(browser, shipped_site / FLAGSHIP, 320, "light")
    hidden = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert hidden == 0
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(
    browser: Browser, small_site: Path, shipped_site: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    files = [small_site / name for name in SMALL_PAGES]
    files += [shipped_site / FLAGSHIP] if (width, scheme) == (1280, "light") else []
    only = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
    page = open_page(browser, files[0], width, scheme)
    for file in files:
        page.goto(file.as_uri())
        found = axe.run(page, options=only)
        said = [
            (v["id"], [(n["target"], n.get("failureSummary", "")[:300]) for n in v["nodes"][:3]])
            for v in found.response["violations"]
        ]
        assert not said, (file.name, scheme, width, said)
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (768, "dark"), (1280, "dark")])
def test_axe_finds_nothing_on_a_page_of_each_type_of_both_reviews(
    browser: Browser, shipped_site: Path, second_site: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    only = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
    files = [*one_of_each(second_site), *one_of_each(shipped_site)]
    assert {f.parent.name for f in files} >= {
        "questions",
        "studies",
        "treatments",
        "instruments",
        "methods",
        "guidance",
    }
    page = open_page(browser, files[0], width, scheme)
    for file in files:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (file.name, page.evaluate(TOO_WIDE))
        found = axe.run(page, options=only)
        said = [(v["id"], [n["target"] for n in v["nodes"][:3]]) for v in found.response["violations"]]
        assert not said, (file.name, said)
    page.context.close()


def test_the_answer_fits_the_first_screen_of_a_desk(browser: Browser, shipped_site: Path, second_site: Path) -> None:
    """The sentence, each group's count, its drawing and what the true rate could be: nothing to scroll for."""
    for site in (shipped_site, second_site):
        for file in sorted(site.glob("questions/*.html")):
            page = open_page(browser, file, 1280, "light")
            lowest = page.evaluate(
                "Math.max(...[...document.querySelectorAll('.lead, .group-card .big, .group-card .span')]"
                ".map(e => e.getBoundingClientRect().bottom))"
            )
            assert lowest <= 900, (file.name, lowest)
            page.context.close()


def test_light_and_dark_are_two_pictures(browser: Browser, small_site: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page = open_page(browser, small_site / SMALL_PAGES[1], 1280, scheme)  # type: ignore[arg-type]
        colours.append(
            page.evaluate(
                "['body', '.bar', '.mark', '.tick'].map(s => { const c = getComputedStyle(document.querySelector(s)); "
                "return [c.backgroundColor, c.fill, c.color] })"
            )
        )
        page.context.close()
    assert all(a != b for a, b in zip(*colours, strict=True)), colours


def test_drawings_have_colours_of_their_own_where_variables_are_not_known(browser: Browser, small_site: Path) -> None:
    """The style sheet gone, as in programs that print inline drawings without it."""
    page = open_page(browser, small_site / SMALL_PAGES[1], 1280, "light")
    page.evaluate("document.querySelectorAll('link[rel=stylesheet]').forEach(e => e.remove())")
    fills = page.evaluate("[...document.querySelectorAll('.bar, .icon.filled')].map(e => getComputedStyle(e).fill)")
    assert fills
    assert "rgb(0, 0, 0)" not in fills
    hollow = page.evaluate("[...document.querySelectorAll('.icon.hollow')].map(e => getComputedStyle(e).fill)")
    assert set(hollow) == {"none"}
    page.context.close()


def test_it_reads_the_same_without_script(browser: Browser, shipped_site: Path) -> None:
    texts = []
    for script in (True, False):
        page = open_page(browser, shipped_site / FLAGSHIP, 1280, "light", java_script_enabled=script)
        texts.append(page.locator("main").inner_text())
        page.context.close()
    assert texts[0] == texts[1]
    assert "fewer than 1 to 81 in 100" in texts[0]


def test_what_is_folded_opens_for_a_link_and_for_print(browser: Browser, shipped_site: Path) -> None:
    file = shipped_site / "questions" / "dupilumab-children.html"
    page = open_page(browser, file, 1280, "light")
    seen = "document.querySelectorAll('details:not([open]) .count').length"
    folded = page.evaluate(seen)
    assert folded >= 1
    shown = (
        "[...document.querySelectorAll('details:not([open]) > :not(summary)')]"
        ".filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert page.evaluate(shown) == 0
    name = page.evaluate("document.querySelector('details:not([open]) .count').id")
    page.evaluate("name => { location.hash = name }", name)
    assert page.evaluate("name => document.getElementById(name).closest('details').open", name)
    page.emulate_media(media="print")
    page.wait_for_function(f"{shown} > 5")  # the next frame; what is still missing from paper then times out
    page.context.close()


def test_nothing_is_asked_for_outside_the_site(browser: Browser, small_site: Path, shipped_site: Path) -> None:
    for file in [*(small_site / name for name in SMALL_PAGES), shipped_site / FLAGSHIP]:
        seen = asked(browser, file)
        assert seen
        folder = (small_site if file.is_relative_to(small_site) else shipped_site).as_uri()
        assert not [url for url in seen if not url.startswith((folder, "data:"))], seen


@pytest.mark.parametrize("name", ["questions/calmol-whole.html", "treatments/calmol.html", "methods/calmol-whole.html"])
def test_the_keyboard_reaches_every_link_and_table_and_shows_where_it_is(
    browser: Browser, small_site: Path, name: str
) -> None:
    page = open_page(browser, small_site / name, 1280, "light")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0, "the way past the head is seen"
    reached = set()
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    wanted = page.evaluate("document.querySelectorAll('a[href], .scroll, summary, button, input').length")
    for _ in range(wanted + 5):
        state = page.evaluate(
            "(() => { const e = document.activeElement, c = getComputedStyle(e); window.seen ||= new Map(); "
            "if (!seen.has(e)) seen.set(e, seen.size); return [seen.get(e), c.outlineStyle, e.tagName] })()"
        )
        if state[2] == "BODY":
            break
        reached.add(state[0])
        assert state[1] != "none", state
        page.keyboard.press("Tab")
    assert len(reached) == wanted
    page.context.close()


STOPS = (
    "[...document.querySelectorAll('a[href], button, input, summary, [tabindex=\"0\"]')]"
    ".filter(e => e.checkVisibility() && !e.disabled)"
)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_keyboard_alone_reaches_everything_on_a_page_of_each_type(
    browser: Browser, small_site: Path, shipped_site: Path, script: bool
) -> None:
    """Tab by Tab: every stop once, each with a ring that is seen and not covered, and out at the end."""
    files = [*one_of_each(small_site), shipped_site / "search.html", shipped_site / "treatments.html"]
    page = open_page(browser, files[0], 1280, "light", java_script_enabled=script)
    for file in files:
        page.goto(file.as_uri())
        wanted = page.evaluate(f"{STOPS}.length")
        page.evaluate("window.seen = new Set()")
        for _ in range(wanted):
            page.keyboard.press("Tab")
            fault = page.evaluate(
                "(() => { const e = document.activeElement, b = e.getBoundingClientRect(), c = getComputedStyle(e);"
                " seen.add(e); const x = Math.min(Math.max(b.left + Math.min(8, b.width / 2), 1), innerWidth - 2),"
                " y = Math.min(Math.max(b.top + b.height / 2, 1), innerHeight - 2);"
                " const over = document.elementFromPoint(x, y);"
                " if (c.outlineStyle === 'none') return 'no ring';"
                " if (b.bottom < 0 || b.top > innerHeight) return 'not on the screen';"
                " const free = over && (e.contains(over) || over.contains(e));"
                " return free ? '' : 'covered by ' + over.outerHTML.slice(0, 80) })()"
            )
            assert not fault, (file.name, fault, page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        assert page.evaluate("seen.size") == wanted, file.name
    page.context.close()


def test_a_number_leads_to_its_source_and_is_shown(browser: Browser, shipped_site: Path) -> None:
    page = open_page(browser, shipped_site / FLAGSHIP, 1280, "light")
    page.locator(".group-card .big a").first.click()
    row = page.locator("tr:target")
    assert row.count() == 1
    row.locator("a.number").click()
    count = page.locator(".count:target")
    assert "1 had significant re" in count.inner_text()
    assert count.evaluate("e => e.getBoundingClientRect().top") < 900
    page.context.close()


def test_print_shows_the_answer_and_every_part(browser: Browser, shipped_site: Path, tmp_path: Path) -> None:
    page = open_page(browser, shipped_site / FLAGSHIP, 1280, "dark")
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    screen = page.locator(".rest").inner_text()
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = false)")
    page.emulate_media(media="print", color_scheme="light")
    printed = page.locator(".rest").inner_text()
    assert printed.split() == screen.split(), "nothing of the parts is left out"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    pdf = tmp_path / "page.pdf"
    page.pdf(path=str(pdf))
    assert pdf.stat().st_size > 50_000
    page.context.close()


def test_without_colour_filled_and_hollow_still_differ(browser: Browser, small_site: Path) -> None:
    """What is told by colour is told by shape or by fill too."""
    page = open_page(browser, small_site / SMALL_PAGES[1], 1280, "light", forced_colors="active")
    filled = page.evaluate("getComputedStyle(document.querySelector('.icon.filled')).fill")
    hollow = page.evaluate("getComputedStyle(document.querySelector('.icon.hollow')).fill")
    assert filled != hollow
    assert hollow == "none"
    page.context.close()
