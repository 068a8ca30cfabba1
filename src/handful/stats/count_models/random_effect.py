"""One normal random effect, integrated out of any concave log-likelihood curve.

For row r with curve l_r and θ = η + τu, u ~ N(0, 1), the marginal log-likelihood is log ∫ exp(l_r(η + τu)) φ(u) du.
Rows are independent (one per study, or per study and parameter value), so a profile, a batch of 10,000 meta-analyses
and a single fit are the same call with more rows.

Two rules, both adaptive (placed per row around the mode of the integrand):

``trapezoid`` (default)
    Equally spaced nodes between the two points where the integrand has fallen by e⁻³⁸ from its top. The integrand is
    analytic in a strip of half-width about π/τ, so the error falls exponentially with 1/step: the step is chosen
    from the curvature at the mode and from τ for an error near 1e-13 (Trefethen & Weideman 2014, 10.1137/130932132).
``gauss-hermite``
    The classical rule at a stated order, scaled by the curvature at the mode (Liu & Pierce 1994,
    10.1093/biomet/81.3.624; Pinheiro & Bates 1995, 10.1080/10618600.1995.10474663). Exact for large counts, slow to
    converge where a curve is one-sided (0 of n, n of n) and τ is large.

From the same nodes come the exact score and Hessian of the marginal log-likelihood in (η, τ).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.count_models.curves import Curves
from handful.stats.count_models.gauss_hermite import hermite_nodes
from handful.stats.count_models.shared_nodes import shared_nodes

FloatArray: TypeAlias = npt.NDArray[np.float64]

_DROP = 38.0
_REACH = 8.75  # the prior alone falls by exp(-38) here, so no curve reaches further
_LARGEST_RULE = 20_000
_STEEPEST = 1e140  # where e^θ is larger only the sign of what follows matters, and a square must not overflow


@dataclass(frozen=True, slots=True)
class Quadrature:
    """Which rule and how fine. ``order`` is the Gauss–Hermite order; ``refine`` divides the trapezoid's step."""

    rule: str = "trapezoid"
    order: int = 31
    refine: float = 1.0

    def doubled(self) -> Quadrature:
        """The same rule with twice the nodes, to assess this one's error."""
        return Quadrature(self.rule, 2 * self.order + 1, 2 * self.refine)


@dataclass(frozen=True, slots=True)
class Marginal:
    """Per row: log-likelihood, its derivatives in (η, τ), and posterior moments of u. ``nodes`` is how many points
    were used. All but the moments are multiplied by how many studies share the row."""

    value: FloatArray
    d_eta: FloatArray
    d_tau: FloatArray
    d_eta_eta: FloatArray
    d_eta_tau: FloatArray
    d_tau_tau: FloatArray
    mean_u: FloatArray
    mode_u: FloatArray
    nodes: int


_DEFAULT = Quadrature()


def find_modes(curves: Curves, eta: FloatArray, tau: FloatArray, start: FloatArray | None = None) -> FloatArray:
    """The u that maximises l(η + τu) − u²/2, per row: bracketed Newton.

    The answer only places nodes, so it stops at 1e-3 of the local scale. It lies between 0 and τ·l'(η) because l'
    falls.
    """
    _, slope0, _ = curves.slopes(eta)
    far = tau * slope0
    low, high = np.minimum(0.0, far), np.maximum(0.0, far)
    # a tighter bracket where the slope at η is enormous: the mode lies between 0 and the curve's own top, and within
    # τ of
    # 0 or left of where a falling curve's slope is −1, right of where a rising one's is 1
    falls, summit, rises = curves.landmarks()
    to_summit = (summit - eta) / tau
    low = np.maximum(np.maximum(low, np.minimum((falls - eta) / tau, -tau)), np.minimum(to_summit, 0.0))
    high = np.minimum(np.minimum(high, np.maximum((rises - eta) / tau, tau)), np.maximum(to_summit, 0.0))
    u = np.clip(np.zeros_like(eta) if start is None else start, low, high)
    for count in range(100):
        _, slope, bend = curves.slopes(eta + tau * u)
        f = tau * slope - u
        precision = 1.0 - tau * tau * bend
        low, high = np.where(f >= 0, u, low), np.where(f <= 0, u, high)
        step = f / precision
        if bool(np.all(step * step * precision < 1e-6)):
            return u + step
        new = u + step
        crawling = count > 8 and count % 2 == 1
        u = np.where((new < low) | (new > high) | crawling, 0.5 * (low + high), new)
    return u


