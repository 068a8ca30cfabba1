"""How many of the next m patients would respond: the predictive distribution of a count, by quadrature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.checked import level_and_side, one_number
from handful.stats.count_models.curves import BinomialCurves, expit
from handful.stats.distributions.normal import normal_quantile
from handful.stats.results import NotEstimable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handful.stats.results import Fit

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NextPatients:
    """``probabilities[r]`` is the chance of r responders; ``low`` to ``high`` holds at least ``level`` of it."""

    patients: int
    probabilities: tuple[float, ...]
    expected: float
    low: int
    high: int
    level: float
    basis: str

    def at_least(self, r: int) -> float:
        """The chance of r or more responders."""
        least = int(one_number("r", r, "a whole number of responders", whole=True))
        return min(math.fsum(self.probabilities[max(least, 0) :]), 1.0)

    def __str__(self) -> str:
        return (
            f"of the next {self.patients} patients {self.low} to {self.high} respond "
            f"({100 * self.level:g} % prediction, expected {self.expected:.3g}; {self.basis})"
        )


def next_patients(fit: Fit, patients: int, level: float | None = None) -> NextPatients | NotEstimable:
    """Responders among ``patients`` treated in one new study like these.

    The rate of that study is drawn from the fit's predictive distribution (likelihood fits: normal on the model scale
    with variance τ² + se², or Beta with its mean's standard error; bayes: the posterior predictive), the count from a
    binomial at that rate.
    """
    m = int(one_number("patients", patients, "a whole number of patients, 1 or more", least=1, whole=True))
    level, _, _ = level_and_side(fit.level if level is None else level, "two")
    found = _rates(fit)
    if isinstance(found, NotEstimable):
        return found
    curve = BinomialCurves.of(np.arange(m + 1), np.full(m + 1, m))
    if len(found) == 3:
        theta, weight, basis = found
        table = np.exp(curve.value(np.broadcast_to(theta, (m + 1, len(theta))))) @ weight
    else:
        table, basis = _beta_table(found[0], m), found[1]
    table = table / table.sum()
    below = np.concatenate([[0.0], np.cumsum(table)])
    tail = (1.0 - level) / 2.0
    low = int(np.searchsorted(below[1:], tail + 1e-15, side="left"))
    high = int(np.searchsorted(below[1:], 1.0 - tail - 1e-15, side="left"))
    expected = float(table @ np.arange(m + 1))
    return NextPatients(m, tuple(float(p) for p in table), expected, low, min(high, m), level, basis)


def _rates(fit: Fit) -> Any:
    """(θ on the logit scale, weights, words), or (beta parameters, words), or why there is none."""
    if fit.measure not in ("proportion", "PLO"):
        return NotEstimable(f"{fit.measure} gives no chance of response for one patient")
    if fit.posteriors is not None:
        posterior = fit.posteriors["prediction"]
        middles = (np.arange(2000) + 0.5) / 2000
        theta = np.asarray(posterior.quantile(middles), dtype=np.float64)
        return theta, np.full(len(theta), 1.0 / len(theta)), "posterior predictive"
    if isinstance(fit.prediction, NotEstimable):
        return fit.prediction
    kind, *values = fit.details.get("predictive", ("none",))
    if kind in ("logit-normal", "normal"):
        theta, weight = _normal_nodes(values[0], values[1])
        return theta, weight, "normal on the logit scale with variance τ² + se²"
    if kind == "beta":
        return tuple(values), "Beta distribution of rates, with its mean's standard error"
    return NotEstimable("this model has no distribution of rates")


def beta_quantiles(c: float, se: float, phi: float, shares: Sequence[float]) -> list[float]:
    """Quantiles of a next study's rate: Beta with mean expit(θ) and spread φ, averaged over θ ~ N(c, se²).

    The distribution :func:`next_patients` draws from; with φ = 0 only the uncertainty of the mean is left.
    """
    from scipy.special import betainc

    if phi == 0.0:
        return [float(expit(c + -se * normal_quantile(share))) for share in shares]
    theta, weight = _normal_nodes(c, se)
    a, b = expit(theta) / phi, expit(-theta) / phi
    usable = (a > 1e-300) & (b > 1e-300)
    a, b, weight = a[usable], b[usable], weight[usable]
    out = []
    for share in shares:
        low, high = -700.0, 700.0
        for _ in range(80):  # halving on the logit scale: a Beta with a tiny parameter has its quantile near 0 or 1
            middle = 0.5 * (low + high)
            p, q = float(expit(middle)), float(expit(-middle))
            below = weight @ betainc(a, b, p) if middle <= 0 else weight.sum() - weight @ betainc(b, a, q)
            low, high = (middle, high) if below < share else (low, middle)
        out.append(float(expit(0.5 * (low + high))))
    return out


def _normal_nodes(mean: float, sd: float) -> tuple[FloatArray, FloatArray]:
    step = min(0.2, 0.2 / max(sd, 1e-12))
    u = np.linspace(-8.5, 8.5, 2 * int(np.ceil(8.5 / step)) + 1)
    w = np.exp(-0.5 * u * u)
    return mean + sd * u, w / w.sum()


def _beta_table(values: tuple[float, float, float], m: int) -> FloatArray:
    """Beta–binomial probabilities averaged over the logit of the mean."""
    from scipy.special import betaln, gammaln

    c, se, phi = values
    theta, weight = _normal_nodes(c, se)
    mean = np.clip(np.asarray(expit(theta), dtype=np.float64), 1e-15, 1.0 - 1e-15)[:, None]
    r = np.arange(m + 1)[None, :]
    if phi == 0.0:
        curve = BinomialCurves.of(np.arange(m + 1), np.full(m + 1, m))
        return np.asarray(np.exp(curve.value(np.broadcast_to(theta, (m + 1, len(theta))))) @ weight, dtype=np.float64)
    a, b = mean / phi, (1.0 - mean) / phi
    ways = gammaln(m + 1) - gammaln(r + 1) - gammaln(m - r + 1)
    table = np.exp(ways + betaln(r + a, m - r + b) - betaln(a, b))
    return np.asarray(weight @ table, dtype=np.float64)
