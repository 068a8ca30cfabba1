"""``multilevel``: estimates that depend on each other, several from a study or several outcomes of the same people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.clusters.cluster_robust import counted
from handful.stats.clusters.multilevel import METHODS, ROBUST, TESTS, MultilevelNumbers, Part, fit_multilevel
from handful.stats.clusters.multilevel_result import Multilevel
from handful.stats.clusters.random_structures import STRUCTURES, Structure
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.estimates.design_matrix import Column, Recipe, complete_rows, determined, read_moderators
from handful.stats.estimates.meta_regression import quantile
from handful.stats.evidence import Estimates
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


def multilevel(
    evidence: Any,
    *,
    cluster: Any,
    inner: Any = None,
    outcome: Any = None,
    structure: str = "UN",
    robust: bool | str = True,
    method: str = "REML",
    rho: float | None = None,
    V: Any = None,
    moderators: Any = None,
    data: Any = None,
    factors: Sequence[str] = (),
    reference: Mapping[str, Any] | None = None,
    intercept: bool = True,
    test: str = "t",
    level: float = 0.95,
    limits: bool = True,
) -> Multilevel | NotEstimable:
    """A pooled mean, or a regression, of estimates that share studies, people or teams.

    y ~ N(Xβ, V + ZGZ'). ``cluster``: a column of labels; what is in different clusters is independent. Without
    ``outcome`` there are three levels: a variance between clusters and one within them, for each row or for each label
    of ``inner`` (``inner=False``: none within). With ``outcome`` each outcome has its own mean, and a cluster's effects
    on the outcomes vary together by ``structure``: ``UN`` (any covariance), ``HCS`` (one correlation), ``CS`` (one
    variance, one correlation), ``DIAG`` and ``ID`` (no correlation). The sampling errors of a cluster's estimates are
    independent unless ``rho`` gives them one correlation or ``V`` the whole covariance (k, k).

    ``robust=True`` gives CR2 standard errors with Satterthwaite degrees of freedom, right even where V is a guess
    (Pustejovsky & Tipton 2018, 10.1080/07350015.2016.1247004); ``"CR1"``, ``"CR0"``; ``False`` the model's own, with
    ``test="t"`` (clusters − coefficients degrees of freedom) or ``"z"``. ``moderators``, ``data``, ``factors``,
    ``reference``, ``intercept`` as in ``hf.regress``. ``limits=False`` saves the time of the profile limits.

    When not: with fewer than five clusters neither variances nor robust standard errors say much (a note says so).
    Edges: one cluster, more coefficients than clusters allow, or a V that is no covariance give ``NotEstimable``;
    rows with a missing estimate or moderator are left out with a note.

    >>> import handful as hf
    >>> est = hf.estimates([0.2, 0.3, 0.1, 0.4, 0.6, 0.5], [0.02, 0.03, 0.02, 0.04, 0.03, 0.05])
    >>> found = hf.multilevel(est, cluster=["a", "a", "b", "b", "c", "c"])
    >>> round(found["mean"].estimate, 3), found.clusters
    (0.322, 3)
    """
    if hasattr(evidence, "estimates"):  # effect sizes
        evidence = evidence.estimates()
    if not isinstance(evidence, Estimates):
        raise InputError(f"multilevel cannot take {type(evidence).__name__}", hint="hf.estimates(yi, vi)")
    sandwich = robust if isinstance(robust, str) else "CR2" if robust else "none"
    for option, value, allowed in (
        ("robust", sandwich, ROBUST),
        ("method", method, METHODS),
        ("test", test, TESTS),
        ("structure", structure, STRUCTURES),
    ):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    if not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % intervals")
    if V is not None and rho is not None:
        raise InputError("rho and V both say how sampling errors go together", hint="give one of them")
    if len(evidence) == 0:
        return NotEstimable("there is no estimate", evidence.notes)
    groups = _labels("cluster", cluster, evidence)
    outcomes = None if outcome is None else _labels("outcome", outcome, evidence)
    within = None if inner is None or inner is False else _labels("inner", inner, evidence)
    whole = _sampling(evidence, groups, rho, V)
    recipe = read_moderators(moderators, data, factors, reference or {}, intercept=intercept)
    aligned = {name: _aligned(column, evidence) for name, column in recipe.columns.items()}
    recipe = Recipe(recipe.terms, aligned, recipe.intercept)
    keep, missing = complete_rows(recipe, evidence.labels)
    rows = np.flatnonzero(keep)
    columns = {name: column.rows(keep) for name, column in recipe.columns.items()}
    y, v = np.asarray(evidence.yi)[rows], whole[np.ix_(rows, rows)]
    codes, clusters = _coded([groups[i] for i in rows])
    parts, levels = _parts(
        codes,
        None if outcomes is None else [outcomes[i] for i in rows],
        None if within is None else [within[i] for i in rows],
        structure,
        alone=inner is None and outcomes is None,
    )
    design, names, tested = _design(recipe, columns, len(rows), parts, levels)
    notes = (*evidence.notes, *missing)
    why = _impossible(design, names, len(clusters), sandwich)
    if why:
        return NotEstimable(why, notes)
    if any(int(part.groups.max()) + 1 == len(rows) for part in parts if part.name == "cluster" and len(parts) > 1):
        parts = tuple(part for part in parts if part.name == "cluster")
        text = "no cluster has two estimates: one variance between them is all that can be estimated"
        notes = (*notes, Note("nothing-within", text))
    found = fit_multilevel(
        y, v, design, names, tested, codes, parts, method=method, robust=sandwich, test=test, level=level, limits=limits
    )
    if isinstance(found, NotEstimable):
        return NotEstimable(found.reason, notes)
    kind = structure if outcomes is not None else "nested"
    labels = tuple(evidence.labels[i] for i in rows)
    notes = (*notes, *_notes(found, sandwich, rho is None and V is None and len(rows) > len(clusters)))
    return _result(found, method, sandwich, kind, evidence.measure, level, labels, notes)


def _result(
    found: MultilevelNumbers, method: str, robust: str, structure: str, measure: str, level: float,
    labels: tuple[str, ...], notes: tuple[Note, ...],
) -> Multilevel:  # fmt: skip
    back = natural_scale(measure)
    none = NotEstimable("there are several means; see the coefficients")
    estimate: float | NotEstimable = none
    low: float | NotEstimable = none
    high: float | NotEstimable = none
    prediction: Interval | NotEstimable = none
    if len(found.coefficients) == 1:
        mean = found.coefficients[0]
        estimate, low, high = back(mean.estimate), back(mean.low), back(mean.high)
        spread = sum(float(np.asarray(g)[0, 0]) for g in found.matrices)
        half = quantile(mean.df, 0.5 + level / 2) * math.sqrt(spread + mean.se**2)
        words = "normal" if math.isinf(mean.df) else f"t with {mean.df:.3g} degrees of freedom"
        ends = (back(mean.estimate - half), back(mean.estimate + half))
        prediction = Interval(estimate, *ends, level, words)
    return Multilevel(
        coefficients=found.coefficients,
        covariance=tuple(tuple(row) for row in found.covariance.tolist()),
        model_se=found.model_se,
        components=found.components,
        i2=found.i2,
        typical_variance=found.typical_variance,
        q=found.q,
        q_df=found.q_df,
        q_p=found.q_p,
        qm=found.qm,
        qm_df=found.qm_df,
        qm_p=found.qm_p,
        log_likelihood=found.log_likelihood,
        parameters=found.parameters,
        estimate=estimate,
        low=low,
        high=high,
        prediction=prediction,
        k=len(labels),
        clusters=found.clusters,
        method=method,
        robust=robust,
        structure=structure,
        measure=measure,
        level=level,
        labels=labels,
        converged=found.converged,
        notes=notes,
    )


def _labels(name: str, values: Any, evidence: Estimates) -> list[str]:
    """A column of labels, cut to the estimates that are there."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InputError(f"{name}={values!r} is not a column", hint="one label an estimate")
    items = list(values)
    rows = _rows(name, len(items), evidence)
    chosen = [items[i] for i in rows]
    missing = [evidence.labels[i] for i, item in enumerate(chosen) if item is None or item != item]
    if missing:
        raise InputError(f"{name} is missing for {', '.join(missing[:10])}", hint="every estimate needs one")
    return [str(item) for item in chosen]


def _rows(name: str, length: int, evidence: Estimates) -> IntArray:
    """Which entries of a column belong to the estimates: all, or those of the rows that were given."""
    k, given = len(evidence), evidence.given
    if length == k:
        return np.arange(k)
    if given is not None and length == given and evidence.rows is not None:
        return evidence.rows
    of = f"{k} estimates" if given in (None, k) else f"{k} estimates (of {given} rows)"
    raise InputError(f"{name} has {length} values for {of}", hint="one value an estimate")


def _aligned(column: Column, evidence: Estimates) -> Column:
    rows = _rows(column.name, len(column.values), evidence)
    values = column.values[rows]
    if column.levels is None:
        return Column(column.name, values)
    there = [code for code in range(len(column.levels)) if bool(np.any(values == code))]
    codes = np.array([np.nan if np.isnan(value) else float(there.index(int(value))) for value in values])
    return Column(column.name, codes, tuple(column.levels[code] for code in there))


def _sampling(evidence: Estimates, groups: list[str], rho: float | None, given: Any) -> FloatArray:
    """V as a whole matrix, checked."""
    variances = np.asarray(evidence.vi)
    k = len(variances)
    same = np.array(groups)[:, None] == np.array(groups)[None, :]
    if given is not None:
        v = np.asarray(given, dtype=np.float64)
        if v.shape != (k, k):
            raise InputError(f"V has the shape {v.shape}", hint=f"({k}, {k}): one row and column an estimate")
        if not bool(np.all(np.isfinite(v))) or float(np.abs(v - v.T).max()) > 1e-8 * float(np.abs(v).max()):
            raise InputError("V is not a symmetric matrix of finite numbers")
        if bool(np.any(np.abs(v[~same]) > 0)):
            raise InputError("V has covariances between clusters", hint="what goes together belongs in one cluster")
        if float(np.abs(np.diag(v) - variances).max()) > 1e-6 * float(variances.max()):
            raise InputError("the diagonal of V differs from the variances of the estimates")
        v = 0.5 * (v + v.T)
    else:
        if rho is not None and not -1 < rho < 1:
            raise InputError(f"rho={rho!r} is not a correlation below 1", hint="0.6 is a common guess")
        error = np.sqrt(variances)
        v = np.where(same, (rho or 0.0) * np.outer(error, error), 0.0)
        v[np.arange(k), np.arange(k)] = variances
    try:
        np.linalg.cholesky(v)
    except np.linalg.LinAlgError:
        raise InputError("V is not positive definite", hint="no estimates have such covariances") from None
    return v


def _coded(labels: Sequence[str]) -> tuple[IntArray, tuple[str, ...]]:
    names = tuple(dict.fromkeys(labels))
    place = {name: i for i, name in enumerate(names)}
    return np.array([place[label] for label in labels], dtype=np.int64), names


def _parts(
    clusters: IntArray, outcomes: list[str] | None, inner: list[str] | None, structure: str, *, alone: bool
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The random effects, and the names of the outcomes."""
    zero = np.zeros(len(clusters), dtype=np.int64)
    names: tuple[str, ...] = ()
    if outcomes is None:
        parts = [Part("cluster", clusters, zero, ("cluster",), Structure("ID", 1))]
    else:
        names = tuple(sorted(set(outcomes)))
        codes = np.array([names.index(o) for o in outcomes], dtype=np.int64)
        parts = [Part("cluster", clusters, codes, names, Structure(structure if len(names) > 1 else "ID", len(names)))]
    if alone:
        parts.append(Part("within", np.arange(len(clusters)), zero, ("within",), Structure("ID", 1)))
    elif inner is not None:
        nested, _ = _coded([f"{c}\x00{label}" for c, label in zip(clusters, inner, strict=True)])
        parts.append(Part("within", nested, zero, ("within",), Structure("ID", 1)))
    return tuple(parts), names


def _design(
    recipe: Recipe, columns: Mapping[str, Column], k: int, parts: Sequence[Part], outcomes: tuple[str, ...]
) -> tuple[FloatArray, tuple[str, ...], tuple[int, ...]]:
    """The design, its names, and which coefficients are tested together."""
    design, names, terms = recipe.build(columns) if columns else (np.ones((k, 1)), ("mean",), (0,))
    if len(outcomes) > 1:
        means = np.eye(len(outcomes))[parts[0].levels]
        rest = design[:, 1:] if recipe.intercept else design
        others = names[1:] if recipe.intercept else names
        design, names = np.column_stack([means, rest]), (*outcomes, *others)
        terms = (*(0 for _ in outcomes), *(1 for _ in others))
    tested = tuple(i for i, term in enumerate(terms) if term > 0)
    return design, names, tested or tuple(range(len(names)))


def _impossible(design: FloatArray, names: tuple[str, ...], clusters: int, robust: str) -> str:
    """Why there is no fit, in words; empty where there is one."""
    k, p = design.shape
    estimates = counted(k, "estimate", "estimates")
    if k <= p:
        return f"{counted(p, 'coefficient', 'coefficients')} ({', '.join(names)}) cannot be estimated from {estimates}"
    if clusters < 2:
        return "all estimates are in one cluster, so nothing says how clusters differ"
    if robust != "none" and clusters <= p:
        return f"{p} coefficients from {clusters} clusters have no robust standard errors; robust=False has the model's"
    if robust == "none" and clusters <= p:
        return f"{p} coefficients cannot be told apart from differences between {clusters} clusters"
    return determined(design, names)


def _notes(found: MultilevelNumbers, robust: str, guess: bool) -> tuple[Note, ...]:
    notes = []
    if not found.converged:
        notes.append(Note("not-converged", "the search for the variances did not end; do not use these numbers"))
    if found.clusters < 5:
        text = f"{found.clusters} clusters say little about variances between clusters, robust standard errors included"
        notes.append(Note("few-clusters", text))
    low = [row for row in found.coefficients if row.df < 4]
    if robust == "CR2" and low:
        text = f"{low[0].df:.2g} degrees of freedom: below 4 the p value is a rough guide only"
        notes.append(Note("few-degrees-of-freedom", text, about=low[0].name))
    if found.at_edge:
        text = "a variance is estimated at 0 or a correlation at ±1; that is no evidence that it is so, see the limits"
        notes.append(Note("variance-at-edge", text))
    if guess and robust == "none":
        text = (
            "sampling errors within a cluster are taken as independent; rho or V says otherwise, robust=True protects"
        )
        notes.append(Note("independent-errors", text))
    return tuple(notes)
