"""``posteriors_many``: thousands of posteriors of pooled rates in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.stats.bayes.bayes_binomial_many import ManyPosteriors, pool_binomial_bayes_many
from handful.stats.bayes.prior_base import named_priors
from handful.stats.checked import events_and_totals


def posteriors_many(
    events: Any, totals: Any, by: Any, *, priors: Mapping[str, Any] | None = None, level: float = 0.95
) -> ManyPosteriors:
    """The posterior of the pooled rate for each group of rows that share a label: 10,000 in a few seconds.

    ``events`` of ``totals`` and ``by``, one entry a study; rows of a group need not stand together. The model is that
    of ``hf.pool(hf.one_arm(…), model="bayes")`` with one pair of ``priors={"mean": Normal, "tau": HalfNormal | HalfT |
    HalfCauchy}`` for all. Columns, one entry a group in the order in which labels first appear: mean, sd, median, low
    and high of μ on the logit; mean, median and upper limit of τ; ``rate``, the posterior mean of the population
    average (the chance that the next patient of a new study responds). Rows with a total of 0 say nothing and are left
    out; a group of nothing else is an error that names it.

    For simulation, resampling and sweeps. One group, or the whole distribution: ``hf.pool``. Estimates instead of
    counts: ``hf.pool_many``.

    >>> import handful as hf
    >>> many = hf.posteriors_many([1, 0, 3, 2], [4, 4, 9, 8], ["a", "a", "b", "b"])
    >>> many.labels, [round(float(r), 2) for r in many.rate]
    (('a', 'b'), [0.22, 0.33])
    """
    x, n = events_and_totals(events=events, totals=totals).values
    items = by.to_pylist() if hasattr(by, "to_pylist") else list(by)
    if len(items) != len(x):
        raise InputError(f"by has {len(items)} labels for {len(x)} rows", hint="one label a row")
    words = [str(item) for item in items]
    labels = tuple(dict.fromkeys(words))
    place = {label: i for i, label in enumerate(labels)}
    sets = np.array([place[word] for word in words], dtype=np.int64)
    there = n > 0
    empty = sorted(set(labels) - {labels[i] for i in np.unique(sets[there])})
    if empty:
        raise InputError(f"nobody was counted in {', '.join(empty[:5])}", hint="leave such groups out")
    options = {f"{name}_prior": value for name, value in named_priors(priors).items()}
    found = pool_binomial_bayes_many(x[there], n[there], sets[there], level=level, **options)
    return replace(found, labels=labels)
