"""Missing people under an odds ratio, against a published analysis, exact identities and numerical derivatives."""

from __future__ import annotations

import doctest
import itertools
import json
import math
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import handful as hf
from handful.stats.patients import missing as missing_file
from handful.stats.patients import missing_two_arms


def test_docstring_examples() -> None:
    for module in (missing_file, missing_two_arms):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


@pytest.mark.parametrize("case", [("ica_0", 0.0, 0.0), ("worst_case", 0.0, math.inf)])
def test_haloperidol_as_published(repository: Path, case: tuple[str, float, float]) -> None:
    """Balduzzi 2019, doi:10.1136/ebmental-2019-300117: RR, limits (2 decimals) and tau² (4 decimals).

    That program adds ½ to the events and ½ to the group in the rate, and weighs it with the people there were: the
    fractional events that give its rate are handed in.
    """
    given = json.loads((repository / "tests/oracles/data/published/missing-haloperidol-available.json").read_text())
    data = {k: np.array(v) for k, v in given["input"].items() if k != "author"}
    zero = (data["resp_h"] == 0) | (data["resp_p"] == 0)
    sides = []
    for arm, imor in (("h", case[1]), ("p", case[2])):
        x, n = data[f"resp_{arm}"], data[f"resp_{arm}"] + data[f"fail_{arm}"]
        rate = (x + 0.5 * zero) / (n + 0.5 * zero)
        sides.append(hf.missing_people(n * rate, n, data[f"drop_{arm}"], imor))
    y = np.log(sides[0].proportion) - np.log(sides[1].proportion)
    v = sum(side.variance / side.proportion**2 for side in sides)
    fit = hf.pool(hf.estimates(y, v, measure="RR"), model="random-effects", tau2="PM", interval="wald")
    expected = given["expected"][case[0]]
    assert fit.estimate == pytest.approx(expected["rr"], abs=0.006)
    assert [fit.low, fit.high] == pytest.approx(expected["ci"], abs=0.006)
    assert fit.tau2 == pytest.approx(expected["tau2"], abs=6e-5)


def test_variance_is_the_delta_method_with_numerical_derivatives() -> None:
    """mpmath differentiates the rate itself; nothing of the formula for its slope is shared."""
    x, n, m, delta, sd = 7, 19, 6, 0.4, 0.3

    def rate(p: Any, share: Any, log_delta: Any) -> Any:
        odds = mpmath.e**log_delta * p / (1 - p)
        return (1 - share) * p + share * odds / (1 + odds)

    at = (mpmath.mpf(x) / n, mpmath.mpf(m) / (n + m), mpmath.log(delta))
    slopes = [mpmath.diff(rate, at, tuple(int(i == j) for j in range(3))) for i in range(3)]
    parts = (at[0] * (1 - at[0]) / n, at[1] * (1 - at[1]) / (n + m), mpmath.mpf(sd) ** 2)
    want = sum(slope**2 * part for slope, part in zip(slopes, parts, strict=True))
    got = hf.missing_people(x, n, m, delta, log_imor_sd=sd)
    assert got.proportion[0] == pytest.approx(float(rate(*at)), rel=1e-14)
    assert got.variance[0] == pytest.approx(float(want), rel=1e-12)
    p = got.proportion[0]
    assert got.log_odds_variance[0] == pytest.approx(float(want) / (p * (1 - p)) ** 2, rel=1e-12)


@pytest.mark.parametrize("counts", [(4, 10, 5), (0, 5, 2), (7, 7, 3), (3, 8, 0)])
def test_the_bounds_are_the_binomial_of_everybody(counts: tuple[int, int, int]) -> None:
    x, n, m = counts
    for word, events in (("none-responded", x), ("all-responded", x + m)):
        got = hf.missing_people(x, n, m, word)
        p = events / (n + m)
        assert got.proportion[0] == pytest.approx(p, abs=1e-15)
        assert got.variance[0] == pytest.approx(p * (1 - p) / (n + m), abs=1e-15)


def test_as_observed_is_the_available_cases() -> None:
    got = hf.missing_people([4, 1], [10, 6], [5, 60])
    assert got.proportion == pytest.approx([0.4, 1 / 6])
    assert got.variance == pytest.approx([0.4 * 0.6 / 10, 5 / 36 / 6])
    for method in ("clopper-pearson", "wilson"):
        plain = hf.proportion([4, 1], [10, 6], method=method)
        assert got.interval(method=method).low == pytest.approx(plain.low)
        assert got.interval(method=method).high == pytest.approx(plain.high)


def test_imor_and_its_inverse_mirror_events_and_non_events() -> None:
    one, other = hf.missing_people(3, 11, 4, 2.5), hf.missing_people(8, 11, 4, 1 / 2.5)
    assert one.proportion[0] == pytest.approx(1 - other.proportion[0], rel=1e-14)
    assert one.variance[0] == pytest.approx(other.variance[0], rel=1e-13)


