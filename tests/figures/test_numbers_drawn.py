"""What is computed in order to be drawn, against figures from outside; what is drawn, against the result it is of.

``hf.figures``: Baujat's coordinates, p value curves, regions of the funnel, L'Abbé's curve, marks of the forest.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.figures.tables import LATITUDE, bcg, pooled, series

import handful as hf
from handful.figures.baujat import coordinates
from handful.figures.drapery import p_curve
from handful.figures.effects import effects_of
from handful.figures.labbe import pooled_curve

BCG: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "bcg_pooled.json").read_text(encoding="utf-8"))
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])


def _marks(axes: Any, marker: str) -> list[Any]:
    return [line for line in axes.lines if line.get_marker() == marker]


@pytest.mark.parametrize(("estimator", "name"), [("", "EE"), ("REML", "REML")])
def test_baujat_against_leave_one_out_of_metafor(estimator: str, name: str) -> None:
    """Both coordinates follow from the pooled effect with and without each study; 1e-8: the reference's own search."""
    want = BCG[name]
    tau2 = want["tau2"] if estimator else 0.0
    evidence = hf.estimates(YI, VI, measure="RR")
    fit = hf.pool(evidence, model="random-effects" if estimator else "common-effect")
    x, y = coordinates(effects_of(fit), fit)
    np.testing.assert_allclose(x, (YI - want["mean"]) ** 2 / (VI + tau2), rtol=1e-8, atol=1e-10)
    mean, se = np.array(want["without"]["mean"]), np.array(want["without"]["se"])
    np.testing.assert_allclose(y, (want["mean"] - mean) ** 2 / se**2, rtol=1e-6, atol=1e-8)
    if not estimator:
        assert math.fsum(x) == pytest.approx(want["q"], rel=1e-10)


def test_baujat_draws_these() -> None:
    fit = hf.pool(hf.estimates(YI, VI, measure="RR"), model="common-effect")
    axes = hf.figures.baujat(fit)
    x, y = coordinates(effects_of(fit), fit)
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), x)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), y)
    assert axes.get_xlabel() == "contribution to Q"


def test_drapery_passes_through_p_and_limits_of_metafor() -> None:
    """At no effect the pooled curve is the p value, at the 95 % limits it is 0.05; 1e-10: closed forms."""
    for name in ("EE", "REML"):
        want = BCG[name]
        curve = p_curve(np.array([0.0, *want["ci"], want["mean"]]), want["mean"], want["se"], math.inf)
        np.testing.assert_allclose(curve, [want["p"], 0.05, 0.05, 1.0], rtol=1e-9)


def test_drapery_of_a_fit_has_its_p_value_and_limits() -> None:
    fit = pooled(interval="hartung-knapp")
    axes = hf.figures.drapery(fit)
    line = next(line for line in axes.lines if line.get_label() == "pooled")
    x, p = np.log(line.get_xdata()), line.get_ydata()
    for at, height in ((fit.coefficient_low, 0.05), (fit.coefficient_high, 0.05), (0.0, fit.p), (fit.coefficient, 1.0)):
        assert np.interp(at, x, p) == pytest.approx(height, abs=2e-3)  # between the points of the curve


def test_labbe_curves_are_the_measures_own() -> None:
    control = np.array([0.1, 0.4, 0.8])
    treated = pooled_curve("OR", 0.5, control)
    assert treated is not None
    np.testing.assert_allclose(treated / (1 - treated) / (control / (1 - control)), 0.5, rtol=1e-12)
    np.testing.assert_allclose(pooled_curve("RR", 0.5, control), [0.05, 0.2, 0.4])
    np.testing.assert_allclose(pooled_curve("RD", -0.05, control), [0.05, 0.35, 0.75])
    assert pooled_curve("AS", 0.1, control) is None


def test_labbe_puts_the_first_group_upwards_and_areas_in_proportion_to_people() -> None:
    axes = hf.figures.labbe(hf.two_arms([1, 4], [4, 8], [0, 2], [4, 40]), groups=("treated", "control"))
    circles = axes.collections[0]
    points = {tuple(point) for point in np.asarray(circles.get_offsets()).tolist()}
    assert points == {(0.0, 0.25), (0.05, 0.5)}
    small, large = sorted(circles.get_sizes())
    assert (large - 30) / (small - 30) == pytest.approx(48 / 8)