def marginal(
    curves: Curves, eta: FloatArray, tau: FloatArray, quadrature: Quadrature, start: FloatArray | None = None
) -> Marginal:
    """Integrate the random effect out of every row; η and τ have one value a row, τ > 0.

    Where all rows have the same η and τ the default rule takes the same nodes for all (``shared_nodes.py``) if it
    can be trusted there; a refined rule never does, so that doubling the nodes is an independent check.
    """
    own = getattr(curves, "marginal", None)
    if own is not None:  # curves with a parameter of their own inside, which has to be found anew for each (η, τ)
        found: Marginal = own(eta, tau, quadrature, start)
        return found
    shareable = quadrature == _DEFAULT and hasattr(curves, "cumulant")
    if shareable and bool((eta == eta[0]).all()) and bool((tau == tau[0]).all()):
        shared = shared_nodes(curves, curves.peaks, eta[:1], tau[:1], None, curves.sharpest)
        if shared is not None and bool(shared.good.all()):
            return Marginal(
                value=shared.value,
                d_eta=shared.d_mu,
                d_tau=shared.d_tau,
                d_eta_eta=shared.d_mu_mu,
                d_eta_tau=shared.d_mu_tau,
                d_tau_tau=shared.d_tau_tau,
                mean_u=shared.mean_u,
                mode_u=shared.mean_u,
                nodes=shared.nodes,
            )
    mode, u, log_w = placed_nodes(curves, eta, tau, quadrature, start)
    value, slope, bend = curves.slopes(eta[:, None] + tau[:, None] * u)
    log_f = value - 0.5 * u * u + log_w
    top = log_f.max(axis=1)
    weight = np.exp(log_f - top[:, None])
    total = weight.sum(axis=1)
    weight /= total[:, None]
    a = _dot(weight, slope)
    u_slope = u * slope
    b = _dot(weight, u_slope)
    slope -= a[:, None]
    u_slope -= b[:, None]
    w_slope = weight * slope
    w_bend = weight * bend
    w_bend_u = w_bend * u
    many = curves.repeat
    return Marginal(
        value=many * (top + np.log(total) - 0.5 * np.log(2 * np.pi)),
        d_eta=many * a,
        d_tau=many * b,
        d_eta_eta=many * (w_bend.sum(axis=1) + _dot(w_slope, slope)),
        d_eta_tau=many * (w_bend_u.sum(axis=1) + _dot(w_slope, u_slope)),
        d_tau_tau=many * (_dot(w_bend_u, u) + _dot(weight, u_slope * u_slope)),
        mean_u=_dot(weight, u),
        mode_u=mode,
        nodes=u.shape[1],
    )


def marginal_value(
    curves: Curves, eta: FloatArray, tau: FloatArray, quadrature: Quadrature, start: FloatArray | None = None
) -> FloatArray:
    """The log-likelihood alone, per row, times the studies that share it."""
    _, u, log_w = placed_nodes(curves, eta, tau, quadrature, start)
    log_f = curves.value(eta[:, None] + tau[:, None] * u) - 0.5 * u * u + log_w
    top = log_f.max(axis=1)
    total = np.exp(log_f - top[:, None]).sum(axis=1)
    out: FloatArray = curves.repeat * (top + np.log(total) - 0.5 * np.log(2 * np.pi))
    return out


