"""Estimates that depend on each other: several from one study, several outcomes of the same people.

y ~ N(Xβ, V + ZGZ'), V known and block-diagonal by cluster. Three levels: σ²(cluster) shared by the estimates of a
cluster, σ²(within) for each of its own parts (Konstantopoulos 2011, 10.1002/jrsm.35). Several outcomes: each cluster
has its own effect for each outcome, with covariance G (van Houwelingen, Arends & Stijnen 2002, 10.1002/sim.1040). REML
or ML; profile-likelihood limits of each standard deviation and correlation. Standard errors: cluster-robust
(``cluster_robust.py``) or by the model.

I² in parts: 100 σ_j² / (Σ σ² + s²), s² = (k − p)/tr P₀ the typical sampling variance, P₀ at V alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.stats.clusters.block_likelihood import Stack, covariances, evaluate, stacks_of
from handful.stats.clusters.cluster_robust import KINDS, ON_THE_LINE, sandwich
from handful.stats.clusters.multilevel_result import Component
from handful.stats.clusters.random_structures import Structure, patterns_of
from handful.stats.clusters.variance_components import Problem, Top, highest, profile_limits
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.estimates.meta_regression import Coefficient, coefficient_table, wald_test
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

METHODS = ("REML", "ML")
TESTS = ("t", "z")
ROBUST = (*KINDS, "none")


@dataclass(frozen=True, eq=False)
class Part:
    """Random effects: each ``groups`` (k,) number has an effect for each of its ``levels`` (k,), covariance by
    ``structure``; ``names`` of the levels."""

    name: str
    groups: IntArray
    levels: IntArray
    names: tuple[str, ...]
    structure: Structure


@dataclass(frozen=True, eq=False)
class MultilevelNumbers:
    """What the model gives; ``Multilevel`` puts names and words to it."""

    beta: FloatArray
    covariance: FloatArray
    coefficients: tuple[Coefficient, ...]
    model_se: tuple[float, ...]
    components: tuple[Component, ...]
    matrices: tuple[FloatArray, ...]
    i2: dict[str, float] | NotEstimable
    typical_variance: float
    q: float
    q_df: int
    q_p: float
    qm: float
    qm_df: tuple[int, float]
    qm_p: float
    log_likelihood: float
    parameters: int
    clusters: int
    converged: bool
    at_edge: bool


def fit_multilevel(
    y: FloatArray,
    v: FloatArray,
    design: FloatArray,
    names: tuple[str, ...],
    tested: Sequence[int],
    clusters: IntArray,
    parts: Sequence[Part],
    *,
    method: str = "REML",
    robust: str = "CR2",
    test: str = "t",
    level: float = 0.95,
    limits: bool = True,
) -> MultilevelNumbers | NotEstimable:
    """For y (k,), V (k, k), a design (k, p) of full rank with p < k, and cluster numbers 0..G−1.

    Groups of every part lie within clusters. ``test`` is for model-based standard errors: ``t`` has G − p degrees of
    freedom."""
    for option, value, allowed in (("method", method, METHODS), ("robust", robust, ROBUST), ("test", test, TESTS)):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    k, p = int(design.shape[0]), int(design.shape[1])
    count = int(clusters.max()) + 1
    patterns = [m for part in parts for m in patterns_of(part.levels, part.groups, part.structure.size)]
    stacks = stacks_of(y, v, design, clusters, patterns)
    problem = _problem(y, v, design, parts, stacks, method)
    top = highest(problem)
    alone = evaluate(stacks_of(y, v, design, clusters, ()), np.empty(0), True)
    if top is None or alone is None:
        return NotEstimable("V is not positive definite: a correlation or a variance in it cannot be right")
    members = [rows for stack in stacks for rows in stack.rows]
    own = [m for stack in covariances(stacks, top.c) for m in stack]
    model_se = tuple(np.sqrt(np.diag(top.at.covariance)).tolist())
    if robust == "none":
        df = math.inf if test == "z" else float(count - p)
        covariance = top.at.covariance
        table = coefficient_table(names, top.at.beta, covariance, df, level)
        qm, qm_df, qm_p = wald_test(top.at.beta, covariance, tuple(tested), df)
    else:
        found = sandwich(y, design, own, members, tested, robust)
        covariance = found.covariance
        if not bool(np.all(np.isfinite(found.df))):
            return NotEstimable("a coefficient rests on one cluster alone: its standard error cannot be made robust")
        if not bool(np.any(np.diag(covariance) > 0)):
            return NotEstimable(ON_THE_LINE)
        rows = [
            coefficient_table((n,), top.at.beta[[j]], covariance[j : j + 1, j : j + 1], float(found.df[j]), level)[0]
            for j, n in enumerate(names)
        ]
        table = tuple(rows)
        qm, qm_df, qm_p = found.statistic, found.statistic_df, found.p
    q = _generalised_q(y, v, design)
    typical = (k - p) / _trace(v, design)
    split = problem.split(top.theta)
    matrices = tuple(part.structure.matrix(theta) for part, theta in zip(parts, split, strict=True))
    components = _components(problem, top, parts, level, limits)
    return MultilevelNumbers(
        beta=top.at.beta,
        covariance=covariance,
        coefficients=table,
        model_se=model_se,
        components=components,
        matrices=matrices,
        i2=_shares(parts, matrices, typical),
        typical_variance=typical,
        q=q,
        q_df=k - p,
        q_p=chi2_above(q, k - p),
        qm=qm,
        qm_df=qm_df,
        qm_p=qm_p,
        log_likelihood=top.at.value,
        parameters=len(top.theta) + p,
        clusters=count,
        converged=top.converged,
        at_edge=any(np.linalg.eigvalsh(m)[0] < 1e-8 * (typical + float(np.trace(m))) for m in matrices),
    )


def _problem(
    y: FloatArray, v: FloatArray, design: FloatArray, parts: Sequence[Part], stacks: tuple[Stack, ...], method: str
) -> Problem:
    typical = float(np.diag(v).mean())
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    spread = max(float(rest @ rest) / len(y) - typical, 0.3 * float(rest @ rest) / len(y), 0.1 * typical)
    structures = tuple(part.structure for part in parts)
    return Problem(stacks, structures, method == "REML", math.sqrt(typical), math.sqrt(spread))


def _generalised_q(y: FloatArray, v: FloatArray, design: FloatArray) -> float:
    factor = np.linalg.cholesky(v)
    white = np.linalg.solve(factor, np.column_stack([y, design]))
    rest = white[:, 0] - white[:, 1:] @ np.linalg.lstsq(white[:, 1:], white[:, 0], rcond=None)[0]
    return float(rest @ rest)


def _trace(v: FloatArray, design: FloatArray) -> float:
    inverse = np.linalg.inv(v)
    weighted = inverse @ design
    return float(np.trace(inverse) - np.trace(np.linalg.solve(design.T @ weighted, weighted.T @ weighted)))


def _shares(parts: Sequence[Part], matrices: Sequence[FloatArray], typical: float) -> dict[str, float] | NotEstimable:
    if any(part.structure.deviations > 1 for part in parts):
        return NotEstimable("each outcome has its own variance between studies, so no one share describes them")
    variances = {part.name: float(g[0, 0]) for part, g in zip(parts, matrices, strict=True)}
    whole = sum(variances.values()) + typical
    return {name: 100.0 * variance / whole for name, variance in variances.items()}


def _components(problem: Problem, top: Top, parts: Sequence[Part], level: float, limits: bool) -> tuple[Component, ...]:
    out, place = [], 0
    for part, theta in zip(parts, problem.split(top.theta), strict=True):
        s = part.structure
        g = s.matrix(theta)
        groups = len(set(part.groups.tolist()))
        if s.triangular:
            none = NotEstimable("limits of an unstructured covariance are computed for two outcomes")
            for i, n in enumerate(part.names):
                out.append(Component(f"{part.name}: {n}", "variance", float(g[i, i]), none, groups))
            rows, columns = np.tril_indices(s.size, -1)
            for a, b in zip(rows.tolist(), columns.tolist(), strict=True):
                size = math.sqrt(float(g[a, a] * g[b, b]))
                name = f"{part.name}: {part.names[b]} and {part.names[a]}"
                rho = float(g[a, b]) / size if size > 0 else 0.0
                out.append(Component(name, "correlation", rho, none, groups))
            place += s.parameters
            continue
        for i in range(s.deviations):
            value = float(theta[i] * theta[i])
            name = f"{part.name}: {part.names[i]}" if s.deviations > 1 else part.name
            out.append(Component(name, "variance", value, _deviation(problem, top, place + i, level, limits), groups))
        if s.correlated:
            rho = s.correlation(float(theta[-1]))
            found: Interval | NotEstimable = _not_asked()
            if limits:
                # the sine has its ends at ±90°: between them every correlation is met once
                turned = s.angle(rho)
                begin = top.theta.copy()
                begin[place + s.parameters - 1] = turned
                low, high = profile_limits(
                    problem, Top(begin, top.c, top.at, top.converged), place + s.parameters - 1, level,
                    low=-math.pi / 2, high=math.pi / 2, unit=0.3,
                )  # fmt: skip
                found = Interval(rho, s.correlation(low), s.correlation(high), level, "profile likelihood")
            out.append(Component(f"{part.name}: correlation", "correlation", rho, found, groups))
        place += s.parameters
    return tuple(out)


def _not_asked() -> NotEstimable:
    return NotEstimable("limits were not asked for")


def _deviation(problem: Problem, top: Top, place: int, level: float, limits: bool) -> Interval | NotEstimable:
    if not limits:
        return _not_asked()
    unit = max(0.3 * abs(float(top.theta[place])), 0.3 * problem.scale)
    low, high = profile_limits(problem, top, place, level, low=0.0, high=math.inf, unit=unit)
    return Interval(float(top.theta[place]) ** 2, low * low, high * high, level, "profile likelihood")