def test_forest_marks_stand_where_the_numbers_are() -> None:
    fit = series()
    axes = hf.figures.forest(fit)
    points = [line.get_xdata()[0] for line in _marks(axes, "o")]
    assert points == pytest.approx([1 / 4, 0.0, 3 / 9, 2 / 5, 0.0])
    bars = [line.get_xdata() for line in axes.lines if line.get_solid_capstyle() == "butt" and line.get_linewidth() > 2]
    for (low, high), (x, n) in zip(bars, [(1, 4), (0, 7), (3, 9), (2, 5), (0, 3)], strict=True):
        want = hf.proportion(x, n)
        assert (low, high) == pytest.approx((want.low, want.high))
    diamond = axes.patches[0].get_xy()
    assert (diamond[:, 0].min(), diamond[:, 0].max()) == pytest.approx((fit.low, fit.high))
    assert diamond[1, 0] == pytest.approx(fit.estimate)


def test_the_interval_is_louder_than_the_point() -> None:
    axes = hf.figures.forest(pooled())
    dots = _marks(axes, "o")
    bars = [
        line.get_linewidth()
        for line in axes.lines
        if line.get_solid_capstyle() == "butt" and line.get_color() == "#2a7f93"
    ]
    assert len(dots) == len(bars) == 13
    assert all(dot.get_markerfacecolor() == "#ffffff" for dot in dots)  # a hole in the bar, not a block on it
    assert max(bars) == pytest.approx(7.0)
    heaviest = int(np.argmax(pooled().weights))  # type: ignore[arg-type]
    assert bars[heaviest] == max(bars)


def test_forest_says_the_same_as_the_fit() -> None:
    """The words beside the axes are the fit's numbers, and those of its studies."""
    fit = pooled()
    said = {text.get_text() for text in hf.figures.forest(fit).texts}
    assert f"{fit.estimate:.2f} ({fit.low:.2f} to {fit.high:.2f})" in said
    assert {"4 of 123", "11 of 139", "Aronson 1948", "weight"} <= said
    assert sum(text.endswith(" %") for text in said) >= 10


def test_no_events_need_nothing_added() -> None:
    """0 of 12 against 3 of 11 has limits, drawn with an arrow; 0 against 0 says nothing about a ratio, in words."""
    rows = hf.two_arms([0, 2, 0], [12, 14, 5], [3, 0, 0], [11, 15, 6], labels=list("ABC"))
    axes = hf.figures.forest(rows)
    said = {text.get_text() for text in axes.texts}
    assert "says nothing about a ratio" in said
    assert any(text.startswith("∞ (") for text in said)
    assert len(_marks(axes, "<")) == 1
    assert len(_marks(axes, ">")) == 1


@pytest.mark.parametrize("against", ["se", "precision"])
def test_funnel_points_and_region(against: str) -> None:
    fit = hf.pool(hf.estimates(YI, VI, measure="RR"), model="random-effects")
    assert isinstance(fit, hf.Fit)
    axes = hf.figures.funnel(fit, against=against)
    points = _marks(axes, "o")[0]
    np.testing.assert_allclose(points.get_xdata(), np.exp(YI))
    height = np.sqrt(VI) if against == "se" else 1 / np.sqrt(VI)
    np.testing.assert_allclose(points.get_ydata(), height)
    edge = axes.lines[0]
    error = edge.get_ydata()[50] if against == "se" else 1 / edge.get_ydata()[50]
    assert math.log(edge.get_xdata()[50]) == pytest.approx(float(fit.coefficient) - 1.959963984540054 * error)


def test_funnel_contours_are_where_a_study_alone_would_be_significant() -> None:
    axes = hf.figures.funnel(hf.estimates(YI, VI, measure="RR"), contours=(0.95,))
    sides = [line for line in axes.lines if line.get_color() == "#d8d3c6"]
    assert len(sides) == 2
    for line in sides:
        inside = np.abs(np.log(line.get_xdata()[1:])) / line.get_ydata()[1:]
        z = 1.959963984540054
        assert np.all(inside <= z + 1e-9)
        assert np.isclose(inside, z).sum() > 50


def test_studies_filled_in_are_drawn_hollow_where_they_were_put() -> None:
    est = hf.estimates([0.0, 0.1, 0.2, 0.5, 0.6, 0.9], [0.01, 0.02, 0.02, 0.08, 0.1, 0.2])
    filled = hf.trim_and_fill(hf.pool(est, model="common-effect"))
    axes = hf.figures.funnel(filled)
    marks = _marks(axes, "D")[0]
    np.testing.assert_allclose(marks.get_xdata(), [y for _, y, _ in filled.filled])  # type: ignore[union-attr]
    np.testing.assert_allclose(marks.get_ydata() ** 2, [v for _, _, v in filled.filled])  # type: ignore[union-attr]
    assert marks.get_markerfacecolor() == "white"
    assert len(_marks(axes, "o")[0].get_xdata()) == 6


