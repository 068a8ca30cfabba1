"""The probability that one treatment's number is larger than another's by at least so much."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.panels import NODES, WEIGHTS
from handful.stats.bayes.posterior import Posterior
from handful.stats.checked import choice, one_number
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

OF = ("headline", "mean", "prediction")


def probability_better(
    first: Any, second: Any, *, by: float = 0.0, of: str = "headline", higher_is_better: bool = True
) -> float | NotEstimable:
    """P(first > second + ``by``) for two independent posteriors, on the natural scale, by quadrature.

    ``first`` and ``second``: fits with a posterior (``hf.pool(…, model="bayes")``), borrowings (their answer without
    borrowing), or posteriors. ``by`` is in natural units: 0.1 is ten more responders in a hundred. ``of``: the
    ``headline`` (population average of rates, mean effect of others), ``mean`` (the median study), or a new study's
    ``prediction``. With ``higher_is_better=False`` it is P(first < second − ``by``).

    The two must share no patients and were, as a rule, not randomised against each other: the figure compares what was
    seen, not what the treatments cause. It moves with the priors, so print them beside it.

    >>> import handful as hf
    >>> adults = hf.pool(hf.one_arm([1], [4]), model="bayes")
    >>> children = hf.pool(hf.one_arm([0], [4]), model="bayes")
    >>> round(hf.probability_better(adults, children), 2)
    0.73
    """
    choice("of", of, OF)
    by = one_number("by", by, "how much better, at least 0, on the natural scale", least=0)
    if not isinstance(higher_is_better, bool):
        raise InputError(f"higher_is_better={higher_is_better!r}", hint="accepted: True, False")
    a, b = _posterior(first, of), _posterior(second, of)
    if isinstance(a, NotEstimable):
        return a
    if isinstance(b, NotEstimable):
        return b
    _one_measure(first, second, a, b)
    if not higher_is_better:
        a, b = b, a
    return _larger(a, b, by)


def _one_measure(first: Any, second: Any, a: Posterior, b: Posterior) -> None:
    """A rate is not larger or smaller than an odds ratio."""
    measures = [given.measure for given in (first, second) if isinstance(given, Fit)]
    if len(measures) == 2 and measures[0] != measures[1]:
        raise InputError(f"{measures[0]} against {measures[1]}", hint="compare two posteriors of one measure")
    if a.scale != b.scale:
        raise InputError(f"a posterior on the {a.scale} scale against one on the {b.scale} scale", hint="one measure")


def _posterior(given: Any, of: str) -> Posterior | NotEstimable:
    if isinstance(given, NotEstimable | Posterior):
        return given.on("natural") if isinstance(given, Posterior) else given
    if isinstance(given, Fit):
        if given.posteriors is None:
            return NotEstimable(f"model {given.model} has no posterior; model='bayes' has", given.notes)
        name = of
        if of == "headline":
            name = "average" if "average" in given.posteriors else "mean"
        found: Posterior = given.posteriors[name].on("natural")
        return found
    without = getattr(given, "without", None)
    if isinstance(without, Posterior):
        return without.on("natural")
    raise InputError(f"{type(given).__name__} has no posterior", hint="give what hf.pool or hf.borrow returned")


def _larger(a: Posterior, b: Posterior, by: float) -> float:
    """∫ f_b(x) P(a > x + by) dx on pieces between the quantiles of both, so that neither is too sharp for a piece."""
    shares = np.array([1e-14, 1e-9, 1e-6, 1e-4, 1e-3, *np.linspace(0.01, 0.99, 33), 0.999, 0.9999, 1 - 1e-6, 1 - 1e-9])
    shares = np.append(shares, 1 - 1e-14)
    own, other = np.asarray(b.quantile(shares)), np.asarray(a.quantile(shares)) - by
    low, high = float(own[0]), float(own[-1])
    edges = np.unique(np.concatenate([own, other[(other > low) & (other < high)]]))
    half = np.diff(edges) / 2
    x = ((edges[:-1] + half)[:, None] + half[:, None] * NODES).ravel()
    w = (half[:, None] * WEIGHTS).ravel() * np.asarray(b.density(x))
    inside = float(w @ _above(a, x + by))
    # what lies beyond the nodes: at most 1e-14 on either side
    total = inside + float(b.cdf(low)) * float(_above(a, np.array([low + by]))[0])
    return min(max(total / (float(w.sum()) + float(b.cdf(low))), 0.0), 1.0)


def _above(posterior: Posterior, x: FloatArray) -> FloatArray:
    return 1.0 - np.asarray(posterior.cdf(x))
