"""The mixture of betas (or gammas) nearest to a distribution that is known numerically: EM, then scoring.

All sums are over quadrature nodes. Maximised is the expected log density E_p[log q], p the numeric distribution and q
the mixture, which is the same as making Kullback and Leibler's divergence of q from p smallest. No draws are involved,
so the same evidence gives the same mixture. The number of components is the one with the smallest AIC = −2 N E_p[log q]
+ 2 (3K − 1), with N = 4000 the nominal number of draws such a mixture is usually fitted to; ``divergence`` says, in
nats, how far the chosen one still is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.posterior import Posterior, Transformed
from handful.stats.borrowed.mixtures import BetaMixture, GammaMixture

FloatArray: TypeAlias = npt.NDArray[np.float64]

NOMINAL_DRAWS = 4000
_EM_STEPS = 12
_SCORING_STEPS = 100
_SMALLEST, _LARGEST = 1e-3, 1e6


@dataclass(frozen=True)
class MixtureFit:
    """``aic`` holds the criterion for 1, 2, … components; ``divergence`` is E_p[log p − log q] of the chosen one."""

    mixture: BetaMixture | GammaMixture
    aic: tuple[float, ...]
    divergence: float


def fit_mixture(posterior: Posterior, *, kind: Literal["beta", "gamma"] = "beta", most: int = 4) -> MixtureFit:
    """Fit 1 to ``most`` components to a posterior held on the logit (beta) or log (gamma) scale."""
    model = posterior.on("model")
    theta, w = Transformed(model.shape, _same, _same, np.ones_like).nodes()  # dense nodes
    w = w / w.sum()
    kept = w > 1e-14
    theta, w = theta[kept], w[kept] / w[kept].sum()
    if kind == "beta":
        one, two = -np.logaddexp(0.0, -theta), -np.logaddexp(0.0, theta)  # log p, log(1 − p)
        jacobian = one + two
    else:
        one, two = theta, np.exp(theta)
        jacobian = theta
    own = float(w @ np.log(np.maximum(model.density(theta), 1e-300)))
    best: tuple[float, tuple[FloatArray, FloatArray, FloatArray], float] | None = None
    criteria = []
    for count in range(1, most + 1):
        parts, value = _em(kind, theta, one, two, w, count)
        reached = value + float(w @ jacobian)
        aic = -2 * NOMINAL_DRAWS * reached + 2 * (3 * count - 1)
        criteria.append(aic)
        if best is None or aic < best[0]:
            best = aic, parts, own - reached
        elif aic > best[0] + 4:
            break
    assert best is not None
    weights, a, b = best[1]
    order = np.argsort(-weights, kind="stable")
    columns = (tuple(float(v) for v in column[order]) for column in (weights / weights.sum(), a, b))
    mixture = BetaMixture(*columns) if kind == "beta" else GammaMixture(*columns)
    return MixtureFit(mixture, tuple(criteria), max(best[2], 0.0))


def _em(
    kind: str, theta: FloatArray, one: FloatArray, two: FloatArray, w: FloatArray, count: int
) -> tuple[tuple[FloatArray, FloatArray, FloatArray], float]:
    """EM from slices of the distribution: wide and narrow parts around common centres, as in such priors."""
    centre = float(w @ theta)
    far = np.abs(theta - centre)
    order = np.argsort(far, kind="stable")
    share = np.cumsum(w[order]) - 0.5 * w[order]
    group = np.empty(len(theta), dtype=int)
    group[order] = np.minimum((share * count).astype(int), count - 1)
    held = np.full((len(theta), count), 0.2 / count)
    held[np.arange(len(theta)), group] += 0.8
    weights, a, b = np.full(count, 1 / count), np.ones(count), np.ones(count)
    for step in range(_EM_STEPS):
        mass = w @ held
        weights = mass / mass.sum()
        a, b = _best(kind, (w @ (held * one[:, None])) / mass, (w @ (held * two[:, None])) / mass, a, b, step == 0)
        held = _shares(kind, one, two, weights, a, b)[1]
    return _scoring(kind, one, two, w, weights, a, b)


def _shares(
    kind: str, one: FloatArray, two: FloatArray, weights: FloatArray, a: FloatArray, b: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """log q at each node, and each component's share of it."""
    log_part = np.log(weights) + _log_density(kind, one[:, None], two[:, None], a, b)
    top = log_part.max(axis=1)
    parts = np.exp(log_part - top[:, None])
    sums = parts.sum(axis=1)
    return top + np.log(sums), parts / sums[:, None]


