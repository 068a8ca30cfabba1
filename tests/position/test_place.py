"""The line follows from the declared rule: by band, with every clause and its number."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest
from scipy import special
from tests.made_records import question, records
from tests.position.made_places import RUNGS, Opened, ladder, opened, placed, series

import handful as hf
from handful.position.ladder import Ladder
from handful.position.place import Place
from handful.position.rule import rank


def tail(x: int, n: int, threshold: float) -> float:
    """P(rate ≥ threshold) with Jeffreys' prior: the incomplete beta function."""
    return float(special.betaincc(x + 0.5, n - x + 0.5, threshold))


@pytest.mark.parametrize(("x", "n"), [(0, 4), (1, 4), (3, 9), (9, 9), (11, 20), (0, 1), (6, 12)])
def test_the_line_is_the_first_whose_clauses_the_beta_posterior_meets(x: int, n: int) -> None:
    line = (
        "first" if tail(x, n, 0.5) >= 0.8 and n >= 10
        else "second" if tail(x, n, 0.3) >= 0.8
        else "third" if tail(x, n, 0.1) >= 0.8
        else "not established"
    )  # fmt: skip
    found = placed(series("a-1", x, n))
    assert found.line == line
    # relative 1e-12: two ways to the same incomplete beta function
    assert [c.found for c in found.because if c.kind == "rate"] == [
        pytest.approx(tail(x, n, t), rel=1e-12) for t in (0.5, 0.3, 0.1)
    ]


def test_probabilities_of_lines_are_the_posterior_between_their_thresholds() -> None:
    found = placed(series("a-1", 4, 12)).probabilities
    want = {
        "first": tail(4, 12, 0.5),
        "second": tail(4, 12, 0.3) - tail(4, 12, 0.5),
        "third": tail(4, 12, 0.1) - tail(4, 12, 0.3),
        "not established": 1 - tail(4, 12, 0.1),
    }
    assert found == pytest.approx(want, abs=1e-12)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


def test_a_line_whose_other_clauses_fail_gives_its_probability_to_the_next() -> None:
    found = placed(series("a-1", 3, 8)).probabilities  # 8 people: fewer than first line asks for
    assert found["first"] == 0
    assert found["second"] == pytest.approx(tail(3, 8, 0.3), abs=1e-12)


def test_a_band_is_computed_from_its_own_people() -> None:
    found = placed(series("a-1", 8, 10), series("b-1", 0, 10, age="child"))
    assert [(g.id, g.events, g.total, g.line) for g in found.bands] == [
        ("under-12", 0, 10, "not established"),
        ("from-12-to-17", 0, 0, "not established"),
        ("adult", 8, 10, "first"),
    ]
    assert found.bands[1].reason == "no data for this age"
    assert not found.bands[1].together


def test_ages_that_no_record_separates_are_computed_together_and_say_so() -> None:
    found = placed(series("a-1", 5, 10, age=["child", "adolescent"]), series("b-1", 9, 10))
    for band in found.bands[:2]:
        assert (band.events, band.total) == (5, 10)
        assert band.together == ("children under 12", "adolescents")
    assert found.bands[2].together == ()


def test_the_narrowest_wider_band_is_taken() -> None:
    found = placed(
        series("a-1", 5, 10, age=["adolescent", "adult"]), series("b-1", 1, 9, age=["child", "adolescent", "adult"])
    )
    under, middle, _ = found.bands
    assert under.counts == ((5, 10), (1, 9))
    assert middle.counts == ((5, 10),)


def test_counts_of_people_whose_age_is_not_reported_speak_for_no_band() -> None:
    found = placed(series("a-1", 5, 10, age="not reported"))
    assert all(not band.counts for band in found.bands)
    assert found.bands[0].reason == "no data for this age: the age of the people counted is not reported"
    assert found.line == "second"


def test_a_mixed_count_is_left_where_there_is_one_of_the_band_alone() -> None:
    found = placed(series("a-1", 5, 10, age=["child", "adolescent"]), series("b-1", 2, 10, age="child"))
    assert found.bands[0].counts == ((2, 10),)
    assert [row.study for row in found.bands[0].left] == ["a-1"]


def certain(level: str | None):
    return lambda _group, _rows, _counts, _about: level


DEMANDING = [RUNGS[1] | {"line": "first", "certainty_at_least": "low"}, RUNGS[2] | {"line": "third"}]


