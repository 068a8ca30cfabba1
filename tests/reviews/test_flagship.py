"""The shipped review's answers, from the files: the flagship's numbers, and results that are current."""

from __future__ import annotations

from pathlib import Path

import pytest

import handful as hf
from handful.review import Review
from handful.synthesis.results import is_current
from handful.synthesis.synthesis import Synthesis

FLAGSHIP = "dupilumab-totalis-universalis"


@pytest.fixture(scope="module")
def review(repository: Path) -> Review:
    return hf.open_review(repository / "reviews" / "alopecia-areata")


def answer(review: Review, question: str) -> Synthesis:
    asked = review.question(question)
    return hf.synthesise(hf.count(hf.select(review.records, asked)), asked.plan)


@pytest.fixture(scope="module")
def flagship(review: Review) -> Synthesis:
    return answer(review, FLAGSHIP)


def test_the_flagships_counts_come_from_the_files(flagship: Synthesis) -> None:
    adults, children = flagship.main.groups
    assert (adults.count.events, adults.count.total) == (1, 4)
    assert (children.count.events, children.count.total) == (0, 4)
    assert (flagship.main.overall.count.events, flagship.main.overall.count.total) == (1, 8)
    (any_regrowth,) = flagship.also
    assert [(g.count.events, g.count.total) for g in any_regrowth.groups] == [(3, 4), (1, 4)]


def test_the_childrens_count_is_the_articles_and_its_conflict_stands_beside_it(flagship: Synthesis) -> None:
    (row,) = flagship.main.groups[1].count.rows
    assert row.study == "mckenzie-2021"
    assert row.events is not None
    assert row.events.origin.source == "donovan-advanced"
    conflict = next(c for c in row.conflicts if c.about.arm == row.arm and c.about.what == "n")
    assert [(v.value, v.source) for v in conflict.values] == [(4, "donovan-advanced"), (7, "mckenzie-2021")]
    assert conflict.consequence == "bounds"


def test_eight_case_reports_stand_apart(flagship: Synthesis) -> None:
    cases = flagship.counts.cases
    assert cases is not None
    assert (cases.count, cases.improved) == (8, 7)
    # the collected facts state atopic dermatitis for six of the eight; five of those improved
    assert (cases.stated_count, cases.stated_improved) == (6, 5)


def test_every_counted_number_walks_back_to_a_quote_or_an_arithmetic(flagship: Synthesis) -> None:
    for row in flagship.main.overall.count.rows:
        assert row.events is not None
        assert row.events.origin.quote or row.events.origin.derived
        assert row.events.origin.place.line > 1


def test_placebo_is_among_the_alternatives_even_without_a_number_of_people(flagship: Synthesis) -> None:
    placebo = [a.row for a in flagship.alternatives if a.row.treatment_kind == "placebo"]
    assert [(r.study, r.events.value if r.events else None, r.total) for r in placebo] == [("joly-2023", 0, None)]


def test_stored_results_are_current(review: Review) -> None:
    answers = [answer(review, question) for question in review.questions]
    stale = [a.question.id for a in answers if not is_current(a, review.folder, review.beside(a))]
    assert not stale, f"run `handful update {review.folder}`: {stale}"
    stored = {path.stem for path in (review.folder / "results").glob("*.json")}
    assert stored == set(review.questions)
