"""No sentence says more than its count: every small table, ten thousand random results, and a reader of its own."""

from __future__ import annotations

import math
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.stats.evidence import one_arm, two_arms

from .claim_reader import Truth, exact_limits, overclaims

CERTAINTY = (None, "very-low", "low", "moderate", "high")
THRESHOLDS = (None, (0.02, 0.1, 0.2), (0.05, 0.1, 0.25), (0.3, 0.5, 0.8))
COMPARED = ("randomised", "non-randomised", "pooled-trials")
ALONE = (None, "case-series", "cohort", "single-arm-trial")
RANDOM = 10_000


def read(result: Any, truth: Truth, **about: Any) -> str:
    """The sentence, after the reader has found nothing in it."""
    said = hf.sentence(result, **about)
    assert not isinstance(said, hf.NotEstimable), said
    found = overclaims(str(said), truth)
    assert not found, (found, str(said), truth)
    return str(said)


def one_group(x: int, n: int, **about: Any) -> str:
    return read((x, n), Truth(((x, n),), False, rate=exact_limits(x, n)), outcome="regrowth", **about)


@pytest.mark.parametrize("n", range(1, 13))
def test_every_count_of_up_to_twelve_people(n: int) -> None:
    for x in range(n + 1):
        for design in ALONE:
            for certainty in CERTAINTY:
                one_group(x, n, design=design, certainty=certainty, who="adults")


