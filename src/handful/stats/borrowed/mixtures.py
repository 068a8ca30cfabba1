"""Mixtures of beta and of gamma distributions: what borrowed evidence is turned into, and how new counts update it.

With a prior Σ_j w_j Beta(a_j, b_j) for a rate and x of n observed, the posterior is again such a mixture: a_j + x,
b_j + n − x, and w_j multiplied by the beta–binomial probability of x under component j. For rates per person-time the
same holds with Gamma(a_j, rate b_j): a_j + x, b_j + T, and negative binomial probabilities. Mixtures of normals are
:class:`~handful.stats.bayes.posterior.NormalMixture`; :func:`update_normal` is their update.

References: Schmidli et al. 2014 (10.1111/biom.12242); Weber et al. 2021 (10.18637/jss.v100.i19).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.posterior import NormalMixture

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BetaMixture:
    """Σ_j weights_j Beta(a_j, b_j). Weights are positive and sum to 1.

    >>> prior = BetaMixture((0.5, 0.5), (4.0, 1.0), (12.0, 1.0))
    >>> posterior = prior.update(0, 4)
    >>> [round(w, 3) for w in posterior.weights]
    [0.638, 0.362]
    """

    weights: tuple[float, ...]
    a: tuple[float, ...]
    b: tuple[float, ...]

    def __post_init__(self) -> None:
        _check("BetaMixture", self.weights, self.a, self.b)

    def __str__(self) -> str:
        parts = zip(self.weights, self.a, self.b, strict=True)
        return " + ".join(f"{w:.3g} × Beta({a:.4g}, {b:.4g})" for w, a, b in parts)

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, 1.0)

    @property
    def _arrays(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return np.array(self.weights), np.array(self.a), np.array(self.b)

    @property
    def mean(self) -> float:
        w, a, b = self._arrays
        return float(w @ (a / (a + b)))

    @property
    def sd(self) -> float:
        w, a, b = self._arrays
        m = a / (a + b)
        return math.sqrt(float(w @ (m * (1 - m) / (a + b + 1) + (m - self.mean) ** 2)))

    def density(self, x: npt.ArrayLike) -> FloatArray:
        w, a, b = self._arrays
        p = np.asarray(x, dtype=float)[..., None]
        inside = (p >= 0) & (p <= 1)
        safe = np.where(inside, p, 0.5)
        with np.errstate(divide="ignore"):
            log_f = special.xlogy(a - 1, safe) + special.xlog1py(b - 1, -safe) - special.betaln(a, b)
        return np.asarray(np.where(inside, np.exp(log_f), 0.0) @ w)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        w, a, b = self._arrays
        return np.asarray(special.betainc(a, b, np.clip(np.asarray(x, dtype=float), 0.0, 1.0)[..., None]) @ w)

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        share = np.asarray(q, dtype=float)
        return np.asarray(special.expit(self.on_logit().quantile(share.reshape(-1)))).reshape(share.shape)

    def update(self, events: int, total: int) -> BetaMixture:
        """The posterior after x of n."""
        _, a, b = self._arrays
        log_w = _log(self.weights) + self._log_counts(events, total)
        log_w = log_w - special.logsumexp(log_w)
        return BetaMixture(_tuple(np.exp(log_w)), _tuple(a + events), _tuple(b + total - events))

    def log_evidence(self, events: int, total: int) -> float:
        """Log probability of exactly these events, order not counted."""
        return float(special.logsumexp(_log(self.weights) + self._log_counts(events, total)))

    def predictive(self, total: int) -> FloatArray:
        """Probabilities of 0 … n events among n."""
        return np.asarray(np.exp([self.log_evidence(x, total) for x in range(total + 1)]))

    def _log_counts(self, x: int, n: int) -> FloatArray:
        _, a, b = self._arrays
        ways = math.lgamma(n + 1) - math.lgamma(x + 1) - math.lgamma(n - x + 1)
        return np.asarray(ways + special.betaln(a + x, b + n - x) - special.betaln(a, b))

    def with_part(self, weight: float, a: float, b: float) -> BetaMixture:
        """This mixture with one more component of the given weight; the others keep the rest."""
        rest = tuple((1 - weight) * w for w in self.weights)
        return BetaMixture((*rest, weight), (*self.a, a), (*self.b, b))

    def on_logit(self) -> LogitBeta:
        """The same distribution of the log odds."""
        return LogitBeta(*self._arrays)


@dataclass(frozen=True)
class GammaMixture:
    """Σ_j weights_j Gamma(a_j, rate b_j), for events per person-time: as if a_j events had been seen in time b_j."""

    weights: tuple[float, ...]
    a: tuple[float, ...]
    b: tuple[float, ...]

    def __post_init__(self) -> None:
        _check("GammaMixture", self.weights, self.a, self.b)

    def __str__(self) -> str:
        parts = zip(self.weights, self.a, self.b, strict=True)
        return " + ".join(f"{w:.3g} × Gamma({a:.4g}, rate {b:.4g})" for w, a, b in parts)

    @property
    def _arrays(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return np.array(self.weights), np.array(self.a), np.array(self.b)

    @property
    def mean(self) -> float:
        w, a, b = self._arrays
        return float(w @ (a / b))

    @property
    def sd(self) -> float:
        w, a, b = self._arrays
        return math.sqrt(float(w @ (a / b**2 + (a / b - self.mean) ** 2)))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        w, a, b = self._arrays
        return np.asarray(special.gammainc(a, b * np.maximum(np.asarray(x, dtype=float), 0.0)[..., None]) @ w)

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        share = np.asarray(q, dtype=float)
        return np.asarray(np.exp(self.on_log().quantile(share.reshape(-1)))).reshape(share.shape)

    def update(self, events: int, time: float) -> GammaMixture:
        """The posterior after x events in the given person-time."""
        _, a, b = self._arrays
        log_w = _log(self.weights) + self._log_counts(events, time)
        log_w = log_w - special.logsumexp(log_w)
        return GammaMixture(_tuple(np.exp(log_w)), _tuple(a + events), _tuple(b + time))

    def log_evidence(self, events: int, time: float) -> float:
        """Log probability of exactly this many events in the given person-time."""
        return float(special.logsumexp(_log(self.weights) + self._log_counts(events, time)))

    def _log_counts(self, x: int, t: float) -> FloatArray:
        _, a, b = self._arrays
        ways = special.gammaln(a + x) - special.gammaln(a) - math.lgamma(x + 1)
        return np.asarray(ways - a * np.log1p(t / b) + special.xlogy(x, t / (b + t)))

    def with_part(self, weight: float, a: float, b: float) -> GammaMixture:
        """This mixture with one more component of the given weight; the others keep the rest."""
        rest = tuple((1 - weight) * w for w in self.weights)
        return GammaMixture((*rest, weight), (*self.a, a), (*self.b, b))

    def on_log(self) -> LogGamma:
        """The same distribution of the log rate."""
        return LogGamma(*self._arrays)


class _OnLine:
    """A mixture seen on the whole line, where it is smooth: shared quantiles and nodes."""

    weights: FloatArray

    @property
    def support(self) -> tuple[float, float]:
        return -math.inf, math.inf

    def cdf(self, x: FloatArray) -> FloatArray:
        raise NotImplementedError

    def survival(self, x: FloatArray) -> FloatArray:
        raise NotImplementedError

    def density(self, x: FloatArray) -> FloatArray:
        raise NotImplementedError

    def _own(self, q: FloatArray) -> FloatArray:
        """Each component's own quantiles: shape (n, components)."""
        raise NotImplementedError

    def quantile(self, q: FloatArray) -> FloatArray:
        inner = np.clip(q, 1e-300, 1 - 1e-16)
        own = self._own(inner)
        # a little wider: where a component's own quantile is only the tail's formula, it need not bracket
        found = root_of_mixture(self, inner, own.min(axis=-1) - 0.5, own.max(axis=-1) + 0.5)
        return np.where(q <= 0, -np.inf, np.where(q >= 1, np.inf, found))

    def nodes(self, fineness: float = 1.0) -> tuple[FloatArray, FloatArray]:
        """Equally spaced: for a function that is smooth on the line the trapezoid rule is exact to rounding."""
        ends = self._own(np.array([1e-18, 1 - 1e-16]))
        # the upper end by symmetry of the tails: 1 − 1e-16 is as near to 1 as a float comes
        middle = self._own(np.array([0.5]))[0]
        low, high = float(ends[0].min()), float((ends[1] + 0.3 * np.abs(ends[1] - middle)).max())
        spread = self._own(np.array([0.16, 0.84]))
        step = min(0.2, float((spread[1] - spread[0]).min()) / 4) / fineness
        x = np.asarray(low + step * np.arange(min(math.ceil((high - low) / step) + 1, 200_000)), dtype=float)
        return x, self.density(x) * step


