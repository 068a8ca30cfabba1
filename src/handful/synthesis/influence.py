"""``influence`` and ``gosh``: what single studies, or groups of them, do to a result."""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.stats.closer.gosh import Gosh, gosh_of
from handful.stats.closer.influence import influence_of
from handful.stats.closer.influence_result import Influence
from handful.stats.estimates.regression_result import Regression
from handful.stats.results import NotEstimable
from handful.synthesis.recipe import Recipe, estimates_of


def influence(fit: Any) -> Influence | NotEstimable:
    """How much each study moves the result: residuals, leverage, Cook's distance and the rest, with flags.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance, or what ``hf.regress`` returned. The model,
    the τ² estimator and the limits are the fit's own; each study is left out in turn and τ² estimated anew. Columns:
    ``rstudent, dffits, cook, covariance_ratio, tau2_deleted, q_deleted, hat, weight, dfbetas``, the standardised
    residuals, Baujat's coordinates; ``flags`` names the studies beyond the usual cut-offs (formulas and cut-offs in
    ``stats/closer/influence.py``; Viechtbauer & Cheung 2010, 10.1002/jrsm.11). A flag is a reason to look, not to
    leave out.

    Edges: fewer than three studies (coefficients + 2) give ``NotEstimable``; weights of one's own are an error.

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.1, 0.3, 0.2, 1.4], [0.02, 0.03, 0.02, 0.04]))
    >>> hf.influence(fit).flags
    ('study 4',)
    """
    if isinstance(fit, Regression):
        y, v, design = fit.data
        return influence_of(
            y, v, design, fit.names, fit.labels, method=fit.tau2_estimator, given=fit.given, test=fit.test
        )  # fmt: skip
    recipe, evidence = estimates_of(fit, "influence")
    method, given, interval = options_of(recipe, "influence")
    y, v = np.asarray(evidence.yi), np.asarray(evidence.vi)
    return influence_of(
        y, v, np.ones((len(y), 1)), ("mean",), evidence.labels, method=method, given=given, test=interval
    )  # fmt: skip


def options_of(recipe: Recipe, verb: str) -> tuple[str, float | None, str]:
    """The τ² estimator ("" for a common effect), a τ² that was given, and the name of the limits."""
    if recipe.options.get("weights") is not None:
        raise InputError(f"{verb} is defined for weights by precision", hint="pool without weights=")
    common = recipe.model == "common-effect"
    interval = recipe.interval or ("wald" if common else "hartung-knapp-safe")
    if common:
        return "", None, interval
    tau2 = recipe.options.get("tau2")
    if tau2 is None:
        return "ML" if interval == "profile" else "REML", None, interval
    return (tau2, None, interval) if isinstance(tau2, str) else ("", float(tau2), interval)


def gosh(fit: Any, *, subsets: int | None = None, seed: int | None = None) -> Gosh | NotEstimable:
    """The estimate of every subset of the studies, or of ``subsets`` random ones with a ``seed``.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance. All subsets are listed up to 17 studies.
    Several clumps among the estimates mean studies of several kinds; ``included`` and ``with_study`` tell which
    (Olkin, Dahabreh & Trikalinos 2012, 10.1002/jrsm.1053).

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.1, 0.3, 0.2], [0.02, 0.03, 0.02]))
    >>> len(hf.gosh(fit))
    7
    """
    recipe, evidence = estimates_of(fit, "gosh")
    method, given, interval = options_of(recipe, "gosh")
    if given is not None:
        raise InputError("gosh estimates τ² anew in each subset, and this fit was given one")
    if len(evidence) < 2:
        return NotEstimable("one study has no subsets to compare")
    return gosh_of(
        np.asarray(evidence.yi), np.asarray(evidence.vi), evidence.labels,
        model="random-effects" if method else "common-effect", tau2=method or "REML",
        interval="wald" if interval == "profile" else interval, subsets=subsets, seed=seed,
    )  # fmt: skip
