"""Every defensible analysis: each equals what the public verbs give for it alone, and none is made up."""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_records import arm, number, outcome, question, records, study

import handful as hf
from handful.base.errors import UnknownChoice
from handful.records.conflict import Conflict
from handful.stats.results import NotEstimable

ALSO = [{"id": "near", "name": "nearly clear", "because": "w", "accepts": [{"outcome": "nearly", "because": "w"}]}]

#: the batch against the single posterior at its higher accuracy (1e-8 posterior sd); the one at the default accuracy
#: is itself up to 3e-8 off, inside the numerical error that it states
POSTERIOR = 1e-8


def opened(found, *asked, ladders=None):
    return SimpleNamespace(records=found, questions={q.id: q for q in asked}, ladders=ladders or {})


def conflict(**more):
    body = {
        "id": "how-many",
        "title": "How many?",
        "about": {"study": "c-1", "arm": "x", "field": "n"},
        "values": [{"value": 4, "source": "a-1"}, {"value": 7, "source": "c-1"}],
        "used": 4,
        "because": "w",
        "consequence": "bounds",
    }
    return Conflict.model_validate(body | more)


@pytest.fixture(scope="module")
def every(several):
    """All its analyses, computed once."""
    return hf.sensitivity(opened(several, asked()), asked())


@pytest.fixture(scope="module")
def several():
    """Four studies, two of them with two numbers of people, two words, one conflict, one case series."""
    return records(
        study("a-1", arm("x", outcome("clear", 3), outcome("nearly", 6), n=10), design="cohort"),
        study(
            "b-1",
            arm("x", outcome("clear", 2), outcome("nearly", 5), n=None)
            | {"n": {"randomised": number(15), "analysed": number(12)}},
            design="randomised",
        ),
        study("c-1", arm("x", outcome("clear", 1), n=4, age="child")),
        study("d-1", arm("x", outcome("clear", 7), outcome("nearly", 8), n=20), design="cohort"),
        conflicts=(conflict(),),
    )


def asked(**more):
    return question(
        also=ALSO,
        designs=["randomised", "cohort", "case-series"],
        plan={"model": "bayes", **more.pop("plan", {})},
        **more,
    )


# what the choices mean, written out by hand: nothing of the package's own enumeration is used below
NUMBERS = {
    "clear": {"a-1": (3, 10, 10), "b-1": (2, 12, 15), "c-1": (1, 4, 4), "d-1": (7, 20, 20)},
    "nearly": {"a-1": (6, 10, 10), "b-1": (5, 12, 15), "d-1": (8, 20, 20)},
}
DESIGNS = {"as-planned": "abcd", "trials-and-cohorts": "abd", "trials": "b"}
CONFLICT = {"as-planned": (1, 4), "7-others-as-non-responders": (1, 7), "7-others-as-responders": (4, 7)}
# b-1: three of fifteen have no result; to leave them out is what the plan's number of people does already
MISSING = ("as-planned", "not-responders", "responders")
PRIORS = {"as-planned": 1.0, "half": 0.5, "double": 2.0}


def expected():
    """Every analysis by enumeration with the public verbs, keyed by its choices."""
    made = {}
    for word, clash, designs, kind, missing, out in product(
        ("as-planned", "near"),
        CONFLICT,
        DESIGNS,
        ("as-planned", "randomised"),
        MISSING,
        ("none", "a-1", "b-1", "c-1", "d-1"),
    ):
        rows = {}
        for name, (x, analysed, randomised) in NUMBERS["clear" if word == "as-planned" else "nearly"].items():
            if name[0] not in DESIGNS[designs] or name == out:
                continue
            n = randomised if kind == "randomised" else analysed
            if missing != "as-planned":
                x, n = x + (randomised - analysed) * (missing == "responders"), randomised
            rows[name] = CONFLICT[clash] if name == "c-1" else (x, n)
        if rows:
            made[word, clash, designs, kind, missing, out] = rows
    return made


@cache
def singly(rows, model, prior):
    evidence = hf.one_arm([x for x, _ in rows], [n for _, n in rows])
    if model == "added-up" or len(rows) == 1:
        return hf.proportion(sum(x for x, _ in rows), sum(n for _, n in rows))
    priors = {"tau": hf.HalfNormal(PRIORS[prior])} if model == "bayes" else None
    return hf.pool(evidence, model=model, priors=priors, **({"accuracy": "high"} if model == "bayes" else {}))


def test_every_analysis_recomputed_alone_is_the_same(every) -> None:
    found = every
    made = expected()
    rows = found.overall.rows
    assert len(rows) > 150
    for row in rows:
        c = row.choices
        key = tuple(c[d] for d in ("outcome", "conflict-how-many", "designs", "denominator", "missing", "left-out"))
        counts = made[key]
        assert {a.study: (a.events, a.total) for a in row.arms} == counts
        one = singly(tuple(sorted(counts.values())), c["model"], c["prior"])
        near = POSTERIOR if row.model == "bayes" else 1e-10  # the same arithmetic, in another order of studies
        assert row.estimate == pytest.approx(one.estimate, abs=near)
        assert (row.low, row.high) == (pytest.approx(one.low, abs=near), pytest.approx(one.high, abs=near))


