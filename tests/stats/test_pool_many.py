"""Many meta-analyses at once: the same as one by one, whatever the order, and clear words where there is nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import handful as hf
from handful.base.errors import HandfulError


def _ragged(n: int = 60, seed: int = 4) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(seed)
    k = generator.integers(1, 12, n)
    by = np.repeat(np.arange(n), k)
    v = generator.lognormal(-2, 1, len(by))
    return generator.normal(0.2, np.sqrt(v + 0.1)), v, by


@pytest.mark.parametrize("tau2", ["REML", "PM", "DL", "ML", "EB", "HE", "HS", "SJ"])
@pytest.mark.parametrize("interval", ["hartung-knapp-safe", "hartung-knapp", "t", "wald"])
def test_each_row_is_what_pool_gives(tau2: str, interval: str) -> None:
    y, v, by = _ragged()
    many = hf.pool_many(y, v, by, tau2=tau2, interval=interval)
    for i, label in enumerate(many.labels):
        fit = hf.pool(hf.estimates(y[by == label], v[by == label]), tau2=tau2, interval=interval)
        row = many.row(i)
        assert row["k"] == fit.k
        names = ("coefficient", "se", "low", "high", "p", "statistic", "tau2", "q", "q_p", "i2", "h2")
        pairs = {name: getattr(fit, name) for name in names}
        ends = fit.prediction
        alone = isinstance(ends, hf.NotEstimable)
        pairs |= {"prediction_low": ends if alone else ends.low, "prediction_high": ends if alone else ends.high}
        for name, want in pairs.items():
            if isinstance(want, hf.NotEstimable):
                assert row[name] is None, name
            else:
                assert row[name] == pytest.approx(want, rel=1e-9, abs=1e-10), name


def test_the_order_of_rows_does_not_matter_and_labels_may_be_words() -> None:
    y, v, by = _ragged()
    names = np.array([f"question {i}" for i in by])
    many = hf.pool_many(y, v, names)
    order = np.random.default_rng(1).permutation(len(y))
    mixed = hf.pool_many(y[order], v[order], names[order])
    place = {label: i for i, label in enumerate(mixed.labels)}
    back = [place[label] for label in many.labels]
    np.testing.assert_allclose(np.array(mixed.tau2)[back], many.tau2, rtol=1e-9, atol=1e-12)
    assert list(many.labels) == list(dict.fromkeys(names))


def test_blocks_do_not_change_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    from handful.stats.estimates import pool_many as module

    y, v, by = _ragged(400)
    whole = hf.pool_many(y, v, by)
    monkeypatch.setattr(module, "_COLUMNS", 3)
    small = hf.pool_many(y, v, by)
    np.testing.assert_allclose(small.coefficient, whole.coefficient, rtol=1e-12)
    np.testing.assert_allclose(small.tau2, whole.tau2, rtol=1e-11, atol=1e-13)


def test_the_same_call_gives_the_same_bits() -> None:
    y, v, by = _ragged()
    assert hf.pool_many(y, v, by).tau2.tobytes() == hf.pool_many(y, v, by).tau2.tobytes()


def test_leaving_each_study_out_in_one_call_is_pooling_without_it() -> None:
    generator = np.random.default_rng(2)
    k = 12
    v = generator.lognormal(-2, 1, k)
    y = generator.normal(0.2, np.sqrt(v + 0.1))
    rows = np.array([[i for i in range(k) if i != j] for j in range(k)])
    many = hf.pool_many(y[rows].ravel(), v[rows].ravel(), np.repeat(np.arange(k), k - 1))
    for j in range(k):
        fit = hf.pool(hf.estimates(np.delete(y, j), np.delete(v, j)))
        assert [many.coefficient[j], many.tau2[j], many.low[j]] == pytest.approx(
            [fit.coefficient, fit.tau2, fit.low], rel=1e-10, abs=1e-13
        )


def test_incomplete_rows_are_left_out_and_counted() -> None:
    many = hf.pool_many([0.1, None, 0.4, np.nan, 0.3], [0.1, 0.2, 0.1, 0.1, None], ["a", "a", "a", "b", "c"])
    assert [n.text for n in many.notes] == ["3 rows left out: yi or vi missing"]
    assert many.k.tolist() == [2, 0, 0]
    assert many.reason(1) == "no study with an estimate and a variance"
    assert many.row(1)["coefficient"] is None
    assert many.to_dict()["coefficient"].mask.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([0.1, 0.2], [0.1, 0.0], "row 2: yi 0.2, vi 0"),
        ([0.1, 0.2], [0.1, -1.0], "vi -1"),
        ([0.1, "0.2"], [0.1, 0.1], "row 2: '0.2'"),
        ([0.1, np.inf], [0.1, 0.1], "yi inf"),
        ([0.1], [0.1, 0.1], "rows"),
    ],
)
def test_what_cannot_be_used_is_named(yi: Any, vi: Any, words: str) -> None:
    with pytest.raises(HandfulError, match=words.replace("'", ".")):
        hf.pool_many(yi, vi, ["a", "a"])


def test_equal_estimates_and_enormous_variances() -> None:
    y = [0.3] * 4 + [0.1, 0.5, 0.2, 0.9] + [0.1, 0.5, 0.2, 0.9]
    v = [0.1, 0.2, 0.1, 0.3] + [0.1, 0.1, 0.1, 1e12] + [0.1] * 4
    many = hf.pool_many(y, v, np.repeat([0, 1, 2], 4))
    assert many.tau2[0] == 0
    assert many.coefficient[0] == pytest.approx(0.3, rel=1e-15)
    three = hf.pool(hf.estimates([0.1, 0.5, 0.2], [0.1, 0.1, 0.1]))
    assert many.coefficient[1] == pytest.approx(three.coefficient, rel=1e-9)  # the fourth says nothing
    assert many.tau2[2] == pytest.approx(max(np.var(y[8:], ddof=1) - 0.1, 0), rel=1e-10)  # equal variances: closed form
    assert np.isfinite(np.stack([many.low, many.high, many.i2, many.p])).all()


def test_numbers_too_far_apart_say_so() -> None:
    many = hf.pool_many([0.1, 0.2, 1e200, -1e200], [0.1, 0.1, 1e-200, 1e-200], [0, 0, 1, 1])
    assert many.status.tolist() == [0, 3]
    assert many.row(1)["low"] is None


def test_it_prints_and_becomes_a_frame() -> None:
    y, v, by = _ragged()
    many = hf.pool_many(y, v, by)
    assert "60 meta-analyses" in str(many)
    assert len(many.to_frame()) == 60
    with pytest.raises(ValueError):
        many.tau2[0] = 1.0


@pytest.mark.parametrize("missing", [None, float("nan"), pandas.NA, pandas.NaT])
def test_a_row_without_a_group_is_named(missing: object) -> None:
    with pytest.raises(HandfulError, match="no group in 1 rows: row 2"):
        hf.pool_many([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], ["a", missing, "a"])
    if isinstance(missing, float):
        with pytest.raises(HandfulError, match="no group in 1 rows: row 1"):
            hf.pool_many([1.0, 2.0], [1.0, 1.0], [missing, 2.0])