@dataclass(frozen=True, eq=False)
class LogitBeta(_OnLine):
    """log p/(1 − p) for p from a mixture of betas."""

    weights: FloatArray
    a: FloatArray
    b: FloatArray

    def log_density(self, x: FloatArray) -> FloatArray:
        t = x[..., None]
        log_f = -self.a * np.logaddexp(0.0, -t) - self.b * np.logaddexp(0.0, t) - special.betaln(self.a, self.b)
        return np.asarray(special.logsumexp(log_f, axis=-1, b=self.weights))

    def density(self, x: FloatArray) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(self.log_density(x)))

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.betainc(self.a, self.b, special.expit(x)[..., None]) @ self.weights)

    def survival(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.betainc(self.b, self.a, special.expit(-x)[..., None]) @ self.weights)

    def _own(self, q: FloatArray) -> FloatArray:
        share = q[..., None]
        lower = _logit_quantile(self.a, self.b, np.minimum(share, 0.5))
        upper = _logit_quantile(self.b, self.a, 1 - np.maximum(share, 0.5))
        return np.where(share <= 0.5, lower, -upper)


@dataclass(frozen=True, eq=False)
class LogGamma(_OnLine):
    """log of a rate from a mixture of gammas."""

    weights: FloatArray
    a: FloatArray
    b: FloatArray

    def log_density(self, x: FloatArray) -> FloatArray:
        t = x[..., None] + np.log(self.b)
        log_f = self.a * t - np.exp(np.minimum(t, 700.0)) - special.gammaln(self.a)
        return np.asarray(special.logsumexp(log_f, axis=-1, b=self.weights))

    def density(self, x: FloatArray) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(self.log_density(x)))

    def _scaled(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.exp(np.minimum(x[..., None] + np.log(self.b), 700.0)))

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.gammainc(self.a, self._scaled(x)) @ self.weights)

    def survival(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.gammaincc(self.a, self._scaled(x)) @ self.weights)

    def _own(self, q: FloatArray) -> FloatArray:
        share = q[..., None]
        lower = special.gammaincinv(self.a, np.minimum(share, 0.5))
        upper = special.gammainccinv(self.a, 1 - np.maximum(share, 0.5))
        value = np.where(share <= 0.5, lower, upper)
        usable = np.isfinite(value) & (value > 1e-290)
        tail = (np.log(share) + special.gammaln(self.a + 1)) / self.a  # F(x) ≈ x^a / Γ(a + 1)
        return np.asarray(np.where(usable, np.log(np.where(usable, value, 1.0)), tail) - np.log(self.b))