def _scoring(
    kind: str, one: FloatArray, two: FloatArray, w: FloatArray, weights: FloatArray, a: FloatArray, b: FloatArray
) -> tuple[tuple[FloatArray, FloatArray, FloatArray], float]:
    """From where EM has come to: Fisher scoring in (logits of the weights, log a, log b), damped so that it climbs.

    The information Σ w s sᵀ is nearly the Hessian because q is nearly p, so a few steps do what EM needs hundreds for.
    """
    log_q, share = _shares(kind, one, two, weights, a, b)
    value, damping = float(w @ log_q), 1e-3
    for _ in range(_SCORING_STEPS):
        if kind == "beta":
            both = special.psi(a + b)
            first, second = a * (both - special.psi(a) + one[:, None]), b * (both - special.psi(b) + two[:, None])
        else:
            first = a * (one[:, None] + np.log(b) - special.psi(a))
            second = a - b * two[:, None]
        score = np.concatenate([share - weights, share * first, share * second], axis=1)
        gradient = w @ score
        information = (score * w[:, None]).T @ score
        gained = 0.0
        for _ in range(12):
            inner = information + damping * np.diag(np.diag(information)) + 1e-12 * np.eye(len(gradient))
            step = np.clip(np.linalg.solve(inner, gradient), -1.0, 1.0)
            count = len(weights)
            logits = np.log(weights) + step[:count]
            moved = np.maximum(np.exp(logits - special.logsumexp(logits)), 1e-12)
            new = (
                moved / moved.sum(),
                np.clip(a * np.exp(step[count : 2 * count]), _SMALLEST, _LARGEST),
                np.clip(b * np.exp(step[2 * count :]), _SMALLEST, _LARGEST),
            )
            log_q, new_share = _shares(kind, one, two, *new)
            gained = float(w @ log_q) - value
            if gained >= 0:
                (weights, a, b), share, value, damping = new, new_share, value + gained, damping * 0.2
                break
            damping = max(damping * 6, 1e-4)
        if gained < 1e-11:
            break
    return (weights, a, b), value


def _log_density(kind: str, one: FloatArray, two: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    if kind == "beta":
        return np.asarray((a - 1) * one + (b - 1) * two - special.betaln(a, b))
    return np.asarray((a - 1) * one - b * two + a * np.log(b) - special.gammaln(a))


def _best(
    kind: str, one: FloatArray, two: FloatArray, a: FloatArray, b: FloatArray, first: bool
) -> tuple[FloatArray, FloatArray]:
    """Maximum likelihood of each component from its mean statistics, by Newton's method in logarithms."""
    if kind == "gamma":
        # log a − ψ(a) = log(mean) − mean(log)
        gap = np.log(two) - one
        a = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
        for _ in range(20):
            a = 1 / (1 / a + (-gap + np.log(a) - special.psi(a)) / (a * a * (1 / a - special.polygamma(1, a))))
        a = np.clip(a, _SMALLEST, _LARGEST)
        return a, a / two
    if first:
        p = np.exp(one)
        p = p / (p + np.exp(two))
        size = np.maximum(
            0.5 / np.maximum(-(p * one + (1 - p) * two) + p * np.log(p) + (1 - p) * np.log1p(-p), 1e-6), 0.1
        )
        a, b = p * size, (1 - p) * size
    for _ in range(60):
        both, bend = special.psi(a + b), special.polygamma(1, a + b)
        g1, g2 = both - special.psi(a) + one, both - special.psi(b) + two
        h1, h2 = special.polygamma(1, a), special.polygamma(1, b)
        # Newton in (log a, log b) on a concave function of (a, b); the curvature there is the information
        s11, s22, s12 = a * a * (h1 - bend), b * b * (h2 - bend), -a * b * bend
        det = s11 * s22 - s12 * s12
        u, v = a * g1, b * g2
        move_a = np.clip((s22 * u - s12 * v) / det, -1.0, 1.0)
        move_b = np.clip((s11 * v - s12 * u) / det, -1.0, 1.0)
        a, b = np.clip(a * np.exp(move_a), _SMALLEST, _LARGEST), np.clip(b * np.exp(move_b), _SMALLEST, _LARGEST)
        if float(np.maximum(np.abs(move_a), np.abs(move_b)).max()) < 1e-11:
            break
    return a, b


def _same(x: FloatArray) -> FloatArray:
    return x
