"""``regress``: do effects differ with something that studies differ in?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.estimates.between_study import ESTIMATORS
from handful.stats.estimates.design_matrix import Column, Recipe, complete_rows, determined, read_moderators
from handful.stats.estimates.meta_regression import TESTS, regression
from handful.stats.estimates.regression_result import PREDICTIONS, Regression, predicted
from handful.stats.evidence import Estimates
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.recipe import subset

FloatArray: TypeAlias = npt.NDArray[np.float64]

MODELS = ("random-effects", "common-effect", "bayes")


def regress(
    evidence: Any,
    moderators: Any = None,
    *,
    data: Any = None,
    factors: Sequence[str] = (),
    reference: Mapping[str, Any] | None = None,
    intercept: bool = True,
    model: str = "random-effects",
    tau2: str | float | None = None,
    test: str = "knapp-hartung-safe",
    prediction: str = "k-p",
    level: float = 0.95,
    measure: str | None = None,
    priors: Mapping[str, Any] | None = None,
    engine: str = "quadrature",
    seed: int | None = None,
    accuracy: str = "default",
    **sampling: Any,
) -> Regression | NotEstimable:
    """Weighted regression of estimates on moderators, with the between-study variance that is left.

    y_i ~ N(x_i'β, v_i + τ²). ``moderators``: a dict of columns, ``{"dose": [...], "region": ["Asia", ...]}``, or names
    with ``data=`` (a data frame or dict): ``["dose", "region", "dose:region"]``; ``a:b`` is an interaction, beside
    which ``a`` and ``b`` are named on their own. Words make a factor (levels sorted, the first is the reference;
    ``reference={"region": "Europe"}`` chooses another), ``factors=["grade"]`` makes numbers one. ``intercept=False``
    gives each level of the first factor its own mean. Columns have a value for each row that ``hf.estimates`` was
    given; studies with a missing one are left out, with a note. ``test``: ``knapp-hartung-safe`` · ``knapp-hartung`` ·
    ``t`` · ``z``; ``tau2``: REML (default) PM DL ML EB HE HS SJ, or a number.

    ``model="bayes"`` gives a ``BayesRegression``: posteriors for coefficients, the mean effect anywhere
    (``.posterior_at({...})``) and new studies, with ``priors={"mean": Normal, "coefficients": Normal | {name: Normal},
    "tau": …}``. The mean's prior is that of the effect at the average of numeric moderators and the reference of
    factors (without an intercept: of every level). It takes estimates, where given τ all is a closed form, and counts
    too (``hf.one_arm``, ``hf.two_arms``, their rates, ``hf.combine``): there, coefficients have by default the mean's
    prior sd for one sd of a number or one step of a factor, and quadrature takes up to four coefficients in all;
    ``engine="mcmc"`` (``seed=``, ``draws=``, …) takes more.

    When not: about ten studies a coefficient are wanted; a relation across studies' averages need not hold within them.
    Edges: moderators that determine each other, as many coefficients as studies or fewer studies give ``NotEstimable``
    with the names; a perfect fit has a standard error of 0 under Knapp–Hartung.
    ``.permutation_test(n | "exact", seed=)``, ``.predict({...})``, ``.likelihood_ratio()``, ``.vif`` follow from the
    result. References: 10.1002/sim.1482 (tests), 10.3102/10769986030003261 (τ²). Groups only: ``hf.subgroups``.

    >>> import handful as hf
    >>> est = hf.estimates([0.1, 0.3, 0.5, 0.8, 0.9], [0.02, 0.03, 0.02, 0.04, 0.03])
    >>> found = hf.regress(est, {"dose": [10, 20, 30, 40, 50]}, test="z")
    >>> round(found["dose"].estimate, 4)
    0.0208
    """
    if model == "bayes" and not (hasattr(evidence, "estimates") or isinstance(evidence, Estimates)):
        from handful.synthesis.bayes_regress import as_curves

        estimates: Any = as_curves(evidence, measure)
    else:
        estimates = _estimates(evidence)
    if model != "bayes" and (priors is not None or sampling or engine != "quadrature"):
        said = ", ".join(["priors"] * (priors is not None) + ["engine"] * (engine != "quadrature") + sorted(sampling))
        raise InputError(f"model {model} does not take {said}", hint='these belong to model="bayes"')
    for option, value, allowed in (
        ("model", model, MODELS),
        ("test", test, TESTS),
        ("prediction", prediction, PREDICTIONS),
    ):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    if not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % intervals")
    method, given = ("", None) if model == "bayes" else _tau2(tau2, model)
    recipe = read_moderators(moderators, data, factors, reference or {}, intercept=intercept)
    recipe = _aligned(recipe, estimates)
    keep, missing = complete_rows(recipe, estimates.labels)
    columns = {name: column.rows(keep) for name, column in recipe.columns.items()}
    recipe = Recipe(recipe.terms, {name: _seen_levels(column) for name, column in columns.items()}, recipe.intercept)
    kept: Any = subset(estimates, np.flatnonzero(keep).tolist())
    labels = tuple(label for label, kept in zip(estimates.labels, keep, strict=True) if kept)
    notes = (*estimates.notes, *missing)
    design, names, terms = (
        recipe.build(recipe.columns) if recipe.columns else (np.ones((len(labels), 1)), ("intercept",), (0,))
    )
    if model == "bayes":  # priors may do what few studies cannot
        why = determined(design, names) if len(labels) else "there is no study"
    else:
        why = _impossible(design, names, recipe, len(labels))
    if why:
        return NotEstimable(why, notes)
    if model == "bayes":
        from handful.synthesis.bayes_regress import regress_bayes

        own = (*notes, *_notes(recipe, columns, len(labels), len(names), 1.0, 1.0, "", ""))
        return regress_bayes(
            kept, recipe, design, names, terms, measure=measure or estimates.measure, priors=priors, level=level,
            engine=engine, seed=seed, accuracy=accuracy, notes=own, sampling=sampling,
        )  # fmt: skip
    y, v = np.asarray(kept.yi), np.asarray(kept.vi)
    tested = tuple(i for i, term in enumerate(terms) if term > 0)
    numbers = regression(
        y, v, design, names, tested, method=method, given=given, test=test, level=level
    )  # fmt: skip
    code = estimates.measure if measure is None else measure
    back = natural_scale(code)
    fitted = predicted(
        design, labels, numbers.beta, numbers.covariance, numbers.tau2, numbers.df, len(y), level, prediction, back
    )
    t, typical = numbers.tau2_interval, numbers.typical_variance
    ends = (float(t.low), float(t.high))

    def share(of: float) -> float:
        return 100.0 * of / (of + typical)

    return Regression(
        coefficients=numbers.coefficients,
        covariance=tuple(tuple(row) for row in numbers.covariance.tolist()),
        tau2=numbers.tau2,
        tau2_se=numbers.tau2_se,
        tau2_interval=t,
        i2=numbers.i2,
        h2=numbers.h2,
        i2_interval=Interval(numbers.i2, share(ends[0]), share(ends[1]), level, t.method),
        h2_interval=Interval(numbers.h2, 1.0 + ends[0] / typical, 1.0 + ends[1] / typical, level, t.method),
        r2=numbers.r2,
        qe=numbers.qe,
        qe_df=numbers.qe_df,
        qe_p=numbers.qe_p,
        qm=numbers.qm,
        qm_df=numbers.qm_df,
        qm_p=numbers.qm_p,
        scale=numbers.scale,
        k=len(y),
        df=numbers.df,
        model=model,
        measure=code,
        test=test,
        tau2_estimator=method,
        level=level,
        likelihoods=numbers.likelihoods,
        fitted=fitted,
        labels=labels,
        notes=(*notes, *_notes(recipe, columns, len(y), len(names), numbers.scale, numbers.tau2, test, method)),
        prediction_rule=prediction,
        recipe=recipe,
        data=(y, v, design),
        tested=tested,
        given=given,
    )


def _estimates(evidence: Any) -> Estimates:
    if hasattr(evidence, "estimates"):  # effect sizes
        evidence = evidence.estimates()
    if not isinstance(evidence, Estimates):
        raise InputError(
            f"regress cannot take {type(evidence).__name__}", hint="hf.estimates(yi, vi), or hf.effect_sizes(...)"
        )
    return evidence


def _tau2(tau2: str | float | None, model: str) -> tuple[str, float | None]:
    """The estimator's name and the number that was given instead."""
    if model == "common-effect":
        if tau2 is not None:
            raise InputError("a common effect has no tau2", hint='model="random-effects"')
        return "", None
    if tau2 is None:
        return "REML", None
    if isinstance(tau2, str):
        if tau2 not in ESTIMATORS:
            raise UnknownChoice("tau2", tau2, ESTIMATORS)
        return tau2, None
    if isinstance(tau2, bool) or not 0 <= float(tau2) < float("inf"):
        raise InputError(f"tau2={tau2!r} cannot be used", hint="a name, or a number of at least 0")
    return "", float(tau2)


def _aligned(recipe: Recipe, estimates: Any) -> Recipe:
    """The columns cut to the estimates that are there."""
    k, given = len(estimates), getattr(estimates, "given", None)
    columns = {}
    for name, column in recipe.columns.items():
        if len(column.values) == k:
            columns[name] = column
        elif given is not None and len(column.values) == given and estimates.rows is not None:
            columns[name] = Column(column.name, column.values[estimates.rows], column.levels)
        else:
            of = f"{k} estimates" if given in (None, k) else f"{k} estimates (of {given} rows)"
            raise InputError(f"{name} has {len(column.values)} values for {of}", hint="one value a study")
    return Recipe(recipe.terms, columns, recipe.intercept)


def _seen_levels(column: Column) -> Column:
    """A factor without the levels that no remaining study has."""
    if column.levels is None:
        return column
    there = [code for code in range(len(column.levels)) if bool(np.any(column.values == code))]
    codes = np.array([float(there.index(int(value))) for value in column.values])
    return Column(column.name, codes, tuple(column.levels[code] for code in there))


def _impossible(design: FloatArray, names: tuple[str, ...], recipe: Recipe, k: int) -> str:
    """Why there is no fit, in words; empty where there is one."""
    if k == 0:
        return "there is no estimate"
    for column in recipe.columns.values():
        if column.levels is not None and len(column.levels) == k and k > 1:
            return f"every level of {column.name} has one study, so nothing is left to tell levels from chance"
    for column in recipe.columns.values():
        if column.levels is not None and len(column.levels) == 1:
            return f"{column.name} is {column.levels[0]} in every study, so it explains nothing"
    if design.shape[1] == 0:
        return "there is neither an intercept nor a moderator"
    if k <= design.shape[1]:
        return f"{design.shape[1]} coefficients ({', '.join(names)}) cannot be estimated from {k} studies"
    return determined(design, names)


def _notes(
    recipe: Recipe, columns: Mapping[str, Column], k: int, p: int, scale: float, tau2: float, test: str, method: str
) -> tuple[Note, ...]:
    notes = []
    for column in recipe.columns.values():
        if column.levels is None:
            continue
        for code, level in enumerate(column.levels):
            if int((column.values == code).sum()) == 1:
                notes.append(Note("one-study-in-level", "one study has this level", about=f"{column.name}[{level}]"))
    names = {term for term in recipe.terms if len(term) == 1}
    for term in recipe.terms:
        alone = [name for name in term if len(term) > 1 and (name,) not in names]
        if alone:
            text = f"the interaction stands without {' and '.join(alone)} on its own, so it is no pure interaction"
            notes.append(Note("interaction-without-parts", text, about=":".join(term)))
    if p > 1 and k < 10 * (p - 1):
        count = "one coefficient" if p == 2 else f"{p - 1} coefficients"
        each = f"{k} studies for {count} beside the intercept; about ten studies each are wanted"
        notes.append(Note("few-studies", each))
    if test == "knapp-hartung" and scale == 0:
        text = "the estimates lie exactly on the regression: Knapp–Hartung limits have no width; use knapp-hartung-safe"
        notes.append(Note("perfect-fit", text))
    elif test == "knapp-hartung" and scale < 1:
        text = f"the Knapp–Hartung factor is {scale:.3g}: these limits are narrower than those of test='t'"
        notes.append(Note("hartung-knapp-narrow", text))
    if method and tau2 == 0:
        notes.append(Note("tau2-zero", "τ² is estimated at 0; that is no evidence that the moderators explain all"))
    if p > 1:
        notes.append(Note("between-studies", "a relation between studies; it need not hold for people within a study"))
    return tuple(notes)
