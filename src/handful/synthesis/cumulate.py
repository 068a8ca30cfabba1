"""``cumulate``: what one would have concluded after the first study, the second, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.evidence import Estimates
from handful.stats.results import NotEstimable
from handful.synthesis.recipe import Recipe, recipe_of
from handful.synthesis.refits import Refits, refits


def cumulate(fit: Any, *, by: Any = None, descending: bool = False) -> Refits | NotEstimable:
    """The result after one study, two, and so on, by the parent's model, priors and options.

    ``by``: a column to order the studies by (years, sizes), equal ones in the order given; none keeps their order. Row
    j equals ``hf.pool`` on the first j studies with the model named (Lau, Schmid & Chalmers 1995,
    10.1016/0895-4356(94)00106-z). Nothing is corrected for looking often: the limits are those of each look on its own,
    and a note says how many looks there were.

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.1, 0.3, 0.8], [0.02, 0.03, 0.02]), tau2="DL")
    >>> [round(row.estimate, 3) for row in hf.cumulate(fit, by=[2001, 1999, 2010]).rows]
    [0.3, 0.18, 0.402]
    """
    recipe = recipe_of(fit, "cumulate")
    k = len(recipe.evidence)
    if k < 2:
        return NotEstimable("one study is its own history")
    order = list(range(k)) if by is None else _order(by, recipe, descending)
    runs = [order[: j + 1] for j in range(k)]
    labels = [recipe.evidence.labels[i] for i in order]
    text = f"{k} looks at growing data; the limits of each are those of a single look"
    return Refits("cumulative", refits(recipe, runs, labels), fit, (Note("looks", text),))


def _order(by: Any, recipe: Recipe, descending: bool) -> list[int]:
    if isinstance(by, (str, bytes)) or not isinstance(by, Iterable):
        raise InputError(f"by={by!r} is not a column", hint="one value a study")
    values: Sequence[Any] = list(by)
    evidence = recipe.evidence
    if len(values) != len(evidence) and isinstance(evidence, Estimates) and evidence.rows is not None:
        if len(values) != evidence.given:
            raise InputError(f"by has {len(values)} values for {len(evidence)} studies", hint="one value a study")
        values = [values[i] for i in evidence.rows]
    if len(values) != len(evidence):
        raise InputError(f"by has {len(values)} values for {len(evidence)} studies", hint="one value a study")
    missing = [evidence.labels[i] for i, value in enumerate(values) if value is None or value != value]
    if missing:
        raise InputError(f"by is missing for {', '.join(missing[:10])}", hint="a study without a place has no order")
    if len({isinstance(value, str) for value in values}) > 1:
        raise InputError("by mixes words with numbers", hint="numbers, or dates, or words")
    try:
        ranks = np.unique(np.array(values), return_inverse=True)[1].reshape(-1)
    except TypeError:
        raise InputError("by mixes values that have no order", hint="numbers, or dates, or words") from None
    return [int(i) for i in np.argsort(-ranks if descending else ranks, kind="stable")]
