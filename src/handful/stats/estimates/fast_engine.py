"""Plain numpy or compiled code: which one runs, and the compiled one called with what it needs.

``engine``: ``numpy``; ``numba`` (an error where it is not installed); ``auto``, which is numba where it is installed
and there are so many rows that loading it pays. The choice hangs on nothing else, so that the same call on the same
installation gives the same digits.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

ENGINES = ("auto", "numba", "numpy")
#: rows from which loading compiled code costs less than it saves (docs/decisions/fast-kernels.md)
ENOUGH = 5_000_000

_METHODS = ("", "DL", "HE", "HS", "SJ", "ML", "REML", "PM")  # places are those of ``fast_kernels``
_OUT = ("coefficient", "se", "low", "high", "statistic", "tau2", "q", "i2", "h2", "prediction_low", "prediction_high",
        "p", "q_p")  # fmt: skip


def compiled(engine: str, rows: int) -> Any:
    """The compiled kernels, or None where numpy is to be used."""
    if engine not in ENGINES:
        raise UnknownChoice("engine", engine, ENGINES)
    if engine == "numpy" or (engine == "auto" and rows < ENOUGH):
        return None
    try:
        from handful.stats.estimates import fast_kernels
    except ImportError as error:  # not installed, or installed for another numpy
        if engine == "auto":
            return None
        raise InputError(
            f"engine='numba' cannot be used: {error}",
            hint="pip install 'handful[fast]', or engine='numpy', which gives the same numbers",
        ) from error
    return fast_kernels


def _method(name: str) -> int:
    return _METHODS.index("PM" if name == "EB" else name)


def pool_each(
    kernels: Any, y: FloatArray, v: FloatArray, offsets: IntArray, sizes: IntArray, out: dict[str, FloatArray], *,
    method: str, interval: str, prediction: str, level: float,
) -> IntArray:  # fmt: skip
    """Fill ``out`` by meta-analysis, and count the tops of each; where that is 0, the caller has to do it again."""
    from scipy.special import chdtrc, ndtri, stdtr, stdtrit

    tail = 0.5 + level / 2
    z = float(ndtri(tail))
    found = np.flatnonzero(np.bincount(sizes))
    found = found[found > 1]
    largest = int(found[-1]) if found.size else 1
    reaches, ahead = np.full(largest + 1, z), np.full(largest + 1, z)
    if interval != "wald":
        reaches[found] = stdtrit(found - 1, tail)
    if prediction != "normal":
        ahead[found] = stdtrit(np.maximum(found - {"k-1": 1, "k-2": 2}[prediction], 1), tail)
    factor = {"hartung-knapp": 1, "hartung-knapp-safe": 2}.get(interval, 0)
    tops = np.zeros(len(sizes), dtype=np.int64)
    columns = tuple(out[name] for name in _OUT)
    kernels.pool_each(
        y, v, offsets, np.empty((3, largest)), _method(method), factor, z, reaches, ahead, columns, tops,
        interval == "wald",
    )  # fmt: skip
    many = sizes > 1
    left = np.flatnonzero(np.isnan(out["p"]) & many)
    out["p"][left] = 2.0 * stdtr(sizes[left] - 1, -np.abs(out["statistic"][left]))
    left = np.flatnonzero(np.isnan(out["q_p"]) & many)
    out["q_p"][left] = chdtrc(sizes[left] - 1, out["q"][left])
    return tops


def sign_each(
    kernels: Any, y: FloatArray, v: FloatArray, signs: FloatArray, method: str, test: str
) -> tuple[FloatArray, Mask]:
    """|mean/se| for each column of signs, and where it is certain."""
    n = signs.shape[1]
    out, tops = np.empty(n), np.zeros(n, dtype=np.int64)
    factor = {"knapp-hartung": 1, "knapp-hartung-safe": 2}.get(test, 0)
    # copies: one layout of the arrays, so one compilation
    columns = (np.array(y), np.array(v), np.ascontiguousarray(signs))
    kernels.sign_each(*columns, np.empty((2, len(y))), _method(method), factor, out, tops)
    return out, tops > 0
