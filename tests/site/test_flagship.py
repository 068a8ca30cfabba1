"""The page on totalis and universalis says what its records hold, and not more."""

from __future__ import annotations

from pathlib import Path

from tests.site.tree import Element, parse

WANT = "cosmetically significant regrowth"


def _cards(flagship: Element) -> dict[str, str]:
    return {card.one("h3").text(): card.text() for card in flagship.all(class_="group-card")}


def test_adults(flagship: Element) -> None:
    card = _cards(flagship)["Adults"]
    assert f"1 of 4 had “{WANT}”" in card
    assert "fewer than 1 to 81 in 100" in card


def test_children_with_the_disagreement_right_beside(flagship: Element) -> None:
    card = _cards(flagship)["Children"]
    assert f"0 of 4 had “{WANT}”" in card
    assert "0 to 60 in 100" in card
    assert "as high as 60 in 100" in card
    assert "4 (Donovan, no date) or 7 (McKenzie 2021)" in card


def test_full_digits_stand_in_the_table(flagship: Element) -> None:
    """1 of 4: 0.0063 to 0.8059; 0 of 4: 0 to 0.6024; 1 of 8: 0.0032 to 0.5265 (exact, Clopper-Pearson)."""
    table = flagship.all("table", class_="forest")[0].text()
    assert "25.0 % (0.63 to 80.59 %)" in table
    assert "0.0 % (0.00 to 60.24 %)" in table
    assert "12.5 % (0.32 to 52.65 %)" in table


def test_the_sum_says_that_it_adds_up(flagship: Element) -> None:
    said = flagship.one(class_="in-all").text()
    assert "Added up over 2 studies, 1 of 8 ( fewer than 1 to 53 in 100 )" in said
    assert "only adds up" in said


def test_the_groups_are_not_told_apart(flagship: Element) -> None:
    assert "These counts cannot tell adults and children apart." in flagship.one(class_="cautions").text()
    assert "mixes two definitions" in flagship.one(class_="cautions").text()


def test_the_same_people_under_a_wider_word(flagship: Element) -> None:
    answer = flagship.one("section", class_="answer").text()
    assert "Counted as “any regrowth”, the same people give: adults 3 of 4 and children 1 of 4" in answer


def test_case_reports_stand_apart(flagship: Element) -> None:
    answer = flagship.one("section", class_="answer").text()
    assert "Eight single case reports are listed apart: seven improved" in answer
    section = next(s for s in flagship.all("section") if s.attributes.get("aria-labelledby") == "case-reports")
    rows = section.one("table").one("tbody").all("tr")
    assert len(rows) == 8
    assert sum(bool(row.all(class_="yes")) for row in rows) == 7


def test_the_article_is_quoted_and_the_conflict_told_in_full(flagship: Element) -> None:
    quotes = [q.text() for q in flagship.one("section", class_="prose").all("q")]
    assert any("25 % of Adults But No Children" in quote for quote in quotes)
    conflict = flagship.one("article", id="conflict-mckenzie-how-many-totalis-universalis").text()
    assert "Seven patients had alopecia universalis" in conflict
    assert "Of the three further people nothing is reported" in conflict
    # 3 of 7: exact upper limit 0.816
    assert "the true rate could be 0 to 82 in 100" in conflict
    assert "0 of 7" not in flagship.text()


def test_nothing_is_contrasted(shipped_site: Path, flagship: Element) -> None:
    section = next(s for s in flagship.all("section") if s.attributes.get("aria-labelledby") == "alternatives")
    assert "never contrasted" in section.text()
    assert any("Placebo" in th.text() for th in section.all("th"))
    assert "P(first rate" not in flagship.text()
    methods = parse((shipped_site / "methods" / "dupilumab-totalis-universalis.html").read_text(encoding="utf-8"))
    assert "P(first rate > second rate)" in methods.text()
    before = flagship.text().split("Methods For readers")[0]
    assert "P(first" not in before
