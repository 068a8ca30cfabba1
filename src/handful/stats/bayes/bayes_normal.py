"""Pooling estimates with known variances and a prior: given τ all is a closed form, so one integral is left.

With w_i = 1/(v_i + τ²) the posterior of μ given τ is N(m, V), 1/V = Σ w_i + 1/s0², m = V(Σ w_i y_i + m0/s0²), and p(τ
| y) ∝ p(τ) V^½ Π w_i^½ exp(−½[Σ w_i (y_i − m)² + (m − m0)²/s0²]). The posteriors of μ, of a new study and of every
study are then mixtures of normals over τ (Röver 2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.bayes_grid import Joint, as_fit, largest_difference, unique_labels
from handful.stats.bayes.panels import fit_panels
from handful.stats.bayes.posterior import NormalMixture, Posterior, Transformed
from handful.stats.bayes.posterior_placement import DROP, moment_order
from handful.stats.bayes.priors import HalfNormal, Normal, Prior
from handful.stats.bayes.tau_grid import TauGrid
from handful.stats.results import Fit

FloatArray: TypeAlias = npt.NDArray[np.float64]

TAU_PRIOR = HalfNormal(0.5)
_LOG_2PI = math.log(2 * math.pi)
#: panel tolerance of (check, result)
TOLERANCES = {"default": (1e-8, 1e-11), "high": (1e-10, 1e-13)}


def pool_normal_bayes(
    yi: Any,
    vi: Any,
    *,
    labels: Sequence[str] | None = None,
    mean_prior: Normal | None = None,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    measure: str = "estimate",
    scale: Literal["identity", "log", "logit"] = "identity",
    people: float = math.nan,
    accuracy: Literal["default", "high"] = "default",
) -> Fit:
    """Posterior of a mean effect over several estimates.

    Model: y_i ~ N(θ_i, v_i), θ_i ~ N(μ, τ²). ``yi`` are estimates on the model scale, ``vi`` their sampling variances
    (known, and not 0). ``scale`` names that scale, so that natural numbers can be given back: "log" for ratios,
    "logit" for rates.

    Use it for published estimates; where counts exist use them
    (:func:`~handful.stats.bayes.bayes_binomial.pool_binomial_bayes`), because a normal curve for 1 of 4 is a poor copy.

    ``mean_prior=None`` is flat. The default τ prior, half-normal(0.5), suits log ratios; on another scale choose your
    own. An improper ``Uniform(0, inf)`` needs three studies. One study: τ's posterior is its prior.

    References: Röver 2020 (10.18637/jss.v093.i06); Röver, Bender, Dias et al. 2021 (10.1002/jrsm.1475) for priors of
    τ.

    Example
    -------
    >>> fit = pool_normal_bayes([0.1, 0.3, 0.35], [0.04, 0.03, 0.06])
    >>> f"{fit.estimate:.3f} ({fit.low:.3f} to {fit.high:.3f})"
    '0.245 (-0.156 to 0.651)'
    """
    y, v = _checked(yi, vi)
    if scale not in ("identity", "log", "logit"):
        raise UnknownChoice("scale", scale, ("identity", "log", "logit"))
    if accuracy not in TOLERANCES:
        raise UnknownChoice("accuracy", accuracy, tuple(TOLERANCES))
    names = unique_labels(labels, len(y))
    _check_priors(len(y), mean_prior, tau_prior)
    rough, fine = (_once(y, v, mean_prior, tau_prior, scale, t) for t in TOLERANCES[accuracy])
    error = largest_difference(rough, fine)
    joint = Joint(fine.mean, fine.tau, fine.prediction, None, fine.studies, fine.log_evidence, error)
    return as_fit(
        joint,
        measure=measure,
        labels=names,
        people=people,
        level=level,
        interval=interval,
        mean_prior=mean_prior,
        tau_prior=tau_prior,
        accuracy=accuracy,
    )


def _checked(yi: Any, vi: Any) -> tuple[FloatArray, FloatArray]:
    y, v = np.asarray(yi, dtype=float).reshape(-1), np.asarray(vi, dtype=float).reshape(-1)
    if len(y) != len(v) or len(y) == 0:
        raise InputError(f"{len(y)} estimates and {len(v)} variances", hint="give as many of each, at least one")
    bad = [f"row {i}: y = {a:g}, v = {b:g}" for i, (a, b) in enumerate(zip(y, v, strict=True)) if not _usable(a, b)]
    if bad:
        raise InputError("; ".join(bad), hint="estimates are finite, variances finite and above 0")
    return y, v


def _usable(y: float, v: float) -> bool:
    return bool(math.isfinite(y) and math.isfinite(v) and v > 0)


def _check_priors(k: int, mean_prior: Normal | None, tau_prior: Prior) -> None:
    if mean_prior is not None and not isinstance(mean_prior, Normal):
        raise InputError(f"the mean's prior is {mean_prior!r}", hint="give hf.Normal(mean, sd), or None for flat")
    if not isinstance(tau_prior, Prior) or tau_prior.support[0] < 0:
        raise InputError(
            f"τ's prior is {tau_prior!r}", hint="τ is at least 0: HalfNormal, HalfT, HalfCauchy, Uniform, LogNormal"
        )
    if not tau_prior.proper and k < 3:
        raise InputError(f"{tau_prior} does not integrate to 1 and {k} studies cannot close it", hint="it needs 3")


class _Conditional:
    """Everything that is analytic given τ."""

    def __init__(self, y: FloatArray, v: FloatArray, mean_prior: Normal | None) -> None:
        # centred, so that nearly equal estimates far from 0 keep their digits
        self.centre = float(np.average(y, weights=1 / v))
        self.y, self.v = y - self.centre, v
        self.m0 = 0.0 if mean_prior is None else mean_prior.mean - self.centre
        self.p0 = 0.0 if mean_prior is None else mean_prior.sd**-2

    def mean(self, tau: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """m, V and log p(y | τ)."""
        w = 1 / (self.v + np.square(tau)[:, None])
        precision = w.sum(axis=1) + self.p0
        m = (w @ self.y + self.p0 * self.m0) / precision
        gap = self.y - m[:, None]
        fit = np.einsum("ij,ij->i", w, gap * gap) + self.p0 * (m - self.m0) ** 2
        log_p = 0.5 * (np.log(w).sum(axis=1) - np.log(precision) - fit)
        k = len(self.y)
        constant = -0.5 * (k - 1) * _LOG_2PI if self.p0 == 0 else -0.5 * k * _LOG_2PI + 0.5 * math.log(self.p0)
        return m, 1 / precision, log_p + constant


def _once(
    y: FloatArray, v: FloatArray, mean_prior: Normal | None, tau_prior: Prior, scale: str, tolerance: float
) -> Joint:
    given = _Conditional(y, v, mean_prior)
    grid = TauGrid(np.array([0.0, 1.0]), 1 / math.sqrt(float((1 / v).sum())), True)
    power = tau_prior.tail_power + len(y) - (mean_prior is None)
    placed = place_tau(lambda tau: given.mean(tau)[2], grid, tau_prior, power, tolerance)
    tau, weight = placed.tau, placed.weights
    m, variance, _ = given.mean(tau)
    tau2 = tau * tau
    heavy, light = (power > 2, power > 3), (True, True)

    def mixture(mean: FloatArray, var: FloatArray, name: str, moments: tuple[bool, bool]) -> Posterior:
        return Posterior(NormalMixture(weight, mean + given.centre, np.sqrt(var)), name, scale, moments)

    studies = []
    for y_i, v_i in zip(given.y, v, strict=True):
        kept = tau2 / (tau2 + v_i)  # share of the study's own estimate
        pulled = v_i / (tau2 + v_i)
        studies.append(
            mixture(kept * y_i + pulled * m, pulled**2 * variance + kept * v_i, "effect of one study", light)
        )
    return Joint(
        mean=mixture(m, variance, "mean effect", heavy if mean_prior is None else light),
        tau=placed.posterior(heavy),
        prediction=mixture(m, variance + tau2, "effect of a new study", heavy),
        average=None,
        studies=tuple(studies),
        log_evidence=placed.log_evidence,
        numerical_error=math.nan,
    )


@dataclass(frozen=True, eq=False)
class PlacedTau:
    """τ's posterior, and points with weights over which everything else is a mixture."""

    tau: FloatArray
    weights: FloatArray
    shape: Transformed
    log_evidence: float

    def posterior(self, moments: tuple[bool, bool]) -> Posterior:
        return Posterior(self.shape, "between-study sd", "identity", moments)


