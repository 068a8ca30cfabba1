"""Separate effects against one common effect where baselines are random: likelihood ratio and Wald.

The larger model gives each study an effect θ_i of its own and keeps s_i ~ N(α, σ²). For given (α, σ) each θ_i is found
on its own (``fixed_intercepts.py`` with the parts exchanged).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.comparisons.fixed_intercepts import EFFECT_FREE, FreeBaseline, GivenFree, moments
from handful.stats.comparisons.two_effects import Groups
from handful.stats.count_models.one_effect_ml import Separated, maximise
from handful.stats.count_models.random_effect import Quadrature
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

_AT_INFINITY = 30.0


def separate_effects(
    groups: Groups, common_value: float, coding: tuple[float, float] = EFFECT_FREE[0]
) -> tuple[float | NotEstimable, float | NotEstimable]:
    """The two statistics, k − 1 degrees of freedom each. Wald's is not estimable where a θ_i is infinite.

    ``coding`` says how θ_i enters the two groups: (½, −½) treats them alike. With (1, 0) the baseline is that of the
    second group, and exchanging the groups gives another value.
    """
    k = len(groups)
    none = np.full(k, -np.inf)
    curves = FreeBaseline(groups.first, groups.second, coding, EFFECT_FREE[1], np.zeros(k), (none, none), groups.repeat)
    try:
        top = maximise(curves, np.ones((k, 1)))  # type: ignore[arg-type]
    except Separated:
        no = NotEstimable("with separate effects the baselines have no finite estimate")
        return no, no
    ratio = max(2.0 * (top.value - common_value), 0.0)
    return ratio, _wald(curves, float(top.beta[0]), top.tau)


def _wald(curves: FreeBaseline, alpha: float, sigma: float) -> float | NotEstimable:
    eta, spread = np.full(len(curves), alpha), np.full(len(curves), sigma)
    theta = curves.best(eta) if sigma == 0 else curves.best_given(eta, spread, Quadrature())
    if float(np.abs(theta).max()) > _AT_INFINITY:
        return NotEstimable("a study with an empty cell has no finite effect of its own")
    given = GivenFree(curves.first, curves.second, curves.free, curves.random, theta, eta, np.ones(len(theta)))
    if sigma == 0:  # only α is shared then
        _, _, _, ff, fs, ss = given.parts(eta)
        found = {"ff": ff, "fs": fs, "ss": ss}
        shared = [["ss"]]
    else:
        found = moments(given, eta, spread, Quadrature(), None)
        shared = [["ss", "st"], ["st", "tt"]]
    times = curves.repeat.astype(int)
    theta = np.repeat(theta, times)
    side = np.stack([np.repeat(found[name], times) for name in ("fs", "ft")[: len(shared)]], axis=1)
    k = len(theta)
    information = np.zeros((k + len(shared), k + len(shared)))
    information[:k, :k] = -np.diag(np.repeat(found["ff"], times))
    information[:k, k:], information[k:, :k] = -side, -side.T
    information[k:, k:] = [[-float(curves.repeat @ found[name]) for name in row] for row in shared]
    covariance = np.linalg.inv(information)[:k, :k]
    contrasts = np.eye(k)[1:] - np.eye(k)[:1]
    difference = contrasts @ theta
    return float(difference @ np.linalg.solve(contrasts @ covariance @ contrasts.T, difference))
