"""Several groups of studies with one between-study sd: each group's posterior, and of what it differs from another.

Given τ the groups are independent, so p(τ | data) ∝ p(τ) Π_g ∫ p(data_g, μ_g | τ) dμ_g: every group is placed and
evaluated on columns of its own (see :mod:`handful.stats.bayes.posterior_columns`) over one shared grid of τ, and the
columns of two groups, on equal steps, are folded into columns of their difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.bayes_grid import FINENESS, TARGETS, Joint, assembled, check_priors, largest_difference
from handful.stats.bayes.curve_rows import CurveRows
from handful.stats.bayes.likelihood_shape import Shapes, shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.posterior_columns import Column, Columns, column_at, inner_span, integral_of
from handful.stats.bayes.posterior_densities import mean_density
from handful.stats.bayes.posterior_placement import Placement, Scan, drop_at, narrowed
from handful.stats.bayes.priors import HalfNormal, Normal, Prior

FloatArray: TypeAlias = npt.NDArray[np.float64]

_GIVE_PROPER = "give a proper prior: HalfNormal, HalfT, HalfCauchy, LogNormal"


@dataclass(frozen=True, eq=False)
class CommonTau:
    """What each group's posterior is, in order, and the columns from which differences are made."""

    joints: tuple[Joint, ...]
    columns: tuple[Columns, ...]
    numerical_error: float

    def difference(self, first: int, second: int, scale: str) -> Posterior:
        """Posterior of μ_first − μ_second."""
        name = "difference of two groups"
        return Posterior(mean_density(_folded(self.columns[first], self.columns[second])), name, scale)


def common_tau(
    groups: Sequence[CurveRows],
    *,
    mean_priors: Sequence[Normal | None],
    tau_prior: Prior,
    scale: str,
    average: bool,
    accuracy: str = "default",
) -> CommonTau:
    """Posteriors of the groups' mean effects, their common τ, new studies and every study.

    All curves must carry information; every group needs a proper posterior by itself (see ``check_priors``).
    """
    forms = [shapes(curves) for curves in groups]
    for form, prior in zip(forms, mean_priors, strict=True):
        _check(form, prior, tau_prior)
    if (
        not tau_prior.proper
        and sum(int(f.proper.sum()) - (p is None) for f, p in zip(forms, mean_priors, strict=True)) < 2
    ):
        raise InputError(
            f"{tau_prior} does not integrate to 1 and these studies cannot close it", hint="a proper prior"
        )
    for curves in groups:
        if hasattr(curves, "prepare"):
            curves.prepare()
    places = [Placement(c, f, p) for c, f, p in zip(groups, forms, mean_priors, strict=True)]
    scans = _scans(places, tau_prior)
    before: tuple[Joint, ...] | None = None
    columns: tuple[Columns, ...] = ()
    known = error = math.nan
    for rough, fine in FINENESS[accuracy]:
        if before is None or known != rough:
            before = _joints(_columns(places, mean_priors, tau_prior, scans, rough), mean_priors, scale, average)
        columns = _columns(places, mean_priors, tau_prior, scans, fine)
        after = _joints(columns, mean_priors, scale, average)
        error = max(largest_difference(a, b) for a, b in zip(before, after, strict=True))
        before, known = after, fine
        if error <= TARGETS[accuracy]:
            break
    assert before is not None
    return CommonTau(before, columns, float(error))


def _check(form: Shapes, mean_prior: Normal | None, tau_prior: Prior) -> None:
    """What every group needs; whether an improper prior of τ is closed is for all groups together."""
    check_priors(form, mean_prior, tau_prior if tau_prior.proper else HalfNormal(1.0))


def _scans(places: Sequence[Placement], prior: Prior) -> list[Scan]:
    """One search over u for all groups together; the ends of every group's own columns."""
    scale = min(place.width for place in places)
    return narrowed(places, prior, scale, _power(places, prior))


def _power(places: Sequence[Placement], prior: Prior) -> float:
    """The posterior of τ falls like τ^−power."""
    return prior.tail_power + sum(int(p.form.proper.sum()) - (p.prior_precision == 0) for p in places)


def _columns(
    places: Sequence[Placement],
    mean_priors: Sequence[Normal | None],
    tau_prior: Prior,
    scans: Sequence[Scan],
    fineness: float,
) -> tuple[Columns, ...]:
    grid, product = scans[0].grid(fineness)
    read = [scan.columns(grid) for scan in scans]
    drop = drop_at(fineness)
    tables = [MarginalTables.of(p.curves, p.form, fineness) for p in places]
    coarsest = 0.35 * min(float(p.form.grain.min()) for p in places) / 1.2
    found: list[list[tuple[FloatArray, FloatArray, FloatArray, float]]] = [[] for _ in places]
    for j, t in enumerate(grid.tau):
        widest = math.hypot(coarsest, 0.35 * t)
        narrowest = min(float(sd[j]) for sd, _, _ in read)
        step = min(0.42 * narrowest, widest, t / 1.25 if t > 0 else math.inf) / fineness
        for g, (_, low, high) in enumerate(read):
            found[g].append(column_at(tables[g], mean_priors[g], float(t), step, float(low[j]), float(high[j]), drop))
    own = [np.array([integral_of(total, h) for _, _, total, h in column]) for column in found]
    total = np.sum(own, axis=0)
    top = float(total.max())
    weights = grid.product_weights(tau_prior) if product else grid.trapezoid(tau_prior)
    mass = float(weights @ np.exp(total - top))
    of_tau = weights * np.exp(total - top) / mass  # posterior weight of each τ
    power = _power(places, tau_prior)
    out = []
    for g, place in enumerate(places):
        built = tuple(
            Column(float(t), mu, h, log_m, np.exp(log_p - log_i) * (h * w))
            for t, (mu, log_m, log_p, h), log_i, w in zip(grid.tau, found[g], own[g], of_tau, strict=True)
        )
        span = inner_span(scans[g], grid, fineness)
        out.append(
            Columns(
                place.curves, place.form, grid, built, total, math.log(mass) + top, tau_prior, power, fineness, span
            )
        )
    return tuple(out)


def _joints(
    columns: Sequence[Columns], mean_priors: Sequence[Normal | None], scale: str, average: bool
) -> tuple[Joint, ...]:
    return tuple(assembled(c, p is None, scale, average) for c, p in zip(columns, mean_priors, strict=True))


def _folded(first: Columns, second: Columns) -> Columns:
    """Columns of the difference: for every τ the two groups are independent, on grids of one step."""
    built = []
    for a, b in zip(first.columns, second.columns, strict=True):
        of_tau = float(b.weights.sum())
        if of_tau == 0.0:
            continue
        weights = np.convolve(a.weights, b.weights[::-1]) / of_tau
        start = a.mu[0] - b.mu[-1]
        mu = start + a.step * np.arange(len(weights), dtype=float)
        built.append(Column(a.tau, mu, a.step, np.empty((0, len(mu))), weights))
    return Columns(
        first.curves, first.shapes, first.grid, tuple(built), first.log_integrals, first.log_evidence,
        first.tau_prior, first.tail_power, first.fineness, first.u_range,
    )  # fmt: skip