def place_tau(log_likelihood: Any, grid: TauGrid, tau_prior: Prior, power: float, tolerance: float) -> PlacedTau:
    """The posterior of τ for any log p(y | τ) that takes arrays; ``power`` is that of its tail."""

    def log_density(u: FloatArray) -> FloatArray:
        # τ² must not overflow; beyond 1e150 nothing is left of any proper posterior
        tau = np.minimum(grid.tau_of(u), 1e150)
        return np.asarray(log_likelihood(tau) + grid.log_prior(tau_prior, u))

    low, high, top = _range(log_density, grid, tau_prior, power)

    def density(u: FloatArray) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(log_density(u) - top))

    edges = np.unique(np.concatenate([np.linspace(low, high, 7), _inner(grid, tau_prior, low, high)]))
    order = moment_order(power)
    panels = fit_panels(density, edges, tolerance=tolerance, weight=lambda u: np.cosh(u) ** order)
    if tau_prior.even:
        u, weight = _trapezoid(density, low, high, tolerance)
    else:
        u, weight = panels.nodes()
    used = weight * np.cosh(u) ** order > 1e-18
    u, weight = u[used], weight[used] / weight[used].sum()
    return PlacedTau(
        grid.tau_of(u),
        weight,
        Transformed(panels, grid.tau_of, grid.u_of, grid.slope),
        math.log(panels.mass) + top if tau_prior.proper else math.nan,
    )


