"""Prior distributions as values: they print, they have a density and quantiles, and they draw themselves.

For a mean effect: :class:`Normal` (on the model scale), or :func:`rate_between`, which states it in natural units.
For the between-study standard deviation: :class:`HalfNormal`, :class:`HalfCauchy`, :class:`HalfT`, :class:`Uniform`,
:class:`LogNormal` and :class:`LogT`; the empirical ones are in :mod:`handful.stats.bayes.empirical_priors`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.prior_base import LOG_2PI, must_be_finite, must_be_positive
from handful.stats.bayes.prior_base import Prior as Prior
from handful.stats.checked import one_number

if TYPE_CHECKING:
    FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Normal(Prior):
    """Normal with the given mean and standard deviation (not variance)."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        must_be_finite("Normal", "mean", self.mean)
        must_be_positive("Normal", "sd", self.sd)

    def __str__(self) -> str:
        return f"Normal(mean {self.mean:g}, sd {self.sd:g})"

    @property
    def support(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        z = (np.asarray(x, dtype=float) - self.mean) / self.sd
        return np.asarray(-0.5 * z * z - math.log(self.sd) - 0.5 * LOG_2PI)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return np.asarray(special.ndtr((np.asarray(x, dtype=float) - self.mean) / self.sd))

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(self.mean + self.sd * special.ndtri(np.asarray(q, dtype=float)))


class _Half(Prior):
    """Densities on τ ≥ 0 that are smooth and even at 0."""

    even: ClassVar[bool] = True

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, math.inf)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        values = np.asarray(x, dtype=float)
        return np.where(values >= 0, self._log(np.abs(values)), -np.inf)

    @abstractmethod
    def _log(self, x: FloatArray) -> FloatArray: ...


@dataclass(frozen=True)
class HalfNormal(_Half):
    """|z|·scale with z standard normal; its 95th percentile is 1.96·scale. The default between-study prior."""

    scale: float

    def __post_init__(self) -> None:
        must_be_positive("HalfNormal", "scale", self.scale)

    def __str__(self) -> str:
        return f"half-normal(scale {self.scale:g})"

    def _log(self, x: FloatArray) -> FloatArray:
        z = x / self.scale
        return np.asarray(-0.5 * z * z + 0.5 * math.log(2 / math.pi) - math.log(self.scale))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return np.asarray(special.erf(np.maximum(np.asarray(x, dtype=float), 0) / (self.scale * math.sqrt(2))))

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(self.scale * math.sqrt(2) * special.erfinv(np.asarray(q, dtype=float)))


@dataclass(frozen=True)
class HalfT(_Half):
    """|t|·scale with t Student on ``df`` degrees of freedom."""

    df: float
    scale: float

    def __post_init__(self) -> None:
        must_be_positive("HalfT", "df", self.df)
        must_be_positive("HalfT", "scale", self.scale)

    def __str__(self) -> str:
        return f"half-t(df {self.df:g}, scale {self.scale:g})"

    @property
    def tail_power(self) -> float:
        return self.df + 1

    def _log(self, x: FloatArray) -> FloatArray:
        df = self.df
        constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi) + math.log(2)
        # log1p of a square would overflow for huge x: the logarithm of the hypotenuse does not
        return np.asarray(constant - math.log(self.scale) - (df + 1) * np.log(np.hypot(1, x / self.scale / df**0.5)))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        t2 = np.square(np.clip(np.asarray(x, dtype=float) / self.scale, 0.0, 1e150))
        return np.asarray(special.betainc(0.5, self.df / 2, t2 / (self.df + t2)))  # keeps its digits near 0

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        share = np.asarray(q, dtype=float)
        small = special.betaincinv(0.5, self.df / 2, np.minimum(share, 0.5))  # t² / (df + t²), from its own end
        rest = np.where(share > 0.5, special.betaincinv(self.df / 2, 0.5, 1 - np.maximum(share, 0.5)), 1 - small)
        with np.errstate(divide="ignore"):
            ratio = np.where(share > 0.5, (1 - rest) / rest, small / (1 - small))
        return np.asarray(self.scale * np.sqrt(self.df * ratio))


