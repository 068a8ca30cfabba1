"""The odds ratio given the margins, against an independent root finder good to 1e-13."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.exact_cases import close, rows

import handful as hf

CASES = rows("exact_two_conditional", "conditional")
RTOL, ATOL = 1e-9, 1e-11


def groups(row: dict[str, Any]) -> Any:
    return hf.two_groups(row["x1"], row["n1"], row["x2"], row["n2"])


@pytest.mark.parametrize(
    ("field", "method", "level"),
    [("central95", "conditional-exact", 0.95), ("central90", "conditional-exact", 0.90), ("midp95", "mid-p", 0.95)],
)
def test_limits(field: str, method: str, level: float) -> None:
    for row in CASES:
        got = groups(row).odds_ratio(method=method, level=level)
        close(got.low, row[field][0], RTOL, ATOL, row)
        close(got.high, row[field][1], RTOL, ATOL, row)


def test_conditional_estimate() -> None:
    compared = 0
    for row in CASES:
        if row["cmle"] is not None and row["support"][0] < row["support"][1]:
            close(groups(row).odds_ratio().estimate, row["cmle"], RTOL, ATOL, row)
            compared += 1
    assert compared > 50


@pytest.mark.parametrize(
    ("field", "test", "alternative"),
    [
        ("p_less", "fisher", "less"),
        ("p_greater", "fisher", "greater"),
        ("p_two_minlike", "fisher", "two-sided"),
        ("p_two_central", "fisher-central", "two-sided"),
        ("p_midp_less", "fisher-mid-p", "less"),
        ("p_midp_greater", "fisher-mid-p", "greater"),
        ("p_midp_central", "fisher-central-mid-p", "two-sided"),
    ],
)
def test_p_values(field: str, test: str, alternative: str) -> None:
    for row in CASES:
        close(groups(row).p_value(test=test, alternative=alternative), row[field], RTOL, ATOL, row)


def test_fisher_mid_p_subtracts_half_of_every_equally_likely_table() -> None:
    """The reference subtracts half of the observed table only: it is larger by half of each *other* table tied with
    it."""
    from math import comb

    for row in CASES:
        n1, n2, s = row["n1"], row["n2"], row["x1"] + row["x2"]
        ways = {u: comb(n1, u) * comb(n2, s - u) for u in range(max(0, s - n2), min(n1, s) + 1)}
        tied = sum(w for u, w in ways.items() if w == ways[row["x1"]] and u != row["x1"])
        got = groups(row).p_value(test="fisher-mid-p")
        close(got, row["p_midp_minlike"] - tied / sum(ways.values()) / 2, RTOL, ATOL, row)