def placed_nodes(
    curves: Curves, eta: FloatArray, tau: FloatArray, quadrature: Quadrature, start: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The modes, the nodes around them and the nodes' log weights."""
    mode = find_modes(curves, eta, tau, start)
    _, _, bend = curves.slopes(eta + tau * mode)
    scale = 1.0 / np.sqrt(1.0 - tau * tau * bend)
    place = _hermite if quadrature.rule == "gauss-hermite" else _trapezoid
    u, log_w = place(curves, eta, tau, mode, scale, quadrature)
    return mode, u, log_w


def rise_with_tau2(curves: Curves, eta: FloatArray, slope: FloatArray, bend: FloatArray) -> float:
    """dL/dτ² at τ = 0, summed over studies: ½ Σ (l'² + l''); ``slope`` and ``bend`` are one study's at η."""
    own = getattr(curves, "rise", None)
    steep = np.clip(slope, -_STEEPEST, _STEEPEST)
    each = 0.5 * (steep * steep + bend) if own is None else own(eta)
    return float(curves.repeat @ each)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    out: FloatArray = np.einsum("ij,ij->i", a, b)
    return out


def _hermite(
    curves: Curves, eta: FloatArray, tau: FloatArray, mode: FloatArray, scale: FloatArray, quadrature: Quadrature
) -> tuple[FloatArray, FloatArray]:
    z, log_w = hermite_nodes(quadrature.order)
    return mode[:, None] + scale[:, None] * z, log_w + np.log(scale)[:, None]


def _trapezoid(
    curves: Curves, eta: FloatArray, tau: FloatArray, mode: FloatArray, scale: FloatArray, quadrature: Quadrature
) -> tuple[FloatArray, FloatArray]:
    """Nodes from left to right end. Newton from outside a concave function never crosses the level it looks for."""
    value, _, _ = curves.slopes(eta + tau * mode)
    target = value - 0.5 * mode * mode - _DROP
    middle, eta_, tau_, level = mode[:, None], eta[:, None], tau[:, None], target[:, None]
    reach = np.minimum(12.0 * scale, _REACH)[:, None] * np.array([-1.0, 1.0])
    ends = middle + reach
    value, slope, _ = curves.slopes(eta_ + tau_ * ends)
    height = value - 0.5 * ends * ends
    inside = height > level  # the tail is heavier than the curvature at the mode says
    if inside.any():
        ends = np.where(inside, middle + _REACH * np.sign(reach), ends)
        value, slope, _ = curves.slopes(eta_ + tau_ * ends)
        height = value - 0.5 * ends * ends
    within = np.broadcast_to(middle, ends.shape)
    for _ in range(60):  # far beyond the level Newton would crawl, so halve first
        far = height < level - 100.0
        if not far.any():
            break
        trial = np.where(far, 0.5 * (within + ends), ends)
        value, trial_slope, _ = curves.slopes(eta_ + tau_ * trial)
        trial_height = value - 0.5 * trial * trial
        outside = trial_height <= level
        within = np.where(outside, within, trial)
        ends, slope = np.where(outside, trial, ends), np.where(outside, trial_slope, slope)
        height = np.where(outside, trial_height, height)
    for _ in range(2):
        ends = ends + np.maximum(level - height, 0.0) / (tau_ * slope - ends)
        value, slope, _ = curves.slopes(eta_ + tau_ * ends)
        height = value - 0.5 * ends * ends
    left, right = ends[:, 0], ends[:, 1]
    step = np.minimum(0.7 * scale, 0.36 / tau) / quadrature.refine
    count = int(min(np.ceil(((right - left) / step).max()) + 1, _LARGEST_RULE))
    fraction = np.linspace(0.0, 1.0, count)
    width = right - left
    return left[:, None] + width[:, None] * fraction, np.log(width / (count - 1))[:, None]
