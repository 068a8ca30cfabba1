"""The posterior of one rate from one count: Beta, in closed form, with the count of the next people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.posterior import Posterior

if TYPE_CHECKING:
    FloatArray: TypeAlias = npt.NDArray[np.float64]

_NODES = 64


@dataclass(frozen=True, eq=False)
class BetaShape:
    """Beta(a, b) on the rate itself."""

    a: float
    b: float

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def density(self, x: FloatArray) -> FloatArray:
        inside = (x > 0) & (x < 1)
        safe = np.where(inside, x, 0.5)
        logs = special.xlogy(self.a - 1, safe) + special.xlog1py(self.b - 1, -safe) - special.betaln(self.a, self.b)
        return np.where(inside, np.exp(logs), 0.0)

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.betainc(self.a, self.b, np.clip(x, 0.0, 1.0)))

    def survival(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.betaincc(self.a, self.b, np.clip(x, 0.0, 1.0)))

    def quantile(self, q: FloatArray) -> FloatArray:
        return np.asarray(special.betaincinv(self.a, self.b, q))

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Gauss–Jacobi: exact for polynomials of the rate up to degree 127."""
        t, w = special.roots_jacobi(_NODES, self.b - 1, self.a - 1)
        return (1 + np.asarray(t)) / 2, np.asarray(w) / float(np.sum(w))


def beta_rate(events: int, total: int, prior: tuple[float, float] = (0.5, 0.5)) -> Posterior:
    """Posterior of the rate p with x ~ Binomial(n, p), p ~ Beta(a, b): Beta(a + x, b + n - x).

    ``prior``: (½, ½) is Jeffreys', (1, 1) uniform. With n = 0 it is the prior.

    >>> round(beta_rate(1, 4).probability(above=0.2), 3)
    0.663
    """
    a, b = prior
    if not (0 <= events <= total and a > 0 and b > 0):
        raise InputError(f"beta_rate({events!r}, {total!r}, prior={prior!r})", hint="0 ≤ events ≤ total, prior above 0")
    return Posterior(BetaShape(a + events, b + total - events), "rate", natural=True)


def beta_binomial_probabilities(a: float, b: float, people: int) -> FloatArray:
    """P(r of the next ``people``) for r = 0 … people when the rate is Beta(a, b).

    >>> beta_binomial_probabilities(1, 1, 3).round(6).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    r = np.arange(people + 1)
    ways = special.gammaln(people + 1) - special.gammaln(r + 1) - special.gammaln(people - r + 1)
    logs = ways + special.betaln(a + r, b + people - r) - special.betaln(a, b)
    made = np.exp(logs)
    return np.asarray(made / math.fsum(made))
