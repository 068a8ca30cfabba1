"""How sure, and why: the summary of findings agrees with the stored rating; both ways; every judgement on its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.site.tree import Element, parse

Pages = dict[str, Element]


def summary(page: Element) -> Element:
    section = next(s for s in page.all("section") if s.attributes.get("aria-labelledby") == "certainty")
    return section.all("table")[0]


def rows(page: Element) -> list[tuple[str, list[str]]]:
    """Title of the group, and the cells of each row under it."""
    found, title = [], ""
    for row in summary(page).all("tr")[1:]:
        if "group" in row.classes:
            title = row.text()
        else:
            found.append((title, [c.text() for c in row if isinstance(c, Element) and c.tag in ("th", "td")]))
    return found


def test_benefits_and_harms_share_one_table_its_columns_and_its_denominator(question_pages: Pages) -> None:
    for name, page in question_pages.items():
        assert len({len(cells) for _, cells in rows(page)}) == 1, name
        ends = re.findall(r"could be [^,;]*? in (\d+)", summary(page).text())
        assert ends, name
        assert set(ends) == {"100"}, name
    flagship = question_pages["dupilumab-totalis-universalis"]
    assert list(dict.fromkeys(title for title, _ in rows(flagship))) == ["Benefit", "Harms"]


def test_the_words_are_those_of_the_stored_rating(shipped_site: Path, question_pages: Pages) -> None:
    for file in shipped_site.glob("results/*.json"):
        stored = json.loads(file.read_text(encoding="utf-8"))["certainty"]["rows"]
        table = rows(question_pages[file.stem])
        main = next(r for r in stored if (r["outcome"], r["group"]) == ("main", "overall"))
        word = main["effect"]["level"].replace("-", " ")
        shown = question_pages[file.stem].one("p", class_="sure").text()
        assert f": {word} " in shown, file.stem
        words = [r["effect"]["level"].replace("-", " ") for r in stored if r["kind"] == "harm"]
        cells = [c[2] for title, c in table if "arms" in title]
        assert len(words) == len(cells), file.stem
        assert all(c.startswith(w + " ") for w, c in zip(words, cells, strict=True)), file.stem


def test_every_step_that_is_named_is_told_in_full(sites: tuple[Path, ...], question_pages: Pages) -> None:
    """Each row names its steps; the methods page has a block for each row, and a sentence for each step."""
    for name, page in question_pages.items():
        folder = next(site for site in sites if (site / "questions" / f"{name}.html").exists())
        methods = parse((folder / "methods" / f"{name}.html").read_text(encoding="utf-8"))
        section = next(s for s in methods.all("section") if s.attributes.get("aria-labelledby") == "reasons")
        blocks = section.all("div", class_="block")
        listed = rows(page)
        assert len(blocks) == len(listed), name
        said = " ".join(c[2] for _, c in listed)
        for block in blocks:
            for step in re.findall(
                r"^([A-Z][a-z ]+), (\d) steps? (up|down)", "\n".join(x.text() for x in block.all("li")), re.M
            ):
                assert f"{step[0].lower()} {'+' if step[2] == 'up' else '−'}{step[1]}" in said, (name, step)
        for cell in said.split("starts ")[1:]:
            assert re.match(r"(very low|low|moderate|high)", cell), name
        assert page.one("ul", class_="reasons").all("li"), name


def test_both_ways_shows_the_counts_of_the_records(flagship: Element) -> None:
    caption = next(c for c in flagship.all("caption") if c.attributes.get("id") == "both-ways-caption")
    table = next(t for t in flagship.all("table") if caption in t.all("caption"))
    cells = [[c.text() for c in row.all("td")] for row in table.all("tr")[1:]]
    shown = {(c[0].split(":")[0].strip(), c[1].split(":")[0].strip()) for c in cells}
    # two-sided influence (series, then its review of published cases), the review of 2024, McKenzie's sixteen
    assert {("3 of 4", "1 of 4"), ("24 of 39", "15 of 39"), ("38 of 51", "13 of 51")} <= shown
    published = [c for c in cells if c[1].startswith(("15 of 39", "13 of 51"))]
    assert all("no rate" in x and "could be" not in x for c in published for x in c)


def test_harms_of_studies_that_may_share_people_are_not_added(flagship: Element) -> None:
    worse = next(c for t, c in rows(flagship) if t == "Harms" and "worsened or was new" in c[0])
    assert "people" not in worse[0]


def test_every_judgement_stands_on_its_page_with_its_seen(shipped_site: Path, question_pages: Pages) -> None:
    page = parse((shipped_site / "risk-of-bias.html").read_text(encoding="utf-8"))
    studies = {s.attributes["id"] for s in page.all("section", class_="study")}
    linked = {
        a.attributes["href"].split("#")[1]
        for p in question_pages.values()
        for a in p.all("a")
        if "risk-of-bias.html#" in a.attributes.get("href", "")
    }
    assert linked
    assert linked <= studies
    assert all("Seen:" in s.text() for s in page.all("section", class_="study"))


@pytest.mark.parametrize("question", ["dupilumab-totalis-universalis", "jak-inhibitors-totalis-universalis"])
def test_every_study_of_an_answer_is_judged(question_pages: Pages, question: str) -> None:
    assert "Not judged yet" not in question_pages[question].text()
