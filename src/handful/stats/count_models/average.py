"""The population average of a rate whose logit, or log, is normal between studies.

Three numbers that are easily mixed up (Lin & Chu 2020, 10.1097/EDE.0000000000001232): the median study, expit(μ);
the population average m = E[expit(μ + τu)], u ~ N(0, 1), which is what a patient of an unknown study can expect; and
a new study's rate, which is spread out. They agree only at τ = 0. A check: m ≈ expit(μ / √(1 + 0.346 τ²)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

_REACH = 8.75


@dataclass(frozen=True, slots=True)
class NormalMoments:
    """m = E[expit(μ + τu)] with its first and second derivatives in (μ, τ)."""

    m: float
    mu: float
    tau: float
    mu_mu: float
    mu_tau: float
    tau_tau: float


def normal_average(mean: float, sd: float) -> NormalMoments:
    """The average and its derivatives, by the trapezoid rule.

    expit has poles at distance π/τ from the real line in u, so a step of 0.55/τ leaves an error below 1e-13. For a mean
    above 0 it is 1 − the mirror image's, so neither tail loses digits.

    >>> round(normal_average(0.0, 3.0).m, 12)
    0.5
    """
    if sd == 0.0:
        small = float(np.exp(-abs(mean)))
        p = (1.0 if mean >= 0 else small) / (1.0 + small)
        slope = small / (1.0 + small) ** 2
        bend = slope * (1.0 - 2.0 * p)
        return NormalMoments(p, slope, 0.0, bend, 0.0, bend)
    step = min(0.35, 0.55 / sd)
    u = np.linspace(-_REACH, _REACH, 2 * int(np.ceil(_REACH / step)) + 1)
    w = np.exp(-0.5 * u * u)
    w /= w.sum()
    theta = mean + sd * u
    e = np.exp(-np.abs(theta))
    above = theta >= 0
    r = 1.0 / (1.0 + e)
    d1 = e * r * r
    d2 = d1 * np.where(above, -1.0, 1.0) * (1.0 - e) * r
    wd1, wd2 = w * d1, w * d2
    return NormalMoments(
        float(w @ np.where(above, r, e * r)),
        float(wd1.sum()),
        float(wd1 @ u),
        float(wd2.sum()),
        float(wd2 @ u),
        float(wd2 @ (u * u)),
    )


def normal_averages(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """E[expit(μ + τu)] for many (μ, τ) at once, shape (B,); as accurate as ``normal_average``."""
    out = np.empty(len(mean))
    order = np.argsort(sd, kind="stable")
    for start in range(0, len(order), 512):
        part = order[start : start + 512]
        step = min(0.35, 0.55 / max(float(sd[part].max()), 1e-12))
        u = np.linspace(-_REACH, _REACH, 2 * int(np.ceil(_REACH / step)) + 1)
        w = np.exp(-0.5 * u * u)
        # mirrored to a mean below 0, so that neither tail loses digits
        theta = -np.abs(mean[part])[:, None] + sd[part][:, None] * u
        m = (1.0 / (1.0 + np.exp(np.minimum(-theta, 700.0)))) @ (w / w.sum())
        out[part] = np.where(mean[part] > 0, 1.0 - m, m)
    return out


class LogitAverage:
    """c = logit m."""

    def scale(self, mu: float, tau: float) -> tuple[float, float, float]:
        """logit m and its derivatives in μ and τ."""
        if tau == 0.0:
            return mu, 1.0, 0.0
        if mu > 0:
            c, first, second = self.scale(-mu, tau)
            return -c, first, -second
        a = normal_average(mu, tau)
        spread = a.m * (1.0 - a.m)
        return float(np.log(a.m) - np.log1p(-a.m)), a.mu / spread, a.tau / spread

    def path(self, c: float, tau: float, near: float) -> tuple[float, float, float]:
        """μ, dμ/dτ, d²μ/dτ² where logit m stays c. Solved in the lower half by bracketed Newton on the logit, which
        is nearly linear."""
        if c > 0:
            mu, first, second = self.path(-c, tau, -near)
            return -mu, -first, -second
        mu = c if tau == 0.0 else min(near, 0.0)
        low, high = -np.inf, 0.0
        a = normal_average(mu, tau)
        for _ in range(100):
            gap = c - float(np.log(a.m) - np.log1p(-a.m))
            low, high = (mu, high) if gap > 0 else (low, mu)
            step = gap * a.m * (1.0 - a.m) / a.mu
            if abs(step) < 1e-13 * (1.0 + abs(mu)):
                break
            mu = mu + step
            if not low <= mu <= high:
                mu = 0.5 * (low + high) if np.isfinite(low) else 2.0 * high - 1.0
            a = normal_average(mu, tau)
        first = -a.tau / a.mu
        second = -(a.mu_mu * first * first + 2 * a.mu_tau * first + a.tau_tau) / a.mu
        return mu, first, second


class LogAverage:
    """c = log E[e^θ] = μ + τ²/2."""

    def scale(self, mu: float, tau: float) -> tuple[float, float, float]:
        """log m and its derivatives in μ and τ."""
        return mu + 0.5 * tau * tau, 1.0, tau

    def path(self, c: float, tau: float, near: float) -> tuple[float, float, float]:
        """μ, dμ/dτ, d²μ/dτ² where log m stays c."""
        return c - 0.5 * tau * tau, -tau, -1.0