@pytest.mark.parametrize("n1", range(1, 13))
def test_every_pair_of_groups_of_up_to_twelve(n1: int) -> None:
    """All tables; the certainties and thresholds take turns, so that each meets every kind of table."""
    tables = [(x1, n1, x2, n2) for x1 in range(n1 + 1) for n2 in range(1, 13) for x2 in range(n2 + 1)]
    both = hf.two_groups(*map(np.array, zip(*tables, strict=True))).risk_difference()
    assert isinstance(both, hf.Interval)
    for i, (x1, _, x2, n2) in enumerate(tables):
        difference = (float(both.low[i]), float(both.high[i]))  # type: ignore[index]
        certainty, thresholds = CERTAINTY[i % 5], THRESHOLDS[(i // 5) % 4]
        truth = Truth(((x1, n1), (x2, n2)), True, certainty, thresholds, difference=difference)
        groups = hf.two_groups(x1, n1, x2, n2)
        read(groups, truth, design=COMPARED[i % 3], certainty=certainty, thresholds=thresholds, groups=("A", "B"))


def test_groups_that_nobody_set_against_each_other_stand_side_by_side() -> None:
    rng = random.Random(3)
    for _ in range(150):
        n1, n2 = rng.choice([3, 8, 40, 120]), rng.choice([3, 8, 40, 120])
        x1, x2 = rng.randint(0, n1), rng.randint(0, n2)
        groups = hf.two_groups(x1, n1, x2, n2)
        found = groups.risk_difference()
        truth = Truth(((x1, n1), (x2, n2)), False, difference=(float(found.low), float(found.high)))
        said = read(groups, truth, design=rng.choice(ALONE), certainty=rng.choice(CERTAINTY), groups=("A", "B"))
        assert ("cannot tell A and B apart" in said) == (groups.p_value() >= 0.05)


def a_fit(rng: random.Random, measure: str, k: int, estimate: float, low: float, high: float, **more: Any) -> hf.Fit:
    """A fit as some model might give it; only what the words use matters."""
    empty = hf.NotEstimable("made for a test")
    wide = more.get("prediction", empty)
    return hf.Fit(
        model="made", measure=measure, estimate=estimate, low=low, high=high, level=0.95, interval_method="made",
        coefficient=empty, se=empty, coefficient_low=empty, coefficient_high=empty, median=empty, median_low=empty,
        median_high=empty, tau2=empty, tau2_interval=empty, k=k, people=more.get("people", empty), prediction=wide,
        weights=empty, labels=tuple(f"s{i}" for i in range(k)), recipe=more.get("recipe"),
    )  # fmt: skip


def three(rng: random.Random, low: float, high: float) -> tuple[float, float, float]:
    """Lower limit, estimate and upper limit; now and then at an edge."""
    if rng.random() < 0.1:
        return (low, low, rng.uniform(low, high)) if rng.random() < 0.5 else (rng.uniform(low, high), high, high)
    a, b, c = sorted(rng.uniform(low, high) for _ in range(3))
    return a, b, c


def random_one_group(rng: random.Random) -> None:
    n = rng.choice([rng.randint(1, 30), rng.randint(13, 19), rng.randint(20, 60)])
    x = rng.choice([0, n, rng.randint(0, n)])
    one_group(x, n, design=rng.choice(ALONE), certainty=rng.choice(CERTAINTY), who=rng.choice(["", "children"]))


def random_pool_of_rates(rng: random.Random) -> None:
    k = rng.randint(1, 9)
    totals = [rng.choice([rng.randint(1, 6), rng.randint(1, 80)]) for _ in range(k)]
    events = [rng.choice([0, n, rng.randint(0, n)]) for n in totals]
    low, estimate, high = three(rng, 0, 1)
    wide = (low * rng.random(), high + (1 - high) * rng.random())
    has = rng.random() < 0.8
    prediction = hf.Interval(estimate, *wide, 0.95, "made") if has else hf.NotEstimable("one model has none")
    recipe = SimpleNamespace(evidence=one_arm(events, totals)) if rng.random() < 0.7 else None
    fit = a_fit(
        rng, "proportion", k, estimate, low, high, people=float(sum(totals)), prediction=prediction, recipe=recipe
    )
    truth = Truth(
        tuple(zip(events, totals, strict=True)), False, rate=(low, high), prediction=wide if has else None, studies=k,
        pooled=True, people=sum(totals), notes={"also": tuple(zip(events, totals, strict=True))},
    )  # fmt: skip
    read(fit, truth, design=rng.choice(ALONE), certainty=rng.choice(CERTAINTY), outcome="regrowth")


def as_difference(measure: str, effect: float, baseline: float) -> float:
    if measure == "RD":
        return max(-1.0, min(1.0, effect))
    if measure == "RR":
        return min(1.0, effect * baseline) - baseline
    odds = effect * baseline / (1 - baseline)
    return odds / (1 + odds) - baseline


def random_pool_of_effects(rng: random.Random) -> None:
    measure = rng.choice(["RR", "OR", "RD"])
    k = rng.choice([1, 3, 4, 9, 20])
    low, estimate, high = three(rng, -1, 1) if measure == "RD" else map(math.exp, three(rng, -3, 2))  # type: ignore[misc]
    spread = rng.random() / 2
    wide = (low - spread, high + spread) if measure == "RD" else (low / (1 + spread), high * (1 + spread))
    baseline = rng.uniform(0.001, 0.9)
    has = rng.random() < 0.8
    prediction = hf.Interval(estimate, *wide, 0.95, "made") if has else hf.NotEstimable("one model has none")
    people = rng.randint(2, 4000)
    fit = a_fit(rng, measure, k, estimate, low, high, people=float(people), prediction=prediction)
    difference = tuple(as_difference(measure, end, baseline) for end in (low, high))
    next_study = tuple(as_difference(measure, end, baseline) for end in wide) if has else None
    certainty, thresholds = rng.choice(CERTAINTY), rng.choice(THRESHOLDS)
    truth = Truth(
        ((100, 200),), True, certainty, thresholds, difference=difference, studies=k, pooled=True, people=people,
        notes={
            "difference prediction": next_study,
            "ranges": (tuple(min(1.0, max(0.0, baseline + end)) for end in difference),),
        },
    )  # fmt: skip
    read(
        fit, truth, design=rng.choice(COMPARED), certainty=certainty, thresholds=thresholds, groups=("A", "B"),
        baseline=None if measure == "RD" else baseline, outcome="regrowth",
    )  # fmt: skip


def random_two_groups(rng: random.Random) -> None:
    n1, n2 = rng.randint(1, 300), rng.randint(1, 300)
    x1, x2 = rng.choice([0, n1, rng.randint(0, n1)]), rng.choice([0, n2, rng.randint(0, n2)])
    groups = hf.two_groups(x1, n1, x2, n2)
    found = groups.risk_difference()
    certainty, thresholds = rng.choice(CERTAINTY), rng.choice(THRESHOLDS)
    truth = Truth(((x1, n1), (x2, n2)), True, certainty, thresholds, difference=(float(found.low), float(found.high)))
    read(groups, truth, design="randomised", certainty=certainty, thresholds=thresholds, groups=("A", "B"))


KINDS = (random_one_group, random_pool_of_rates, random_pool_of_effects, random_two_groups)


@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_random_results(seed: int) -> None:
    """Counts, designs, intervals, certainty and thresholds at random; pooled and not."""
    rng = random.Random(seed)
    weights = (4, 3, 3, 1)
    for _ in range(RANDOM // 10):
        rng.choices(KINDS, weights)[0](rng)


def test_pools_as_they_are_made() -> None:
    """Not made up: fits of the package, one arm and two."""
    rng = random.Random(8)
    for k in (1, 2, 3, 5):
        for _ in range(3):
            totals = [rng.randint(2, 20) for _ in range(k)]
            events = [rng.randint(0, n) for n in totals]
            fit = hf.pool(one_arm(events, totals))
            assert isinstance(fit, hf.Fit)
            counts = tuple(zip(events, totals, strict=True))
            wide = None if isinstance(fit.prediction, hf.NotEstimable) else (fit.prediction.low, fit.prediction.high)
            truth = Truth(counts, False, rate=(fit.low, fit.high), prediction=wide, studies=k, pooled=True,  # type: ignore[arg-type]
                          people=sum(totals), notes={"also": counts})  # fmt: skip
            read(fit, truth, design="case-series")
    trials = two_arms([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])
    fit = hf.pool(trials, measure="RR", model="random-effects")
    assert isinstance(fit, hf.Fit)
    assert isinstance(hf.sentence(fit, design="randomised"), hf.NotEstimable), "a ratio without a risk has no words"
    assert isinstance(hf.sentence(fit, baseline=0.05), hf.NotEstimable), "nor has a comparison without a design"
    said = str(hf.sentence(fit, design="randomised", baseline=0.05, certainty="moderate", groups=("BCG", "none given")))
    assert said.startswith("3 studies with 1322 people were pooled. Where 5 in 100 have “the outcome” with none given")
    assert "BCG probably results in fewer people" in said


# --- the reader bites: a check that cannot fail is none ---------------------------------------------------------------

ONE_OF_FOUR = Truth(((1, 4),), False, rate=exact_limits(1, 4))
TRIAL = Truth(((7, 34), (1, 34)), True, "low", (0.05, 0.1, 0.2), difference=(0.027, 0.345))
CROSSING = Truth(((1, 4), (0, 4)), True, "low", None, difference=(-0.355, 0.72))
SERIES = ((1, 4), (2, 9), (0, 3))
POOL = Truth(SERIES, False, rate=(0.1, 0.5), prediction=(0.02, 0.8), studies=3, pooled=True, people=16)
NONE_OF_FOUR = Truth(((0, 4),), False, rate=(0, 0.602))


@pytest.mark.parametrize(
    ("said", "truth", "rule"),
    [
        ("2 of 4 had it; the true rate could be anything from fewer than 1 to 81 in 100.", ONE_OF_FOUR, "count"),
        ("Among adults, 1 of 4 had it; the true rate could be anything from 5 to 60 in 100.", ONE_OF_FOUR, "range"),
        ("Among adults, 1 of 4 had it.", ONE_OF_FOUR, "W1"),
        ("1 of 4 (25 %) had it; fewer than 1 to 81 in 100.", ONE_OF_FOUR, "W8"),
        ("It results in 1 of 4; fewer than 1 to 81 in 100.", ONE_OF_FOUR, "W1"),
        ("Only 1 of 4; fewer than 1 to 81 in 100.", ONE_OF_FOUR, "W5"),
        ("None of 4 had it.", NONE_OF_FOUR, "W6"),
        ("None of 4 had it; the true rate could be as high as 30 in 100.", NONE_OF_FOUR, "bound"),
        ("All 4 of 4 had it.", Truth(((4, 4),), False, rate=(0.398, 1)), "W7"),
        ("A results in more people with it than B: between 3 and 35 more in 100.", TRIAL, "W3"),
        ("A may result in more people with it than B (a large difference): between 3 and 35 more in 100.", TRIAL, "W4"),
        ("A may result in fewer people with it than B: between 3 and 35 fewer in 100.", TRIAL, "W2"),
        ("A may result in more people with it than B: between 35 fewer and 72 more in 100.", CROSSING, "W2"),
        ("A may result in little to no difference in it.", CROSSING, "W4"),
        ("Pooled over 3 studies with 16 people, the average could be anything from 10 to 50 in 100.", POOL, "W10"),
        ("Pooled over 4 studies with 16 people, 10 to 50 in 100. Another study like these: 2 to 80.", POOL, "W9"),
        ("Pooled over 3 studies with 16 people, about 30 in 100. Another study like these: 2 to 80.", POOL, "W8"),
        ("The subjects: 1 of 4; fewer than 1 to 81 in 100.", ONE_OF_FOUR, "W12"),
        ("Most had it, 1 of 4; fewer than 1 to 81 in 100.", ONE_OF_FOUR, "W9"),
    ],
)  # fmt: skip
def test_the_reader_finds_what_claims_too_much(said: str, truth: Truth, rule: str) -> None:
    assert any(one.startswith(rule) for one in overclaims(said, truth)), overclaims(said, truth)
