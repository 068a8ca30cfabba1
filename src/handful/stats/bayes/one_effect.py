"""One effect, one likelihood curve, one prior: the posterior without any other study, in closed form or on panels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.curve_rows import NormalCurves
from handful.stats.bayes.likelihood_curves import LikelihoodCurve
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.panels import Panels, fit_panels
from handful.stats.bayes.posterior import NormalMixture, Shape
from handful.stats.bayes.priors import Beta, Normal
from handful.stats.borrowed.mixtures import LogitBeta
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves

FloatArray: TypeAlias = npt.NDArray[np.float64]
Kind: TypeAlias = Literal["counts", "rates", "estimates"]
OwnPrior: TypeAlias = Beta | Normal


@dataclass(frozen=True, eq=False)
class OneEffect:
    """All that is known directly about one effect. ``first`` and ``second`` are x and n, x and time, or y and v."""

    kind: Kind
    first: float
    second: float
    studies: int

    @property
    def scale(self) -> str:
        return {"counts": "logit", "rates": "log", "estimates": "identity"}[self.kind]

    @property
    def curve(self) -> LikelihoodCurve:
        one, two = np.array([self.first]), np.array([self.second])
        if self.kind == "counts":
            return LikelihoodCurve(BinomialCurves.of(one, two), "logit", str(self), self.second)
        if self.kind == "rates":
            return LikelihoodCurve(PoissonCurves.of(one, two), "log", str(self))
        return LikelihoodCurve(NormalCurves(one, np.sqrt(two)), "identity", str(self))

    def __str__(self) -> str:
        if self.kind == "counts":
            return f"{self.first:g} of {self.second:g}"
        if self.kind == "rates":
            return f"{self.first:g} in {self.second:g} person-time"
        return f"{self.first:.4g} (se {math.sqrt(self.second):.3g})"


def posterior_of_one(
    prior: OwnPrior, data: OneEffect, *, other: OneEffect | None = None, power: float = 0.0
) -> tuple[Shape, float]:
    """Posterior on the model scale and log evidence of ``data``; ``other`` enters with its likelihood to a ``power``.

    The evidence with ``other`` is that of data under the prior that ``other`` has already updated.
    """
    if data.kind == "counts" and isinstance(prior, Beta):
        a, b = prior.a, prior.b
        if other is not None:
            a, b = a + power * other.first, b + power * (other.second - other.first)
        x, n = data.first, data.second
        ways = math.lgamma(n + 1) - math.lgamma(x + 1) - math.lgamma(n - x + 1)
        evidence = ways + float(special.betaln(a + x, b + n - x) - special.betaln(a, b))
        return LogitBeta(np.array([1.0]), np.array([a + x]), np.array([b + n - x])), evidence
    if not isinstance(prior, Normal):
        raise InputError(f"{prior} for {data.kind}", hint="Beta for counts, Normal on the model scale for anything")
    if data.kind == "estimates":
        mean, variance = prior.mean, prior.sd**2
        if other is not None and power > 0:
            kept = variance / (variance + other.second / power)
            mean, variance = mean + kept * (other.first - mean), variance * (1 - kept)
        total = variance + data.second
        evidence = -0.5 * (data.first - mean) ** 2 / total - 0.5 * math.log(2 * math.pi * total)
        kept = variance / total
        sd = math.sqrt(kept * data.second)
        return NormalMixture(np.ones(1), np.array([mean + kept * (data.first - mean)]), np.array([sd])), evidence

    rows = data.curve.rows
    more = None if other is None or power == 0 else other.curve.rows

    def before(theta: FloatArray) -> FloatArray:
        out = prior.log_density(theta)
        return out if more is None else np.asarray(out + power * more.value(theta[None, :])[0])

    def after(theta: FloatArray) -> FloatArray:
        return np.asarray(before(theta) + rows.value(theta[None, :])[0])

    curves = [data] if more is None or other is None else [data, other]
    found, log_mass = _panels(after, prior, curves)
    return found, log_mass if more is None else log_mass - _panels(before, prior, curves[1:])[1]


def _panels(
    log_density: Callable[[FloatArray], FloatArray], prior: Normal, data: list[OneEffect]
) -> tuple[Panels, float]:
    """The density on panels over all that is above exp(−45) of its top, and the log of what it integrates to."""
    low, high = prior.mean - 12 * prior.sd, prior.mean + 12 * prior.sd
    for one in data:
        mode = float(shapes(one.curve.rows).mode[0])
        if math.isfinite(mode):
            low, high = min(low, mode - 12 * prior.sd), max(high, mode + 12 * prior.sd)
    top = -math.inf
    for _ in range(30):
        grid = np.linspace(low, high, 129)
        values = log_density(grid)
        top = float(values.max())
        alive = np.flatnonzero(values > top - 45)
        first, last = max(int(alive[0]) - 1, 0), min(int(alive[-1]) + 1, 128)
        low, high = float(grid[first]), float(grid[last])
        if last - first > 40:
            break

    def density(theta: FloatArray) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(log_density(theta) - top))

    panels = fit_panels(density, np.linspace(low, high, 9), tolerance=1e-13)
    return panels, math.log(panels.mass) + top


def one_effect(kind: Kind, first: Any, second: Any) -> OneEffect:
    """Several studies of one common effect as one: counts and times are added, estimates weighted by 1/v."""
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if kind == "estimates":
        precision = float((1 / two).sum())
        return OneEffect(kind, float((one / two).sum()) / precision, 1 / precision, len(one))
    return OneEffect(kind, float(one.sum()), float(two.sum()), int((two > 0).sum()))
