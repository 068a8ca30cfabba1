"""Compiled code gives what numpy gives. numpy is held against grids, references and ``hf.pool`` in other files."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

import handful as hf
import handful.stats
from handful.base.errors import HandfulError
from handful.stats.estimates import fast_engine, fast_kernels
from handful.stats.estimates.between_study import ESTIMATORS
from handful.stats.estimates.pool_many import INTERVALS, PREDICTIONS

SEED = 20261122
FLOATS = ("coefficient", "se", "low", "high", "statistic", "p", "tau2", "q", "q_p", "i2", "h2", "prediction_low",
          "prediction_high")  # fmt: skip


def _ragged(n: int, spread: float, most: int = 31, seed: int = SEED) -> tuple[Any, Any, Any]:
    """One study and more; v log-normal, τ² one of five."""
    generator = np.random.default_rng(seed)
    by = np.repeat(np.arange(n), generator.integers(1, most, n))
    v = generator.lognormal(-2.0, spread, len(by))
    tau2 = generator.choice([0.0, 0.01, 0.05, 0.2, 1.0], n)[by]
    return 0.3 + generator.normal(size=len(by)) * np.sqrt(v + tau2), v, by


def _assert_same(ours: Any, theirs: Any, rtol: float = 1e-10, atol: float = 1e-12) -> None:
    """Sums in another order differ in the last digits; near a flat top τ² has about half of them less."""
    for name in ("labels", "k", "converged", "several_tops", "status"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    for name in FLOATS:
        scale = 100.0 if name == "i2" else 1.0
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol, atol * scale, err_msg=name)


def _both(*data: Any, **options: Any) -> tuple[Any, Any]:
    return hf.pool_many(*data, engine="numba", **options), hf.pool_many(*data, engine="numpy", **options)


@pytest.mark.parametrize("tau2", ESTIMATORS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_every_number_under_every_option(tau2: str, interval: str) -> None:
    y, v, by = _ragged(400, 1.0, 12)
    y[by == 7] = np.nan  # a set without a study
    prediction = PREDICTIONS[(ESTIMATORS.index(tau2) + INTERVALS.index(interval)) % 3]
    fast, plain = _both(y, v, by, tau2=tau2, interval=interval, prediction=prediction, level=0.9)
    _assert_same(fast, plain)
    assert set(np.unique(fast.status)) == {0, 1, 2}
    assert (fast.k == 2).any()


@pytest.mark.parametrize("interval", INTERVALS)
def test_a_common_effect(interval: str) -> None:
    fast, plain = _both(*_ragged(400, 1.0, 12), model="common-effect", interval=interval)
    _assert_same(fast, plain)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_same_top_in_twenty_thousand_sets(method: str) -> None:
    """Variances over five powers of ten: many at the boundary, some with several tops; τ² to 1e-10 in every one."""
    y, v, by = _ragged(20_000, 2.5, 12)
    fast, plain = _both(y, v, by, tau2=method)
    some = fast.status == 0
    difference = np.abs(fast.tau2 - plain.tau2)[some] / np.maximum(1.0, plain.tau2[some])
    assert difference.max() < 1e-10
    np.testing.assert_array_equal(fast.tau2 == 0, plain.tau2 == 0)
    assert (plain.tau2[some] == 0).sum() > 3000
    assert plain.several_tops.sum() > 20
    _assert_same(fast, plain)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_no_point_of_a_grid_is_higher(method: str) -> None:
    """The likelihood as it stands in textbooks, at 400 values of τ² for each of 2,000 sets of three studies."""
    generator = np.random.default_rng(SEED)
    n, k = 2000, 3
    v = generator.lognormal(-2.0, 2.5, (k, n))
    y = generator.normal(size=(k, n)) * np.sqrt(v + generator.choice([0.0, 0.05, 1.0], n))
    many = hf.pool_many(y.T.ravel(), v.T.ravel(), np.repeat(np.arange(n), k), tau2=method, engine="numba")

    def log_likelihood(tau2: Any) -> Any:
        w = 1.0 / (v + tau2)
        mean = (w * y).sum(0) / w.sum(0)
        value = 0.5 * np.log(w).sum(0) - 0.5 * (w * (y - mean) ** 2).sum(0)
        return value - 0.5 * np.log(w.sum(0)) if method == "REML" else value

    ours = log_likelihood(many.tau2)
    for tau2 in (0.0, *np.geomspace(1e-7, 100.0, 400)):
        theirs = log_likelihood(tau2)
        assert (ours >= theirs - 1e-12 * (1 + np.abs(theirs))).all()
    assert many.several_tops.sum() > 5


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_several_tops_are_found_and_counted_without_numpy(method: str) -> None:
    y, v, by = _ragged(5000, 2.5, 12)
    k = np.bincount(by)
    out = {name: np.full(len(k), np.nan) for name in FLOATS}
    tops = fast_engine.pool_each(
        fast_kernels, y, v, np.concatenate([[0], np.cumsum(k)]), k, out, method=method, interval="t", prediction="k-1",
        level=0.95,
    )  # fmt: skip
    plain = hf.pool_many(y, v, by, tau2=method, engine="numpy")
    assert (tops > 0).all()
    np.testing.assert_array_equal(tops > 1, plain.several_tops)
    assert (tops > 1).sum() > 10
    np.testing.assert_allclose(out["tau2"][k > 1], plain.tau2[k > 1], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_what_is_left_over_is_done_by_numpy(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no third set had ended."""
    y, v, by = _ragged(300, 2.5, 12)
    whole = hf.pool_many(y, v, by, engine="numpy")
    real = fast_engine.pool_each

    def broken(*arguments: Any, **options: Any) -> Any:
        tops = real(*arguments, **options)
        third = np.flatnonzero(arguments[4] > 2)[::3]
        tops[third] = 0
        for values in arguments[5].values():
            values[third] = -1.0
        return tops

    monkeypatch.setattr(fast_engine, "pool_each", broken)
    _assert_same(hf.pool_many(y, v, by, engine=engine), whole)