def _trapezoid(density: Any, low: float, high: float, tolerance: float) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights, halving the step until the total no longer moves; half a weight at the lower end."""
    count = 24
    before = math.nan
    for _ in range(9):
        u = np.linspace(low, high, count + 1)
        weight = density(u) * (u[1] - u[0])
        weight[0] *= 0.5
        total = float(weight.sum())
        if abs(total - before) <= math.sqrt(tolerance) * 0.3 * total:  # one more halving squares the error
            break
        before, count = total, 2 * count
    return u, weight


def _inner(grid: TauGrid, prior: Prior, low: float, high: float) -> FloatArray:
    found = grid.u_of(np.array(prior.edges)) if prior.edges else np.empty(0)
    return found[(found > low) & (found < high)]


def _range(log_density: Any, grid: TauGrid, prior: Prior, power: float) -> tuple[float, float, float]:
    """Where in u the posterior lies, and its height: narrowed in on the top, keeping what is above the drop."""
    bottom, top = prior.support
    low, high = (float(u) for u in np.minimum(grid.u_of(np.array([bottom, min(top, 1e300)])), 80.0))
    tiny = 0.0 if prior.even else 1e-13
    best = -math.inf
    for _ in range(60):
        u = np.linspace(low, high, 65)
        values = log_density(np.maximum(u, tiny))
        best = float(values.max())
        if not math.isfinite(best):
            raise InputError("the prior of the between-study sd leaves no probability", hint="check its scale")
        far = values + moment_order(power) * u  # a tail that hardly counts in probability may count in the variance
        alive = np.flatnonzero(far > float(far.max()) - DROP - 4)
        first, last = max(int(alive[0]) - 1, 0), min(int(alive[-1]) + 1, 64)
        low, high = float(u[first]), float(u[last])
        if last - first > 24:
            break
    return low, high, best
