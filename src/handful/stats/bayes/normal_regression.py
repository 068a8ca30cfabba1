"""Estimates regressed on moderators with priors: given τ all is a closed form, so one integral is left.

y_i ~ N(x_i'β, v_i + τ²), β_j ~ N(b_j, s_j²) or flat. With W = diag(1/(v + τ²)) and P = diag(1/s²) the posterior of β
given τ is N(m, V), V⁻¹ = X'WX + P, m = V(X'Wy + Pb), and p(τ | y) ∝ p(τ) |V|^½ Π w^½ exp(−½[Σ w r² + (m − b)'P(m −
b)]). Every linear combination of β, every study and every new study is then a mixture of normals over τ (Röver & Friede
2023, 10.1016/j.cmpb.2022.107303, the logic of bayesmeta's ``bmr``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.bayes_normal import TOLERANCES, place_tau
from handful.stats.bayes.posterior import NormalMixture, Posterior
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import Normal
from handful.stats.bayes.tau_grid import TauGrid
from handful.stats.checked import choice

FloatArray: TypeAlias = npt.NDArray[np.float64]

_LOG_2PI = math.log(2 * math.pi)


class _Conditional:
    """β given τ, for many τ at once."""

    def __init__(self, y: FloatArray, v: FloatArray, design: FloatArray, priors: Sequence[Normal | None]) -> None:
        self.y, self.v, self.x = y, v, design
        self.b = np.array([0.0 if p is None else p.mean for p in priors])
        self.p = np.array([0.0 if p is None else p.sd**-2 for p in priors])
        self.constant = -0.5 * (len(y) - int((self.p == 0).sum())) * _LOG_2PI + 0.5 * float(
            np.log(self.p[self.p > 0]).sum()
        )

    def at(self, tau: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """m (τ × p), V (τ × p × p) and log p(y | τ)."""
        w = 1 / (self.v + np.square(tau)[:, None])
        precision = np.einsum("ti,ij,ik->tjk", w, self.x, self.x) + np.diag(self.p)
        right = np.einsum("ti,ij->tj", w * self.y, self.x) + self.p * self.b
        covariance = np.linalg.inv(precision)
        m = np.einsum("tjk,tk->tj", covariance, right)
        rest = self.y - m @ self.x.T
        gap = m - self.b
        fit = np.einsum("ti,ti->t", w, rest * rest) + (gap * gap) @ self.p
        log_p = 0.5 * (np.log(w).sum(axis=1) - np.linalg.slogdet(precision)[1] - fit)
        return m, covariance, log_p + self.constant


@dataclass(frozen=True, eq=False)
class NormalPosteriors:
    """Ask for the posterior of any linear combination of the coefficients, of τ, of studies and of new ones."""

    tau: Posterior
    log_evidence: float
    scale: str
    given: _Conditional
    taus: FloatArray
    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    moments: tuple[bool, bool]
    flat: bool

    def of(self, asked: FloatArray, name: str) -> Posterior:
        """Posterior of asked'β on the model scale."""
        mean, variance = self._line(asked)
        moments = self.moments if self.flat else (True, True)
        return Posterior(NormalMixture(self.weights, mean, np.sqrt(variance)), name, self.scale, moments)

    def new(self, asked: FloatArray, name: str) -> Posterior:
        """Posterior of a new study's effect at these moderators."""
        mean, variance = self._line(asked)
        sd = np.sqrt(variance + self.taus**2)
        return Posterior(NormalMixture(self.weights, mean, sd), name, self.scale, self.moments)

    def study(self, row: int, name: str) -> Posterior:
        """Posterior of a study's own effect: drawn towards the regression."""
        mean, variance = self._line(self.given.x[row])
        v, tau2 = float(self.given.v[row]), self.taus**2
        kept, pulled = tau2 / (tau2 + v), v / (tau2 + v)
        shape = NormalMixture(
            self.weights, kept * self.given.y[row] + pulled * mean, np.sqrt(pulled**2 * variance + kept * v)
        )
        return Posterior(shape, name, self.scale)

    def covariance(self) -> FloatArray:
        """Posterior covariance of the coefficients."""
        mean = self.weights @ self.means
        gap = self.means - mean
        within = np.einsum("t,tij->ij", self.weights, self.covariances)
        return np.asarray(within + np.einsum("t,ti,tj->ij", self.weights, gap, gap))

    def _line(self, asked: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.means @ asked, np.einsum("i,tij,j->t", asked, self.covariances, asked)


def regress_normal(
    y: FloatArray,
    v: FloatArray,
    design: FloatArray,
    *,
    priors: Sequence[Normal | None],
    tau_prior: Prior,
    scale: str,
    accuracy: str = "default",
) -> NormalPosteriors:
    """The posteriors; ``design`` (k × p) needs full rank where priors are flat."""
    choice("accuracy", accuracy, tuple(TOLERANCES))
    flat = sum(p is None for p in priors)
    k = len(y)
    if not isinstance(tau_prior, Prior) or tau_prior.support[0] < 0:
        raise InputError(
            f"τ's prior is {tau_prior!r}", hint="τ is at least 0: HalfNormal, HalfT, HalfCauchy, LogNormal"
        )
    if not tau_prior.proper and k - flat < 2:
        raise InputError(
            f"{tau_prior} does not integrate to 1 and {k} studies cannot close it", hint="give a proper prior"
        )
    given = _Conditional(y, v, design, priors)
    grid = TauGrid(np.array([0.0, 1.0]), 1 / math.sqrt(float((1 / v).sum())), True)
    power = tau_prior.tail_power + k - flat
    placed = place_tau(lambda tau: given.at(tau)[2], grid, tau_prior, power, TOLERANCES[accuracy][1])
    means, covariances, _ = given.at(placed.tau)
    return NormalPosteriors(
        placed.posterior((power > 2, power > 3)), placed.log_evidence, scale, given, placed.tau, placed.weights,
        means, covariances, (power > 2, power > 3), flat > 0,
    )  # fmt: skip
