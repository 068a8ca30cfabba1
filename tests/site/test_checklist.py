"""The points of the page's checklist, on the pages of the small review and of the shipped one."""

from __future__ import annotations

import re
from pathlib import Path

from tests.site.tree import Element, parse

from handful.words.vocabulary import banned_words

Pages = dict[str, Element]

PERCENT = re.compile(r"\d+(?:\.\d+)?\s*%")
WITH_PEOPLE = re.compile(
    r"\d+ of (?:\d|\w)|% of \d+|of \d+ \(|number of people not reported|modelled percentage, n = \d+"
)
LEVEL = re.compile(r"\d+(?:\.\d+)?\s*%(?=,? (?:interval|two-sided|exact|mid-P|Blaker|Wilson|Jeffreys))|95 %")


def _without_quotes(text: str) -> str:
    """Names of outcomes and words of sources are theirs."""
    return re.sub(r"“[^”]*”", " ", text)


def test_the_first_screen_says_what_must_be_known(question_pages: Pages) -> None:
    for name, page in question_pages.items():
        first = page.one(class_="first")
        order = [e for e in first if e.tag == "h1" or set(e.classes) & {"facts", "lead"}]
        assert [e.tag for e in order][:3] == ["h1", "dl", "p"], name
        facts = {d.text(): e.text() for d, e in zip(first.all("dt"), first.all("dd"), strict=False)}
        assert facts["Studies"].isdigit(), name
        assert facts["People counted"].isdigit()
        assert facts["Last search"], name
        assert facts["Version"]
        assert facts["Next look"]


def test_what_is_not_known_is_said(flagship: Element) -> None:
    assert "No systematic search was made; records assembled November 2026" in flagship.one("dl", class_="facts").text()


def test_title_says_living_and_the_version(question_pages: Pages) -> None:
    for page in question_pages.values():
        assert re.search(r"\(living review, version \d+\.\d+\)$", page.one("head").one("title").text())


def test_the_answer_says_that_nothing_was_compared(question_pages: Pages) -> None:
    for name, page in question_pages.items():
        answer = page.one("section", class_="answer").text()
        assert "comparison group" in answer, name
        assert "what would have happened without treatment is not known" in answer, name


def test_no_percentage_stands_without_its_people(question_pages: Pages) -> None:
    """Cells, items and sentences that this package words; texts of records stand under their own names."""
    checked = 0
    for name, page in question_pages.items():
        cells = [td for table in page.all("table", class_="forest") for td in table.all("td")]
        for block in [*cells, *page.one("section", class_="answer"), *page.all("section", class_="prose")]:
            if block.tag not in ("td", "p", "li", "section"):
                continue
            if "meaning" in block.classes:  # a paper's definition, the known fault of a source
                continue
            text = LEVEL.sub(" ", _without_quotes(block.text(("q", "svg"))))
            for sentence in re.split(r"(?<=[a-z])\. ", text):
                if PERCENT.search(sentence) and "fault" not in sentence:
                    checked += 1
                    assert WITH_PEOPLE.search(sentence), (name, sentence)
    assert checked > 50


def test_no_percentage_in_prose_about_fewer_than_twenty(question_pages: Pages) -> None:
    for name, page in question_pages.items():
        for part in (page.one("section", class_="answer"), *page.all("section", class_="prose")):
            for block in [*part.all("p"), *part.all("li"), *part.all("dd")]:
                if block.all("li") or set(block.classes) & {"meta"} or block.tag == "dd":
                    continue
                said = LEVEL.sub(" ", _without_quotes(block.text(("q",))))
                assert not PERCENT.search(said), (name, said)


def test_the_method_of_the_interval_stands_near_the_answer(question_pages: Pages) -> None:
    for page in question_pages.values():
        basis = page.one("section", class_="answer").all(class_="basis")[-1].text()
        assert "Intervals: 95 %, exact (Clopper–Pearson)" in basis


