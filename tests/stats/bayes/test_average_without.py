"""The pooled rate without each study in turn, read off one posterior: the same as pooling the others."""

from __future__ import annotations

import numpy as np
import pytest

import handful as hf
from handful.stats.bayes.average_without import average_rate_without
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, Normal

#: both are quadratures whose limits are right to 1e-8; a page shows two digits
TOLERANCE = 1e-7


@pytest.mark.parametrize("tau", [HalfNormal(0.5), HalfNormal(2.0), HalfCauchy(0.5)])
@pytest.mark.parametrize("studies", [3, 30, 120])
def test_it_is_what_pooling_the_others_gives(studies: int, tau: HalfNormal | HalfCauchy) -> None:
    rng = np.random.default_rng(studies)
    n = rng.integers(4, 150, studies)
    x = rng.binomial(n, 1 / (1 + np.exp(1 - rng.normal(0, 0.6, studies))))
    chosen = [(), (0,), (1, 2), (studies - 1,)]
    many, covered = average_rate_without(x, n, chosen, tau_prior=tau, level=0.9)
    for i, out in enumerate(chosen):
        if not covered[i]:
            continue
        kept = np.setdiff1d(np.arange(studies), out)
        if len(kept) < 2:
            continue
        fit = hf.pool(
            hf.one_arm(x[kept], n[kept]), model="bayes", priors={"mean": Normal(0.0, 2.0), "tau": tau}, level=0.9
        )
        found = (many.estimate[i], many.low[i], many.high[i])
        assert found == pytest.approx((fit.estimate, fit.low, fit.high), abs=TOLERANCE)
    assert covered[0] or isinstance(tau, HalfCauchy)


def test_a_study_that_was_most_of_the_evidence_is_said_not_to_be_covered() -> None:
    x, n = [900, 1, 0, 2], [1000, 4, 4, 5]
    many, covered = average_rate_without(x, n, [(), (0,), (1,)])
    assert covered[0]
    assert covered[2]
    fit = hf.pool(hf.one_arm(x[1:], n[1:]), model="bayes")
    right = (many.estimate[1], many.low[1]) == pytest.approx((fit.estimate, fit.low), abs=TOLERANCE)
    assert right or not covered[1]


def test_rows_with_the_same_counts_share_their_numbers() -> None:
    many, covered = average_rate_without([1, 1, 3], [5, 5, 9], [(0,), (1,)])
    assert covered.all()
    assert many.estimate[0] == many.estimate[1]
