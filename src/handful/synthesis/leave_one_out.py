"""``leave_one_out``: the same analysis without each study in turn."""

from __future__ import annotations

from typing import Any

from handful.stats.results import NotEstimable
from handful.synthesis.recipe import recipe_of
from handful.synthesis.refits import Refits, refits


def leave_one_out(fit: Any) -> Refits | NotEstimable:
    """The result without each study in turn, by the parent's model, priors and options.

    ``fit``: what ``hf.pool`` returned, any model. Each row equals ``hf.pool`` on the other studies with the model
    named: the default rule is not asked again, so one study fewer never changes the model (its τ² is estimated anew).
    ``rows``, ``["label"]``, ``column("estimate")``, ``to_frame()``.

    When not: to choose which studies to keep. Edges: one study gives ``NotEstimable``; with two studies each row is the
    other study alone.

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.1, 0.3, 0.8], [0.02, 0.03, 0.02]), tau2="DL")
    >>> [round(row.estimate, 3) for row in hf.leave_one_out(fit).rows]
    [0.56, 0.45, 0.18]
    """
    recipe = recipe_of(fit, "leave_one_out")
    k = len(recipe.evidence)
    if k < 2:
        return NotEstimable("without its one study nothing is left")
    runs = [[j for j in range(k) if j != i] for i in range(k)]
    return Refits("leave-one-out", refits(recipe, runs, recipe.evidence.labels), fit)