def test_harms_are_shown_as_benefits_are(small_page: Element, flagship: Element) -> None:
    """The same table, the same columns, the same axis, the same drawing."""
    for page in (small_page, flagship):
        tables = {s.attributes.get("aria-labelledby"): s.all("table", class_="forest") for s in page.all("section")}
        benefit, harm = tables["counts"][0], tables["harms"][0]
        columns = [[th.text() for th in table.all("thead")[0].all("th")] for table in (benefit, harm)]
        assert columns[0] == columns[1]
        drawn = {use.attributes["href"] for table in (benefit, harm) for use in table.all("use")}
        assert drawn == {"#rates-axis", "#rates-ends", "#mark"}


def test_every_number_leads_to_where_it_was_read(sites: tuple[Path, ...], question_pages: Pages) -> None:
    counted = 0
    for name, page in question_pages.items():
        ids = {e.attributes["id"]: e for e in page if "id" in e.attributes}
        folder = next(site for site in sites if (site / "questions" / f"{name}.html").exists())
        for link in page.all("a", class_="number"):
            counted += 1
            target, _, anchor = link.attributes["href"].partition("#")
            if not target:
                assert anchor in ids, (name, link.attributes["href"])
            elif anchor:
                other = parse((folder / "questions" / target).resolve().read_text(encoding="utf-8"))
                assert any(e.attributes.get("id") == anchor for e in other), link.attributes["href"]
        for row in page.all("table", class_="forest"):
            for link in row.all("a", class_="number"):
                anchor = link.attributes["href"].partition("#")[2]
                if anchor in ids:
                    assert "Read in" in ids[anchor].text(), anchor
    assert counted > 300


def test_one_icon_is_one_person(question_pages: Pages) -> None:
    shown = 0
    for page in question_pages.values():
        for card in page.all(class_="group-card"):
            match = re.fullmatch(r"(\d+) of (\d+)", card.one(class_="big").text())
            if match is None:
                continue
            events, total = int(match[1]), int(match[2])
            icons = card.all(class_="icon")
            assert len(icons) == (total if total <= 100 else 0)
            kinds = ["filled" in icon.classes for icon in icons]
            assert kinds == sorted(kinds, reverse=True), "those with the outcome first"
            assert sum(kinds) == (events if icons else 0)
            places = {(icon.attributes["x"], icon.attributes["y"]) for icon in icons}
            drawn = {e.attributes["id"] for e in card.all("path") if "id" in e.attributes}
            assert {icon.attributes["href"].removeprefix("#") for icon in icons} <= drawn, "one shape, in its drawing"
            assert len(places) == len(icons), "no icon stands on another"
            for icon in icons:
                assert (icon.attributes["fill"] == "none") == ("hollow" in icon.classes), "not by colour alone"
            shown += bool(icons)
    assert shown >= 8


def test_each_row_of_a_figure_has_its_numbers_as_text(question_pages: Pages) -> None:
    rows = 0
    for name, page in question_pages.items():
        for table in page.all("table", class_="forest"):
            assert not [e for e in table if "null" in " ".join(e.classes)], "no line of no effect: nothing is compared"
            for row in table.all("tr"):
                drawings = row.all("svg", class_="plot")
                if not drawings or not row.all(class_="bar") or "scores" in table.parent.attributes["aria-labelledby"]:
                    continue
                rows += 1
                match = re.search(r"(\d+) of (\d+)", row.one("td", class_="n").text())
                assert match, (name, row.text())
                assert re.search(r"\d+ to .*\d+ in 100", row.one("td", class_="words").text())
                drawing = drawings[0]
                assert drawing.attributes["role"] == "img"
                assert f"{match[1]} of {match[2]}" in drawing.one("title").text()
                small = row.one("td", class_="n").one("small").text()
                for number in re.findall(r"\d+\.\d+", small):
                    assert number in drawing.one("desc").text()
    assert rows > 60


def test_sums_are_drawn_otherwise_than_studies(small_page: Element) -> None:
    sums = small_page.all("tr", class_="sum")
    assert sums
    for row in sums:
        assert row.all("path", class_="mark")
        assert not row.all("use")[1:], "the grid, and no round mark"
    for row in small_page.all("tr", class_="study"):
        assert not row.all("path", class_="mark")