@pytest.mark.parametrize(
    ("level", "line", "best"),
    [("very-low", "third", "third"), ("low", "first", "first"), ("high", "first", "first"), (None, "third", "first")],
)
def test_certainty_is_a_clause_and_what_nobody_judged_is_not_met(level: str | None, line: str, best: str) -> None:
    review = opened(series("a-1", 8, 10), on=ladder(rungs=DEMANDING))
    found = hf.place(review, "drug-clear", certainty=certain(level))
    assert isinstance(found, Place)
    assert (found.line, found.overall.at_best) == (line, best)
    clause = next(c for c in found.because if c.kind == "certainty")
    assert clause.met is (None if level is None else level != "very-low")


def test_certainty_comes_from_the_grading_when_none_is_given() -> None:
    found = placed(series("a-1", 8, 10), on=ladder(rungs=DEMANDING))
    assert next(c.found for c in found.because if c.kind == "certainty") == "very-low"  # one arm, nothing to compare


def licensed(*approvals: dict[str, object]) -> Opened:
    review = opened(
        series("a-1", 8, 10),
        series("b-1", 8, 10, age=["child", "adolescent"]),
        on=ladder(condition="disease", rungs=[RUNGS[1] | {"line": "first", "authorised": "licence"}]),
    )
    known = review.records.treatments["drug"]
    body = {"region": "Somewhere", "indication": "disease", "source": "a-1", "at": "p. 1"}
    made = type(known).model_validate(known.model_dump() | {"approvals": [body | a for a in approvals]})
    new = dataclasses.replace(review.records, treatments={**review.records.treatments, "drug": made})
    return dataclasses.replace(review, records=new)


def lines(review: Opened) -> list[str]:
    found = hf.place(review, "drug-clear")
    assert isinstance(found, Place)
    return [g.line for g in (*found.bands, found.overall)]


def test_a_licence_counts_for_the_ages_and_the_condition_it_names() -> None:
    no = "not established"
    adults = {"condition": "disease", "people": {"age": "adult"}}
    assert lines(licensed(adults)) == [no, no, "first", no]
    assert lines(licensed(adults | {"people": {"age": ["adolescent", "adult"]}})) == [no, "first", "first", no]
    assert lines(licensed({"condition": "disease"})) == ["first"] * 4  # for everybody
    assert lines(licensed(adults | {"condition": "other-disease"})) == [no] * 4
    assert lines(licensed(adults | {"status": "not-approved"})) == [no] * 4
    assert lines(licensed()) == [no] * 4


def test_a_harm_must_be_rare_with_the_declared_probability() -> None:
    limit = {"outcome": "relapse", "rate_at_most": 0.3, "with_probability": 0.8, "because": "made up"}
    on = ladder(rungs=[RUNGS[2] | {"line": "first", "harms": [limit]}])

    def line(events: int | None) -> tuple[str, bool | None]:
        one = series("a-1", 8, 10)
        harms = [] if events is None else [{"outcome": "relapse", "events": {"value": events, "at": "p. 1"}}]
        body = one.model_dump(exclude_none=True)
        body["arms"][0]["harms"] = harms
        body["arms"][0]["n"] = {"kind-not-reported": {"value": 10, "at": "Table 1"}}
        found = placed(type(one).model_validate(body), on=on, harms={"outcomes": "relapse"})
        return found.line, next(c.met for c in found.because if c.kind == "harm")

    assert line(0) == ("first", True)
    assert line(9) == ("not established", False)
    assert line(None) == ("not established", None)


def test_a_harm_may_be_asked_to_have_been_counted_in_enough_people() -> None:
    """Nobody counted is not met (0 of the people asked for), and is not "no harm"."""
    limit = {"outcome": "relapse", "counted_in_at_least": 10, "because": "made up"}
    on = ladder(rungs=[RUNGS[2] | {"line": "first", "harms": [limit]}])

    def clause(people: int | None):
        body = series("a-1", 8, 10).model_dump(exclude_none=True)
        if people is not None:
            other = series("b-1", 0, people).model_dump(exclude_none=True)
            other["arms"][0]["outcomes"] = []
            other["arms"][0]["harms"] = [{"outcome": "relapse", "events": {"value": 0, "at": "p. 1"}}]
            other["arms"][0]["n"] = {"kind-not-reported": {"value": people, "at": "Table 1"}}
            many = [type(series("a-1", 1, 1)).model_validate(b) for b in (body, other)]
        else:
            many = [series("a-1", 8, 10)]
        found = placed(*many, on=on, harms={"outcomes": "relapse"})
        (one,) = (c for c in found.because if c.kind == "harm-people")
        return found.line, one.found, one.met

    assert clause(10) == ("first", 10, True)
    assert clause(9) == ("not established", 9, False)
    assert clause(None) == ("not established", 0, False)


