"""Leave-one-out, cumulative, influence and the rest as properties: what must hold whatever the numbers are."""

from __future__ import annotations

import doctest
import importlib
import json
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.base.errors import HandfulError, InputError, UnknownChoice
from handful.stats.closer.asymmetry import Asymmetry, exact_p
from handful.stats.closer.gosh import Gosh
from handful.stats.closer.influence_result import Influence
from handful.stats.closer.selection_result import SelectionModel
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.refits import Refits
from handful.synthesis.trim_and_fill import TrimAndFill

Y = [0.1, 0.9, 0.4, -0.3, 0.7, 0.2, 1.4]
V = [0.04, 0.05, 0.03, 0.09, 0.06, 0.02, 0.21]
VERBS: dict[str, Any] = {
    "leave_one_out": hf.leave_one_out,
    "cumulate": hf.cumulate,
    "influence": hf.influence,
    "gosh": hf.gosh,
    "small_study": hf.small_study,
    "trim_and_fill": hf.trim_and_fill,
    "selection_model": hf.selection_model,
    "fail_safe": hf.fail_safe,
    "excess_significance": hf.excess_significance,
    "henmi_copas": hf.henmi_copas,
    "robust": hf.robust,
}
SAME = ("estimate", "low", "high", "coefficient", "se", "statistic", "p", "tau2", "i2", "h2", "q", "q_p")

MODELS: list[tuple[str, dict[str, Any]]] = [
    ("estimates", {}),
    ("estimates", {"tau2": "DL", "interval": "hartung-knapp", "prediction": "k-2"}),
    ("estimates", {"tau2": "PM", "interval": "t"}),
    ("estimates", {"model": "common-effect"}),
    ("estimates", {"interval": "profile"}),
    ("estimates", {"tau2": 0.05}),
    ("estimates", {"weights": [1, 2, 3, 4, 5, 6, 7], "interval": "wald"}),
    ("ratios", {"tau2": "REML", "level": 0.9}),
    ("one", {"model": "binomial-normal"}),
    ("one", {"model": "bayes"}),
    ("two", {"model": "mantel-haenszel", "measure": "OR"}),
    ("two", {"model": "common-effect", "measure": "RD"}),
]


def _evidence(kind: str, rows: list[int]) -> Any:
    labels = [f"s{i}" for i in rows]
    if kind in ("estimates", "ratios"):
        measure = "OR" if kind == "ratios" else "GEN"
        return hf.estimates([Y[i] for i in rows], [V[i] for i in rows], labels=labels, measure=measure)
    x, n = [3, 5, 1, 7, 2, 4, 6], [10, 12, 9, 11, 8, 15, 13]
    c, m = [1, 4, 2, 5, 1, 3, 3], [11, 12, 10, 10, 9, 14, 13]
    if kind == "one":
        return hf.one_arm([x[i] for i in rows], [n[i] for i in rows], labels=labels)
    return hf.two_arms(*([column[i] for i in rows] for column in (x, n, c, m)), labels=labels)


def _options(options: dict[str, Any], rows: list[int]) -> dict[str, Any]:
    return {k: [v[i] for i in rows] if isinstance(v, list) else v for k, v in options.items()}


def _same(row: Any, fit: Any) -> None:
    assert isinstance(fit, Fit)
    for name in SAME:
        got, want = getattr(row, name), getattr(fit, name)
        assert isinstance(got, NotEstimable) == isinstance(want, NotEstimable), name
        if not isinstance(got, NotEstimable):
            # the same formulas over blocks and over one set: the last few digits
            assert got == pytest.approx(want, rel=1e-9, abs=1e-11), name