def test_tables_have_captions_scopes_and_can_be_scrolled_by_keyboard(question_pages: Pages) -> None:
    for page in question_pages.values():
        for table in page.all("table"):
            assert table.one("caption").text()
            for th in table.all("th"):
                assert th.attributes["scope"] in ("col", "row", "rowgroup")
            region = table.parent
            assert region is not None
            assert region.attributes["tabindex"] == "0"
            assert region.attributes["aria-labelledby"] == table.one("caption").attributes["id"]


def test_ids_are_given_once_and_nothing_leads_nowhere(sites: tuple[Path, ...]) -> None:
    for folder in sites:
        ids: dict[Path, set[str]] = {}
        links: list[tuple[Path, str]] = []
        for file in folder.rglob("*.html"):
            page = parse(file.read_text(encoding="utf-8"))
            found = [e.attributes["id"] for e in page if "id" in e.attributes]
            assert len(found) == len(set(found)), (file.name, [i for i in found if found.count(i) > 1])
            ids[file.resolve()] = set(found)
            links += [(file, e.attributes["href"]) for e in page if "href" in e.attributes]
            for e in page.all():
                for labelled in e.attributes.get("aria-labelledby", "").split():
                    assert labelled in found, (file.name, labelled)
        for file, href in links:
            if href.startswith(("https://", "http://", "data:,", "mailto:")):
                continue
            path, _, anchor = href.partition("#")
            target = (file.parent / path).resolve() if path else file.resolve()
            assert target.is_file(), (file.name, href)
            if anchor:
                assert anchor in ids[target], (file.name, href)


def test_one_small_script_of_our_own_and_nothing_from_elsewhere(sites: tuple[Path, ...]) -> None:
    for folder in sites:
        for file in folder.rglob("*.html"):
            html = file.read_text(encoding="utf-8")
            page = parse(html)
            assert {e.attributes.get("type") for e in page.all("script")} <= {"application/ld+json", None}
            code = page.one("script", defer="")
            assert code.attributes["src"].removeprefix("../") == "assets/handful.js"
            assert not code.text(), "code stands in its file, never in a page"
            assert [e for e in page if "src" in e.attributes or "srcset" in e.attributes] == [code]
            assert not [k for e in page for k in e.attributes if k.startswith("on")]
            sheets = [e.attributes["href"] for e in page.all("link") if e.attributes["rel"] == "stylesheet"]
            assert {e.attributes["rel"] for e in page.all("link")} <= {"icon", "stylesheet", "alternate"}
            assert [href.removeprefix("../") for href in sheets] == ["assets/style.css"]
        style = (folder / "assets" / "style.css").read_text(encoding="utf-8")
        assert "@import" not in style
        assert "url(" not in style
        assert "//" not in style
        script = (folder / "assets" / "handful.js").read_text(encoding="utf-8")
        assert len(script.encode()) < 6_000
        made_of_text = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|import"
        assert not re.search(made_of_text, script), "text never becomes an element or code"
        kept = r"https?:|fetch\(|XMLHttp|localStorage|sessionStorage|cookie|\.style\b"
        assert not re.search(kept, script), "nothing is asked for, nothing is kept"


def test_a_question_page_is_smaller_than_150_kilobytes(sites: tuple[Path, ...]) -> None:
    for folder in sites:
        beside = sum((folder / "assets" / name).stat().st_size for name in ("style.css", "handful.js"))
        for file in folder.glob("questions/*.html"):
            assert file.stat().st_size + beside < 150_000, file.name


def test_the_style_sheet_loses_nothing_but_ornament(small_site: Path) -> None:
    from handful.site.build import without_ornament

    written = (small_site / "assets" / "style.css").read_text(encoding="utf-8")
    assert "/*" not in written
    assert without_ornament('a b:hover , p::before { content: ": ; {" ;\n color : red; } /* x */') == (
        'a b:hover,p::before{content:": ; {";color : red}'
    )
    assert written.count("{") == written.count("}") > 150


