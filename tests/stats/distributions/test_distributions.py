"""Tails and quantiles of single numbers, against scipy over wide ranges and mpmath where scipy itself loses digits.

Tolerances: a tail probability 10^-m carries m log 10 in an exponential, whose rounding alone is that many times
1.1e-16; 1e-12 covers probabilities down to 1e-290. Quantiles are compared relative to themselves. scipy 1.17 is not an
oracle everywhere: stdtr(1, -1e-8) is off in the ninth digit, chdtri(1e9, 1 - 1e-9) in the sixth.
"""

from __future__ import annotations

import doctest
import math
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from scipy import special

from handful.stats.distributions import chi_squared, deviance, normal, student
from handful.stats.distributions.chi_squared import chi2_above, chi2_below, chi2_quantile
from handful.stats.distributions.normal import normal_above, normal_below, normal_quantile
from handful.stats.distributions.student import f_above, t_above, t_quantile, t_two_sided

DF = [0.05, 0.3, 1, 1.5, 2, 3, 4.7, 9, 20, 55.5, 120, 1_000, 12_345, 1e6, 1e9]
TAILS = [1e-200, 1e-30, 1e-12, 1e-5, 0.001, 0.025, 0.05, 0.2, 0.25, 0.3, 0.499, 0.5, 0.501, 0.75, 0.9, 0.975, 1 - 1e-9]


