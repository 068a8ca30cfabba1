"""Points and weights for the between-study sd: τ = s·sinh(u), with u equally spaced.

The likelihood is an even, analytic function of τ, hence of u. With a prior that is even too (half-normal, half-t,
half-Cauchy) the trapezoid rule with half weight at 0 converges exponentially; sinh makes fine steps near 0 and turns
power-law tails into exponential ones. For a prior that is singular at 0 (log-normal, log-t), has an edge (uniform) or
is much narrower than the likelihood, the likelihood is interpolated from the same points and the prior is integrated
exactly against the interpolating polynomials: product weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.lagrange import stencil
from handful.stats.bayes.panels import NODES, WEIGHTS
from handful.stats.bayes.priors import Prior

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TauGrid:
    """``u`` equally spaced; ``from_zero`` says that u[0] = 0 and the functions continue evenly below it."""

    u: FloatArray
    scale: float
    from_zero: bool

    @property
    def step(self) -> float:
        return float(self.u[1] - self.u[0])

    @property
    def tau(self) -> FloatArray:
        return self.tau_of(self.u)

    def tau_of(self, u: FloatArray) -> FloatArray:
        return np.asarray(self.scale * np.sinh(u))

    def u_of(self, tau: FloatArray) -> FloatArray:
        return np.asarray(np.arcsinh(np.maximum(tau, 0.0) / self.scale))

    def slope(self, u: FloatArray) -> FloatArray:
        return np.asarray(self.scale * np.cosh(u))

    def log_prior(self, prior: Prior, u: FloatArray) -> FloatArray:
        """Log of the prior's density in u."""
        return np.asarray(prior.log_density(self.tau_of(u)) + np.log(self.slope(u)))

    def trapezoid(self, prior: Prior) -> FloatArray:
        """Prior weights of the columns by the trapezoid rule."""
        weights = np.exp(self.log_prior(prior, self.u)) * self.step
        if self.from_zero:
            weights[0] *= 0.5
        return weights

    def product_weights(self, prior: Prior) -> FloatArray:
        """Prior weights by integrating the prior against the interpolating polynomials."""
        cuts = list(self.u)
        top = float(self.u[-1])
        cuts += [float(self.u_of(np.array([e]))[0]) for e in prior.edges if self.tau_of(np.array([top]))[0] > e]
        if self.from_zero:  # towards 0 by halves, for a density that vanishes there faster than any power
            cuts += [self.step * 0.5**n for n in range(1, 48)]
        if prior.proper:  # and around a prior narrower than one step
            cuts += [float(v) for v in self.u_of(prior.quantile(_SHARES)) if self.u[0] < v < top]
        edges = np.unique(np.array(cuts))
        half = np.diff(edges)[:, None] / 2
        x = ((edges[:-1, None] + half) + half * NODES).ravel()
        mass = np.exp(self.log_prior(prior, x)) * (half * WEIGHTS).ravel()
        used = mass > 0
        index, coefficient = self.stencil(x[used])
        out = np.zeros(len(self.u))
        np.add.at(out, index, coefficient * mass[used, None])
        return out

    def stencil(self, x: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """For each x the columns and the factors with which Σ factor · value interpolates there."""
        return stencil((x - self.u[0]) / self.step, len(self.u), reflect=self.from_zero)

    def interpolate(self, values: FloatArray, x: FloatArray) -> FloatArray:
        """A smooth function known at the columns, elsewhere."""
        index, coefficient = self.stencil(x)
        out: FloatArray = np.einsum("ij,ij->i", values[index], coefficient)
        return out


_SHARES = np.array(
    [1e-14, 1e-10, 1e-7, 1e-5, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99, 0.999, 0.99999]
)