def test_only_the_deepest_layer_is_folded(question_pages: Pages) -> None:
    """The answer, the counts, harms and alternatives, and what disagrees about a counted study stand open."""
    for name, page in question_pages.items():
        for fold in page.all("details"):
            assert fold.all("summary"), name
            section = fold.parent
            assert section is not None
            assert section.attributes["aria-labelledby"] in {
                "case-reports", "studies", "sources", "harms", "conflicts", "claims",
            }, name  # fmt: skip
            if section.attributes["aria-labelledby"] == "harms":  # its counts are never folded, the single reports are
                assert "people" in fold.one("table").classes, name
            if section.attributes["aria-labelledby"] == "conflicts":  # the words stand open where they touch the answer
                assert any("conflicts.html#conflict-" in a.attributes["href"] for a in fold.all("a")), name
        assert not page.one("section", class_="answer").all("details")


def test_disclaimer_licence_citation_and_data(question_pages: Pages, small_site: Path) -> None:
    for page in question_pages.values():
        foot = page.one("footer", class_="site").text()
        assert "Not medical advice" in foot
        assert "Licence: " in foot
        assert "To cite this page" in page.text()
        assert page.one("a", class_="download").attributes["href"].startswith("../results/")
    about = parse((small_site / "about.html").read_text(encoding="utf-8")).text()
    assert "Funding" in about
    assert "Interests" in about


def test_generated_words_claim_no_more_than_counts_carry(question_pages: Pages) -> None:
    for name, page in question_pages.items():
        answer = page.one("section", class_="answer")
        said = [e for e in answer if set(e.classes) & {"lead", "in-all", "cautions", "span", "basis", "big"}]
        said += page.all("p", class_="intro")
        for element in said:
            assert not banned_words(element.text(("q",))), (name, element.text())
        assert not re.search(r"\b(?:doubles?|-fold|times more|relative risk|NNT)\b", answer.text()), name


def test_quoted_words_name_their_source(question_pages: Pages) -> None:
    for page in question_pages.values():
        for quote in page.all("q"):
            assert quote.attributes["data-source"]


def test_contents_list_what_the_page_has(question_pages: Pages) -> None:
    for page in question_pages.values():
        headings = {h.attributes["id"] for h in page.all("h2") if "id" in h.attributes}
        listed = {a.attributes["href"][1:] for a in page.one("nav", class_="contents").all("a")}
        assert listed == headings


def test_the_language_and_the_way_past_the_head(question_pages: Pages) -> None:
    for page in question_pages.values():
        assert page.one("html").attributes["lang"] == "en"
        skip = page.one("a", class_="skip")
        assert page.one("main").attributes["id"] == skip.attributes["href"][1:]


def test_the_lay_part_is_short_and_can_be_read(shipped_site: Path) -> None:
    """The text of each built page: 400 words, Flesch and Kincaid's grade 9; names and quotes are one short word."""
    from handful.page_words import known_names
    from handful.review import open_review
    from handful.words.reading import reading_level

    review = open_review(Path(__file__).resolve().parents[2] / "reviews" / "alopecia-areata")
    pages = sorted((shipped_site / "questions").glob("*.html"))
    read = 0
    for file in pages:
        for section in parse(file.read_text(encoding="utf-8")).all("section", class_="prose"):
            reading = reading_level(section.text(("q", "h2")), known_names(review))
            assert reading.fits, (file.name, reading, reading.grade)
            read += reading.words > 50
    assert read >= len(review.questions)


def test_other_words_say_whether_the_people_are_the_same(shipped_site: Path, flagship: Element) -> None:
    def intro(page: Element) -> str:
        section = next(s for s in page.all("section") if s.attributes.get("aria-labelledby") == "also")
        return section.all("p", class_="intro")[0].text()

    assert "These are not further people" in intro(flagship)
    children = parse((shipped_site / "questions" / "dupilumab-children.html").read_text(encoding="utf-8"))
    assert "some are others" in intro(children)


def test_a_percentage_in_a_conflict_says_that_its_people_are_not_reported(shipped_site: Path) -> None:
    page = parse((shipped_site / "conflicts.html").read_text(encoding="utf-8"))
    checked = 0
    for value in page.all("ul", class_="values"):
        for item in value.all("li"):
            said = item.one("strong").text()
            if "%" in said and not re.search(r"of \d|people", said):
                checked += 1
                assert "number of people not reported with it" in item.text(), said
    assert checked > 5