@pytest.mark.parametrize("module", [normal, chi_squared, student])
def test_docstring_examples(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("x", [*np.linspace(-37, 37, 149), 1e-9, -1e-200, 0.0])
def test_normal_tails(x: float) -> None:
    assert normal_below(x) == pytest.approx(float(mpmath.ncdf(x)), rel=3e-13)
    assert normal_above(x) == pytest.approx(float(mpmath.ncdf(-x)), rel=3e-13)


@pytest.mark.parametrize("tail", [*TAILS, 5e-300, 0.5 - 1e-9, 0.5 + 1e-12])
def test_normal_quantile(tail: float) -> None:
    assert normal_quantile(tail) == pytest.approx(-float(special.ndtri(tail)), rel=1e-13, abs=3e-17)


@pytest.mark.parametrize("df", DF)
def test_chi_squared_tails(df: float) -> None:
    """Far from the middle the rounding of the exponent grows with it: relative to 1e-13 and the logarithm."""
    scale = math.sqrt(2 * df)
    for x in (df * np.array([1e-6, 0.01, 0.3, 0.9, 1, 1.1, 2, 9])).tolist() + [df + j * scale for j in range(-4, 9)]:
        if x <= 0:
            continue
        for ours, theirs in ((chi2_above, special.chdtrc), (chi2_below, special.chdtr)):
            want = float(theirs(df, x))
            if want > 1e-290:
                # scipy's own error at a million degrees of freedom and more is about 1e-11 in the tail
                loose = 2e-13 * (1 - math.log(want)) if df < 1e5 else 1e-9
                assert ours(x, df) == pytest.approx(want, rel=loose, abs=2e-15), (ours.__name__, x)


@pytest.mark.parametrize("df", [df for df in DF if df < 1e5])
def test_chi_squared_quantiles(df: float) -> None:
    for tail in TAILS:
        want = float(special.chdtri(df, tail))
        if want > 1e-290:
            assert chi2_quantile(tail, df) == pytest.approx(want, rel=1e-12), tail


@pytest.mark.parametrize("df", [1e6, 1e9])
@pytest.mark.parametrize("z", [-6.0, -1.5, 0.3, 2.0, 9.0])
def test_chi_squared_with_a_million_degrees_of_freedom_and_more(df: float, z: float) -> None:
    """mpmath integrates the density from x outwards for 60 standard deviations."""
    x, sd = df + z * math.sqrt(2 * df), math.sqrt(2 * df)
    with mpmath.workdps(40):
        a = mpmath.mpf(df) / 2
        top = -a * mpmath.log(2) - mpmath.loggamma(a)
        ends = [x + math.copysign(j, z) * sd for j in (0, 1, 2, 4, 8, 16, 32, 60)]
        area = mpmath.quad(lambda t: mpmath.exp(top + (a - 1) * mpmath.log(t) - t / 2), ends)
    want = abs(float(area))
    assert (chi2_above if z > 0 else chi2_below)(x, df) == pytest.approx(want, rel=1e-12)
    if z > -2:  # further down 1 - want has lost the digits
        assert chi2_quantile(want if z > 0 else 1 - want, df) == pytest.approx(x, rel=1e-12)


@pytest.mark.parametrize("df", DF)
def test_t_tails(df: float) -> None:
    for t in (1e-8, 0.01, 0.5, 1, 1.7, 2, 3, 6, 20, 500, 1e7):
        want = 2 * float(special.stdtr(df, -t))
        if want > 1e-290:
            if t < 1e-6 and df >= 0.3:
                want = _t_by_mpmath(t, df)
            loose = 2e-13 * (1 - math.log(want)) if df < 1e5 else 1e-9
            assert t_two_sided(t, df) == pytest.approx(want, rel=loose), t
            assert t_two_sided(-t, df) == t_two_sided(t, df)
            assert t_above(-t, df) == pytest.approx(1 - want / 2, rel=1e-14)


def _t_by_mpmath(t: float, df: float) -> float:
    with mpmath.workdps(50):
        x, a = mpmath.mpf(t), mpmath.mpf(df)
        return float(mpmath.betainc(a / 2, mpmath.mpf(1) / 2, 0, a / (a + x * x), regularized=True))


@pytest.mark.parametrize("df", [0.05, 0.3, 1, 1.5, 2, 3, 4.7, 9, 20, 55.5, 120])
def test_t_quantiles_give_their_tail_back(df: float) -> None:
    """mpmath's tail at our quantile is the tail that was asked for; scipy's quantiles are not all so exact."""
    for tail in TAILS:
        t = t_quantile(tail, df)
        if math.isinf(t):
            assert _t_by_mpmath(1e150, df) > 2 * min(tail, 1 - tail)
        elif t == 0:
            assert tail == 0.5
        else:
            # relative error of t, times df, is the largest that the tail's can be; near a half the tail is flat
            found = _t_by_mpmath(t, df)
            assert found == pytest.approx(2 * min(tail, 1 - tail), rel=1e-13 * max(1.0, df) * 5), tail


@pytest.mark.parametrize("df", [1, 2, 3, 4.7, 9, 20, 120, 1_000, 12_345, 1e6, 1e9])
def test_t_quantiles_beside_scipy(df: float) -> None:
    for tail in (0.001, 0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.975):
        assert t_quantile(tail, df) == pytest.approx(-float(special.stdtrit(df, tail)), rel=1e-12), tail


def test_closed_forms() -> None:
    for tail in (1e-12, 0.01, 0.2, 0.4):
        assert t_quantile(tail, 1) == pytest.approx(1 / math.tan(math.pi * tail), rel=1e-14)
        c = 1 - 2 * tail
        assert t_quantile(tail, 2) == pytest.approx(c * math.sqrt(2 / (4 * tail * (1 - tail))), rel=1e-14)
        assert chi2_quantile(tail, 2) == pytest.approx(-2 * math.log(tail), rel=1e-14)
        assert chi2_quantile(tail, 1) == pytest.approx(normal_quantile(tail / 2) ** 2, rel=1e-14)


def test_f_tail() -> None:
    rng = np.random.default_rng(20261128)
    for d1, d2, f in 10 ** rng.uniform([-0.5, -0.5, -1], [3, 3, 2], (300, 3)):
        want = float(special.fdtrc(d1, d2, f))
        if want > 1e-290:
            assert f_above(float(f), float(d1), float(d2)) == pytest.approx(want, rel=3e-13 * (1 - math.log(want)))
    assert f_above(3.0, 1, 7) == pytest.approx(t_two_sided(math.sqrt(3), 7), rel=1e-13)
    assert f_above(3.0, 4, math.inf) == chi2_above(12.0, 4)


def test_edges() -> None:
    assert (chi2_above(0, 3), chi2_above(-1, 3), chi2_above(math.inf, 3), chi2_above(2, 0)) == (1, 1, 0, 1)
    assert (t_two_sided(0, 3), t_two_sided(math.inf, 3), t_above(-math.inf, 3), t_above(0, 3)) == (1, 0, 1, 0.5)
    assert (t_quantile(0.5, 3), t_quantile(0, 3), t_quantile(1, 3)) == (0, math.inf, -math.inf)
    assert t_quantile(0.025, math.inf) == normal_quantile(0.025)
    assert t_two_sided(1.3, math.inf) == pytest.approx(2 * normal_above(1.3))
    assert (normal_quantile(0), normal_quantile(1), normal_quantile(0.5)) == (math.inf, -math.inf, 0)
    assert (f_above(0, 2, 3), f_above(math.inf, 2, 3)) == (1, 0)
    assert chi2_quantile(1 - 1e-16, 0.01) == 0.0  # below the smallest float
    assert t_quantile(1e-300, 0.01) == math.inf


@pytest.mark.parametrize("z", [1e-6, 0.3, 1, 2.5, 7, 15.9, 16, 40, 1e4])
def test_stirling_error(z: float) -> None:
    with mpmath.workdps(40):
        x = mpmath.mpf(z)
        want = mpmath.loggamma(x + 1) - (x + 0.5) * mpmath.log(x) + x - mpmath.log(2 * mpmath.pi) / 2
    assert deviance.stirling_error(z) == pytest.approx(float(want), rel=3e-15)


@pytest.mark.parametrize("pair", [(3.0, 3.0), (3.0, 3.0000001), (10.0, 12.0), (1.0, 1e6), (0.0, 2.0), (1e8, 1e8 + 10)])
def test_deviance(pair: tuple[float, float]) -> None:
    x, m = (mpmath.mpf(v) for v in pair)
    with mpmath.workdps(60):
        want = (x * mpmath.log(x / m) if x else 0) + m - x
    assert deviance.deviance(*pair) == pytest.approx(float(want), rel=1e-14, abs=0)


@pytest.mark.parametrize(
    "command",
    [
        "hf.pool(hf.estimates([.1, .3, .6], [.04, .03, .05]))",
        "hf.pool(hf.two_means([30, 25], [10, 9], [3, 2], [31, 24], [11, 12], [3, 3]), measure='SMD')",
        "hf.pool(hf.two_arms([3, 5, 1], [10, 12, 9], [5, 6, 4], [11, 14, 10]), model='mantel-haenszel')",
        "hf.pool(hf.two_arms([3, 5, 1], [10, 12, 9], [5, 6, 4], [11, 14, 10]), model='random-effects', measure='RR')",
        "hf.pool(hf.two_arms([3, 5, 1], [10, 12, 9], [5, 6, 4], [11, 14, 10]), model='peto')",
        "hf.regress(hf.estimates([.1, .3, .6, .2], [.04, .03, .05, .1]), moderators={'dose': [1, 2, 3, 5]})",
    ],
)
def test_pooling_estimates_loads_no_scipy(command: str) -> None:
    """What the quantiles here are for: a fresh process that pools by inverse variance never loads scipy."""
    code = f"import sys, handful as hf; print({command}); sys.exit('scipy.special' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_a_single_number_is_the_same_whether_scipy_is_loaded_or_not() -> None:
    """There is one path: the bits cannot depend on what else was imported."""
    code = "{}import handful as hf; print(repr(hf.pool(hf.estimates([.1, .3, .6], [.04, .03, .05])).to_dict()))"

    def run(before: str) -> bytes:
        return subprocess.run([sys.executable, "-c", code.format(before)], capture_output=True, check=True).stdout

    assert run("") == run("import scipy.special; ")