def _logit_quantile(a: FloatArray, b: FloatArray, q: FloatArray) -> FloatArray:
    """logit of the q quantile of Beta(a, b), q at most ½; far in the tail by F(p) ≈ p^a / (a B(a, b))."""
    p = special.betaincinv(a, b, q)
    usable = np.isfinite(p) & (p > 1e-290)
    tail = (np.log(q) + np.log(a) + special.betaln(a, b)) / a
    return np.asarray(np.where(usable, special.logit(np.where(usable, p, 0.5)), np.minimum(tail, 0.0)))


def root_of_mixture(shape: object, q: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Where the distribution function of ``shape`` reaches q: Newton from the nearer tail, kept in a bracket."""
    form: _OnLine = shape  # type: ignore[assignment]
    upper = q > 0.5
    tail = np.where(upper, 1 - q, q)
    x = 0.5 * (left + right)
    for _ in range(200):
        gap = np.where(upper, tail - form.survival(x), form.cdf(x) - tail)
        right, left = np.where(gap > 0, x, right), np.where(gap > 0, left, x)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = x - gap / form.density(x)
        arrived = np.abs(step - x) <= 1e-13 * np.maximum(np.abs(x), 1.0)
        new = np.where(arrived | ((step > left) & (step < right)), step, 0.5 * (left + right))
        moved = np.abs(new - x)
        x = new
        if bool(np.all((moved <= 1e-12 * np.maximum(np.abs(x), 1.0)) | (right - left <= 4e-16 * np.abs(x)))):
            break
    return np.asarray(x)


def update_normal(prior: NormalMixture, y: float, variance: float) -> tuple[NormalMixture, float]:
    """The posterior after one estimate y with its variance, and the log of its predictive density."""
    total = prior.sds**2 + variance
    log_w = _log(prior.weights) - 0.5 * (y - prior.means) ** 2 / total - 0.5 * np.log(2 * math.pi * total)
    evidence = float(special.logsumexp(log_w))
    kept = prior.sds**2 / total
    means = prior.means + kept * (y - prior.means)
    return NormalMixture(np.exp(log_w - evidence), means, np.sqrt(kept * variance)), evidence


def _check(kind: str, weights: tuple[float, ...], a: tuple[float, ...], b: tuple[float, ...]) -> None:
    if not len(weights) == len(a) == len(b) or not weights:
        raise InputError(f"{kind}: {len(weights)} weights, {len(a)} a, {len(b)} b", hint="one of each a component")
    if any(not (math.isfinite(v) and v > 0) for v in (*a, *b)):
        raise InputError(f"{kind}: a {a}, b {b}", hint="they must be positive and finite")
    if any(not v >= 0 for v in weights) or abs(math.fsum(weights) - 1) > 1e-6:
        raise InputError(f"{kind}: weights {weights}", hint="they are at least 0 and sum to 1")


def _log(weights: npt.ArrayLike) -> FloatArray:
    with np.errstate(divide="ignore"):  # a component of no weight keeps none
        return np.asarray(np.log(np.asarray(weights, dtype=float)))


def _tuple(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
