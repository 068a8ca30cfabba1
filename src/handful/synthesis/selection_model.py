"""``selection_model`` and its relations: what the mean would be, had results been seen by their p values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.closer.excess_significance import ExcessSignificance, excess_significance_of
from handful.stats.closer.fail_safe import KINDS, FailSafe, fail_safe_number
from handful.stats.closer.henmi_copas import henmi_copas_of
from handful.stats.closer.selection_models import selection_model_of
from handful.stats.closer.selection_result import SelectionModel
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.influence import options_of
from handful.synthesis.recipe import estimates_of


def selection_model(
    fit: Any,
    *,
    type: str = "three-parameter",
    steps: Sequence[float] = (0.025,),
    alternative: str | None = None,
    weights: Sequence[float] | None = None,
    level: float | None = None,
) -> SelectionModel | NotEstimable:
    """The mean and τ² if studies were seen with a probability that depends on their one-sided p values.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance; under ``common-effect`` τ² stays 0. All is by
    maximum likelihood, whatever τ² estimator the fit has. ``type``: ``three-parameter`` (one step at p = .025) ·
    ``step`` with ``steps=(0.025, 0.5)`` · ``beta`` · ``halfnorm`` · ``negexp`` · ``logistic`` · ``power``.
    ``alternative``: the direction that is preferred, ``greater``, ``less`` or (steps) ``two-sided``; None takes the
    side of the fit's own estimate, and says so. ``weights`` fixes the steps' weights instead, one for each interval,
    to ask what if (Vevea & Woods 2005, 10.1037/1082-989X.10.4.428).

    When not: as the corrected answer. With few studies the weights are hardly determined (look at their limits), and
    heterogeneity that goes with size looks like selection. Edges: too few studies for the parameters, or no study in
    the first interval, give ``NotEstimable``; a weight at 0 or without bound has a note.

    >>> import handful as hf
    >>> est = hf.estimates([0.6, 0.5, 0.9, 0.1, 0.8, 0.3, 0.2], [0.04, 0.03, 0.12, 0.02, 0.09, 0.05, 0.01])
    >>> found = hf.selection_model(hf.pool(est))
    >>> round(found.estimate, 3), found.alternative
    (0.158, 'greater')
    """
    recipe, evidence = estimates_of(fit, "selection_model")
    method, given, _ = options_of(recipe, "selection_model")
    if given is not None:
        raise InputError("selection_model estimates τ², and this fit was given one", hint="pool without tau2=")
    notes = evidence.notes
    y, v = np.asarray(evidence.yi), np.asarray(evidence.vi)
    if alternative is None:
        up = not isinstance(fit.coefficient, NotEstimable) and float(fit.coefficient) >= 0
        alternative = "greater" if up else "less"
        text = f"selection in favour of {alternative} effects, the side of the estimate; alternative= says otherwise"
        notes = (*notes, Note("alternative-chosen", text))
    found = selection_model_of(
        y, v, type, alternative=alternative, steps=steps, weights=weights, common=not method,
        level=recipe.level if level is None else level,
    )  # fmt: skip
    if isinstance(found, NotEstimable):
        return replace(found, notes=notes)
    measure = evidence.measure if recipe.measure is None else recipe.measure
    return replace(found, notes=(*notes, *found.notes), measure=measure)


def fail_safe(
    fit: Any, *, kind: str = "rosenthal", alpha: float = 0.05, target: float | None = None
) -> FailSafe | NotEstimable:
    """How many unseen studies without effect would undo the result, with the warning that this number needs.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance. ``kind``: ``rosenthal`` (one-sided ``alpha``)
    · ``orwin`` (down to ``target``, half the mean unless given, on the model scale) · ``rosenberg`` ·
    ``random-effects`` (the fit's τ² estimator). Formulas and references: ``stats/closer/fail_safe.py``. Asked for by
    some journals; it supposes that what is unpublished averages no effect, and a large number is no evidence against
    selection.

    >>> import handful as hf
    >>> hf.fail_safe(hf.pool(hf.estimates([0.4, 0.6, 0.5], [0.02, 0.03, 0.02]))).studies
    33
    """
    recipe, evidence = estimates_of(fit, "fail_safe")
    if kind not in KINDS:
        raise UnknownChoice("kind", kind, KINDS)
    if not 0 < alpha < 1:
        raise InputError(f"alpha={alpha!r} is not between 0 and 1")
    method, _, _ = options_of(recipe, "fail_safe")
    y, v = np.asarray(evidence.yi), np.asarray(evidence.vi)
    return fail_safe_number(y, v, kind, alpha=alpha, target=target, method=method or "REML")


def excess_significance(fit: Any, *, test: str = "exact", alpha: float = 0.05) -> ExcessSignificance | NotEstimable:
    """Whether more studies are significant than their power at the common effect lets one expect; one-sided.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance. ``test``: ``exact`` or ``chi-squared``;
    ``alpha`` is the level at which a study counts as significant (two-sided). An excess can come from selection and
    from heterogeneity (Ioannidis & Trikalinos 2007, 10.1177/1740774507077441).

    >>> import handful as hf
    >>> hf.excess_significance(hf.pool(hf.estimates([0.4, 0.6, 0.1], [0.02, 0.03, 0.02]))).observed
    2
    """
    _, evidence = estimates_of(fit, "excess_significance")
    return excess_significance_of(np.asarray(evidence.yi), np.asarray(evidence.vi), test=test, alpha=alpha)


def henmi_copas(fit: Any, *, level: float | None = None) -> Interval | NotEstimable:
    """Limits around the common effect that allow for heterogeneity: less moved by suppressed small studies.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance, any τ² estimator (DerSimonian and Laird's is
    used, as the method says). On the natural scale. Needs three studies (Henmi & Copas 2010, 10.1002/sim.4029).

    >>> import handful as hf
    >>> found = hf.henmi_copas(hf.pool(hf.estimates([0.4, 0.6, 0.1, 0.3], [0.02, 0.03, 0.02, 0.05])))
    >>> round(found.low, 3), round(found.high, 3)
    (0.079, 0.586)
    """
    recipe, evidence = estimates_of(fit, "henmi_copas")
    found = henmi_copas_of(
        np.asarray(evidence.yi), np.asarray(evidence.vi), recipe.level if level is None else level
    )  # fmt: skip
    if isinstance(found, NotEstimable):
        return found
    back = natural_scale(evidence.measure if recipe.measure is None else recipe.measure)
    interval = found[0]
    ends = (back(float(interval.estimate)), back(float(interval.low)), back(float(interval.high)))
    return Interval(*ends, interval.level, interval.method)
