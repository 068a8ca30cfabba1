"""Bayesian meta-regression of counts as printed: BCG and latitude in NICE's Technical Support Document 3.

Dias S, Sutton AJ, Welton NJ, Ades AE. NICE DSU Technical Support Document 3: Heterogeneity: subgroups, meta-regression,
bias and bias-adjustment. 2011 (updated 2012): random-effects models of the 13 trials by WinBUGS with N(0, 100²) for
every baseline, the effect and the slope, uniform(0, 5) for τ. The figures stand in the tests of the R package multinma
too (vignette "BCG vaccine for tuberculosis"), where Stan reproduces them.

What sets us apart from them: two or three printed digits; sampling (posterior sds and the long tail of τ to about 2 %);
and their likelihood is of two binomials with a vague baseline, ours conditional on the margins: for these tables the
means of the two differ by 0.001.
"""

from __future__ import annotations

from typing import Any

import pytest

import handful as hf

BCG = (
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
    (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277), (17, 1716, 65, 1665),
    (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
)  # fmt: skip
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
PRIORS = {"mean": hf.Normal(0, 100), "tau": hf.Uniform(0, 5)}


@pytest.fixture(scope="module")
def trials() -> Any:
    return hf.two_arms(*(list(column) for column in zip(*BCG, strict=True)))


def printed(posterior: Any, *, centre: float, sd: float, low: float, high: float, median: bool, last: float) -> None:
    """``last`` is half the last printed digit of the centre; limits are printed to 0.01."""
    found = posterior.median if median else posterior.mean
    assert found == pytest.approx(centre, abs=last + 0.03 * sd)
    assert posterior.sd == pytest.approx(sd, abs=0.0005 + 0.03 * sd)
    assert posterior.interval(0.95) == pytest.approx((low, high), abs=0.005 + 0.08 * sd)


def test_without_a_moderator(trials: Any) -> None:
    fit = hf.pool(trials, measure="OR", model="bayes", priors=PRIORS)
    printed(fit.posterior("mean"), centre=-0.762, sd=0.22, low=-1.21, high=-0.34, median=False, last=0.0005)
    printed(fit.posterior("tau"), centre=0.649, sd=0.202, low=0.39, high=1.17, median=True, last=0.0005)


def test_with_latitude(trials: Any) -> None:
    found = hf.regress(
        trials, {"latitude": LATITUDE}, model="bayes", priors={**PRIORS, "coefficients": hf.Normal(0, 100)}
    )
    at_mean = found.posterior_at({"latitude": sum(LATITUDE) / 13})
    printed(at_mean, centre=-0.763, sd=0.126, low=-1.04, high=-0.52, median=False, last=0.0005)
    printed(found.posterior("latitude"), centre=-0.032, sd=0.009, low=-0.05, high=-0.01, median=False, last=0.0005)
    printed(found.posterior("tau"), centre=0.272, sd=0.188, low=0.03, high=0.75, median=True, last=0.0005)
    assert found.numerical_error < 1e-5
