"""The part of the records in reach of a question gives the same answer as all of them; nothing outside it moves one."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from handful.counts.count import count
from handful.living.answered import moved
from handful.living.units import Unit, in_one_order, with_unit
from handful.question.reach import studies_in_reach, within_reach
from handful.question.select import select
from handful.review import Review, open_review
from handful.synthesis import synthesise as module
from handful.synthesis.results import results, same
from handful.synthesis.synthesise import synthesise

REPOSITORY = Path(__file__).resolve().parents[2]
REVIEWS = {"golden": REPOSITORY / "tests/golden/review", "shipped": REPOSITORY / "reviews/alopecia-areata"}


@pytest.fixture(params=REVIEWS, scope="module")
def review(request: pytest.FixtureRequest) -> Review:
    return in_one_order(open_review(REVIEWS[request.param]))


def answer(review: Review, question: str) -> dict[str, object]:
    asked = review.questions[question]
    found = synthesise(count(select(review.records, asked)), asked.plan)
    return results(found, review.beside(found))


def test_the_answer_from_the_part_is_the_answer_from_the_whole(review: Review) -> None:
    for question in review.questions:
        part = review.part_for(question)
        assert same(answer(part, question), answer(review, question)), question


def test_records_out_of_reach_are_left_out(review: Review) -> None:
    sizes = [
        (len(part.records.studies), len(part.records.sources))
        for part in (review.part_for(question) for question in review.questions)
    ]
    everything = (len(review.records.studies), len(review.records.sources))
    assert all(size <= everything for size in sizes)
    assert any(size < everything for size in sizes)


def test_taking_a_study_away_that_is_out_of_reach_changes_neither_digest_nor_answer(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "group_posteriors", lambda *_, **__: ())
    rng = random.Random(1)
    tried = 0
    for question, asked in review.questions.items():
        out = sorted(set(review.records.studies) - set(review.part_for(question).records.studies))
        for study in rng.sample(out, min(2, len(out))):
            less = with_unit(with_unit(review, Unit("studies", study), None), Unit("people", study), None)
            assert less.part_for(question).part_digest() == review.part_for(question).part_digest()
            before = synthesise(count(select(review.records, asked)), asked.plan)
            after = synthesise(count(select(less.records, asked)), asked.plan)
            assert before.digest == after.digest
            assert not moved(results(before), results(after))
            tried += 1
    assert tried


def test_every_study_that_is_counted_listed_or_turned_away_is_in_reach(review: Review) -> None:
    for question, asked in review.questions.items():
        chosen = select(review.records, asked)
        met = {e.study.id for e in (*chosen.included, *chosen.alternatives, *chosen.harms)}
        met |= {e.study.id for entries in chosen.also.values() for e in entries}
        met |= {e.study for e in (*chosen.excluded, *chosen.cases_excluded)}
        met |= {case.study.id for case in (*chosen.cases, *chosen.harm_cases)} | {s.id for s in chosen.under_way}
        assert met <= studies_in_reach(review.records, asked), question


def test_a_new_study_of_the_treatment_comes_into_reach(review: Review) -> None:
    question = next(iter(review.questions))
    part = review.part_for(question)
    study = next(s for s in part.records.studies.values() if s.arms)
    other = study.model_copy(update={"id": "a-new-one"})
    more = replace(review.records, studies={**review.records.studies, other.id: other})
    assert other.id in within_reach(more, review.questions[question]).studies
    assert replace(review, records=more).part_for(question).part_digest() != part.part_digest()