@pytest.mark.parametrize(("kind", "options"), MODELS)
def test_leaving_one_out_is_a_run_without_that_study(kind: str, options: dict[str, Any]) -> None:
    rows = list(range(7))
    whole = hf.pool(_evidence(kind, rows), **options)
    found = hf.leave_one_out(whole)
    assert isinstance(whole, Fit)
    assert isinstance(found, Refits)
    assert [row.label for row in found.rows] == list(whole.labels)
    named = {**options, "model": options.get("model", whole.model)}
    for i, row in enumerate(found.rows):
        rest = [j for j in rows if j != i]
        _same(row, hf.pool(_evidence(kind, rest), **_options(named, rest)))


@pytest.mark.parametrize(("kind", "options"), MODELS)
def test_after_k_studies_cumulating_is_a_fresh_run(kind: str, options: dict[str, Any]) -> None:
    years = [2003, 1999, 2010, 2001, 1999, 2020, 2005]
    order = [1, 4, 3, 0, 6, 2, 5]
    whole = hf.pool(_evidence(kind, list(range(7))), **options)
    found = hf.cumulate(whole, by=years)
    assert isinstance(whole, Fit)
    assert isinstance(found, Refits)
    assert [row.label for row in found.rows] == [f"s{i}" for i in order]
    named = {**options, "model": options.get("model", whole.model)}
    for k, row in enumerate(found.rows, start=1):
        rows = order[:k]
        _same(row, hf.pool(_evidence(kind, rows), **_options(named, rows)))
    assert found.notes[0].code == "looks"
    _same(found.rows[-1], whole)


def test_the_parents_model_is_kept_where_the_default_would_switch() -> None:
    whole = hf.pool(hf.one_arm([3, 5, 1, 7, 2], [10, 12, 9, 11, 8]))
    assert isinstance(whole, Fit)
    assert whole.model == "binomial-normal"
    four = hf.one_arm([3, 5, 1, 7], [10, 12, 9, 11])
    default, kept = hf.pool(four), hf.pool(four, model="binomial-normal")
    assert isinstance(default, Fit)
    assert isinstance(kept, Fit)
    assert default.model == "bayes"
    found = hf.leave_one_out(whole)
    assert isinstance(found, Refits)
    assert found["study 5"].estimate == kept.estimate != default.estimate


def test_the_order_of_studies_does_not_matter() -> None:
    mixed = [4, 0, 6, 2, 5, 1, 3]
    first, second = (hf.influence(hf.pool(_evidence("estimates", rows))) for rows in (list(range(7)), mixed))
    assert isinstance(first, Influence)
    assert isinstance(second, Influence)
    for name in ("rstudent", "dffits", "cook", "covariance_ratio", "hat", "tau2_deleted"):
        a, b = np.array(getattr(first, name))[mixed], np.array(getattr(second, name))
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    one, two = (hf.small_study(hf.pool(_evidence("estimates", rows)), test="begg") for rows in (list(range(7)), mixed))
    assert isinstance(one, Asymmetry)
    assert isinstance(two, Asymmetry)
    assert (one.p, one.tau) == (two.p, two.tau)


def test_turning_all_signs_turns_the_sides() -> None:
    whole = hf.pool(hf.estimates(Y, V), tau2="DL")
    turned = hf.pool(hf.estimates([-y for y in Y], V), tau2="DL")
    a, b = hf.trim_and_fill(whole), hf.trim_and_fill(turned)
    assert isinstance(a, TrimAndFill)
    assert isinstance(b, TrimAndFill)
    assert {a.side, b.side} == {"left", "right"}
    assert a.missing == b.missing
    assert a.fit.coefficient == pytest.approx(-float(b.fit.coefficient), abs=1e-12)  # type: ignore[arg-type]
    c, d = hf.selection_model(whole), hf.selection_model(turned)
    assert isinstance(c, SelectionModel)
    assert isinstance(d, SelectionModel)
    assert (c.alternative, d.alternative) == ("greater", "less")
    assert c.log_likelihood == pytest.approx(d.log_likelihood, abs=1e-9)
    assert c.coefficient == pytest.approx(-d.coefficient, abs=1e-5)