@dataclass(frozen=True)
class HalfCauchy(_Half):
    """|c|·scale with c Cauchy: median ``scale``, no mean; its tail decides when the studies are few."""

    scale: float

    def __post_init__(self) -> None:
        must_be_positive("HalfCauchy", "scale", self.scale)

    def __str__(self) -> str:
        return f"half-Cauchy(scale {self.scale:g})"

    @property
    def tail_power(self) -> float:
        return 2.0

    def _log(self, x: FloatArray) -> FloatArray:
        return np.asarray(math.log(2 / math.pi) - math.log(self.scale) - 2 * np.log(np.hypot(1, x / self.scale)))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return np.asarray(2 / math.pi * np.arctan(np.maximum(np.asarray(x, dtype=float), 0) / self.scale))

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(self.scale * np.tan(math.pi / 2 * np.asarray(q, dtype=float)))


@dataclass(frozen=True)
class Uniform(Prior):
    """Flat between ``low`` and ``high``. ``Uniform(0, inf)`` is the improper flat prior; it needs three studies."""

    low: float
    high: float

    def __post_init__(self) -> None:
        must_be_finite("Uniform", "low", self.low)
        if self.high != math.inf:
            must_be_finite("Uniform", "high", self.high)
        if not self.high > self.low:
            raise InputError(f"Uniform: low {self.low!r}, high {self.high!r}", hint="high must be above low")

    def __str__(self) -> str:
        return f"uniform({self.low:g} to {self.high:g})"

    @property
    def support(self) -> tuple[float, float]:
        return (self.low, self.high)

    @property
    def proper(self) -> bool:
        return math.isfinite(self.high)

    @property
    def tail_power(self) -> float:
        return math.inf if self.proper else 0.0

    @property
    def edges(self) -> tuple[float, ...]:
        return tuple(v for v in (self.low, self.high) if v > 0 and math.isfinite(v))

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        values = np.asarray(x, dtype=float)
        inside = (values >= self.low) & (values <= self.high)
        return np.where(inside, -math.log(self.high - self.low) if self.proper else 0.0, -np.inf)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        self._must_be_proper()
        return np.clip((np.asarray(x, dtype=float) - self.low) / (self.high - self.low), 0.0, 1.0)

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        self._must_be_proper()
        return np.asarray(self.low + (self.high - self.low) * np.asarray(q, dtype=float))

    def _must_be_proper(self) -> None:
        if not self.proper:
            raise InputError(f"{self} has no quantiles", hint="it does not integrate to 1; give a finite upper end")


class _OfTau(Prior):
    """log τ has a location and a scale; stated for τ itself or for τ²."""

    of: Literal["tau", "tau2"]

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, math.inf)

    @property
    def _half(self) -> float:
        return 0.5 if self.of == "tau2" else 1.0

    def _standard(self, x: npt.ArrayLike, location: float, scale: float) -> tuple[FloatArray, FloatArray, float]:
        values = np.asarray(x, dtype=float)
        log_x = np.log(np.where(values > 0, values, 1.0))
        width = scale * self._half
        return (log_x - location * self._half) / width, np.where(values > 0, log_x, np.inf), width


@dataclass(frozen=True)
class LogNormal(_OfTau):
    """log τ (``of="tau"``) or log τ² (``of="tau2"``) is normal with the given mean and sd. The value is always τ."""

    mean: float
    sd: float
    of: Literal["tau", "tau2"] = "tau"

    def __post_init__(self) -> None:
        must_be_finite("LogNormal", "mean", self.mean)
        must_be_positive("LogNormal", "sd", self.sd)
        if self.of not in ("tau", "tau2"):
            raise UnknownChoice("of", self.of, ("tau", "tau2"))

    def __str__(self) -> str:
        return f"log-normal(mean {self.mean:g}, sd {self.sd:g}) of {'τ²' if self.of == 'tau2' else 'τ'}"

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        z, log_x, width = self._standard(x, self.mean, self.sd)
        return np.asarray(-0.5 * z * z - log_x - math.log(width) - 0.5 * LOG_2PI)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        z, log_x, _ = self._standard(x, self.mean, self.sd)
        return np.where(np.isinf(log_x), 0.0, special.ndtr(z))

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(np.exp(self._half * (self.mean + self.sd * special.ndtri(np.asarray(q, dtype=float)))))