def test_no_defensible_combination_is_missing_and_none_is_there_twice(every) -> None:
    found = every
    different = set()
    combinations = 0
    for (word, _, _, _, missing, _), rows in expected().items():
        for model, prior in (*((m, "as-planned") for m in ("added-up", "binomial-normal", "beta-binomial")),
                             *(("bayes", p) for p in PRIORS)):  # fmt: skip
            if len(rows) == 2 and model in ("binomial-normal", "beta-binomial"):
                continue
            combinations += 1
            same = (model, prior) if len(rows) > 1 else ("added-up", "as-planned")
            assumed = missing in ("not-responders", "responders") and "b-1" in rows
            different.add((word, tuple(sorted(rows.items())), assumed, *same))
    assert found.overall.combinations == combinations
    assert len(found.overall.rows) == len(different)
    assert sum(row.same for row in found.overall.rows) == combinations


def test_the_headline_is_the_plans_own_answer(several, every) -> None:
    found = every
    answer = hf.synthesise(hf.count(hf.select(several, asked())))
    (head,) = [row for row in found.overall.rows if row.headline]
    assert head.model == "bayes"  # four studies of one definition: the page states the pooled rate
    assert head.estimate == pytest.approx(answer.main.overall.posterior.estimate, abs=3e-8)
    assert set(head.choices.values()) == {"as-planned", "none", "bayes"}
    child = found.group("children").headline
    assert (child.events, child.total, child.model) == (1, 4, "added-up")


def test_order_of_files_does_not_matter(several) -> None:
    less = {"plan": {"sensitivity": {"vary": ["outcome", "conflicts", "model", "prior"]}}}
    turned = records(*reversed(several.studies.values()), conflicts=several.conflicts)
    one, other = (hf.sensitivity(opened(r, asked(**less)), asked(**less)) for r in (several, turned))
    assert one.to_dict() == other.to_dict()


def test_a_bound_is_marked_and_never_a_reported_count(every) -> None:
    children = every.group("children")
    assert children.headline.events == 1
    by = {row.choices["conflict-how-many"]: row for row in children.rows}
    assert {(row.events, row.total, row.bound) for row in by.values()} == {(1, 4, False), (1, 7, True), (4, 7, True)}
    assert all(any(note.code == "bound" for note in row.notes) == row.bound for row in children.rows)
    assert not any(row.to_dict()["reported"] for row in children.rows if row.total == 7)


def test_a_smaller_number_bounds_from_below_and_above() -> None:
    """2 of 5 used, another source counts 4: of the one too many it is not known whether she responded."""
    clash = conflict(values=[{"value": 5, "source": "c-1"}, {"value": 4, "source": "a-1"}], used=5)
    found = records(study("c-1", arm("x", outcome("clear", 2), n=5)), conflicts=(clash,))
    rows = hf.sensitivity(opened(found, question()), question()).overall.rows
    assert {(r.events, r.total, r.bound) for r in rows} == {(2, 5, False), (1, 4, True), (2, 4, True)}


def test_a_value_for_sensitivity_is_run_as_it_is() -> None:
    values = [
        {"value": "2 of 5", "source": "c-1"},
        {"value": "3 of 7", "source": "a-1"},
        {"value": "many", "source": "a-1"},
    ]
    clash = conflict(about={"study": "c-1", "arm": "x", "field": "responders"}, values=values, used="2 of 5",
                     consequence="sensitivity")  # fmt: skip
    found = records(study("c-1", arm("x", outcome("clear", 2), n=5)), conflicts=(clash,))
    result = hf.sensitivity(opened(found, question()), question())
    assert {(r.events, r.total, r.bound) for r in result.overall.rows} == {(2, 5, False), (3, 7, False)}
    assert any("many" in left.what for left in result.not_run)


def test_an_impossible_value_is_left_out_with_its_reason() -> None:
    clash = conflict(about={"study": "c-1", "arm": "x", "field": "n"}, consequence="sensitivity", used=5,
                     values=[{"value": 5, "source": "c-1"}, {"value": 2, "source": "a-1"}])  # fmt: skip
    found = records(study("c-1", arm("x", outcome("clear", 3), n=5)), conflicts=(clash,))
    result = hf.sensitivity(opened(found, question()), question())
    assert len(result.overall.rows) == 1
    assert any("3 of 2 cannot be" in left.reason for left in result.not_run)


def test_one_defensible_analysis_is_said_to_be_one() -> None:
    found = records(study("c-1", arm("x", outcome("clear", 2), n=5)))
    result = hf.sensitivity(opened(found, question()), question())
    assert not result.several
    assert result.summary == "Only one analysis is defensible here: 2 of 5."


def test_nobody_counted_is_not_estimable() -> None:
    result = hf.sensitivity(opened(records(), question()), question())
    assert isinstance(result, NotEstimable)


def test_an_unknown_question_names_those_there_are() -> None:
    with pytest.raises(UnknownChoice, match="accepted"):
        hf.sensitivity(opened(records(), question()), "nowhere")


