"""Effect sizes and conversions of printed worked examples; tolerances are half a unit of the last printed digit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handful.stats.conversions import (
    correlation_from_change,
    correlation_from_smd,
    from_interval,
    from_p,
    odds_ratio_from_smd,
    sd_from_difference,
    sd_from_interval,
    sd_of_change,
    smd_from_correlation,
    smd_from_odds_ratio,
)
from handful.stats.effects.effect_sizes import effect_sizes
from handful.stats.estimates.inverse_variance import pool_inverse_variance
from handful.stats.evidence import one_arm, two_arms, two_means
from handful.stats.evidence_paired import correlations

PUBLISHED = Path(__file__).parent / "data" / "published"

# Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371, table 6 (10.1016/S0033-0620(85)80003-7)
YUSUF = {
    "x1": [14, 18, 15, 10, 21, 3, 2, 19, 15, 5, 0, 8, 3, 0, 1, 0, 14, 0, 8, 6, 3],
    "n1": [56, 66, 100, 52, 226, 38, 20, 76, 106, 62, 9, 133, 48, 16, 42, 25, 221, 11, 259, 157, 177],
    "x2": [15, 19, 12, 12, 24, 6, 3, 15, 9, 4, 0, 11, 3, 0, 1, 3, 15, 0, 7, 4, 2],
    "n2": [58, 64, 95, 47, 228, 31, 20, 67, 114, 57, 8, 127, 49, 13, 46, 25, 228, 11, 129, 158, 136],
}
# Stijnen, Hamza, Özdemir 2010, Stat Med 29:3046-3067, table III (10.1002/sim.4040)
STIJNEN = {
    "a": [0, 1, 2, 0, 5, 1, 1, 1, 1, 1, 0, 0, 3, 6, 0, 0, 1, 4],
    "n1": [116, 44, 208, 130, 151, 98, 174, 74, 97, 113, 66, 70, 188, 187, 118, 252, 345, 64],
    "c": [3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1],
    "n2": [117, 35, 195, 136, 157, 139, 177, 39, 103, 122, 64, 58, 175, 180, 105, 262, 362, 69],
}


def test_peto_odds_ratio_of_beta_blockers() -> None:
    """Printed 0.9332 (0.7385 to 1.1792); Σ(O − E)/ΣV is the inverse-variance mean of the one-step log odds ratios."""
    es = effect_sizes(two_arms(YUSUF["x1"], YUSUF["n1"], YUSUF["x2"], YUSUF["n2"]), "PETO")
    assert [len(group) for group in es.excluded] == [3]  # no deaths in three trials: V = 0
    weight = 1 / es.vi
    mean, se = (weight * es.yi).sum() / weight.sum(), weight.sum() ** -0.5
    got = np.exp([mean, mean - 1.959964 * se, mean + 1.959964 * se])
    np.testing.assert_allclose(got, [0.9332, 0.7385, 1.1792], atol=6e-5)


def test_log_odds_ratios_of_catheters_with_a_half_added() -> None:
    """Printed −0.9804 (se 0.2435), tau 0.1886: ½ in studies with an empty cell, the study without events dropped."""
    two = two_arms(STIJNEN["a"], STIJNEN["n1"], STIJNEN["c"], STIJNEN["n2"])
    es = effect_sizes(two, "OR", add=0.5, drop00=True)
    assert [note.about for note in es.notes if note.code == "study-left-out"] == ["study 15"]
    fit = pool_inverse_variance(es.yi, es.vi, tau2="REML", interval="wald")
    # 1e-3: the paper's program stops earlier than ours (its estimates are printed to four digits)
    assert fit.coefficient == pytest.approx(-0.9804, abs=1e-3)
    assert fit.se == pytest.approx(0.2435, abs=1e-3)
    assert fit.tau2**0.5 == pytest.approx(0.1886, abs=6e-4)


def test_freeman_tukey_of_miller() -> None:
    """Miller 1978 prints the sum of the two arcsines; PFT is half of it, its variance a quarter."""
    data = json.loads((PUBLISHED / "single-miller-freeman-tukey.json").read_text(encoding="utf-8"))
    x, n = data["input"]["miller"]["x"], data["input"]["miller"]["n"]
    es = effect_sizes(one_arm(x, n), "PFT")
    np.testing.assert_allclose(2 * es.yi, data["expected"]["miller"]["ft_sum"], atol=6e-5)
    np.testing.assert_allclose(4 * es.vi, data["expected"]["miller"]["ft_var"], atol=6e-5)


def test_means_of_borenstein() -> None:
    """Borenstein, Hedges, Higgins, Rothstein 2009, ch. 4: means 103 and 100, sd 5.5 and 4.5, 50 each."""
    two = two_means([50], [103], [5.5], [50], [100], [4.5])
    difference = effect_sizes(two, "MD", vtype="HO")
    assert (difference.yi[0], round(difference.vi[0], 4)) == (3.0, 1.01)
    plain = effect_sizes(two, "SMD", correct=False)
    assert (round(plain.yi[0], 4), round(plain.vi[0], 4)) == (0.5970, 0.0418)
    corrected = effect_sizes(two, "SMD", vtype="LS2")  # the book's V_g = J² V_d
    assert corrected.yi[0] == pytest.approx(0.5924, abs=6e-5)
    assert corrected.vi[0] == pytest.approx(0.0411, abs=6e-5)


def test_two_by_two_of_borenstein() -> None:
    """Ch. 5: 5 of 100 against 10 of 100."""
    two = two_arms([5], [100], [10], [100])
    printed = {"RR": (-0.6931, 0.2800), "OR": (-0.7472, 0.3216), "RD": (-0.05, 0.001375)}
    for code, want in printed.items():
        es = effect_sizes(two, code)
        np.testing.assert_allclose((es.yi[0], es.vi[0]), want, atol=6e-5)


def test_correlation_and_conversions_of_borenstein() -> None:
    """Ch. 6: r = 0.50 of 100; ch. 7: from one measure to another."""
    z = effect_sizes(correlations([0.5], [100]), "ZCOR")
    assert (round(z.yi[0], 4), round(z.vi[0], 4)) == (0.5493, 0.0103)
    d = smd_from_odds_ratio(0.9069, 0.0676**0.5)
    assert (round(d.estimate, 4), round(d.vi, 4)) == (0.5, 0.0205)
    back = odds_ratio_from_smd(0.5, 0.0205**0.5)
    assert (round(back.estimate, 4), round(back.vi, 4)) == (0.9069, 0.0674)  # 0.0676 from 0.0205 before rounding
    of_r = smd_from_correlation(0.5, 0.0058**0.5)
    assert (round(of_r.estimate, 4), round(of_r.vi, 4)) == (1.1547, 0.0550)
    of_d = correlation_from_smd(1.1547, 0.0550**0.5, 50, 50)
    assert (round(of_d.estimate, 4), round(of_d.vi, 4)) == (0.5, 0.0058)


def test_standard_deviations_of_the_cochrane_handbook() -> None:
    """Chapter 6.5.2: interval of a mean, p value of a difference, standard deviation of changes."""
    assert sd_from_interval(30.0, 34.2, 25) == pytest.approx(5.09, abs=5e-3)
    se = from_p(3.8, 0.008, df=45).se
    assert se == pytest.approx(1.37, abs=5e-3)
    assert sd_from_difference(1.37, 25, 22) == pytest.approx(4.69, abs=5e-3)
    assert correlation_from_change(6.4, 7.1, 4.5) == pytest.approx(0.78, abs=5e-3)


def test_cross_over_of_the_cochrane_handbook() -> None:
    """Handbook 5.1, 16.4.6.4: sd 2.38 and 2.21, correlation 0.68, 10 people: SE of the mean difference 0.583."""
    assert sd_of_change(2.38, 2.21, 0.68) / 10**0.5 == pytest.approx(0.583, abs=5e-4)


def test_p_values_of_the_bmj_note() -> None:
    """Altman & Bland 2011, d2090: 17 points with p = 0.032 gives 1.4 to 32.6; relative risk 0.30 with p = 0.034 gives
    0.10 to 0.90. They approximate the normal quantile (within 0.002), so the first is met to 0.1."""
    points = from_p(17, 0.032)
    ends = [points.estimate + sign * 1.96 * points.se for sign in (-1, 1)]
    np.testing.assert_allclose(ends, [1.4, 32.6], atol=0.1)
    ratio = from_p(0.30, 0.034, measure="RR")
    ends = np.exp([ratio.estimate + sign * 1.96 * ratio.se for sign in (-1, 1)])
    np.testing.assert_allclose(ends, [0.10, 0.90], atol=0.02)
    again = from_interval(*ends, measure="RR")
    assert again.estimate == pytest.approx(np.log(0.30), abs=1e-12)
