"""The beta–binomial model of one arm, by maximum likelihood.

x_i ~ Binomial(n_i, p_i), p_i ~ Beta(m s, (1 − m) s): the rates themselves vary, with mean m (the population average,
directly) and intra-class correlation ρ = 1/(s + 1). With φ = 1/s the log-likelihood is

    Σ_j [A_j log(m + jφ) + B_j log(1 − m + jφ) − N_j log(1 + jφ)],   j = 0, 1, ...

where A_j, B_j, N_j count the studies with more than j events, non-events, people. It is exact for φ = 0 (no spread),
loses no digits near it, and its derivatives are sums of the same kind. No correction, no transform.

References: Williams 1975 (10.2307/2529820); Kuss 2015 (10.1002/sim.6383); Griffiths 1973 (10.2307/2529131).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.count_models.count_edges import all_or_none, nothing_or_everything
from handful.stats.count_models.count_models import quantiles
from handful.stats.count_models.curves import expit, logit
from handful.stats.count_models.prediction import beta_quantiles
from handful.stats.count_models.profile import signed_root_limit
from handful.stats.count_models.sums_over_counts import summation_points
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.one_group.common_rate import single_study
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

INTERVALS = ("profile", "wald", "t")
_ONLY_THE_MEAN = "no spread between studies was found: the uncertainty of the mean alone"
_SMALLEST_PHI, _LARGEST_PHI = 1e-10, 1e8


@dataclass(frozen=True, eq=False)
class Counts:
    """The sufficient statistics A, B, N over j, and the binomial coefficients.

    ``j`` are all of 0, 1, ... where studies are small; beyond, representatives with their weights in A, B and N
    (``sums_over_counts.py``), so that a study of a million costs no more than one of a hundred.
    """

    j: FloatArray
    a: FloatArray
    b: FloatArray
    n: FloatArray
    constant: float

    @classmethod
    def of(cls, x: FloatArray, n: FloatArray) -> Counts:
        from scipy.special import gammaln

        j, weight = summation_points(int(n.max()), np.concatenate([x, n - x, n]))
        a, b, people = (weight * _more_than(values, j) for values in (x, n - x, n))
        constant = float((gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)).sum())
        return cls(j, a, b, people, constant)

    def slopes(self, c: float, phi: float) -> tuple[float, FloatArray, FloatArray]:
        """Log-likelihood, gradient and Hessian in (c, φ), c = logit m."""
        m, q = float(expit(c)), float(expit(-c))
        up, down, all_ = m + self.j * phi, q + self.j * phi, 1.0 + self.j * phi
        value = self.constant + float(self.a @ np.log(up) + self.b @ np.log(down) - self.n @ np.log(all_))
        a, b, n = self.a / up, self.b / down, self.n / all_
        g_m, g_phi = float(a.sum() - b.sum()), float(self.j @ (a + b - n))
        h_mm = -float((a / up).sum() + (b / down).sum())
        h_mp = float(self.j @ (b / down - a / up))
        h_pp = float(self.j**2 @ (n / all_ - a / up - b / down))
        d = m * q
        gradient = np.array([g_m * d, g_phi])
        hessian = np.array([[h_mm * d * d + g_m * d * (q - m), h_mp * d], [h_mp * d, h_pp]])
        return value, gradient, hessian


def _more_than(values: FloatArray, j: FloatArray) -> FloatArray:
    """How many values exceed each j."""
    return np.asarray(len(values) - np.searchsorted(np.sort(values), np.floor(j), side="right"), dtype=np.float64)


def pool_beta_binomial(
    events: Any,
    totals: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
) -> Fit | NotEstimable:
    """The population average m with its interval, ρ in ``details``, and the Beta distribution of a next study's rate.

    ``events``, ``totals`` as in ``pool_binomial_normal``. ``coefficient`` is logit m; ``median`` the median of the
    Beta distribution; τ² does not exist here (``details["rho"]`` and its interval take its place). Edges as there:
    nothing or everything gives the exact bound on the total; all-or-none studies drive ρ to 1.

    >>> fit = pool_beta_binomial([3, 5, 1, 7], [10, 12, 9, 11])
    >>> round(fit.estimate, 3), round(fit.details["rho"].estimate, 3)
    (0.375, 0.056)
    """
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    names = tuple(f"study {i + 1}" for i in range(len(x))) if labels is None else tuple(labels)
    if len(x) == 0:
        return NotEstimable("there is no study")
    if len(x) == 1:
        return single_study(float(x[0]), float(n[0]), names[0], level)
    if x.sum() == 0 or (x == n).all():
        return replace(nothing_or_everything(x, n, names, level, interval), model="beta-binomial")
    if ((x == 0) | (x == n)).all():
        return replace(all_or_none(x, n, names, level), model="beta-binomial")
    return _fit(x, n, names, level, interval)


def _climb(counts: Counts, c: float, phi: float, *, fixed_c: bool) -> tuple[float, float, float] | None:
    """Newton in (c, log φ), or in log φ alone. None when φ runs to 0."""
    rho = float(np.log(phi))
    value, gradient, hessian = counts.slopes(c, phi)
    for _ in range(100):
        phi = float(np.exp(rho))
        scale = np.array([1.0, phi])
        g, h = gradient * scale, hessian * np.outer(scale, scale)
        h[1, 1] += g[1]
        if fixed_c:
            step = np.array([0.0, g[1] / max(abs(float(h[1, 1])), 1e-12)])
        else:
            values, vectors = np.linalg.eigh(h)
            step = vectors @ ((vectors.T @ g) / np.maximum(np.abs(values), 1e-10 * (1 + np.abs(values).max())))
        decrement = float(g @ step)
        step = step / max(1.0, float(np.max(np.abs(step))) / 2.0)
        for _ in range(40):
            new = counts.slopes(c + float(step[0]), float(np.exp(rho + step[1])))
            if new[0] >= value - 1e-12 * (1 + abs(value)):
                break
            step = step / 2
        else:
            break
        c, rho, (value, gradient, hessian) = c + float(step[0]), rho + float(step[1]), new
        if np.exp(rho) < _SMALLEST_PHI:
            return None
        if decrement < 1e-18 * (1 + abs(value)) or np.exp(rho) > _LARGEST_PHI:
            break
    return value, c, float(np.exp(rho))


def _highest(counts: Counts, c: float, phi: float, *, fixed_c: bool) -> tuple[float, float, float]:
    """Value, c and φ ≥ 0 at the top; with ``fixed_c`` over φ alone. φ = 0 is a possible answer and is always
    compared."""
    if not fixed_c:
        share = counts.a.sum() / (counts.a.sum() + counts.b.sum())
        c_zero = float(logit(share))
    else:
        c_zero = c
    at_zero, gradient, _ = counts.slopes(c_zero, 0.0)
    best = (at_zero, c_zero, 0.0)
    for start in (phi, 0.05) if gradient[1] > 0 else (phi,):
        found = _climb(counts, c if fixed_c else c_zero, start, fixed_c=fixed_c)
        if found is not None and found[0] > best[0] + 1e-13 * (1 + abs(best[0])):
            best = found
        if best[2] > 0:
            break
    return best


def _fit(x: FloatArray, n: FloatArray, names: tuple[str, ...], level: float, interval: str) -> Fit:
    from scipy.special import betaincinv

    counts = Counts.of(x, n)
    k = len(x)
    top, c, phi = _highest(counts, 0.0, 0.2, fixed_c=False)
    _, _, hessian = counts.slopes(c, phi)
    se = float(np.sqrt(np.linalg.inv(-hessian)[0, 0])) if phi > 0 else float(-hessian[0, 0]) ** -0.5
    z, q, _ = quantiles(interval, level, k)

    last = [phi if phi > 0 else 0.2]

    def of_mean(at: float) -> tuple[float, float]:
        value, _, best = _highest(counts, at, last[0], fixed_c=True)
        last[0] = best if best > 0 else 0.2
        return value, float(counts.slopes(at, best)[1][0])

    if interval == "profile":
        low, high = (signed_root_limit(of_mean, top, c, s * z * se, z, 60.0) for s in (-1.0, 1.0))
    else:
        low, high = c - q * se, c + q * se
    phi_low, phi_high = _phi_limits(counts, top, c, phi, z)
    common = counts.slopes(float(logit(x.sum() / n.sum())), 0.0)[0]
    statistic = 2.0 * max(top - common, 0.0)
    m = float(expit(c))
    prediction: Interval | NotEstimable = NotEstimable("two studies cannot say how much a next one would differ")
    if k > 2:
        ends = beta_quantiles(c, se, phi, [0.5 - level / 2, 0.5 + level / 2])
        words = "Beta distribution of rates, with its mean's standard error" if phi > 0 else _ONLY_THE_MEAN
        prediction = Interval(m, ends[0], ends[1], level, words)
    no_tau = NotEstimable("rates vary by a Beta distribution here; see the intra-class correlation in details")
    median = float(betaincinv(m / phi, (1.0 - m) / phi, 0.5)) if phi > 0 else m
    no_limits = NotEstimable("the median is not a parameter of this model")
    return Fit(
        model="beta-binomial",
        measure="proportion",
        estimate=m,
        low=float(expit(low)),
        high=float(expit(high)),
        level=level,
        interval_method=interval,
        coefficient=c,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=median,
        median_low=no_limits,
        median_high=no_limits,
        tau2=no_tau,
        tau2_interval=no_tau,
        k=k,
        people=float(n.sum()),
        prediction=prediction,
        weights=_weights(n, phi),
        labels=names,
        log_likelihood=top,
        numerical_error=0.0,
        notes=_notes(k, phi),
        details={
            "scale": "logit",
            "rho": Interval(phi / (1 + phi), _rho(phi_low), _rho(phi_high), level, "profile likelihood"),
            "alpha_beta": (m / phi, (1 - m) / phi) if phi > 0 else NotEstimable("no spread between studies was found"),
            "rho_test": {
                "statistic": statistic,
                "p": 0.5 * chi2_above(statistic, 1) if phi > 0 else 1.0,
                "method": "likelihood ratio against ρ = 0, half χ² with 1 degree of freedom (Self & Liang 1987)",
            },
            "predictive": ("beta", c, se, phi),
        },
    )


def _rho(phi: float) -> float:
    return phi / (1.0 + phi) if np.isfinite(phi) else 1.0


def _weights(n: FloatArray, phi: float) -> tuple[float, ...]:
    """Shares proportional to n / (1 + (n − 1)ρ): what each study adds to the precision of m."""
    rho = _rho(phi)
    w = n / (1.0 + (n - 1.0) * rho)
    return tuple(float(v) for v in w / w.sum())


def _phi_limits(counts: Counts, top: float, c: float, phi: float, z: float) -> tuple[float, float]:
    """Profile limits of φ, walked in log φ with m at its best."""
    at = [c]

    def profile(rho: float) -> tuple[float, float]:
        size = float(np.exp(rho))
        for _ in range(100):
            value, gradient, hessian = counts.slopes(at[0], size)
            step = float(gradient[0]) / max(abs(float(hessian[0, 0])), 1e-12)
            at[0] += float(np.clip(step, -2.0, 2.0))
            if abs(step) < 1e-11:
                break
        value, gradient, _ = counts.slopes(at[0], size)
        return value, float(gradient[1]) * size

    centre = float(np.log(phi)) if phi > 0 else -3.0
    at_zero = _zero(counts)
    low = 0.0
    if phi > 0 and np.sqrt(max(2.0 * (top - at_zero), 0.0)) > z:
        low = float(np.exp(signed_root_limit(profile, top, centre, -0.7, z, 60.0)))
    at[0] = c
    while np.sqrt(max(2.0 * (top - profile(centre)[0]), 0.0)) > z and centre > -25.0:
        centre -= 2.0
    at[0] = c
    return low, float(np.exp(signed_root_limit(profile, top, centre, 0.7, z, 25.0)))


def _zero(counts: Counts) -> float:
    share = counts.a.sum() / (counts.a.sum() + counts.b.sum())
    return counts.slopes(float(logit(share)), 0.0)[0]


def _notes(k: int, phi: float) -> tuple[Note, ...]:
    notes = []
    if phi == 0:
        text = f"the spread between studies is estimated at 0; with {k} studies that is no evidence that they agree"
        notes.append(Note("rho-zero", text))
    if k == 2:
        notes.append(Note("two-studies", "two studies cannot inform heterogeneity: list them beside this result"))
    return tuple(notes)