def test_influence_is_what_leaving_out_does() -> None:
    fit = hf.pool(hf.estimates(Y, V))
    found, refits = hf.influence(fit), hf.leave_one_out(fit)
    assert isinstance(found, Influence)
    assert isinstance(refits, Refits)
    assert found.tau2_deleted == pytest.approx(refits.column("tau2"))
    assert [row[0] for row in found.estimate_deleted] == pytest.approx(refits.column("coefficient"))
    assert sum(found.hat) == pytest.approx(1.0)
    assert sum(found.weight) == pytest.approx(100.0)


def test_gosh_of_all_subsets_holds_the_whole_and_the_single_studies() -> None:
    fit = hf.pool(hf.estimates(Y, V), tau2="DL")
    found = hf.gosh(fit)
    assert isinstance(fit, Fit)
    assert isinstance(found, Gosh)
    assert len(found) == 2**7 - 1
    assert found.coefficient[-1] == pytest.approx(fit.coefficient)
    assert found.coefficient[:7].tolist() == Y
    assert found.k.tolist() == sorted(found.included.sum(axis=1).tolist())
    assert int(found.with_study("study 3").sum()) == 2**6


def test_random_subsets_come_again_with_their_seed() -> None:
    fit = hf.pool(hf.estimates(Y * 4, V * 4), tau2="DL")
    one, two, other = (hf.gosh(fit, subsets=500, seed=seed) for seed in (1, 1, 2))
    assert isinstance(one, Gosh)
    assert isinstance(two, Gosh)
    assert isinstance(other, Gosh)
    assert len(one) == 500
    assert int(one.k.min()) >= 2
    assert bool((one.coefficient == two.coefficient).all())
    assert not bool((one.coefficient == other.coefficient).all())
    with pytest.raises(InputError, match="too many to list"):
        hf.gosh(fit)
    with pytest.raises(InputError, match="seed"):
        hf.gosh(fit, subsets=10)


def test_the_exact_rank_distribution_is_that_of_all_orders() -> None:
    """All 5! = 120 orders listed."""
    import itertools

    scores = []
    for order in itertools.permutations(range(5)):
        pairs = itertools.combinations(order, 2)
        scores.append(sum(1 if a < b else -1 for a, b in pairs))
    for score in sorted(set(scores)):
        upper = sum(s >= abs(score) for s in scores) / 120
        assert exact_p(float(score), 5) == pytest.approx(min(1.0, 2 * upper), abs=1e-12)


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("model", ["random-effects", "common-effect"])
def test_few_studies_get_words_not_a_traceback(verb: str, k: int, model: str) -> None:
    fit = hf.pool(hf.estimates(Y[:k], V[:k]), model=model)
    found = VERBS[verb](fit)
    if isinstance(found, NotEstimable):
        assert len(found.reason) > 20
    assert "nan" not in str(found).lower()
    if k == 1:
        assert isinstance(found, NotEstimable)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_hard_sets_give_numbers_or_words(verb: str) -> None:
    """Identical effects; equal variances; one enormous variance; a spread of 1e6."""
    for y, v in (
        ([0.3] * 6, [0.02] * 6),
        ([0.3, 0.1, 0.5, 0.2, 0.8], [0.02] * 5),
        ([0.3, 0.1, 0.5, 0.2, 0.8], [0.02, 0.03, 0.02, 1e6, 0.04]),
        ([3e5, -1e5, 5e5, 2e5, 8e5], [0.02, 0.03, 0.02, 0.01, 0.04]),
    ):
        found = VERBS[verb](hf.pool(hf.estimates(y, v)))
        assert "nan" not in str(found).lower()


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_what_is_no_fit_is_refused_in_words(verb: str) -> None:
    with pytest.raises(HandfulError, match="cannot take"):
        VERBS[verb](3.0)
    with pytest.raises(HandfulError, match="cannot take"):
        VERBS[verb](NotEstimable("there is no estimate"))


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"leave_one_out", "cumulate", "small_study"}))
def test_counts_are_refused_where_variances_are_needed(verb: str) -> None:
    with pytest.raises(InputError, match="not on OneArm"):
        VERBS[verb](hf.pool(hf.one_arm([3, 5, 1], [10, 12, 9])))


