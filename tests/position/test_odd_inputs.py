"""Whatever is put into a place: words, never a traceback; counts of nobody say nothing."""

from __future__ import annotations

import pytest
from tests.made_records import question, records
from tests.position.made_places import Opened, ladder, opened, placed, series

import handful as hf
from handful.base.errors import HandfulError, InputError
from handful.position.what_would_change import MOST
from handful.stats.results import NotEstimable


def test_a_count_of_nobody_is_as_if_it_were_not_there() -> None:
    with_nobody = placed(series("a-1", 0, 0), series("b-1", 3, 9))
    without = placed(series("b-1", 3, 9))
    assert with_nobody.overall.counts == without.overall.counts
    assert with_nobody.what_would_change.people == without.what_would_change.people
    assert with_nobody.what_would_change.value == without.what_would_change.value
    nobody = placed(series("a-1", 0, 0))
    assert (nobody.line, nobody.overall.reason) == ("not established", "no data")
    assert [f.people for f in placed(series("a-1", 0, 0), series("b-1", 0, 0)).what_would_change.people] == [
        3,
        6,
        10,
        20,
    ]


def test_one_alternative_has_no_loss_and_equal_ones_have_the_same() -> None:
    assert isinstance(placed(series("a-1", 3, 9), on=ladder(alternatives=["drug"])).overall.losses, NotEstimable)
    losses = placed(series("a-1", 3, 9), series("b-1", 3, 9, drug="other")).overall.losses
    assert losses.losses[0].loss == losses.losses[1].loss > 0


@pytest.mark.parametrize("people", [0, -1, 1.5, True, "3", None, MOST + 1, 10**7])
def test_a_number_of_further_people_that_is_none_is_refused_in_words(people: object) -> None:
    with pytest.raises(InputError, match="give a whole number of further people, 1 to 1000"):
        placed(series("a-1", 3, 9)).what_would_change.further(people)


def test_one_further_person_and_many_are_looked_at() -> None:
    change = placed(series("a-1", 3, 9)).what_would_change
    assert [c.responders for c in change.further(1).counts] == [0, 1]
    assert len(change.further(300).counts) == 301
    with pytest.raises(InputError, match="accepted: further-people, further-study"):
        change.further(3, "more")


@pytest.mark.parametrize("asked", ["drug-claer", None, 7])
def test_a_question_that_is_not_there_is_named_with_the_nearest(asked: object) -> None:
    with pytest.raises(HandfulError, match="is not known"):
        hf.place(opened(series("a-1", 1, 4)), asked)


def test_a_ladder_that_is_not_there_is_named() -> None:
    made = Opened(records(series("a-1", 1, 4)), {"drug-clear": question(ladder="no")}, {})
    with pytest.raises(HandfulError, match=r"add ladders/no\.yaml"):
        hf.place(made, "drug-clear")


def test_a_review_says_which_id_is_near(repository) -> None:
    review = hf.open_review(repository / "reviews/alopecia-areata")
    for things, typed in ((review.questions, "dupilumab-adult"), (review.ladders, "severe-alopecia"),
                          (review.judgements, "harada-2021")):  # fmt: skip
        with pytest.raises(KeyError, match=r"(?s)is not known.*(did you mean|accepted)"):
            things[typed]
        assert things.get(typed) is None
        assert typed not in things
