"""Changing one record moves the sentence, the line and the summary of findings together: thirty random changes."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

import handful as hf
from handful.base.wording import grouped
from handful.certainty.certainty import LEVELS
from handful.certainty.evidence import bodies
from handful.position.place import Place
from handful.position.rate import rate_of
from handful.position.rule import rank
from handful.records.records import Records
from handful.site.build import make_site
from handful.site.certainty import certainty_part
from handful.site.question_page import linker_of
from handful.stats.results import NotEstimable

REVIEW = Path(__file__).resolve().parents[2] / "reviews" / "alopecia-areata"
QUESTION = "dupilumab-totalis-universalis"
ARMS = (("harada-2020", "adult", "adults"), ("mckenzie-2021", "under-12", "children"))


@pytest.fixture(scope="module")
def review() -> hf.Review:
    return hf.open_review(REVIEW)


def with_count(records: Records, study: str, responders: int, people: int) -> Records:
    """The records with another count of the arm that the question counts."""
    found = records.studies[study]
    arms = []
    for arm in found.arms:
        if arm.id == "totalis-universalis":
            ((kind, number),) = [(k, arm.n.get(k)) for k in arm.n.kinds()]
            assert number is not None
            n = arm.n.model_copy(update={kind.replace("-", "_"): number.model_copy(update={"value": people})})
            counted: list[Any] = []
            for outcome in arm.outcomes:
                value = responders if outcome.outcome.startswith(("salt-below", "cosmetically")) else people
                number_of = outcome.responders
                assert number_of is not None
                counted.append(outcome.model_copy(update={"responders": number_of.model_copy(update={"value": value})}))
            arm = arm.model_copy(update={"n": n, "outcomes": tuple(counted)})
        arms.append(arm)
    changed = found.model_copy(update={"arms": tuple(arms)})
    return dataclasses.replace(records, studies={**records.studies, study: changed})


def changes() -> list[tuple[int, int, int]]:
    draw = random.Random(20261128)
    made = []
    for _ in range(30):
        people = draw.choice([1, 2, 4, 7, 12, 20, 45])
        made.append((draw.randrange(len(ARMS)), draw.randint(0, people), people))
    return made


@pytest.mark.parametrize(("which", "responders", "people"), changes())
def test_one_changed_record_moves_sentence_line_and_summary_of_findings(
    review: hf.Review, which: int, responders: int, people: int
) -> None:
    study, band, group = ARMS[which]
    changed = dataclasses.replace(review, records=with_count(review.records, study, responders, people))
    question = changed.questions[QUESTION]
    answer = hf.synthesise(hf.count(hf.select(changed.records, question)), question.plan)

    sure = hf.grade(answer, changed.judgements)
    sentence = str(hf.headline(answer, sure))
    counted = f"none of {people}" if responders == 0 else f"{grouped(responders)} of {grouped(people)}"
    everyone = f"all {people} of {people}"
    assert counted in sentence or (responders == people and everyone in sentence), sentence
    total = sum(g.count.total for g in answer.main.groups)
    assert f"; from 2 studies with {total} people (2 case series, no comparison group); " in sentence, sentence
    levels = [sure.of("main", g.id).level for g in answer.main.groups]
    assert f"makes a difference: {min(levels, key=LEVELS.index).replace('-', ' ')}" in sentence
    assert sentence == changed.beside(answer)["sentences"][0], "the sentence that is kept with the results"

    placed = hf.place(changed, question, answer=answer)
    assert isinstance(placed, Place)
    found = placed.group(band)
    assert found is not None
    assert (found.events, found.total) == (responders, people)
    rate = rate_of([(responders, people)], question.plan)
    assert not isinstance(rate, NotEstimable)
    third = rate.at_least(0.1) >= 0.8 and people >= 10
    assert (rank(found.line) <= rank("third")) == third

    site = make_site(changed, {QUESTION: answer})
    part = certainty_part(site, linker_of(site, answer), answer)
    row = next(r for g in part.groups for r in g.rows if r.group == group)
    assert row.count == f"{grouped(responders)} of {grouped(people)}"
    body = next(b for b in bodies(answer) if b.kind == "main" and b.group == group)
    assert body.interval is not None
    certainty = next(c for c in found.because if c.kind == "certainty")
    assert certainty.found == hf.grade(answer, changed.judgements).of("main", group).level


def test_the_shipped_place_is_not_established_and_says_why(review: hf.Review) -> None:
    placed = hf.place(review, QUESTION)
    assert isinstance(placed, Place)
    assert {g.id: (g.line, g.events, g.total) for g in placed.bands} == {
        "under-12": ("not established", 0, 4),
        "from-12-to-17": ("not established", 0, 4),
        "adult": ("not established", 1, 4),
    }
    assert placed.bands[0].together == ("children under 12", "adolescents of 12 to 17")
    six = placed.group("adult").what_would_change.further(6)  # type: ignore[union-attr]
    assert six.smallest_better is not None
    assert (six.smallest_better.responders, six.smallest_better.line) == (1, "third")
    assert placed.beside.view is not None
    assert {(s.claim.treatments[0], s.claim.line) for s in placed.beside.author if s.claim.line == "first"} == {
        ("tofacitinib", "first"),
        ("methotrexate", "first"),
    }
    assert {(s.claim.treatments[0], s.claim.line, s.year) for s in placed.beside.guidelines} == {
        ("jak-inhibitors", "first", 2024),
        ("cyclosporine", "second", 2024),
        ("methotrexate", "third", 2024),
    }
    trials = {t.study: (t.planned, t.treated) for g in placed.bands for t in g.what_would_change.trials}
    assert trials == {"nct05551793": (68, 45), "nct05866562": (76, 38)}