@pytest.mark.parametrize("runs", [hf.leave_one_out, hf.cumulate], ids=lambda runs: runs.__name__)
def test_forest_of_runs(runs: Any) -> None:
    found = runs(pooled())
    axes = hf.figures.forest(found)
    assert [line.get_xdata()[0] for line in _marks(axes, "o")] == pytest.approx([row.estimate for row in found.rows])
    assert len(axes.patches) == 1, "the diamond of all studies"


def test_counts_and_estimates_together_have_their_likelihood_limits() -> None:
    """0 of n falls by z²/2 at 1 − exp(−z²/2n); a normal estimate at ± z standard errors; 1e-9: closed forms."""
    z = 1.959963984540054
    both = hf.combine(
        hf.one_arm([0, 7, 3], [7, 7, 9]), hf.estimates([-1.0], [0.25], measure="PLO"), measure="proportion"
    )
    axes = hf.figures.forest(both)
    bars = [line.get_xdata() for line in axes.lines if line.get_solid_capstyle() == "butt" and line.get_linewidth() > 2]
    empty = 1 - math.exp(-(z**2) / 14)
    want = [(0.0, empty), (1 - empty, 1.0), None, [1 / (1 + math.exp(1.0 - s * 0.5 * z)) for s in (-1, 1)]]
    for got, ends in zip(bars, want, strict=True):
        if ends is not None:
            assert list(got) == pytest.approx(list(ends), rel=1e-9, abs=1e-12)
    for p in bars[2]:
        fall = 3 * math.log(p * 3) + 6 * math.log((1 - p) * 1.5)
        assert fall == pytest.approx(-0.5 * z**2, rel=1e-9)


def test_baujat_of_a_regression_is_its_influence() -> None:
    found = hf.regress(hf.effect_sizes(bcg(), "RR"), {"latitude": LATITUDE})
    axes = hf.figures.baujat(found)
    moved = hf.influence(found)
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), moved.baujat_x)  # type: ignore[union-attr]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), moved.baujat_y)  # type: ignore[union-attr]


def test_gosh_draws_every_subset_that_has_a_spread() -> None:
    found = hf.gosh(hf.pool(hf.estimates([0.1, 0.3, 0.2, 0.9], [0.02, 0.03, 0.02, 0.02], measure="OR")))
    axes = hf.figures.gosh(found, study="study 4", measure="OR")
    without, with_it = axes.lines
    assert (len(without.get_xdata()), len(with_it.get_xdata())) == (4, 7)  # of three studies: 3 + 1; with a fourth: 7
    kept = found.k > 1  # type: ignore[union-attr]
    drawn = np.sort(np.concatenate([without.get_xdata(), with_it.get_xdata()]))
    np.testing.assert_allclose(drawn, np.sort(np.exp(found.coefficient[kept])))  # type: ignore[union-attr]


def test_radial_slopes_are_effects() -> None:
    fit = hf.pool(hf.estimates(YI, VI, measure="RR"), model="random-effects")
    assert isinstance(fit, hf.Fit)
    axes = hf.figures.radial(fit)
    points = _marks(axes, "o")[0]
    np.testing.assert_allclose(points.get_ydata() / points.get_xdata(), YI)
    np.testing.assert_allclose(points.get_xdata(), 1 / np.sqrt(VI + float(fit.tau2)))  # type: ignore[arg-type]
    line = axes.lines[0]
    assert line.get_ydata()[1] / line.get_xdata()[1] == pytest.approx(fit.coefficient)


def test_bubble_line_is_the_prediction_of_the_regression() -> None:
    found = hf.regress(hf.effect_sizes(bcg(), "RR"), {"latitude": LATITUDE})
    axes = hf.figures.bubble(found)
    line = next(line for line in axes.lines if line.get_color() == "#0b5d73")
    at = line.get_xdata()[40]
    assert line.get_ydata()[40] == pytest.approx(found.predict({"latitude": float(at)})[0].estimate)  # type: ignore[union-attr]
    np.testing.assert_allclose(np.asarray(axes.collections[-1].get_offsets())[:, 0], LATITUDE)