@dataclass(frozen=True)
class LogT(_OfTau):
    """log τ or log τ² is Student's t on ``df`` with location and scale (Rhodes 2015: 5, τ²). The value is always τ."""

    df: float
    location: float
    scale: float
    of: Literal["tau", "tau2"] = "tau"

    def __post_init__(self) -> None:
        must_be_positive("LogT", "df", self.df)
        must_be_finite("LogT", "location", self.location)
        must_be_positive("LogT", "scale", self.scale)
        if self.of not in ("tau", "tau2"):
            raise UnknownChoice("of", self.of, ("tau", "tau2"))

    def __str__(self) -> str:
        what = "τ²" if self.of == "tau2" else "τ"
        return f"log-t(df {self.df:g}, location {self.location:g}, scale {self.scale:g}) of {what}"

    @property
    def tail_power(self) -> float:
        return 1.0  # x^-1 times a power of log x: no moment exists

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        z, log_x, width = self._standard(x, self.location, self.scale)
        df = self.df
        constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
        return np.asarray(constant - (df + 1) / 2 * np.log1p(z * z / df) - log_x - math.log(width))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        z, log_x, _ = self._standard(x, self.location, self.scale)
        return np.where(np.isinf(log_x), 0.0, special.stdtr(self.df, z))

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        z = special.stdtrit(self.df, np.asarray(q, dtype=float))
        return np.asarray(np.exp(self._half * (self.location + self.scale * z)))


@dataclass(frozen=True)
class Beta(Prior):
    """Beta(a, b) for a proportion: as much information as a responders and b non-responders."""

    a: float
    b: float

    def __post_init__(self) -> None:
        must_be_positive("Beta", "a", self.a)
        must_be_positive("Beta", "b", self.b)

    def __str__(self) -> str:
        return f"Beta({self.a:g}, {self.b:g})"

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        values = np.asarray(x, dtype=float)
        inside = (values >= 0) & (values <= 1)
        safe = np.where(inside, values, 0.5)
        with np.errstate(divide="ignore"):  # a density that is infinite or zero at an end is meant
            body = special.xlogy(self.a - 1, safe) + special.xlog1py(self.b - 1, -safe)
        return np.where(inside, body - special.betaln(self.a, self.b), -np.inf)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return np.asarray(special.betainc(self.a, self.b, np.clip(np.asarray(x, dtype=float), 0.0, 1.0)))

    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(special.betaincinv(self.a, self.b, np.asarray(q, dtype=float)))


@dataclass(frozen=True)
class RateBetween(Normal):
    """A Normal on the logit that was stated as a rate between two others, and prints so."""

    low: float
    high: float
    level: float

    def __str__(self) -> str:
        between = f"rate between {100 * self.low:g} % and {100 * self.high:g} %"
        return f"{between} with {100 * self.level:g} % (on the logit: mean {self.mean:g}, sd {self.sd:g})"


def rate_between(low: float, high: float, *, level: float = 0.95) -> RateBetween:
    """A prior for a mean rate in natural units: "the response is between 1 % and 60 %, with 95 % probability".

    Returned is the Normal on the logit whose central ``level`` interval is logit(low) to logit(high). The centre is
    the middle of the two on the logit, so for 1 % and 60 % the median rate is 11 %.

    Example
    -------
    >>> print(rate_between(0.01, 0.60))
    rate between 1 % and 60 % with 95 % (on the logit: mean -2.09483, sd 1.27568)
    """
    rates = "two rates strictly between 0 and 1, the lower first: 60 % is 0.6"
    low, high = (one_number(n, v, rates, above=0, below=1) for n, v in (("low", low), ("high", high)))
    if not low < high:
        raise InputError(f"rate_between({low!r}, {high!r})", hint=f"accepted: {rates}")
    level = one_number("level", level, "a probability between 0 and 1, such as 0.95", above=0, below=1)
    bottom, top = math.log(low / (1 - low)), math.log(high / (1 - high))
    sd = (top - bottom) / 2 / float(special.ndtri((1 + level) / 2))
    return RateBetween((bottom + top) / 2, sd, low, high, level)
