"""Posterior rates on the pages: hills with their numbers, borrowing beside the answer, probabilities in the depth."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.site.tree import Element, parse

from handful.counts.count import count
from handful.question.select import select
from handful.review import open_review
from handful.site.build import make_site
from handful.site.posterior import COLUMNS, heights, hill_path, posterior_page
from handful.stats.bayes.posterior import Posterior
from handful.stats.borrowed.mixtures import LogitBeta
from handful.synthesis.synthesise import synthesise
from handful.words.vocabulary import banned_words

FLAGSHIP = "dupilumab-totalis-universalis.html"


@pytest.fixture(scope="module")
def depth(shipped_site: Path) -> Element:
    return parse((shipped_site / "posteriors" / FLAGSHIP).read_text(encoding="utf-8"))


def section(page: Element, anchor: str) -> Element:
    (found,) = [s for s in page.all("section") if s.attributes.get("aria-labelledby") == anchor]
    return found


def test_the_flagship_shows_adults_children_and_both_each_with_its_picture(flagship: Element) -> None:
    rows = section(flagship, "posterior").one("tbody").all("tr")
    assert [row.one("th").text(("small",)) for row in rows] == ["Adults", "Children", "All together"]
    assert [row.one("td", class_="n").text() for row in rows] == ["1 of 4", "0 of 4", "1 of 8"]
    said = [row.one("td", class_="words").text() for row in rows]
    assert said == ["5 to 72 in 100", "fewer than 1 to 52 in 100", "3 to 56 in 100"]
    for row, words in zip(rows, said, strict=True):
        drawing = row.one("svg", class_="hill")
        assert drawing.attributes["role"] == "img"
        assert words in drawing.one("desc").text()
        assert drawing.one("title").text()


def test_borrowing_is_drawn_at_three_strengths_beside_the_answer_without_it(depth: Element) -> None:
    part = section(depth, "borrowing")
    rows = part.one("tbody").all("tr")
    assert [row.one("th").text() for row in rows] == [
        "Children alone nothing borrowed", "Strength 0.2", "Strength 0.5", "Strength 0.8"
    ]  # fmt: skip
    assert [row.one("td", class_="n").text() for row in rows] == ["–", "0.2", "0.7", "1.3"]
    assert [len(row.one("svg", class_="hill").all("use", class_="hollow")) for row in rows] == [0, 1, 1, 1]
    text = part.text()
    assert "This is not the answer" in text
    assert "as if one more child had been seen" in text


def test_the_probability_stands_in_the_depth_only_with_its_priors(flagship: Element, depth: Element) -> None:
    text = section(depth, "methods").text()
    assert "P(rate in adults > rate in children) not a headline" in text
    assert re.search(r"Of the hills drawn 0\.78 prior: Beta\(1, 1\)", text)
    assert re.search(r"0\.84 Jeffreys prior", text)
    assert "P(rate in adults" not in section(flagship, "posterior").text()


def test_other_priors_stand_beside(depth: Element) -> None:
    tables = section(depth, "priors").all("table")
    assert [t.one("caption").text() for t in tables] == [
        "Adults, 1 of 4, with other priors",
        "Children, 0 of 4, with other priors",
        "All together, 1 of 8, with other priors",
    ]
    assert all(len(t.one("tbody").all("tr")) == 3 for t in tables)


def test_the_answer_itself_borrows_nothing(flagship: Element) -> None:
    assert "borrow" not in flagship.one("section", class_="answer").text()


def test_every_question_has_the_page_and_it_claims_nothing(shipped_site: Path, small_site: Path) -> None:
    for folder in (shipped_site, small_site):
        for question in folder.glob("questions/*.html"):
            page = folder / "posteriors" / question.name
            assert f'href="../posteriors/{question.name}"' in question.read_text(encoding="utf-8")
            main = parse(page.read_text(encoding="utf-8")).one("main")
            for block in main.all("p"):
                assert not banned_words(block.text(("a",))), block.text()


def test_a_hill_holds_the_whole_probability_even_where_the_density_is_infinite() -> None:
    """Beta(0.5, 4.5) has an infinite density at 0; its columns are differences of its distribution function."""
    rate = Posterior(LogitBeta(np.array([1.0]), np.array([0.5]), np.array([4.5])), "rate", "logit").on("natural")
    found = heights(rate)
    assert len(found) == COLUMNS
    assert found.sum() == pytest.approx(1.0, abs=1e-9)
    path = hill_path(found, float(found.max()))
    assert path.startswith("M0 100V3h1")
    assert sum(int(n) for n in re.findall(r"h(\d+)", path)) == COLUMNS
    assert path.endswith("V100z")


def test_a_plan_that_asks_for_what_the_rows_do_not_allow_shows_the_reason(repository: Path) -> None:
    """The flagship's question with a group of infants, of whom nobody was counted."""
    review = open_review(repository / "reviews" / "alopecia-areata")
    question = review.questions["dupilumab-totalis-universalis"]
    infants = question.model_copy(update={"groups": {"adults": {"age": ("adult",)}, "children": {"age": ("infant",)}}})
    answer = synthesise(count(select(review.records, infants)), infants.plan)
    page = posterior_page(make_site(review, {infants.id: answer}), answer)
    assert page is not None
    assert page.part.borrowed is None
    (said,) = page.part.borrowing
    assert "there is none: children: nobody was counted" in said


def test_a_prior_of_its_own_and_several_strengths_are_the_plans(depth: Element) -> None:
    text = section(depth, "methods").text()
    for weight in ("0.2", "0.5", "0.8"):
        assert f"Weight {weight}; after the data" in text
    assert "10.1111/biom.12242" in text
