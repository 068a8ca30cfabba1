"""Two normal random effects of a study, its baseline and its effect, integrated out: exactly, or by Laplace.

Group 1 has linear predictor s + θ/2, group 2 s − θ/2, with s ~ N(α, σ²) and θ ~ N(μ, τ²) independent.

``exact`` nests two adaptive rules: for given s the integral over θ is a concave curve in s (Prékopa), and that curve is
integrated over s like any other. Score and Hessian in (α, μ, σ, τ) come from the same nodes. ``laplace`` puts a
normal density at the mode of (s, θ), as programs do that cannot integrate over two effects; it is off by several per
cent in τ² where counts are small, and is there to reproduce their figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from handful.stats.comparisons.fixed_intercepts import BASELINE_FREE, GivenFree, moments
from handful.stats.count_models.curves import Curves
from handful.stats.count_models.random_effect import Quadrature, placed_nodes

FloatArray: TypeAlias = npt.NDArray[np.float64]

_INNER = ("f", "s", "t")
_STEPS = 2e-3


@dataclass(frozen=True)
class Groups:
    """Both groups' curves, one row a study; ``repeat`` says how many studies share a row."""

    first: Curves
    second: Curves
    repeat: FloatArray

    def __len__(self) -> int:
        return len(self.repeat)


@dataclass(frozen=True)
class Height:
    """Summed over studies: log-likelihood, gradient and Hessian in (α, μ, σ, τ), and dL/dσ², dL/dτ² for zero σ, τ."""

    value: float
    gradient: FloatArray
    hessian: FloatArray
    rises: tuple[float, float]
    effects: FloatArray
    nodes: int


@dataclass(frozen=True, eq=False)
class _OverBaseline:
    """A study's curve over s with θ ~ N(μ, τ²) integrated out (τ = 0: θ = μ)."""

    groups: Groups
    mu: float
    tau: float
    quadrature: Quadrature
    at: FloatArray

    def __len__(self) -> int:
        return len(self.groups)

    def inner(self, s: FloatArray) -> dict[str, FloatArray]:
        """Value and derivatives in (s, μ, τ), each of the shape of ``s``."""
        flat = s.reshape(len(self), -1)
        rows = np.repeat(np.arange(len(self)), flat.shape[1])
        eta = np.full(len(rows), self.mu)
        given = GivenFree(
            self.groups.first.take(rows), self.groups.second.take(rows), *BASELINE_FREE, flat.ravel(), eta,
            np.ones(len(rows)),
        )  # fmt: skip
        if self.tau > 0:
            found = moments(given, eta, np.full(len(rows), self.tau), self.quadrature, None)
        else:
            value, f, g, ff, fs, ss = given.parts(eta)
            zero = np.zeros(len(rows))
            found = {"value": value, "f": f, "s": g, "t": zero, "ff": ff, "fs": fs, "ss": ss}
            found |= {"ft": zero, "st": zero, "tt": g * g + ss, "mean_u": zero, "nodes": np.array([1.0])}
        return {name: v.reshape(s.shape) if v.size == s.size else v for name, v in found.items()}

    def value(self, theta: FloatArray) -> FloatArray:
        return self.inner(theta)["value"]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        found = self.inner(theta)
        return found["value"], found["f"], found["ff"]

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        far = np.full(len(self), np.inf)
        _, slope, _ = self.slopes(self.at)
        return -far, np.where(slope >= 0, far, -far), far