def test_p_values_against_scipy() -> None:
    """Every number of degrees of freedom up to 120, from the middle to far out."""
    from scipy.special import chdtrc, stdtr

    k = np.repeat(np.arange(2, 122), 25)
    far = np.tile(np.geomspace(1e-3, 60.0, 25), 120)
    y, by = [], np.repeat(np.arange(len(k)), k)
    for size, distance in zip(k, far, strict=True):
        row = np.linspace(-1.0, 1.0, size)
        y.append(distance / np.sqrt(size) + row * np.sqrt((size - 1) * distance / (row @ row)))
    v = np.ones(int(k.sum()))
    many = hf.pool_many(np.concatenate(y), v, by, model="common-effect", interval="t", engine="numba")
    np.testing.assert_allclose(many.statistic, far, rtol=1e-10)
    np.testing.assert_allclose(many.q, (k - 1) * far, rtol=1e-10)
    # 1 less a sum loses two digits at most; exp(−Q/2) has Q/2 times the rounding of its argument
    np.testing.assert_allclose(many.p, 2.0 * stdtr(k - 1, -np.abs(many.statistic)), rtol=2e-13)
    np.testing.assert_allclose(many.q_p, chdtrc(k - 1, many.q), rtol=2e-12, atol=1e-300)


def test_awkward_sets() -> None:
    """Equal estimates, one study that decides everything or says nothing, numbers too far apart, one set only."""
    y = [*[0.3] * 4, *[0.1, 0.5, 0.2, 0.9] * 2, 0.1, 0.2, 1e200, -1e200, 1e8, 1e8 + 1, 1e8 + 2, 5.0]
    v = [0.1, 0.2, 0.1, 0.3, 0.1, 0.1, 0.1, 1e12, 0.1, 1e-12, 0.1, 0.2]
    v += [0.1, 0.1, 1e-200, 1e-200, 0.1, 0.2, 0.3, 0.1]
    by = np.repeat([0, 1, 2, 3, 4, 5, 6], [4, 4, 4, 2, 2, 3, 1])
    for method in ESTIMATORS:
        fast, plain = _both(y, v, by, tau2=method)
        assert fast.status.tolist() == [0, 0, 0, 0, 3, 0, 1]
        _assert_same(fast, plain, rtol=1e-9)  # the second study of set 2 has 1e12 times the others' weight
        _assert_same(*_both(y[:4], v[:4], by[:4], tau2=method))
        _assert_same(*_both([], [], [], tau2=method))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_two_studies_of_very_different_variance(engine: str) -> None:
    """The difference is normal with variance v₁ + v₂ + 2τ², so τ² is known. Ratios of 1 to 1e12: tr PP as a plain
    sum has no digit left from 1e8 on, and gave half of τ²."""
    ratio = np.geomspace(1.0, 1e12, 200)
    v = np.stack([np.ones(200), ratio])
    for times in (0.5, 1.5, 4.0, 30.0):
        y = np.stack([np.zeros(200), np.sqrt(times * v.sum(0))])
        many = hf.pool_many(y.T.ravel(), v.T.ravel(), np.repeat(np.arange(200), 2), engine=engine)
        want = np.maximum((times - 1.0) * v.sum(0) / 2.0, 0.0)
        np.testing.assert_allclose(many.tau2, want, rtol=1e-9)
        assert many.converged.all()
        assert not many.several_tops.any()


