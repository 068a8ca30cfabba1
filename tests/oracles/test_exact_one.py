"""One proportion against R's packages, over all x of seven n (handful's limits are cut to [0, 1], so are theirs)."""

from __future__ import annotations

import pytest
from mpmath import binomial, findroot, mp, mpf
from tests.oracles.exact_cases import close, cut, rows, variants

import handful as hf

#: variant -> (method, rtol, atol)
METHODS = {
    "clopper_pearson": ("clopper-pearson", 1e-8, 1e-9),
    "clopper_pearson__90": ("clopper-pearson", 1e-8, 1e-9),
    "binom_exact": ("clopper-pearson", 1e-8, 1e-9),
    "wilson": ("wilson", 1e-8, 1e-9),
    "binom_wilson": ("wilson", 1e-8, 1e-9),
    "wilson_cc": ("wilson-cc", 1e-8, 1e-9),
    "blaker": ("blaker", 1e-7, 1e-9),
    "binom_agresti-coull": ("agresti-coull", 1e-8, 1e-9),
    "binom_asymptotic": ("wald", 1e-8, 1e-9),
    "jeffreys": ("jeffreys", 1e-8, 1e-9),
    # the reference finds these roots to about 3e-5 absolute; see the closed form below
    "binom_lrt": ("likelihood-ratio", 0.0, 5e-5),
    # the same: its option for a finer search is not passed on with midp = TRUE; our own digits are held below
    "midp_central": ("mid-p", 0.0, 5e-5),
}


@pytest.mark.parametrize("variant", METHODS)
def test_proportion_agrees_with_the_reference(variant: str) -> None:
    method, rtol, atol = METHODS[variant]
    for row in rows("exact_one", variant):
        got = hf.proportion(row["x"], row["n"], method=method, level=row.get("level", 0.95))
        assert isinstance(got, hf.Interval)
        close(got.low, cut(row["ci_lb"], 0, 1), rtol, atol, row)
        close(got.high, cut(row["ci_ub"], 0, 1), rtol, atol, row)
        if "estimate" in row:
            close(got.estimate, row["estimate"], 1e-14, 1e-15, row)


def test_every_variant_copied_is_compared() -> None:
    assert variants("exact_one") == {*METHODS, "poisson_exact"}


def test_rates_agree_with_the_exact_limits_of_the_reference() -> None:
    for row in rows("exact_one", "poisson_exact"):
        got = hf.rate(row["x"], row["n"])
        assert isinstance(got, hf.Interval)
        close(got.low, row["ci_lb"], 1e-8, 1e-9, row)
        close(got.high, row["ci_ub"], 1e-8, 1e-9, row)


@pytest.mark.parametrize(("x", "n"), [(12, 25), (1, 25), (3, 12), (5, 9), (1, 2)])
def test_mid_p_limits_solve_their_equation_to_thirty_digits(x: int, n: int) -> None:
    """Where the reference stops at 3e-5, mpmath says who is right."""
    with mp.workdps(30):

        def at_most(k: int, p: mpf) -> mpf:
            return sum((binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1)), mpf(0))

        got = hf.proportion(x, n, method="mid-p")
        assert isinstance(got, hf.Interval)
        own = binomial(n, x)
        tail = mpf("0.025")
        high = findroot(lambda p: at_most(x - 1, p) + own * p**x * (1 - p) ** (n - x) / 2 - tail, got.high)
        low = findroot(lambda p: 1 - at_most(x, p) + own * p**x * (1 - p) ** (n - x) / 2 - tail, got.low)
    close(got.high, high, 1e-14, 0.0)
    close(got.low, low, 1e-13, 0.0)


def test_likelihood_ratio_limits_where_they_have_a_closed_form() -> None:
    """1 of 2: p (1 - p) = exp(-z^2/2)/4. 0 of n: 1 - exp(-z^2/(2 n)). The reference is off by 3e-5 in both."""
    from math import exp, sqrt

    z2 = 1.959963984540054**2
    got = hf.proportion(1, 2, method="likelihood-ratio")
    assert isinstance(got, hf.Interval)
    close(got.low, (1 - sqrt(1 - exp(-z2 / 2))) / 2, 1e-13, 0.0)
    none = hf.proportion(0, 25, method="likelihood-ratio")
    assert isinstance(none, hf.Interval)
    close(none.high, 1 - exp(-z2 / 50), 1e-13, 0.0)