def height(groups: Groups, alpha: float, mu: float, sigma: float, tau: float, quadrature: Quadrature) -> Height:
    """The log-likelihood and its derivatives, by nested adaptive rules."""
    k = len(groups)
    at = np.full(k, alpha)
    over = _OverBaseline(groups, mu, tau, quadrature, at)
    if sigma > 0:
        _, v, log_w = placed_nodes(cast(Any, over), at, np.full(k, sigma), quadrature, None)
    else:
        v, log_w = np.zeros((k, 1)), np.full((k, 1), 0.5 * np.log(2 * np.pi))
    inner = over.inner(alpha + sigma * v)
    log = inner["value"] - 0.5 * v * v + log_w
    top = log.max(axis=1)
    weight = np.exp(log - top[:, None])
    total = weight.sum(axis=1)
    weight /= total[:, None]

    def mean(q: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("ij,ij->i", weight, q))

    scores = [inner["f"], inner["s"], v * inner["f"], inner["t"]]
    second = {
        (0, 0): inner["ff"], (0, 1): inner["fs"], (0, 2): v * inner["ff"], (0, 3): inner["ft"], (1, 1): inner["ss"],
        (1, 2): v * inner["fs"], (1, 3): inner["st"], (2, 2): v * v * inner["ff"], (2, 3): v * inner["ft"],
        (3, 3): inner["tt"],
    }  # fmt: skip
    means = [mean(score) for score in scores]
    apart = [score - m[:, None] for score, m in zip(scores, means, strict=True)]
    many = groups.repeat
    hessian = np.empty((4, 4))
    for (i, j), part in second.items():
        hessian[i, j] = hessian[j, i] = float(many @ (mean(part) + mean(apart[i] * apart[j])))
    rises = (
        0.5 * float(many @ mean(inner["f"] ** 2 + inner["ff"])),
        0.5 * float(many @ mean(inner["s"] ** 2 + inner["ss"])),
    )
    effects = mu + tau * mean(inner["mean_u"])
    value = float(many @ (top + np.log(total) - 0.5 * np.log(2 * np.pi)))
    gradient = np.array([float(many @ m) for m in means])
    return Height(value, gradient, hessian, rises, effects, v.shape[1] * int(inner["nodes"].ravel()[0]))


def laplace(groups: Groups, alpha: float, mu: float, sigma: float, tau: float) -> Height:
    """Laplace's approximation at the mode of (s, θ); derivatives by central differences of a smooth function."""
    centre = np.array([alpha, mu, sigma, tau])
    moved = [centre]
    for i in range(4):
        for j in range(i, 4):
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                step = np.zeros(4)
                step[i] += a * _STEPS
                step[j] += b * _STEPS
                moved.append(centre + step)
        for a in (1, -1):
            step = np.zeros(4)
            step[i] = a * _STEPS / 20
            moved.append(centre + step)
    values, effects = _laplace_values(groups, np.array(moved))
    gradient, hessian, place = np.empty(4), np.empty((4, 4)), 1
    for i in range(4):
        for j in range(i, 4):
            pp, pm, mp, mm = values[place : place + 4]
            scale = 4 * _STEPS**2
            hessian[i, j] = hessian[j, i] = (pp - pm - mp + mm) / scale
            place += 4
        gradient[i] = (values[place] - values[place + 1]) / (2 * _STEPS / 20)
        place += 2
    # the value is even in σ and in τ, so ½ ∂²/∂τ² at 0 is dL/dτ²
    return Height(float(values[0]), gradient, hessian, (0.5 * hessian[2, 2], 0.5 * hessian[3, 3]), effects, 1)


def _laplace_values(groups: Groups, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Summed log-likelihood at each row of (α, μ, σ, τ), and the studies' effects at the first."""
    k, n = len(groups), len(points)
    rows = np.tile(np.arange(k), n)
    first, second = groups.first.take(rows), groups.second.take(rows)
    alpha, mu, sigma, tau = (np.repeat(points[:, i], k) for i in range(4))
    v, u = np.zeros(k * n), np.zeros(k * n)

    def at(v: FloatArray, u: FloatArray) -> tuple[FloatArray, ...]:
        s, theta = alpha + sigma * v, mu + tau * u
        l1, g1, h1 = first.slopes(s + theta / 2)
        l2, g2, h2 = second.slopes(s - theta / 2)
        value = l1 + l2 - 0.5 * (v * v + u * u)
        bend_v, bend_u = sigma**2 * (h1 + h2) - 1.0, tau**2 * (h1 + h2) / 4 - 1.0
        return value, sigma * (g1 + g2) - v, tau * (g1 - g2) / 2 - u, bend_v, sigma * tau * (h1 - h2) / 2, bend_u

    for _ in range(200):
        value, gv, gu, hvv, hvu, huu = at(v, u)
        det = hvv * huu - hvu * hvu
        dv, du = -(huu * gv - hvu * gu) / det, -(hvv * gu - hvu * gv) / det
        if bool(np.all(np.abs(dv * gv + du * gu) < 1e-24)):
            break
        size = np.ones(k * n)
        for _ in range(40):
            worse = at(v + size * dv, u + size * du)[0] < value - 1e-12 * (1 + np.abs(value))
            if not bool(worse.any()):
                break
            size = np.where(worse, size / 2, size)
        v, u = v + size * dv, u + size * du
    value, _, _, hvv, hvu, huu = at(v, u)
    each = (value - 0.5 * np.log(hvv * huu - hvu * hvu)).reshape(n, k)
    return np.asarray(each @ groups.repeat), (mu + tau * u)[:k]
