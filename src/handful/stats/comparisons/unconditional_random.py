"""The unconditional model with a random baseline as well as a random effect: odds ratios and rate ratios.

logit p_ij = s_i ± θ_i/2 (for rates log λ_ij), s_i ~ N(α, σ²), θ_i ~ N(μ, τ²), independent; four parameters whatever
the number of studies. Studies borrow each other's baselines, so information about the effect also comes from comparing
groups of different studies: that bends randomisation, and a study without events in either group takes part. It is a
sensitivity analysis beside the conditional model, not a replacement.

Other programs fit it by Laplace's approximation, because theirs cannot integrate over two random effects;
``quadrature="laplace"`` reproduces them, the default integrates.

References: Jackson et al. 2018 (their model 5), 10.1002/sim.7588; Turner et al. 2000,
10.1002/1097-0258(20001230)19:24<3417::AID-SIM614>3.0.CO;2-L; Kuss 2015, 10.1002/sim.6383.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.common_contrast import natural
from handful.stats.comparisons.contrast_fit import PREDICTIONS, Four, Studies, four, mirrored, predict
from handful.stats.comparisons.hypergeometric_normal import typical_variance, with_information
from handful.stats.comparisons.rate_ratio_models import typical_rate_variance
from handful.stats.comparisons.saturated_effects import separate_effects
from handful.stats.comparisons.two_arm_notes import few_notes, size_notes, study_names
from handful.stats.comparisons.two_effects import Groups
from handful.stats.comparisons.two_effects_ml import Top, highest, highest_given
from handful.stats.count_models.count_models import INTERVALS, quantiles
from handful.stats.count_models.curves import BinomialCurves, Curves, PoissonCurves
from handful.stats.count_models.profile import signed_root_limit
from handful.stats.count_models.random_effect import Quadrature
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

RULES = ("trapezoid", "gauss-hermite", "laplace")


def pool_unconditional_random(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    prediction: str = "k-1",
    quadrature: str = "trapezoid",
    order: int = 31,
    common: bool = False,
    drop00: bool = False,
) -> Fit | NotEstimable:
    """The odds ratio of the median study, baselines normal between studies; options as in
    ``pool_hypergeometric_normal``, and ``quadrature="laplace"``.

    All studies take part, also those without events (``drop00=True`` leaves these out, as other programs do).
    ``fit.details["baseline"]`` is α (logit), ``["sigma2"]`` σ².

    Edges. No event at all, nothing but events, or one group without events (or non-events) in every study:
    ``NotEstimable``.

    >>> fit = pool_unconditional_random([2, 4, 6, 7, 7, 11], [39, 44, 107, 103, 110, 154],
    ...                                 [1, 4, 4, 5, 3, 4], [43, 44, 110, 100, 106, 146], interval="wald")
    >>> round(fit.coefficient, 3)
    0.582
    """
    if measure != "OR":
        raise UnknownChoice("measure", measure, ("OR",))
    given = four(events1, totals1, events2, totals2)
    notes: tuple[Note, ...] = ()
    names = study_names(labels, len(given[0]))
    if drop00:
        given, names, notes = with_information(given, names)
    x1, n1, x2, n2 = given
    for events, totals, group in ((x1, n1, "first"), (x2, n2, "second")):
        if len(x1) and (events.sum() == 0 or (events == totals).all()):
            what = "no event" if events.sum() == 0 else "nothing but events"
            return NotEstimable(f"{what} in the {group} group in any study, so there is no finite odds ratio")
    return _pool(
        given, names, notes, "OR", BinomialCurves.of, typical_variance(*given), level, interval, prediction,
        quadrature, order, common,
    )  # fmt: skip


def pool_unconditional_random_rates(
    events1: Any,
    time1: Any,
    events2: Any,
    time2: Any,
    *,
    measure: str = "IRR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    prediction: str = "k-1",
    quadrature: str = "trapezoid",
    order: int = 31,
    common: bool = False,
) -> Fit | NotEstimable:
    """The rate ratio of the median study, log baselines normal between studies; else as for odds ratios."""
    if measure != "IRR":
        raise UnknownChoice("measure", measure, ("IRR",))
    x1, _, x2, _ = given = four(events1, time1, events2, time2)
    for events, group in ((x1, "first"), (x2, "second")):
        if len(x1) and events.sum() == 0:
            return NotEstimable(f"no event in the {group} group in any study, so there is no finite rate ratio")
    return _pool(
        given, study_names(labels, len(x1)), (), "IRR", PoissonCurves.of, typical_rate_variance(x1, x2), level,
        interval, prediction, quadrature, order, common,
    )  # fmt: skip


def _pool(
    given: Four,
    names: tuple[str, ...],
    notes: tuple[Note, ...],
    measure: str,
    curves: Callable[[FloatArray, FloatArray], Curves],
    typical: float,
    level: float,
    interval: str,
    prediction: str,
    quadrature: str,
    order: int,
    common: bool,
) -> Fit | NotEstimable:
    for option, value, allowed in (
        ("interval", interval, INTERVALS),
        ("prediction", prediction, PREDICTIONS),
        ("quadrature", quadrature, RULES),
    ):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    if len(names) < 2:
        return NotEstimable("a random baseline needs two studies at least")
    studies = mirrored(*given, names, events=False)
    groups, inverse = _groups(studies, curves)
    rule = None if quadrature == "laplace" else Quadrature(quadrature, order)
    top = highest(groups, rule, common=common)
    if top is None:
        return NotEstimable("the likelihood keeps rising: the effect or a variance has no finite estimate")
    k, sign = len(studies), studies.sign
    z, q, _ = quantiles(interval, level, k)
    se = float(np.sqrt(top.covariance[1, 1]))
    low, high = (
        _limits(groups, rule, top, z, se, common) if interval == "profile" else (top.mu - q * se, top.mu + q * se)
    )
    mu, (low, high) = sign * top.mu, (low, high) if sign > 0 else (-high, -low)
    tau2 = top.tau**2
    ratio, wald = separate_effects(groups, top.common_value) if rule is not None else _not_by_laplace()
    no_spread = NotEstimable("a common-effect model has no spread between studies")
    back = [natural(measure, v) for v in (mu, low, high)]
    return Fit(
        model="unconditional-random",
        measure=measure,
        estimate=back[0],
        low=back[1],
        high=back[2],
        level=level,
        interval_method=interval,
        coefficient=mu,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=back[0],
        median_low=back[1],
        median_high=back[2],
        tau2=no_spread if common else tau2,
        tau2_interval=no_spread if common else _tau_limits(groups, rule, top, z, level),
        k=k,
        people=float(np.sum(given[1]) + np.sum(given[3])),
        prediction=predict(measure, mu, se, top.tau, k, level, prediction, common),
        weights=NotEstimable("baselines are borrowed between studies, so no study has a weight of its own"),
        labels=names,
        i2=no_spread if common else 100.0 * tau2 / (tau2 + typical),
        h2=no_spread if common else 1.0 + tau2 / typical,
        q=ratio,
        q_df=float(k - 1) if isinstance(ratio, float) else ratio,
        q_p=chi2_above(ratio, k - 1) if isinstance(ratio, float) else ratio,
        log_likelihood=top.value,
        converged=top.converged,
        numerical_error=top.numerical_error,
        notes=notes + _notes(top, names, given, quadrature, k, common),
        details={
            "scale": "log",
            "baseline": top.alpha,
            "sigma2": top.sigma**2,
            "common_log_likelihood": top.common_value,
            "q_wald": wald,
            "q_wald_p": chi2_above(wald, k - 1) if isinstance(wald, float) else wald,
            "quadrature": {"rule": quadrature, "nodes": top.nodes},
            "study_effects": tuple(sign * float(v) for v in top.effects[inverse]),
            "predictive": ("log-normal", mu, float(np.sqrt(tau2 + se * se))),
        },
    )


def _groups(
    studies: Studies, curves: Callable[[FloatArray, FloatArray], Curves]
) -> tuple[Groups, npt.NDArray[np.intp]]:
    table = np.stack(studies.columns, axis=1)
    rows, inverse, repeat = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    x1, n1, x2, n2 = rows.T
    return Groups(curves(x1, n1), curves(x2, n2), repeat.astype(np.float64)), inverse.reshape(-1)


def _limits(
    groups: Groups, rule: Quadrature | None, top: Top, z: float, se: float, common: bool
) -> tuple[float, float]:
    ends = []
    for side in (-1.0, 1.0):
        last = [top]

        def profile(c: float, last: list[Top] = last) -> tuple[float, float]:
            found = highest_given(groups, rule, 1, c, last[0], common=common)
            last[0] = found
            return found.value, found.slope

        ends.append(signed_root_limit(profile, top.value, top.mu, side * z * se, z, 50.0))
    return ends[0], ends[1]


def _tau_limits(groups: Groups, rule: Quadrature | None, top: Top, z: float, level: float) -> Interval:
    """Profile limits of τ², the other three maximised over."""
    last = [top]

    def profile(rho: float) -> tuple[float, float]:
        found = highest_given(groups, rule, 3, float(np.exp(rho)), last[0])
        last[0] = found
        return found.value, found.slope * float(np.exp(rho))

    centre = float(np.log(top.tau)) if top.tau > 0 else -2.0
    low = 0.0
    step = 0.5
    if top.tau > 0:
        step = min(1.0, float(np.sqrt(top.covariance[3, 3])) / top.tau) if top.covariance[3, 3] > 0 else 0.5
        if float(np.sqrt(max(2.0 * (top.value - top.common_value), 0.0))) > z:
            low = float(np.exp(signed_root_limit(profile, top.value, centre, -z * step, z, 12.0)))
        last[0] = top
    else:
        while float(np.sqrt(max(2.0 * (top.value - profile(centre)[0]), 0.0))) > z and centre > -12.0:
            centre -= 2.0
    high = signed_root_limit(profile, top.value, centre, z * step, z, 9.0)
    return Interval(top.tau**2, low**2, float(np.exp(2.0 * high)), level, "profile likelihood")


def _not_by_laplace() -> tuple[NotEstimable, NotEstimable]:
    no = NotEstimable("not computed by Laplace's approximation; the default quadrature has it")
    return no, no


def _notes(top: Top, names: Sequence[str], given: Four, quadrature: str, k: int, common: bool) -> tuple[Note, ...]:
    text = "baselines are borrowed between studies, which bends randomisation: a sensitivity analysis"
    notes = [Note("borrows-baselines", text)]
    if quadrature == "laplace":
        notes.append(Note("laplace", "Laplace's approximation: τ² can be several per cent off where counts are small"))
    if top.tau == 0 and not common:
        text = f"τ² is estimated at 0; with {k} studies that is no evidence that they agree, see its interval"
        notes.append(Note("tau2-zero", text))
    if top.sigma == 0:
        notes.append(Note("sigma2-zero", "the variance of the baselines is estimated at 0"))
    if not top.converged:
        notes.append(Note("not-converged", "the search stopped before its criterion was met"))
    return (*notes, *few_notes(k), *size_notes(names, given[1], given[3]))