def test_wrong_options_are_named() -> None:
    fit = hf.pool(hf.estimates(Y, V))
    with pytest.raises(UnknownChoice, match="egger"):
        hf.small_study(fit, test="eger")
    with pytest.raises(InputError, match="works on counts"):
        hf.small_study(fit, test="peters")
    with pytest.raises(InputError, match="sizes of the studies"):
        hf.small_study(fit, predictor="1/n")
    with pytest.raises(InputError, match="own predictor"):
        hf.small_study(fit, test="begg", predictor="n")
    with pytest.raises(UnknownChoice, match="L0"):
        hf.trim_and_fill(fit, estimator="LO")
    with pytest.raises(UnknownChoice, match="halfnorm"):
        hf.selection_model(fit, type="half-normal")
    with pytest.raises(InputError, match="one direction"):
        hf.selection_model(fit, type="beta", alternative="two-sided")
    with pytest.raises(InputError, match="not p values"):
        hf.selection_model(fit, type="step", steps=(0.0, 1.0))
    with pytest.raises(InputError, match="weights by precision"):
        hf.influence(hf.pool(hf.estimates(Y, V), weights="equal", interval="wald"))
    with pytest.raises(InputError, match="mixes words"):
        hf.cumulate(fit, by=[1, "a", 2, 3, 4, 5, 6])
    with pytest.raises(InputError, match="missing for study 2"):
        hf.cumulate(fit, by=[1, None, 2, 3, 4, 5, 6])


def test_columns_may_have_the_rows_that_were_given() -> None:
    """One of eight rows has no estimate; years and sizes are given for all eight."""
    y, v = [*Y[:3], None, *Y[3:]], [*V[:3], 0.1, *V[3:]]
    fit, plain = hf.pool(hf.estimates(y, v)), hf.pool(hf.estimates(Y, V))
    years = [2003, 1999, 2010, 1900, 2001, 1998, 2020, 2005]
    found, same = hf.cumulate(fit, by=years), hf.cumulate(plain, by=[*years[:3], *years[4:]])
    assert isinstance(found, Refits)
    assert isinstance(same, Refits)
    assert found.column("estimate") == same.column("estimate")
    sizes = [50, 40, 70, 1, 20, 30, 90, 8]
    one = hf.small_study(fit, predictor="1/n", n=sizes)
    two = hf.small_study(plain, predictor="1/n", n=[*sizes[:3], *sizes[4:]])
    assert isinstance(one, Asymmetry)
    assert isinstance(two, Asymmetry)
    assert one.p == two.p


def test_every_fail_safe_number_carries_its_warning() -> None:
    fit = hf.pool(hf.estimates(Y, V))
    for kind in ("rosenthal", "orwin", "rosenberg", "random-effects"):
        found = hf.fail_safe(fit, kind=kind)
        assert "averages no effect" in str(found)


def test_results_print_and_go_into_json() -> None:
    fit = hf.pool(hf.estimates(Y, V, measure="OR"))
    for name, verb in VERBS.items():
        found = verb(fit)
        assert len(str(found)) > 10
        if hasattr(found, "to_dict"):
            json.dumps(found.to_dict())
        if hasattr(found, "to_frame"):
            assert len(found.to_frame()) > 0, name
    assert "odds" not in str(hf.leave_one_out(fit))


@pytest.mark.parametrize(
    "name",
    [
        "multilevel", "cluster_robust", "leave_one_out", "cumulate", "influence", "small_study", "trim_and_fill",
        "selection_model",
    ],
)  # fmt: skip
def test_docstring_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"handful.synthesis.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