def test_rows_in_any_order_and_labels_in_words() -> None:
    y, v, by = _ragged(300, 1.0, 12)
    order = np.random.default_rng(1).permutation(len(y))
    names = np.array([f"question {i}" for i in by])
    _assert_same(*_both(y[order], v[order], names[order]))


def test_one_very_large_set() -> None:
    generator = np.random.default_rng(SEED)
    v = generator.lognormal(-2.0, 1.0, 20_000)
    _assert_same(*_both(generator.normal(0.2, np.sqrt(v + 0.1)), v, np.zeros(len(v), dtype=int)), atol=1e-11)


def test_the_same_call_gives_the_same_bits_and_threads_change_nothing() -> None:
    data = [_ragged(500, 1.0, seed=seed) for seed in range(4)]
    alone = [hf.pool_many(*one, engine="numba") for one in data]
    start = threading.Barrier(4)

    def one(rows: Any) -> Any:
        start.wait()
        return hf.pool_many(*rows, engine="numba")

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(one, data))
    for a, b in zip(alone, together, strict=True):
        assert all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in FLOATS)


@pytest.mark.parametrize("test", ["z", "t", "knapp-hartung", "knapp-hartung-safe"])
@pytest.mark.parametrize("method", [*ESTIMATORS, ""])
def test_every_statistic_of_changed_signs(test: str, method: str) -> None:
    from handful.stats.estimates.permutation import sign_statistics

    y, v, _ = _ragged(1, 2.5, 2)
    generator = np.random.default_rng(SEED)
    v = generator.lognormal(-2.0, 2.0, 9)
    y = generator.normal(0.4, np.sqrt(v + 0.1))
    signs = 2.0 * generator.integers(0, 2, (9, 300)) - 1.0
    found = sign_statistics(y, v, signs, method, test, fast_kernels)
    # a statistic near 0 is a difference of sums near 1
    np.testing.assert_allclose(found, sign_statistics(y, v, signs, method, test), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("n", [500, "exact"])
def test_the_sign_test_of_a_fit(n: Any) -> None:
    y, v = [0.3, 0.8, -0.1, 0.5, 0.9, 0.2, 0.4], [0.04, 0.1, 0.05, 0.03, 0.2, 0.06, 0.01]
    fit = hf.regress(hf.estimates(y, v))
    assert not isinstance(fit, hf.NotEstimable)
    assert fit.permutation_test(n, seed=3, engine="numba") == fit.permutation_test(n, seed=3, engine="numpy")


def test_auto_goes_by_the_number_of_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fast_engine.compiled("auto", fast_engine.ENOUGH - 1) is None
    assert fast_engine.compiled("auto", fast_engine.ENOUGH) is fast_kernels
    assert fast_engine.compiled("numpy", 10**9) is None
    assert fast_engine.compiled("numba", 1) is fast_kernels
    with pytest.raises(HandfulError, match="accepted: auto, numba, numpy"):
        hf.pool_many([0.1], [0.1], ["a"], engine="nunba")


def test_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "handful.stats.estimates.fast_kernels", None)
    monkeypatch.delattr(handful.stats.estimates, "fast_kernels")
    assert fast_engine.compiled("auto", 10**9) is None
    with pytest.raises(HandfulError, match=r"pip install 'handful\[fast\]'"):
        hf.pool_many([0.1, 0.2], [0.1, 0.1], ["a", "a"], engine="numba")


def test_a_function_without_a_folder_is_compiled_all_the_same() -> None:
    """numba refuses to keep what comes from no file."""
    space: dict[str, Any] = {}
    exec("def twice(x):\n    return 2.0 * x", space)
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(space["twice"])
    assert fast_kernels._kernel(space["twice"])(4.0) == 8.0


def _thrice(x: float) -> float:
    return 3.0 * x


def test_a_folder_that_disappears_and_one_that_is_spoiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(folder))
    assert fast_kernels._kernel(_thrice)(1.0) == 3.0
    (index,) = folder.rglob("*.nbi")  # it is kept
    index.write_bytes(index.read_bytes()[:-20])
    with pytest.raises(Exception):  # noqa: B017  numba itself cannot read it
        numba.njit(cache=True, **fast_kernels._HOW)(_thrice)(1.0)
    assert fast_kernels._kernel(_thrice)(1.0) == 3.0
    index.unlink()
    gone, plain = fast_kernels._kernel(_thrice), numba.njit(cache=True, **fast_kernels._HOW)(_thrice)
    for file in sorted(folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    folder.rmdir()
    folder.write_text("a file where the folder was")
    with pytest.raises(OSError):
        plain(1.0)
    assert gone(1.0) == 3.0
