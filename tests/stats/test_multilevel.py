"""Dependent estimates: limits that must be met, second computations, edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.clusters.block_likelihood import evaluate, stacks_of
from handful.stats.clusters.cluster_robust import _moments, _unbiased
from handful.stats.clusters.multilevel_result import Multilevel
from handful.stats.clusters.random_structures import STRUCTURES, Structure, patterns_of
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray = npt.NDArray[np.float64]


def _made(seed: int, clusters: int = 8) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, 5, clusters)
    codes = np.repeat(np.arange(clusters), sizes)
    v = draw.uniform(0.01, 0.2, len(codes))
    y = 0.3 + draw.normal(0, draw.uniform(0, 0.5), clusters)[codes]
    y += draw.normal(0, draw.uniform(0, 0.3), len(codes)) + draw.normal(0, np.sqrt(v))
    return y, v, codes


def _dense(y: FloatArray, v: FloatArray, x: FloatArray, m: FloatArray, restricted: bool) -> float:
    """The likelihood with whole matrices, by its definition."""
    inverse = np.linalg.inv(m)
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ y)
    rest = y - x @ beta
    k, p = x.shape
    value = -0.5 * (np.linalg.slogdet(m)[1] + rest @ inverse @ rest)
    if not restricted:
        return float(value - 0.5 * k * np.log(2 * np.pi))
    value += -0.5 * np.linalg.slogdet(information)[1] + 0.5 * np.linalg.slogdet(x.T @ x)[1]
    return float(value - 0.5 * (k - p) * np.log(2 * np.pi))


@pytest.mark.parametrize("restricted", [True, False])
def test_the_likelihood_in_blocks_is_that_of_whole_matrices(restricted: bool) -> None:
    """Also its gradient and second derivatives, by differences (1e-5: their own error)."""
    y, v, codes = _made(3)
    x = np.column_stack([np.ones(len(y)), np.linspace(-1, 1, len(y))])
    outer = (codes[:, None] == codes[None, :]).astype(float)
    stacks = stacks_of(y, np.diag(v), x, codes, [outer, np.eye(len(y))])
    c = np.array([0.07, 0.03])

    def dense(at: FloatArray) -> float:
        return _dense(y, v, x, np.diag(v) + at[0] * outer + at[1] * np.eye(len(y)), restricted)

    found = evaluate(stacks, c, restricted)
    assert found is not None
    assert found.value == pytest.approx(dense(c), abs=1e-10)
    step = 1e-4 * np.eye(2)
    for i in range(2):
        slope = (dense(c + step[i]) - dense(c - step[i])) / 2e-4
        assert found.gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-4)
        for j in range(2):
            up, down = evaluate(stacks, c + step[j], restricted), evaluate(stacks, c - step[j], restricted)
            assert up is not None
            assert down is not None
            bend = (up.gradient[i] - down.gradient[i]) / 2e-4
            assert found.second[i, j] == pytest.approx(bend, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_no_point_of_a_dense_grid_is_higher(method: str) -> None:
    """20 random sets (numpy default_rng, seeds 0 to 19), 16 x 16 points of the two standard deviations each."""
    deviations = np.concatenate([[0.0], np.geomspace(0.01, 3.0, 15)])
    for seed in range(20):
        y, v, codes = _made(seed)
        found = hf.multilevel(hf.estimates(y, v), cluster=codes, method=method, limits=False)
        assert isinstance(found, Multilevel)
        assert found.converged, seed
        outer = (codes[:, None] == codes[None, :]).astype(float)
        stacks = stacks_of(y, np.diag(v), np.ones((len(y), 1)), codes, [outer, np.eye(len(y))])
        best = max(
            one.value
            for a in deviations
            for b in deviations
            if (one := evaluate(stacks, np.array([a * a, b * b]), method == "REML")) is not None
        )
        assert found.log_likelihood >= best - 1e-9, seed


def test_clusters_of_one_are_ordinary_random_effects() -> None:
    y, v = [0.1, 0.9, 0.4, -0.3, 0.7], [0.04, 0.05, 0.03, 0.09, 0.06]
    plain = hf.pool(hf.estimates(y, v), interval="t")
    assert isinstance(plain, Fit)
    found = hf.multilevel(hf.estimates(y, v), cluster=list("abcde"), robust=False)
    assert isinstance(found, Multilevel)
    mean = found["mean"]
    for got, want in (
        (mean.estimate, plain.coefficient),
        (mean.se, plain.se),
        (mean.low, plain.low),
        (mean.high, plain.high),
        (mean.p, plain.p),
        (found.component("cluster").value, plain.tau2),
        (found.log_likelihood, plain.log_likelihood),
        (found.q, plain.q),
        (found.i2_total, plain.i2),
    ):
        assert got == pytest.approx(want, rel=1e-6)  # both searches end when the likelihood has: half its digits
    assert found.notes[0].code == "nothing-within"
    profile = hf.pool(hf.estimates(y, v), tau2_interval="profile-likelihood")
    assert isinstance(profile, Fit)
    limits, want = found.component("cluster").interval, profile.tau2_interval
    assert isinstance(limits, Interval)
    assert isinstance(want, Interval)
    assert limits.low == pytest.approx(want.low, abs=1e-8)
    assert limits.high == pytest.approx(want.high, rel=1e-6)


def test_cr2_is_unbiased_where_the_working_covariance_is_right() -> None:
    """E Σ (g'y)² under Φ is the model's covariance, exactly; without the adjustment it is smaller."""
    y, v, codes = _made(5)
    x = np.column_stack([np.ones(len(y)), np.linspace(-1, 1, len(y))])
    members = [np.flatnonzero(codes == g).astype(np.int64) for g in range(8)]
    full = np.diag(v) + 0.1 * (codes[:, None] == codes[None, :]) + 0.02 * np.eye(len(y))
    phis = [full[np.ix_(rows, rows)] for rows in members]
    bread = np.linalg.inv(x.T @ np.linalg.inv(full) @ x)
    raw = [bread @ x[rows].T @ np.linalg.inv(phi) for rows, phi in zip(members, phis, strict=True)]
    adjusted = [pull @ _unbiased(phi, x[rows], bread) for pull, rows, phi in zip(raw, members, phis, strict=True)]
    expected = np.einsum("ggst->st", _moments(adjusted, members, phis, x, bread))
    np.testing.assert_allclose(expected, bread, rtol=1e-9)
    smaller = np.einsum("ggst->st", _moments(raw, members, phis, x, bread))
    assert float(smaller[0, 0]) < float(bread[0, 0])
    assert float(smaller[1, 1]) < float(bread[1, 1])


@pytest.mark.parametrize("kind", STRUCTURES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_structures_have_their_jacobian_and_are_covariances(kind: str, size: int) -> None:
    structure = Structure(kind, size)
    draw = np.random.default_rng(size)
    for _ in range(5):
        theta = draw.normal(0, 1, structure.parameters)
        theta[: structure.deviations] = np.abs(theta[: structure.deviations]) + 0.1
        g = structure.matrix(theta)
        assert float(np.linalg.eigvalsh(g)[0]) > -1e-12
        jacobian = structure.jacobian(theta)
        for j in range(structure.parameters):
            step = 1e-6 * (np.arange(structure.parameters) == j)
            change = (structure.coefficients(theta + step) - structure.coefficients(theta - step)) / 2e-6
            np.testing.assert_allclose(jacobian[:, j], change, atol=1e-8)


def test_a_richer_structure_is_never_worse() -> None:
    """Three outcomes: ID is inside CS and DIAG, these inside HCS, that inside UN."""
    draw = np.random.default_rng(7)
    study = np.repeat(np.arange(15), 3)
    outcome = ["a", "b", "c"] * 15
    true = np.linalg.cholesky(np.array([[0.2, 0.1, 0.0], [0.1, 0.3, 0.05], [0.0, 0.05, 0.1]]))
    v = draw.uniform(0.02, 0.1, 45)
    y = np.concatenate([true @ draw.normal(0, 1, 3) for _ in range(15)]) + draw.normal(0, np.sqrt(v))
    found = {}
    for kind in STRUCTURES:
        fit = hf.multilevel(
            hf.estimates(y, v), cluster=study, outcome=outcome, structure=kind, rho=0.3, method="ML", limits=False
        )
        assert isinstance(fit, Multilevel)
        assert fit.converged
        found[kind] = fit.log_likelihood
    for less, more in (("ID", "CS"), ("ID", "DIAG"), ("CS", "HCS"), ("DIAG", "HCS"), ("HCS", "UN")):
        assert found[more] >= found[less] - 1e-8, (less, more)
    assert len(patterns_of(np.array([0, 1, 2]), np.zeros(3, dtype=np.int64), 3)) == 6


def test_limits_of_a_correlation_hold_the_estimate_and_widen_with_the_level() -> None:
    draw = np.random.default_rng(2)
    study, outcome = np.repeat(np.arange(12), 2), ["a", "b"] * 12
    shared = draw.normal(0, 0.4, 12)
    y = shared[study] + draw.normal(0, 0.25, 24)
    ends = []
    for level in (0.8, 0.95):
        fit = hf.multilevel(hf.estimates(y, [0.02] * 24), cluster=study, outcome=outcome, level=level)
        assert isinstance(fit, Multilevel)
        limits = fit.component("cluster: correlation").interval
        assert isinstance(limits, Interval)
        assert -1 <= float(limits.low) < float(limits.estimate) < float(limits.high) <= 1
        ends.append((float(limits.low), float(limits.high)))
    assert ends[1][0] < ends[0][0] < ends[0][1] < ends[1][1]


def test_order_of_rows_and_names_of_clusters_do_not_matter() -> None:
    y, v, codes = _made(11)
    mixed = np.random.default_rng(0).permutation(len(y))
    one = hf.multilevel(hf.estimates(y, v), cluster=codes, rho=0.4)
    two = hf.multilevel(hf.estimates(y[mixed], v[mixed]), cluster=[f"c{90 - c}" for c in codes[mixed]], rho=0.4)
    assert isinstance(one, Multilevel)
    assert isinstance(two, Multilevel)
    for name in ("estimate", "low", "high", "log_likelihood", "q"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-7)


def test_a_common_factor_of_the_scale_goes_through() -> None:
    y, v, codes = _made(4)
    one = hf.multilevel(hf.estimates(y, v), cluster=codes)
    two = hf.multilevel(hf.estimates(1e3 * y, 1e6 * v), cluster=codes)
    assert isinstance(one, Multilevel)
    assert isinstance(two, Multilevel)
    assert float(two["mean"].se) == pytest.approx(1e3 * one["mean"].se, rel=1e-6)
    assert two.component("cluster").value == pytest.approx(1e6 * one.component("cluster").value, rel=1e-4, abs=1e-3)


def test_what_cannot_be_said_is_said_in_words() -> None:
    est = hf.estimates([0.3, 0.1, 0.5, 0.4, 0.6, 0.2], [0.02] * 6)
    one = hf.multilevel(est, cluster=["a"] * 6)
    assert isinstance(one, NotEstimable)
    assert "one cluster" in one.reason
    many = hf.multilevel(est, cluster=list("aabbcc"), moderators={"g": list("uuvvww")})
    assert isinstance(many, NotEstimable)
    assert "robust=False" in many.reason
    same = hf.multilevel(est, cluster=list("aabbcd"), moderators={"x": [1, 2, 3, 4, 5, 6], "z": [2, 4, 6, 8, 10, 12]})
    assert isinstance(same, NotEstimable)
    assert "z is determined by x" in same.reason
    flat = hf.multilevel(hf.estimates([0.3] * 6, [0.02] * 6), cluster=list("aabbcc"))
    assert isinstance(flat, NotEstimable)
    assert "exactly on the fit" in flat.reason
    few = hf.multilevel(est, cluster=list("aabbcc"))
    assert isinstance(few, Multilevel)
    assert {"few-clusters", "few-degrees-of-freedom"} <= {note.code for note in few.notes}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rho": 1.5}, "not a correlation"),
        ({"V": np.eye(3)}, "shape"),
        ({"V": np.full((4, 4), 0.02)}, "between clusters"),
        ({"V": np.diag([1.0, 2.0, 3.0, 4.0])}, "differs from the variances"),
        ({"rho": 0.3, "V": 0.02 * np.eye(4)}, "both"),
        ({"cluster": ["a", "b"]}, "2 values for 4 estimates"),
        ({"cluster": "a"}, "not a column"),
        ({"cluster": ["a", None, "b", "b"]}, "missing for study 2"),
        ({"outcome": ["x", "y"]}, "2 values"),
        ({"level": 95}, "between 0 and 1"),
    ],
)
def test_wrong_input_is_named(options: dict[str, Any], words: str) -> None:
    est = hf.estimates([0.3, 0.1, 0.5, 0.4], [0.02] * 4)
    with pytest.raises(InputError, match=words):
        hf.multilevel(est, **{"cluster": ["a", "a", "b", "c"], **options})
    with pytest.raises(UnknownChoice, match="CR2"):
        hf.multilevel(est, cluster=["a", "a", "b", "c"], robust="CR3")


def test_missing_rows_are_left_out_and_said() -> None:
    y, v = [0.3, None, 0.1, 0.5, 0.4, 0.9], [0.02] * 6
    found = hf.multilevel(
        hf.estimates(y, v), cluster=list("abaccd"), moderators={"x": [1.0, 2.0, 3.0, None, 5.0, 6.0]}, robust=False
    )
    assert isinstance(found, Multilevel)
    assert found.k == 4
    assert [note.about for note in found.notes if note.code == "study-left-out"] == ["study 2", "study 4"]


def test_it_prints_and_goes_into_json() -> None:
    import json

    y, v, codes = _made(1)
    found = hf.multilevel(hf.estimates(y, v, measure="OR"), cluster=codes)
    assert isinstance(found, Multilevel)
    assert float(found.estimate) == pytest.approx(math.exp(found["mean"].estimate))  # type: ignore[arg-type]
    text = str(found)
    assert "cluster-robust (CR2)" in text
    assert "within, variance" in text
    json.dumps(found.to_dict())
    assert "<table" in found._repr_html_()
    assert len(found.to_frame()) == 1


def test_an_idle_variance_is_0_and_said() -> None:
    """Not the 1e-19 at which a climb happens to stop; the likelihood there is the one without that component."""
    y = [0.0377, -0.0396, 0.1921, 0.0315, -0.1607, 0.1085, 0.3912, 0.2841, -0.2112, -0.3796, 0.1887, 0.0124]
    cluster = [f"s{i % 4}" for i in range(12)]
    fit = hf.multilevel(hf.estimates(y, [0.04] * 12), cluster=cluster)
    assert isinstance(fit, Multilevel)
    idle = [c.value for c in fit.components if c.value < 1e-9]
    assert idle
    assert all(value == 0.0 for value in idle)
    assert "variance-at-edge" in {note.code for note in fit.notes}
