"""Overlaps of the shipped review: those that people found by hand are asked about, and all are decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import handful as hf
from handful.check import check_review
from handful.records.overlap_guard import perhaps_shared
from handful.records.records import Records


@pytest.fixture(name="records", scope="module")
def _records(repository: Path) -> Records:
    return hf.open_review(repository / "reviews/alopecia-areata").records


def test_nothing_is_left_to_decide(repository: Path) -> None:
    _, report = check_review(repository / "reviews/alopecia-areata")
    assert report.ok
    assert report.told == ()


def test_without_the_file_the_known_overlaps_are_asked_about(records: Records) -> None:
    """Double counting that was noted by hand: two reviews of case reports, and the scoping review of children."""
    asked = {frozenset((p.first, p.second)) for p in perhaps_shared(replace(records, overlaps=()))}
    for pair in (
        {"twosided-2022", "twosided-2022-review"},
        {"dualeffects-2024", "mckenzie-2021"},
        {"dualeffects-2024", "harada-2020"},
        {"pedscoping-2024", "jamaderm-2018-at13"},
        {"akinlade-2019", "bjd18565"},
        {"brave-aa1", "brave-aa2"},
    ):
        assert frozenset(pair) in asked, pair
    assert frozenset({"harada-2020", "mckenzie-2021"}) not in asked
    assert frozenset({"guttman-2022", "harada-2020"}) not in asked
    assert len({s for pair in asked for s in pair}) < len(records.studies)


def test_what_a_review_contains_needs_no_further_word(records: Records) -> None:
    asked = {frozenset((p.first, p.second)) for p in perhaps_shared(replace(records, overlaps=()))}
    assert "mckenzie-2021" in records.studies["pedscoping-2024"].contains
    assert frozenset({"mckenzie-2021", "pedscoping-2024"}) not in asked


def test_every_decision_has_its_reason_and_moves_no_answer(records: Records, repository: Path) -> None:
    assert all(len(o.because.split()) >= 5 for o in records.overlaps)
    review = hf.open_review(repository / "reviews/alopecia-areata")
    for question in review.questions.values():
        with_file = hf.select(records, question)
        without = hf.select(replace(records, overlaps=()), question)
        assert [e.study.id for e in with_file.included] == [e.study.id for e in without.included]
