"""Two groups of a study with a free baseline, as a curve over the effect with the baseline at its best value.

Group j of study i has linear predictor c_j f_i + d_j s_i: f_i is free (a parameter of its own), s_i ~ N(μ, τ²) is the
random quantity. The unconditional model with fixed study intercepts has f the baseline, (c₁, c₂) = (1, 1), and s the
effect, (d₁, d₂) = (½, −½). For given (μ, τ) each study's f is found on its own: its marginal likelihood

    ℓ_i(f; μ, τ) = log ∫ exp(l₁(c₁f + d₁s) + l₂(c₂f + d₂s)) N(s; μ, τ²) ds

is concave in (f, μ) (Prékopa). Its highest value over f, with gradient by the envelope theorem and Hessian by the Schur
complement, takes the place of a study's integral in the search and the profiles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from handful.stats.count_models.curves import Curves
from handful.stats.count_models.random_effect import Marginal, Quadrature, placed_nodes

FloatArray: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[float, float]

BASELINE_FREE: tuple[Pair, Pair] = ((1.0, 1.0), (0.5, -0.5))
EFFECT_FREE: tuple[Pair, Pair] = ((0.5, -0.5), (1.0, 1.0))

_FURTHEST = 700.0
_MOST_ROUNDS = 200
#: Newton stops where the step would raise the likelihood by less: the next error is about its square
_SMALL = 1e-19


@dataclass(frozen=True, eq=False)
class GivenFree:
    """Both groups' log-likelihood over s with f fixed: what nodes are placed on."""

    first: Curves
    second: Curves
    free: Pair
    random: Pair
    f: FloatArray
    eta: FloatArray
    repeat: FloatArray

    def __len__(self) -> int:
        return len(self.f)

    def parts(self, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """l₁ + l₂ and its derivatives f, s, ff, fs, ss."""
        f = self.f.reshape(self.f.shape + (1,) * (np.ndim(s) - 1))
        (c1, c2), (d1, d2) = self.free, self.random
        v1, g1, h1 = self.first.slopes(c1 * f + d1 * s)
        v2, g2, h2 = self.second.slopes(c2 * f + d2 * s)
        return (
            v1 + v2,
            c1 * g1 + c2 * g2,
            d1 * g1 + d2 * g2,
            c1 * c1 * h1 + c2 * c2 * h2,
            c1 * d1 * h1 + c2 * d2 * h2,
            d1 * d1 * h1 + d2 * d2 * h2,
        )

    def value(self, s: FloatArray) -> FloatArray:
        return self.parts(s)[0]

    def slopes(self, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        v, _, g, _, _, h = self.parts(s)
        return v, g, h

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        far = np.full(len(self), np.inf)
        # the top is not known, only on which side of η it lies
        _, slope, _ = self.slopes(self.eta)
        return -far, np.where(slope >= 0, far, -far), far

    def take(self, rows: Any) -> GivenFree:
        return GivenFree(
            self.first.take(rows), self.second.take(rows), self.free, self.random, self.f[rows], self.eta[rows],
            self.repeat[rows],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class FreeBaseline:
    """Rows of two groups each; ``tops`` is the effect at which each study is highest, ±∞ at an end."""

    first: Curves
    second: Curves
    free: Pair
    random: Pair
    tops: FloatArray
    ends: tuple[FloatArray, FloatArray]
    repeat: FloatArray

    def __len__(self) -> int:
        return len(self.tops)

    def take(self, rows: Any) -> FreeBaseline:
        """The chosen rows."""
        return FreeBaseline(
            self.first.take(rows), self.second.take(rows), self.free, self.random, self.tops[rows],
            (self.ends[0][rows], self.ends[1][rows]), self.repeat[rows],
        )  # fmt: skip

    def shared_by(self, repeat: FloatArray) -> FreeBaseline:
        """The same rows, each standing for ``repeat`` studies."""
        return replace(self, repeat=repeat)

    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Far to the left and to the right."""
        return self.ends

    def modes(self) -> FloatArray:
        """Where each is highest."""
        return self.tops

    def _given(self, f: FloatArray, eta: FloatArray) -> GivenFree:
        return GivenFree(self.first, self.second, self.free, self.random, f, eta, np.ones(len(f)))

    def best(self, s: FloatArray) -> FloatArray:
        """The free parameter at its best for each s (one a row): Newton with a bracket."""
        f = np.zeros(len(s))
        low, high = np.full(len(s), -_FURTHEST), np.full(len(s), _FURTHEST)
        for _ in range(_MOST_ROUNDS):
            _, g, _, h, _, _ = self._given(f, s).parts(s)
            low, high = np.where(g > 0, f, low), np.where(g < 0, f, high)
            step = g / np.maximum(-h, 1e-300)
            new = f + step
            new = np.where((new < low) | (new > high), 0.5 * (low + high), new)
            new = np.where(g == 0, f, new)
            done = np.abs(step * g) <= _SMALL
            f = new
            if bool(done.all()):
                break
        return f

    def value(self, theta: FloatArray) -> FloatArray:
        """The highest log-likelihood at each effect."""
        return self.slopes(theta)[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """That, and its first and second derivative along the best baseline."""
        given = self._given(self.best(theta), theta)
        v, _, g, ff, fs, ss = given.parts(theta)
        return v, g, ss - fs * fs / np.minimum(ff, -1e-300)

    def rise(self, theta: FloatArray) -> FloatArray:
        """dℓ/dτ² at τ = 0: ½(l_s² + l_ss) with the baseline held, for by the envelope theorem its change does not
        matter."""
        _, _, g, _, _, ss = self._given(self.best(theta), theta).parts(theta)
        out: FloatArray = 0.5 * (g * g + ss)
        return out

    def marginal(
        self, eta: FloatArray, tau: FloatArray, quadrature: Quadrature, start: FloatArray | None = None
    ) -> Marginal:
        """The integral over s at its best f, per row, with derivatives in (η, τ)."""
        _, found = self._settled(eta, tau, quadrature, start)
        many, inner = self.repeat, np.minimum(found["ff"], -1e-300)
        return Marginal(
            value=many * found["value"],
            d_eta=many * found["s"],
            d_tau=many * found["t"],
            d_eta_eta=many * (found["ss"] - found["fs"] ** 2 / inner),
            d_eta_tau=many * (found["st"] - found["fs"] * found["ft"] / inner),
            d_tau_tau=many * (found["tt"] - found["ft"] ** 2 / inner),
            mean_u=found["mean_u"],
            mode_u=found["mode"],
            nodes=int(found["nodes"][0]),
        )

    def best_given(self, eta: FloatArray, tau: FloatArray, quadrature: Quadrature) -> FloatArray:
        """The free parameter of each row at its best with the random one integrated out."""
        return self._settled(eta, tau, quadrature, None)[0]

    def _settled(
        self, eta: FloatArray, tau: FloatArray, quadrature: Quadrature, start: FloatArray | None
    ) -> tuple[FloatArray, dict[str, FloatArray]]:
        """That, and the moments there."""
        f = self.best(eta)
        low, high = np.full(len(f), -_FURTHEST), np.full(len(f), _FURTHEST)
        found = moments(self._given(f, eta), eta, tau, quadrature, start)
        for _ in range(_MOST_ROUNDS):
            g, h = found["f"], found["ff"]
            low, high = np.where(g > 0, f, low), np.where(g < 0, f, high)
            step = g / np.maximum(-h, 1e-300)
            if bool(np.all(np.abs(step * g) <= _SMALL)):
                break
            new = f + step
            f = np.where((new < low) | (new > high), 0.5 * (low + high), new)
            found = moments(self._given(f, eta), eta, tau, quadrature, found["mode"])
        return f, found


def moments(
    given: GivenFree, eta: FloatArray, tau: FloatArray, quadrature: Quadrature, start: FloatArray | None
) -> dict[str, FloatArray]:
    """log ∫ and its first and second derivatives in (f, η, τ), all from the same nodes."""
    mode, u, log_w = placed_nodes(cast(Curves, given), eta, tau, quadrature, start)
    v, lf, ls, lff, lfs, lss = given.parts(eta[:, None] + tau[:, None] * u)
    log = v - 0.5 * u * u + log_w
    top = log.max(axis=1)
    weight = np.exp(log - top[:, None])
    total = weight.sum(axis=1)
    weight /= total[:, None]

    def mean(q: FloatArray) -> FloatArray:
        out: FloatArray = np.einsum("ij,ij->i", weight, q)
        return out

    ut = u * ls
    f, s, t = mean(lf), mean(ls), mean(ut)
    af, as_, at = lf - f[:, None], ls - s[:, None], ut - t[:, None]
    return {
        "value": top + np.log(total) - 0.5 * np.log(2 * np.pi),
        "f": f, "s": s, "t": t,
        "ff": mean(lff) + mean(af * af), "fs": mean(lfs) + mean(af * as_), "ft": mean(u * lfs) + mean(af * at),
        "ss": mean(lss) + mean(as_ * as_), "st": mean(u * lss) + mean(as_ * at),
        "tt": mean(u * u * lss) + mean(at * at),
        "mean_u": mean(u), "mode": mode, "nodes": np.array([float(u.shape[1])]),
    }  # fmt: skip