def test_beyond_the_cap_the_rest_is_varied_one_at_a_time(several, every) -> None:
    whole = every
    less = hf.sensitivity(opened(several, asked()), asked(), most=60)
    assert [d.id for d in less.dimensions if not d.crossed] == ["designs", "denominator", "missing", "left-out"]
    assert "one at a time" in str(less.notes[0])
    assert len(less.overall.rows) < len(whole.overall.rows)

    def key(row):
        counts = tuple(sorted((a.study, a.events, a.total) for a in row.arms))
        return counts, row.bound, row.model, row.choices["prior"], row.choices["outcome"]

    there = {key(row): row.estimate for row in whole.overall.rows}
    assert all(there[key(row)] == pytest.approx(row.estimate, abs=1e-12) for row in less.overall.rows)


def test_the_plan_names_what_is_varied_and_the_threshold() -> None:
    plan = {"sensitivity": {"vary": ["outcome"], "threshold": 0.3}}
    found = records(study("a-1", arm("x", outcome("clear", 1), outcome("nearly", 3), n=4)))
    result = hf.sensitivity(opened(found, asked(plan=plan)), asked(plan=plan))
    assert [d.id for d in result.dimensions] == ["outcome", "model"]
    assert (
        result.summary
        == "In 1 of 2 defensible analyses the rate is below 30 in 100; the outcome definition moves it most."
    )
    assert result.overall.below == 1
    (move,) = [m for m in result.moves if m.dimension == "outcome"]
    assert (move.alone, move.mean, move.largest, move.settings) == (0.5, 0.5, 0.5, 1)


def test_the_table_is_the_rows(every) -> None:
    result = every
    table = result.table()
    assert len(table) == len(result.rows)
    assert result.to_csv().count("\n") == len(table) + 1
    assert len(result.to_frame()) == len(table)
    assert json.loads(json.dumps(result.to_dict()))["rows"][0] == result.rows[0].to_dict()
    assert [row.estimate for row in result.overall.rows] == sorted(row.estimate for row in result.overall.rows)


COUNT = st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=25, deadline=None)
@given(st.lists(COUNT, min_size=1, max_size=3), st.integers(1, 5))
def test_bounds_hold_every_way_the_people_in_dispute_could_have_fared(counts, more) -> None:
    """However many of the people in dispute responded, the sum lies between the two bounds; they are always marked."""
    n = counts[0][1]
    clash = conflict(
        about={"study": "s-0", "arm": "x", "field": "n"},
        values=[{"value": n, "source": "s-0"}, {"value": n + more, "source": "s-0"}],
        used=n,
    )
    made = [study(f"s-{i}", arm("x", outcome("clear", a), n=b)) for i, (a, b) in enumerate(counts)]
    only = {"sensitivity": {"vary": ["conflicts"]}}
    found = hf.sensitivity(opened(records(*made, conflicts=(clash,)), question(plan=only)), question(plan=only))
    rows = {(r.events, r.total): r.bound for r in found.overall.rows}
    events, total = (sum(c[i] for c in counts) for i in (0, 1))
    bounds = {(events, total + more): True, (events + more, total + more): True}
    assert rows == {(events, total): False} | bounds
    assert found.overall.headline.events == events
    estimates = [r.estimate for r in found.overall.rows if r.bound]
    for responded in range(more + 1):
        assert min(estimates) <= (events + responded) / (total + more) <= max(estimates)


def test_of_many_studies_those_that_move_the_rate_furthest_are_left_out_one_at_a_time():
    made = [study(f"s-{i:02}", arm("x", outcome("clear", i % 4), n=6 + i), design="cohort") for i in range(45)]
    made[7] = study("s-07", arm("x", outcome("clear", 60), n=70), design="cohort")
    asked_ = asked(plan={"model": "bayes"})
    every = hf.sensitivity(opened(records(*made), asked_), asked_)
    out = next(d for d in every.dimensions if d.id == "left-out")
    assert len(out.choices) == 1 + 24
    assert not out.crossed
    assert "s-07" in [c.id for c in out.choices]
    rows = [r for r in every.overall.rows if r.choices["left-out"] != "none"]
    assert {r.model for r in rows} == {"bayes"}
    assert all(r.choices["prior"] == "as-planned" for r in rows)
    (left,) = [n for n in every.not_run if "other studies" in n.what]
    assert left.combinations == 45 - 24
    assert any("more than 24 studies" in str(note) for note in every.notes)
    # each is what pooling the others gives, and no study that is not listed would have moved the rate further
    events = {a.study: (a.events, a.total) for a in every.overall.headline.arms}

    def without(one):
        kept = [pair for key, pair in events.items() if key != one]
        return hf.pool(hf.one_arm(*zip(*kept, strict=True)), model="bayes").estimate

    whole = every.overall.headline.estimate
    for row in rows[:2]:
        assert row.estimate == pytest.approx(without(row.choices["left-out"]), abs=1e-7)
    least = min(abs(r.estimate - whole) for r in rows)
    others = [s for s in events if s not in {c.id for c in out.choices}]
    assert all(abs(without(s) - whole) <= least + 1e-7 for s in others[:4])
