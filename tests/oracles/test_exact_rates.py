"""One rate and the ratio of two against R's packages, over all x1, x2 = 0..6."""

from __future__ import annotations

import pytest
from tests.oracles.exact_cases import close, rows, variants

import handful as hf
from handful.stats.two_groups.two_rates import two_rates

TESTS = {
    "ratio_exact": "minlike",
    "poisson_exact_central": "central",
    "poisson_exact_minlike": "minlike",
    "poisson_exact_blaker": "blaker",
}


def test_garwood_limits_agree() -> None:
    for row in rows("exact_rates", "one_garwood"):
        got = hf.rate(row["x"], row["t"])
        assert isinstance(got, hf.Interval)
        close(got.low, row["ci_lb"], 1e-10, 1e-12, row)
        close(got.high, row["ci_ub"], 1e-10, 1e-12, row)
        close(got.estimate, row["estimate"], 1e-14, 0.0, row)


def test_mid_p_limits_agree_as_far_as_the_reference_goes() -> None:
    """Its root finder stops at 1e-4 of the expected number of events (here 1e-4/60.5); ours solves to the last
    digits."""
    for row in rows("exact_rates", "one_midp"):
        got = hf.rate(row["x"], row["t"], method="mid-p")
        assert isinstance(got, hf.Interval)
        close(got.low, row["ci_lb"], 0.0, 1e-4 / 60.5, row)
        close(got.high, row["ci_ub"], 0.0, 1e-4 / 60.5, row)


@pytest.mark.parametrize("variant", TESTS)
def test_p_values_of_two_rates_agree(variant: str) -> None:
    for row in rows("exact_rates", variant):
        groups = two_rates(row["x1"], row["t1"], row["x2"], row["t2"])
        close(groups.p_value(test=TESTS[variant]), row["pval"], 1e-9, 1e-11, row)


@pytest.mark.parametrize("variant", ["ratio_exact", "poisson_exact_central"])
def test_exact_limits_of_the_ratio_agree(variant: str) -> None:
    for row in rows("exact_rates", variant):
        got = two_rates(row["x1"], row["t1"], row["x2"], row["t2"]).rate_ratio()
        assert isinstance(got, hf.Interval)
        close(got.low, row["ci_lb"], 1e-10, 1e-12, row)
        close(got.high, row["ci_ub"], 1e-10, 1e-12, row)
        if row["estimate"] is not None:
            close(got.estimate, row["estimate"], 1e-12, 0.0, row)


def test_blaker_limits_of_the_ratio_agree_as_shares_of_the_events() -> None:
    """The reference looks for the share pi = ratio t1/(ratio t1 + t2) in steps of 1e-4, so that is where to compare."""

    def share(ratio: float, row: dict[str, float]) -> float:
        return 1.0 if ratio == float("inf") else ratio * row["t1"] / (ratio * row["t1"] + row["t2"])

    for row in rows("exact_rates", "poisson_exact_blaker"):
        got = two_rates(row["x1"], row["t1"], row["x2"], row["t2"]).rate_ratio(method="blaker")
        assert isinstance(got, hf.Interval)
        for ours, theirs in ((got.low, row["ci_lb"]), (got.high, row["ci_ub"])):
            close(share(float(ours), row), share(float(theirs), row), 0.0, 1.001e-4, row)


def test_every_variant_copied_is_compared() -> None:
    assert variants("exact_rates") == {*TESTS, "one_garwood", "one_midp"}
