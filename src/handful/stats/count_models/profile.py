"""Profile-likelihood limits: where the highest likelihood compatible with a value has fallen by a stated amount.

The limits of a quantity c are the two values at which 2·(max − max given c) reaches the χ²₁ quantile of the level
(the likelihood-ratio interval; Hardy & Thompson 1996,
10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A). Three quantities of a random-effects model with
one mean are profiled: the mean effect μ, the between-study variance τ², and the population average rate m =
E[expit(θ)], for which (μ, τ) runs along the curve on which m stays what it is (``average.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.count_models.curves import Curves
from handful.stats.count_models.one_effect_ml import Maximum, Separated, maximise, repeated
from handful.stats.count_models.random_effect import Marginal, Quadrature, marginal, rise_with_tau2

FloatArray: TypeAlias = npt.NDArray[np.float64]

Profile: TypeAlias = Callable[[float], tuple[float, float]]

_SMALLEST_TAU = 1e-5
_LARGEST_TAU = 3e3


def signed_root_limit(profile: Profile, top: float, centre: float, step: float, z: float, reach: float) -> float:
    """The c on the side of ``step`` where √(2(top − profile(c))) = z; infinite with the sign of ``step`` when never
    within ``reach``.

    ``profile(c)`` gives the profile log-likelihood and its slope in c. The signed root is nearly linear in c, so
    Newton on it takes few steps; it is kept inside a bracket.
    """
    inside, outside = centre, np.inf * np.sign(step)
    c = centre + step
    for _ in range(80):
        value, slope = profile(c)
        r = float(np.sqrt(max(2.0 * (top - value), 0.0)))
        if abs(r - z) < 1e-8:
            return c
        if r < z:
            inside = c
        else:
            outside = c
        gradient = abs(slope) / r if r > 0 else 0.0
        move = np.sign(step) * (z - r) / gradient if gradient > 0 else step
        new = c + move
        if np.isfinite(outside):
            low, high = min(inside, outside), max(inside, outside)
            if not low < new < high:
                new = 0.5 * (inside + outside)
            if abs(outside - inside) <= 1e-10 * (1.0 + abs(c)):
                return c
        else:
            furthest = inside + 4.0 * (inside - centre) + np.sign(step) * 1e-12
            if abs(new - centre) > abs(furthest - centre) or (new - inside) * step <= 0:
                new = furthest
            if abs(new - centre) > reach:
                return float(np.inf * np.sign(step))
        c = float(new)
    return c


@dataclass
class Along:
    """The likelihood of one mean and τ along a path μ(τ), maximised over τ ≥ 0; remembers where the last maximum
    was."""

    curves: Curves
    quadrature: Quadrature
    tau: float
    mode: FloatArray | None = None
    sharpest: float = 0.0

    def highest(self, path: Callable[[float], tuple[float, float, float]]) -> tuple[float, float, float, float]:
        """``path(τ)`` gives μ, dμ/dτ, d²μ/dτ². Returns the value, τ, μ and dL/dμ at the top."""
        zero, rises = self._at_zero(path)
        best = self._climb(path, self.tau if self.tau > 0 else 0.7, zero[0] if rises <= 0 else -np.inf)
        if (best is None or best[0] <= zero[0]) and rises > 0:
            best = self._climb(path, 0.1, -np.inf)
        if best is None or best[0] <= zero[0]:
            self.tau = 0.0
            return zero
        self.tau = best[1]
        return best

    def _at_zero(
        self, path: Callable[[float], tuple[float, float, float]]
    ) -> tuple[tuple[float, float, float, float], float]:
        """At τ = 0: value, τ, μ, slope in μ; and the slope in τ² along the path."""
        mu, _, bent = path(0.0)
        value, slope, bend = self.curves.slopes(np.full(len(self.curves), mu))
        self.sharpest = float(np.abs(bend).max())
        many = self.curves.repeat
        total = float(many @ slope)
        rises = rise_with_tau2(self.curves, np.full(len(self.curves), mu), slope, bend) + 0.5 * bent * total
        return (float(many @ value), 0.0, mu, total), rises

    def _climb(
        self, path: Callable[[float], tuple[float, float, float]], start: float, floor: float
    ) -> tuple[float, float, float, float] | None:
        """Newton in log τ with halving; None when τ runs to 0."""
        rho = float(np.log(start))
        m, mu, first, second = self._at(path, rho)
        value = float(m.value.sum())
        for _ in range(60):
            tau = float(np.exp(rho))
            d_mu, d_tau = float(m.d_eta.sum()), float(m.d_tau.sum())
            g = tau * (d_tau + d_mu * first)
            h = (
                tau
                * tau
                * (
                    m.d_tau_tau.sum()
                    + 2 * m.d_eta_tau.sum() * first
                    + m.d_eta_eta.sum() * first * first
                    + d_mu * second
                )
                + g
            )
            step = float(np.clip(g / max(abs(float(h)), 1e-12), -1.5, 1.5))
            decrement = g * step
            for _ in range(30):
                new = self._at(path, rho + step)
                new_value = float(new[0].value.sum())
                if new_value >= value - 1e-11 * (1.0 + abs(value)):
                    break
                step /= 2
            else:
                break
            rho, (m, mu, first, second), value = rho + step, new, new_value
            if np.exp(rho) < _SMALLEST_TAU or (value < floor and np.exp(2 * rho) * self.sharpest < 0.1):
                return None
            if decrement < 1e-11 or np.exp(rho) > _LARGEST_TAU:
                break
        return value, float(np.exp(rho)), mu, float(m.d_eta.sum())

    def _at(
        self, path: Callable[[float], tuple[float, float, float]], rho: float
    ) -> tuple[Marginal, float, float, float]:
        tau = float(np.exp(rho))
        mu, first, second = path(tau)
        k = len(self.curves)
        m = marginal(self.curves, np.full(k, mu), np.full(k, tau), self.quadrature, self.mode)
        self.mode = m.mode_u
        return m, mu, first, second


def mean_limits(curves: Curves, top: Maximum, z: float, se: float, quadrature: Quadrature) -> tuple[float, float]:
    """Profile limits of μ in the model with one mean."""
    out = []
    for sign in (-1.0, 1.0):
        along = Along(curves, quadrature, top.tau)

        def profile(c: float, along: Along = along) -> tuple[float, float]:
            value, _, _, slope = along.highest(lambda tau: (c, 0.0, 0.0))
            return value, slope

        out.append(signed_root_limit(profile, top.value, float(top.beta[0]), sign * z * se, z, 2e3))
    return out[0], out[1]


class Average(Protocol):
    """How the population average depends on (μ, τ), on the model scale: c = logit m or log m."""

    def scale(self, mu: float, tau: float) -> tuple[float, float, float]:
        """c and its derivatives in μ and τ."""
        ...

    def path(self, c: float, tau: float, near: float) -> tuple[float, float, float]:
        """The μ that keeps c at this τ, with dμ/dτ and d²μ/dτ²; ``near`` is a μ to start from."""
        ...


def average_limits(
    curves: Curves, top: Maximum, z: float, centre: float, se: float, average: Average, quadrature: Quadrature
) -> tuple[float, float]:
    """Profile limits of c, the population average on the model scale; ``se`` is a standard error of c to start from."""
    out = []
    for sign in (-1.0, 1.0):
        along = Along(curves, quadrature, top.tau)
        near = [float(top.beta[0])]

        def profile(c: float, along: Along = along, near: list[float] = near) -> tuple[float, float]:
            def path(tau: float) -> tuple[float, float, float]:
                found = average.path(c, tau, near[0])
                if tau > 0:
                    near[0] = found[0]
                return found

            value, tau, mu, slope = along.highest(path)
            return value, slope / average.scale(mu, tau)[1]

        out.append(signed_root_limit(profile, top.value, centre, sign * z * se, z, 60.0))
    return out[0], out[1]


def tau_limits(
    curves: Curves, design: FloatArray, top: Maximum, z: float, se_log_tau: float, quadrature: Quadrature
) -> tuple[float, float]:
    """Profile limits of τ (any design); 0 below when τ = 0 is not far enough down, infinite above when no τ is."""
    state: dict[str, FloatArray | None] = {"beta": top.beta, "mode": None}

    def profile(rho: float) -> tuple[float, float]:
        tau = float(np.exp(rho))
        value, slope, beta, mode = _given_tau(curves, design, tau, state["beta"], state["mode"], quadrature)
        state["beta"], state["mode"] = beta, mode
        return value, slope * tau

    centre = float(np.log(top.tau)) if top.tau > 0 else None
    low = 0.0
    if centre is not None and np.sqrt(max(2.0 * (top.value - top.common_value), 0.0)) > z:
        found = signed_root_limit(profile, top.value, centre, -z * min(se_log_tau, 1.0), z, 60.0)
        low = float(np.exp(found))
    state["beta"], state["mode"] = top.beta, None
    if centre is None:
        centre = -2.0
        while np.sqrt(max(2.0 * (top.value - profile(centre)[0]), 0.0)) > z and centre > -12.0:
            centre -= 2.0
        state["beta"], state["mode"] = top.beta, None
    high = signed_root_limit(profile, top.value, centre, z * min(se_log_tau, 1.0), z, float(np.log(_LARGEST_TAU)) + 3.0)
    return low, float(np.exp(high))


def _given_tau(
    curves: Curves,
    design: FloatArray,
    tau: float,
    beta: FloatArray | None,
    mode: FloatArray | None,
    quadrature: Quadrature,
) -> tuple[float, float, FloatArray, FloatArray]:
    """The highest likelihood over β with τ fixed, and its slope in τ."""
    k, p = design.shape
    b = np.zeros(p) if beta is None else np.array(beta, dtype=np.float64)
    taus = np.full(k, tau)
    m = marginal(curves, design @ b, taus, quadrature, mode)
    value = float(m.value.sum())
    for _ in range(60):
        gradient = design.T @ m.d_eta
        information = -(design * m.d_eta_eta[:, None]).T @ design
        step = np.linalg.solve(information, gradient)
        decrement = float(gradient @ step)
        longest = float(np.max(np.abs(design @ step), initial=0.0)) / (3.0 + 2.0 * tau)
        if longest > 1:
            step /= longest
        for _ in range(12):
            new = marginal(curves, design @ (b + step), taus, quadrature, m.mode_u)
            if float(new.value.sum()) >= value - 1e-11 * (1.0 + abs(value)):
                break
            step /= 2
        else:  # rounding is all that is left: no step is uphill any more
            break
        b, m, value = b + step, new, float(new.value.sum())
        if decrement < 1e-11 * (1.0 + abs(value)):
            break
    return value, float(m.d_tau.sum()), b, m.mode_u


def coefficient_limits(
    curves: Curves, design: FloatArray, top: Maximum, column: int, z: float, se: float, quadrature: Quadrature
) -> tuple[float, float]:
    """Profile limits of one coefficient among several: all others and τ are maximised over."""
    rest = np.delete(design, column, axis=1)
    own = design[:, column]
    out = []
    for sign in (-1.0, 1.0):
        start: list[tuple[FloatArray, float] | None] = [(np.delete(top.beta, column), top.tau)]

        def profile(c: float, start: list[tuple[FloatArray, float] | None] = start) -> tuple[float, float]:
            offset = own * c
            try:
                fit = maximise(curves, rest, offset, quadrature, start[0])
            except Separated:
                return -np.inf, -1.0
            start[0] = (fit.beta, fit.tau)
            eta = offset + rest @ fit.beta
            if fit.tau == 0.0:
                _, slope, _ = repeated(curves, eta)
            else:
                slope = marginal(curves, eta, np.full(len(eta), fit.tau), quadrature).d_eta
            return fit.value, float(own @ slope)

        out.append(signed_root_limit(profile, top.value, float(top.beta[column]), sign * z * se, z, 2e3))
    return out[0], out[1]
