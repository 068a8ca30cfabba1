"""The rows of ``fit.to_frame()``: each study's own effect is what the verb for one study says."""

from __future__ import annotations

import math

import pytest

import handful as hf
from handful.base.errors import InputError
from handful.stats.fit_text import as_rows
from handful.synthesis.study_effects import study_effects


def studies(fit: hf.Fit) -> list[dict[str, object]]:
    return [row for row in as_rows(fit) if row["row"] == "study"]


@pytest.mark.parametrize("model", ["bayes", "binomial-normal", "beta-binomial", "common-effect"])
def test_a_rate_has_its_exact_interval(model: str) -> None:
    for row, (x, n) in zip(
        studies(hf.pool(hf.one_arm([1, 0, 3, 12], [4, 4, 12, 12]), model=model)),
        [(1, 4), (0, 4), (3, 12), (12, 12)],
        strict=True,
    ):
        alone = hf.proportion(x, n)
        assert (row["estimate"], row["low"], row["high"]) == (alone.estimate, alone.low, alone.high)


def test_two_groups_have_the_limits_of_their_own_verb() -> None:
    fit = hf.pool(hf.two_arms([1, 3], [4, 12], [0, 2], [4, 11]), measure="RD")
    for row, four in zip(studies(fit), [(1, 4, 0, 4), (3, 12, 2, 11)], strict=True):
        alone = hf.two_groups(*four).risk_difference()
        assert (row["estimate"], row["low"], row["high"]) == (alone.estimate, alone.low, alone.high)


def test_estimates_have_theirs_and_weights_that_add_up() -> None:
    rows = studies(hf.pool(hf.estimates([0.1, 0.2], [0.1, 0.2], measure="OR")))
    half = 1.959963984540054 * math.sqrt(0.1)
    assert rows[0]["estimate"] == pytest.approx(math.exp(0.1), rel=1e-12)
    assert rows[0]["low"] == pytest.approx(math.exp(0.1 - half), rel=1e-12)
    assert math.fsum(row["weight"] for row in rows) == pytest.approx(1.0)  # type: ignore[misc]


def test_a_study_that_says_nothing_about_a_ratio_has_no_estimate_and_no_nan() -> None:
    fit = hf.pool(hf.two_arms([0, 3, 2], [4, 12, 10], [0, 2, 3], [4, 11, 9]), measure="OR")
    for row in studies(fit):
        assert not any(isinstance(v, float) and math.isnan(v) for v in row.values())
    effects, _ = study_effects(fit.recipe.evidence, "OR")
    assert effects[0].words


def test_counts_and_estimates_together() -> None:
    both = hf.combine(hf.one_arm([1], [4]), hf.estimates([-1.0], [0.5], measure="PLO"), measure="proportion")
    first, second = studies(hf.pool(both))
    assert first["estimate"] == pytest.approx(0.25, abs=1e-4)
    assert second["estimate"] == pytest.approx(1 / (1 + math.e), abs=1e-6)
    assert second["low"] < second["estimate"] < second["high"]  # type: ignore[operator]


def test_another_case_of_letters_is_suggested() -> None:
    with pytest.raises(InputError, match="did you mean 'OR'"):
        hf.pool(hf.two_arms([1], [4], [0], [4]), measure="or")
    with pytest.raises(InputError, match="did you mean 'REML'"):
        hf.pool(hf.estimates([1.0, 2.0], [1.0, 1.0]), tau2="reml")