def test_a_limit_of_harm_is_told_in_words() -> None:
    from handful.position.rule import Clause
    from handful.words.place import asked_words, missing_words

    limit = {"outcome": "relapse", "counted_in_at_least": 30, "because": "made up"}
    found = placed(series("a-1", 8, 10), on=ladder(rungs=[RUNGS[2] | {"line": "first", "harms": [limit]}]))
    assert missing_words(found.overall) == "first line asks for “relapse” counted in 30 people or more (0 counted)"
    assert str(Clause("first", "harm-people", 30, None, 0, False, "relapse")) == (
        "first line, relapse counted in ≥ 30: 0, not met"
    )
    assert asked_words(Clause("first", "harm-people", 1, None, 0, False, "relapse")) == (
        "“relapse” counted in 1 person or more"
    )


def test_probabilities_by_the_rate_alone_are_those_were_every_other_clause_met() -> None:
    found = placed(series("a-1", 3, 8)).overall  # 8 people: fewer than first line asks for
    assert found.probabilities["first"] == 0
    assert found.probabilities_by_rate["first"] == pytest.approx(tail(3, 8, 0.5), abs=1e-12)
    assert sum(found.probabilities_by_rate.values()) == pytest.approx(1, abs=1e-12)


def test_what_is_missing_is_of_the_nearest_better_line() -> None:
    third = placed(series("a-1", 1, 4)).overall
    assert (third.line, [(c.line, c.kind) for c in third.missing]) == ("third", [("second", "rate")])
    best = placed(series("a-1", 10, 10)).overall
    assert (best.line, best.missing) == ("first", ())
    second = placed(series("a-1", 8, 9)).overall
    assert [(c.line, c.kind) for c in second.missing] == [("first", "people")]


def test_a_question_without_a_ladder_has_no_place() -> None:
    asked = question()
    found = hf.place(Opened(records(series("a-1", 1, 4)), {asked.id: asked}, {}), asked.id)
    assert found == hf.NotEstimable("the question names no ladder")


def test_nobody_counted_establishes_nothing_whatever_the_rule_asks() -> None:
    on = ladder(rungs=[{"line": "first", "authorised": "licence-or-guideline", "because": "made up"}], condition=None)
    found = placed(on=on)
    assert (found.line, found.overall.reason) == ("not established", "no data")
    assert found.probabilities == {}


def test_the_order_of_studies_and_of_alternatives_does_not_matter() -> None:
    many = [series("a-1", 3, 9), series("b-1", 0, 4), series("c-1", 5, 7, drug="other"), series("d-1", 2, 8)]
    one = placed(*many)
    other = placed(*reversed(many), on=ladder(alternatives=["other", "drug"]))
    assert [c.found for c in one.because] == [pytest.approx(c.found, rel=1e-12) for c in other.because]
    assert one.line == other.line


def test_more_people_with_the_outcome_never_give_a_worse_line_for_one_count() -> None:
    """Enumerated: every count of up to twelve people."""
    for n in range(1, 13):
        ranks = [rank(placed(series("a-1", x, n)).line) for x in range(n + 1)]
        assert ranks == sorted(ranks, reverse=True), n


def test_the_nearest_clause_is_the_one_whose_flip_is_nearest_and_changes_the_line() -> None:
    found = placed(series("a-1", 8, 9))  # first line but for one person
    near = found.overall.nearest
    assert near is not None
    assert (near.line, near.kind, near.found) == ("first", "people", 9)
    assert found.overall.nearest_alone


def test_ladders_refuse_what_no_rule_can_be_made_of() -> None:
    for wrong in (
        {"rungs": [{"line": "first", "rate_at_least": 0.5, "because": "x"}]},
        {"rungs": [{"line": "first", "because": "x"}]},
        {"rungs": [RUNGS[1], RUNGS[0]]},
        {
            "bands": [
                {"id": "a", "name": "a", "people": {"age": "adult"}},
                {"id": "b", "name": "b", "people": {"age": "adult"}},
            ]
        },
        {
            "bands": [
                {"id": "a", "name": "a", "people": {"age": "adult"}},
                {"id": "b", "name": "b", "people": {"sex": "female"}},
            ]
        },
    ):
        with pytest.raises(ValueError, match=r"needs|asks|order|share|attribute"):
            Ladder.model_validate(ladder().model_dump() | wrong)


def test_a_place_is_frozen() -> None:
    found = placed(series("a-1", 1, 4))
    for thing, name in product((found, found.overall, found.because[0]), ("line",)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, "first")
