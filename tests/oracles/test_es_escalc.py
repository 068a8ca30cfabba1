"""Effect sizes against metafor's ``escalc`` (version in each file): every case, every rule for empty cells."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from tests.oracles.es_cases import cases, column, evidence_of, name_of

from handful.stats.effects.effect_sizes import EffectSizes, effect_sizes
from handful.stats.effects.measures import MEASURES, measure
from handful.stats.effects.tetrachoric import tetrachoric

# closed forms: the tolerance the figures come with
RTOL, ATOL = 1e-10, 1e-12
# what escalc adds when nothing is said: nothing on these scales, ½ to studies with an empty cell on the others
NOTHING_ADDED = {"AS", "PHI", "ZPHI", "RTET", "IRSD", "PAS", "PFT", "IRS", "IRFT"}
FAMILIES = {
    "es_2x2": 824,
    "es_ir2": 18,
    "es_cont": 125,
    "es_mean1": 45,
    "es_cor": 18,
    "es_prepost": 18,
    "es_prop1": 224,
    "es_ir1": 32,
}
ALL = [(family, pair) for family in FAMILIES for pair in cases(family)]


def ours(family: str, file: dict[str, Any], args: dict[str, Any]) -> EffectSizes:
    code = args["measure"]
    options: dict[str, Any] = {}
    if family in ("es_2x2", "es_ir2", "es_prop1", "es_ir1"):
        options = {"add": args.get("add", 0.0 if code in NOTHING_ADDED else 0.5), "to": args.get("to", "only0")}
        if args.get("drop00"):
            options["drop00"] = True
    if measure(code).correct is not None:
        options["correct"] = args.get("correct", True)
    return effect_sizes(evidence_of(family, file["input"]), code, vtype=args.get("vtype"), **options)


def compare(es: EffectSizes, want_y: Any, want_v: Any, for_y: tuple[float, float], for_v: tuple[float, float]) -> None:
    y, v = es.aligned()
    missing = np.isnan(want_y) | np.isnan(want_v)
    np.testing.assert_array_equal(np.ma.getmaskarray(y), missing)
    np.testing.assert_allclose(y.compressed(), want_y[~missing], rtol=for_y[0], atol=for_y[1])
    np.testing.assert_allclose(v.compressed(), want_v[~missing], rtol=for_v[0], atol=for_v[1])
    assert missing.sum() == sum(len(group) for group in es.excluded)


@pytest.mark.parametrize(("family", "pair"), ALL, ids=[name_of(pair) for _, pair in ALL])
def test_effect_size_equals_escalc(family: str, pair: Any) -> None:
    file, case = pair
    args = case["args"]
    if "error" in case:
        # the reference stops at a mean below 0; here such a study is left out and named
        es = ours(family, file, args)
        below = np.array(file["input"]["mi"]) <= 0
        assert below.any()
        assert es.rows.tolist() == np.flatnonzero(~below).tolist()
        return
    want_y, want_v = column(file, case, "yi"), column(file, case, "vi")
    es = ours(family, file, args)
    if args["measure"] == "RTET":
        # the reference finds it by an optimiser that stops up to 2.8e-5 away, which moves its variance by up to 0.23 %;
        # ours solves the equation, see test_tetrachoric_correlation_solves_its_equation
        want_y, want_v = _without_correlations_of_one(es, want_y, want_v)
        compare(es, want_y, want_v, (0, 4e-5), (3e-3, 0))
    elif args["measure"] == "SMD" and args.get("vtype") == "AV" and np.isnan(want_y).all():
        _one_infinite_study_does_not_spoil_the_others(file, es)
    elif args["measure"] == "UCOR" and file["name"] == "dat.cohen1981":
        _one_figure_of_the_reference_is_wrong(file, es, want_y, want_v, args.get("vtype", "LS"))
    else:
        compare(es, want_y, want_v, (RTOL, ATOL), (RTOL, ATOL))


def test_no_case_is_left_out() -> None:
    for family, number in FAMILIES.items():
        assert sum(1 for f, _ in ALL if f == family) == number, family
    compared = {pair[1]["args"]["measure"] for _, pair in ALL}
    assert compared == set(MEASURES)


def _without_correlations_of_one(es: EffectSizes, want_y: Any, want_v: Any) -> tuple[Any, Any]:
    """With an empty cell rho is 1 or -1 and has no variance. There the reference has no figure, or prints a variance
    from a numeric second derivative at the edge: it says nothing, and ours is left out."""
    left_out = np.ma.getmaskarray(es.aligned()[0])
    assert (np.isnan(want_y[left_out]) | (np.abs(want_y[left_out]) > 0.98)).all()
    return np.where(left_out, np.nan, want_y), np.where(left_out, np.nan, want_v)


def _one_infinite_study_does_not_spoil_the_others(file: dict[str, Any], es: EffectSizes) -> None:
    """Two of the studies have a standard deviation of 0; the reference then has no average for any study."""
    spread = np.array(file["input"]["sd1i"]) + np.array(file["input"]["sd2i"]) > 0
    assert es.rows.tolist() == np.flatnonzero(spread).tolist()
    kept = {key: np.array(values)[spread] for key, values in file["input"].items()}
    without = effect_sizes(evidence_of("es_cont", kept), "SMD", vtype="AV")
    np.testing.assert_allclose(es.vi, without.vi, rtol=1e-14)


def _one_figure_of_the_reference_is_wrong(
    file: dict[str, Any], es: EffectSizes, want_y: Any, want_v: Any, vtype: str
) -> None:
    """r = -0.04 of 12 pairs: the reference's hypergeometric function is off in the fourth digit; mpmath decides."""
    mpmath.mp.dps = 30
    r, n = np.array(file["input"]["ri"]), np.array(file["input"]["ni"])
    wrong = (r == -0.04) & (n == 12)
    assert wrong.sum() == 1
    x, size = mpmath.mpf("-0.04"), mpmath.mpf(12)
    g = x * mpmath.hyp2f1(0.5, 0.5, (size - 2) / 2, 1 - x**2)
    if vtype == "UB":
        v = g**2 - 1 + (size - 3) / (size - 2) * (1 - x**2) * mpmath.hyp2f1(1, 1, size / 2, 1 - x**2)
    else:
        v = (1 - g**2) ** 2 / (size - 1)
    assert abs(float(want_y[wrong][0]) / float(g) - 1) > 1e-4
    np.testing.assert_allclose(es.yi[wrong], float(g), rtol=1e-13)
    np.testing.assert_allclose(es.vi[wrong], float(v), rtol=1e-13)
    np.testing.assert_allclose(es.yi[~wrong], want_y[~wrong], rtol=RTOL, atol=ATOL)
    np.testing.assert_allclose(es.vi[~wrong], want_v[~wrong], rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("table", [(1, 9, 6, 4), (62, 13536, 248, 12619), (4.5, 119.5, 11.5, 128.5), (7, 27, 35, 6)])
def test_tetrachoric_correlation_solves_its_equation(table: tuple[float, ...]) -> None:
    """P(X < h, Y < k; rho) = a/N by mpmath's own quadrature of the normal density, another route than ours."""
    mpmath.mp.dps = 20
    a, b, c, d = (np.array([float(x)]) for x in table)
    rho = mpmath.mpf(float(tetrachoric(a, b, c, d)[0][0]))
    n = sum(table)
    h = mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(table[0] + table[1]) / n - 1)
    k = mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(table[0] + table[2]) / n - 1)
    inside = mpmath.quad(
        lambda x: mpmath.npdf(x) * mpmath.ncdf((k - rho * x) / mpmath.sqrt(1 - rho**2)), [-12, -6, -3, -1, h]
    )
    assert float(abs(inside - mpmath.mpf(table[0]) / n)) < 1e-14


def test_tetrachoric_variance_is_the_delta_method() -> None:
    """The gradient by differences of rho itself, and the multinomial covariance of the cells."""
    table = np.array([7.0, 27.0, 35.0, 6.0])
    n, step = table.sum(), 1e-4
    gradient = []
    for cell in range(4):
        moved = [table + sign * step * np.eye(4)[cell] for sign in (1, -1)]
        up, down = (tetrachoric(*(np.array([x]) for x in cells))[0][0] for cells in moved)
        gradient.append((up - down) / (2 * step))
    g = np.array(gradient)
    covariance = np.diag(table) - np.outer(table, table) / n
    _, v = tetrachoric(*(np.array([x]) for x in table))
    assert v[0] == pytest.approx(g @ covariance @ g, rel=1e-6)  # central differences: 1e-8 of curvature, 1e-12/1e-4


def test_tetrachoric_of_halves_is_a_sine() -> None:
    """Both margins at one half: rho = sin(2 pi (a/N - 1/4)), known since Sheppard 1899."""
    rho, _ = tetrachoric(*(np.array([float(x)]) for x in (6, 14, 14, 6)))
    assert rho[0] == pytest.approx(np.sin(2 * np.pi * (6 / 40 - 0.25)), rel=1e-14)