def test_the_rate_rises_with_the_odds_ratio_and_approaches_its_bounds() -> None:
    rates = [hf.missing_people(3, 11, 4, d).proportion[0] for d in (0, 1e-9, 0.5, 1, 2, 1e9, math.inf)]
    assert all(a < b for a, b in itertools.pairwise(rates))
    assert rates[1] == pytest.approx(rates[0], abs=1e-8)
    assert rates[-2] == pytest.approx(rates[-1], abs=1e-8)


def test_observed_people_variance_by_name() -> None:
    got = hf.missing_people(4, 10, 5, 0, variance="observed-people")
    p = 4 / 15
    assert got.variance[0] == pytest.approx(p * (1 - p) / 10)


def test_nobody_observed() -> None:
    alone = hf.missing_people(0, 0, 4, 2)
    assert isinstance(alone, hf.NotEstimable)
    assert "nobody was observed" in alone.reason
    several = hf.missing_people([0, 2], [0, 5], [4, 1], 2, labels=["A", "B"])
    assert several.labels == ("B",)
    assert several.rows.tolist() == [1]
    assert str(several.notes[0]) == "A: left out: all 4 are missing, so there is no rate to start from"
    assert hf.missing_people(0, 0, 4, "all-responded").proportion.tolist() == [1.0]


def test_estimates_leave_out_what_has_no_log_odds_and_say_so() -> None:
    e = hf.missing_people([0, 3], [4, 9], [1, 2], 0.5, labels=["A", "B"]).estimates()
    assert e.labels == ("B",)
    assert e.rows.tolist() == [1]
    assert "A" in {note.about for note in e.notes}


def test_every_bad_row_is_told_at_once() -> None:
    with pytest.raises(hf.HandfulError) as caught:
        hf.missing_people([4, "x", 1], [3, 2, None], [1, -1, 0], [1, 2, -3])
    words = str(caught.value)
    for part in ("4 events among 3", "'x', not a number", "missing is -1", "observed is missing", "imor is -3"):
        assert part in words
    with pytest.raises(hf.HandfulError, match="as-observed"):
        hf.missing_people(1, 2, 3, "nobody")
    with pytest.raises(hf.HandfulError, match="2 values for 3 rows"):
        hf.missing_people([1, 1, 1], [2, 2, 2], [1, 1, 1], [1, 2])


def test_two_arms_without_missing_people_are_the_ordinary_effects() -> None:
    a, n, c, m = [4, 7, 0], [12, 20, 9], [2, 9, 3], [11, 21, 10]
    none = [0, 0, 0]
    for measure in ("OR", "RR", "RD"):
        for imor in (0.3, 1, "worst-for-first"):
            got = hf.missing_people_two_arms(a, n, none, c, m, none, measure=measure, imor=imor)
            plain = hf.effect_sizes(hf.two_arms(a, n, c, m), measure)
            assert got.yi == pytest.approx(plain.yi, rel=1e-12)
            assert got.vi == pytest.approx(plain.vi, rel=1e-12)
    corrected = hf.missing_people_two_arms(a, n, none, c, m, none, add=0.5)
    plain = hf.effect_sizes(hf.two_arms(a, n, c, m), "OR", add=0.5)
    assert corrected.yi == pytest.approx(plain.yi, rel=1e-12)
    assert corrected.vi == pytest.approx(plain.vi, rel=1e-12)


def test_worst_and_best_swap_with_the_arms() -> None:
    worst = hf.missing_people_two_arms(4, 12, 3, 5, 11, 2, measure="RD", imor="worst-for-first")
    best = hf.missing_people_two_arms(5, 11, 2, 4, 12, 3, measure="RD", imor="best-for-first")
    assert worst.yi[0] == pytest.approx(4 / 15 - 7 / 13, abs=1e-15)
    assert worst.yi[0] == pytest.approx(-best.yi[0], abs=1e-15)
    assert worst.vi[0] == pytest.approx(best.vi[0], rel=1e-14)


def test_two_arms_leave_out_and_refuse_in_words() -> None:
    got = hf.missing_people_two_arms([0, 3], [4, 9], [1, 1], [1, 2], [4, 8], [0, 0], labels=["A", "B"])
    assert got.labels == ("B",)
    assert "A" in {note.about for note in got.notes}
    assert isinstance(hf.missing_people_two_arms(0, 4, 1, 1, 4, 0), hf.NotEstimable)
    with pytest.raises(hf.HandfulError, match="worst-for-first"):
        hf.missing_people_two_arms(1, 4, 1, 1, 4, 0, imor="bad")
    with pytest.raises(hf.HandfulError, match="not an odds ratio"):
        hf.missing_people_two_arms(1, 4, 1, 1, 4, 0, imor=(1, 2, 3))
