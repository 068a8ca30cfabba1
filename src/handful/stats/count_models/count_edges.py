"""Sets of counts on which maximum likelihood has no finite answer, and what can be said all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.count_models.count_models import quantiles
from handful.stats.count_models.curves import expit, logit
from handful.stats.count_models.profile import signed_root_limit
from handful.stats.one_group.common_rate import one_sided_on_total
from handful.stats.results import Fit, Interval, NotEstimable


def nothing_or_everything(x: Any, n: Any, labels: tuple[str, ...], level: float, interval: str) -> Fit:
    """Σx = 0 or Σx = Σn: the likelihood rises as μ → ∓∞."""
    total = int(n.sum())
    none = x.sum() == 0
    bound = one_sided_on_total(float(x.sum()), float(total), level)
    who = f"none of {total} people" if none else f"all {total} people"
    no = NotEstimable(f"{who} responded, so the likelihood has no highest point in μ")
    side, end = ("upper", bound.high) if none else ("lower", bound.low)
    text = (
        f"exact one-sided {100 * level:g} % {side} bound on the total ({0 if none else total} of {total}): {end:.4g}; "
        "it takes the studies as one"
    )
    return empty_fit(
        "binomial-normal", "proportion", no, n, labels, level, interval, Note("one-sided-bound", text), bound
    )


def empty_fit(
    model: str,
    measure: str,
    no: NotEstimable,
    size: Any,
    labels: tuple[str, ...],
    level: float,
    interval: str,
    note: Note,
    bound: Interval,
) -> Fit:
    """A fit in which nothing is estimable but the bound on the total."""
    return Fit(
        model=model,
        measure=measure,
        estimate=no,
        low=no,
        high=no,
        level=level,
        interval_method=interval,
        coefficient=no,
        se=no,
        coefficient_low=no,
        coefficient_high=no,
        median=no,
        median_low=no,
        median_high=no,
        tau2=no,
        tau2_interval=no,
        k=len(labels),
        people=float(size.sum()),
        prediction=no,
        weights=no,
        labels=labels,
        notes=(note,),
        details={"total": bound},
    )


def all_or_none(x: Any, n: Any, labels: tuple[str, ...], level: float) -> Fit:
    """Every study is 0 of n or n of n, both kinds present.

    For a given population average m a study's likelihood is E[p^n] ≤ m or E[(1 − p)^n] ≤ 1 − m, with equality when
    rates are 0 or 1 only, which τ → ∞ approaches (for n = 1 at any τ). So the profile likelihood of m is that of a
    binomial: the studies that are "all" among the k.
    """
    k, full = len(labels), int((x == n).sum())
    z, _, _ = quantiles("wald", level, k)

    def profile(c: float) -> tuple[float, float]:
        m = float(expit(c))
        return full * float(np.log(m)) + (k - full) * float(np.log1p(-m)), full - k * m

    centre = float(logit(full / k))
    step = z / np.sqrt(full * (k - full) / k)
    limits = [signed_root_limit(profile, profile(centre)[0], centre, s * step, z, 60.0) for s in (-1.0, 1.0)]
    singles = bool((n == 1).all())
    reason = (
        "every study is one patient, and single patients say nothing about differences between studies"
        if singles
        else "every study is all or none, so the likelihood keeps rising as τ grows"
    )
    no = NotEstimable(reason)
    text = f"{reason}; the average rate is the share of studies in which everyone responded, {full} of {k}"
    fit = empty_fit(
        "binomial-normal", "proportion", no, n, labels, level, "profile", Note("all-or-none", text),
        Interval(float(x.sum() / n.sum()), 0.0, 1.0, level, "all-or-none"),
    )  # fmt: skip
    return replace(
        fit,
        estimate=full / k,
        low=float(expit(limits[0])),
        high=float(expit(limits[1])),
        interval_method="profile",
        log_likelihood=profile(centre)[0],
        details={"events": float(x.sum()), "of": float(n.sum()), "full_studies": full},
    )
