"""The arithmetic of normal estimates with one between-study variance, for many data sets of one size at once.

Arrays have one row a study and one column a data set (or one column a value of τ²: whatever is common to all has one
column only). With w = 1/(v + τ²), W = diag(w), X the design, P = W − WX(X'WX)⁻¹X'W and r = Py, everything that the
estimators of τ² ask for is in six numbers a column:

    Q = y'Py    a = y'PPy    b = tr P    c = y'PPPy    d = tr PP    and log det X'WX.

X comes as an orthonormal basis of its columns, ``basis``; None means one column of ones. The basis is made orthonormal
again under W (Gram–Schmidt), so there is no matrix to invert. One study that decides everything costs no digits as
long as y is centred at the common-effect mean, which ``centred`` does.

Equal sizes are the caller's: ``pool_many.py`` sorts ragged data into such blocks. A study of infinite variance has no
weight anywhere here (its y must be 0), so a block may hold a few sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = npt.NDArray[np.intp]

#: numbers in one array of a block: a few such arrays stay in the second-level cache
BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Problems:
    """Estimates ``y``, variances ``v`` and the columns of the design ``basis``, each of shape (k, n) or (k, 1)."""

    y: FloatArray
    v: FloatArray
    basis: tuple[FloatArray, ...] | None = None

    @property
    def k(self) -> int:
        return int(self.y.shape[0])

    @property
    def p(self) -> int:
        return 1 if self.basis is None else len(self.basis)

    @property
    def n(self) -> int:
        return int(max(self.y.shape[1], self.v.shape[1], *(q.shape[1] for q in self.basis or ()), 1))

    def take(self, columns: Columns) -> Problems:
        """These data sets only."""
        basis = None if self.basis is None else tuple(_taken(q, columns) for q in self.basis)
        return Problems(_taken(self.y, columns), _taken(self.v, columns), basis)

    def part(self, part: slice) -> Problems:
        """These data sets only, as views."""
        basis = None if self.basis is None else tuple(_part(q, part) for q in self.basis)
        return Problems(_part(self.y, part), _part(self.v, part), basis)


def _part(values: FloatArray, part: slice) -> FloatArray:
    return values if values.shape[1] == 1 else values[:, part]


def _taken(values: FloatArray, columns: Columns) -> FloatArray:
    return values if values.shape[1] == 1 else values.take(columns, axis=1)


def orthonormal(design: FloatArray) -> tuple[FloatArray, ...] | None:
    """The basis of a design, shape (k, p), as ``Problems`` takes it; None where it is one column of equal numbers."""
    if design.shape[1] == 1 and bool(np.all(design == design[0])):
        return None
    q, _ = np.linalg.qr(design)
    return tuple(np.ascontiguousarray(q[:, j : j + 1]) for j in range(q.shape[1]))


def centred(y: FloatArray, v: FloatArray) -> FloatArray:
    """y less its common-effect mean, twice, so that the second mean is 0 to the last digit of the differences."""
    w = 1.0 / v
    total = np.add.reduce(w, 0)
    out = y - np.add.reduce(w * y, 0) / total
    return np.asarray(out - np.add.reduce(w * out, 0) / total, dtype=np.float64)


def one_problem(y: FloatArray, v: FloatArray, design: FloatArray | None = None) -> Problems:
    """One data set, y and v of shape (k,), design (k, p); y becomes its residuals at τ² = 0, which changes no piece."""
    column, variances = y[:, None], v[:, None]
    basis = None if design is None else orthonormal(design)
    if basis is None:
        return Problems(centred(column, variances), variances)
    w = 1.0 / variances
    under, _ = _orthonormal_under(Problems(column, variances, basis), w)
    return Problems(_residual(_residual(column, under, w), under, w), variances, basis)


@dataclass(frozen=True, slots=True)
class Pieces:
    """a = y'PPy, b = tr P, c = y'PPPy, d = tr PP; one number a column. Under maximum likelihood b = Σ w and d = Σ w².

    All four fall in τ², and so do c/a and d/b: in the basis where P is diagonal they are sums of z²/(δ + τ²)^m and
    1/(δ + τ²)^m with fixed z and δ ≥ 0. ``tops.py`` builds on that.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @property
    def score(self) -> FloatArray:
        """Twice the derivative of the (restricted) log-likelihood in τ²."""
        return self.a - self.b

    def at(self, columns: Columns) -> Pieces:
        return Pieces(self.a[columns], self.b[columns], self.c[columns], self.d[columns])


def pieces(problems: Problems, tau2: FloatArray, restricted: bool) -> Pieces:
    """The four numbers at one τ² a column."""
    n, k = len(tau2), problems.k
    size = max(BLOCK // k, 1)
    if problems.basis is not None:
        if n <= size:
            return _pieces_of_design(problems, tau2, restricted)
        parts = [slice(at, min(at + size, n)) for at in range(0, n, size)]
        each = [_pieces_of_design(problems.part(part), tau2[part], restricted) for part in parts]
        return Pieces(*(np.concatenate([getattr(one, name) for one in each]) for name in ("a", "b", "c", "d")))
    if n <= size:
        return Pieces(*_pieces_of_mean(problems.y, problems.v, tau2, restricted, np.empty((2, k, n))))
    out, room = np.empty((4, n)), np.empty((2, k, size))
    for at in range(0, n, size):
        part = slice(at, min(at + size, n))
        own = room if part.stop - at == size else np.empty((2, k, part.stop - at))
        y, v = _part(problems.y, part), _part(problems.v, part)
        out[:, part] = _pieces_of_mean(y, v, tau2[part], restricted, own)
    return Pieces(*out)


def _pieces_of_mean(
    y: FloatArray, v: FloatArray, tau2: FloatArray, restricted: bool, room: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """For one common mean, in the room that is given: allocating costs more than the arithmetic."""
    w, r = room
    np.add(v, tau2, out=w)
    np.divide(1.0, w, out=w)
    s1 = np.add.reduce(w, 0)
    np.multiply(w, y, out=r)
    mean = np.add.reduce(r, 0)
    mean /= s1
    np.subtract(y, mean, out=r)
    r *= w
    wr = np.einsum("ij,ij->j", w, r)
    r *= r
    a = np.add.reduce(r, 0)
    r *= w
    c = np.add.reduce(r, 0) - wr * wr / s1
    np.multiply(w, w, out=r)
    s2 = np.add.reduce(r, 0)
    if not restricted:
        return a, s1, c, s2
    r *= w
    share = s2 / s1
    b = s1 - share
    d = s2 - 2.0 * np.add.reduce(r, 0) / s1 + share * share
    # P has at most k - 1 eigenvalues above 0, so d is between b²/(k - 1) and b²; the sum alone loses all its digits
    # where one study has 1e8 times the weight of the others
    most = b * b
    return a, b, c, np.minimum(np.maximum(d, most / max(len(y) - 1, 1)), most)


def _pieces_of_design(problems: Problems, tau2: FloatArray, restricted: bool) -> Pieces:
    w = 1.0 / (problems.v + tau2)
    basis, _ = _orthonormal_under(problems, w)
    r = w * _residual(problems.y, basis, w)
    wr = w * r
    c = np.add.reduce(wr * r, 0)
    for q in basis:
        c -= np.add.reduce(wr * q, 0) ** 2
    w2 = w * w
    b, d = np.add.reduce(w, 0), np.add.reduce(w2, 0)
    if restricted:
        for i, q in enumerate(basis):
            w2q = w2 * q
            inner = np.add.reduce(w2q * q, 0)
            b = b - inner
            d = d - 2.0 * np.add.reduce(w2q * w * q, 0) + inner * inner
            for other in basis[:i]:
                d += 2.0 * np.add.reduce(w2q * other, 0) ** 2
    return Pieces(np.add.reduce(r * r, 0), b, c, d)


def _orthonormal_under(problems: Problems, w: FloatArray) -> tuple[list[FloatArray], FloatArray]:
    """Columns q with Σ w q_i q_j = 1 or 0, and log det of the Gram matrix of the basis."""
    if problems.basis is None:
        total = np.add.reduce(w, 0)
        return [np.broadcast_to(1.0 / np.sqrt(total), w.shape)], np.log(total)
    done: list[FloatArray] = []
    log_det = np.zeros(w.shape[1])
    for column in problems.basis:
        rest = column
        for q in done:
            rest = rest - q * np.add.reduce(w * q * rest, 0)
        squared = np.add.reduce(w * rest * rest, 0)
        log_det += np.log(squared)
        done.append(rest / np.sqrt(squared))
    return done, log_det


def _residual(y: FloatArray, basis: list[FloatArray], w: FloatArray) -> FloatArray:
    rest = y
    for q in basis:
        rest = rest - q * np.add.reduce(w * q * rest, 0)
    return rest


def q_statistic(problems: Problems, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Q and −dQ/dτ² = y'PPy."""
    w = problems.v + tau2
    np.divide(1.0, w, out=w)
    if problems.basis is None:
        r = w * problems.y
        mean = np.add.reduce(r, 0) / np.add.reduce(w, 0)
        np.subtract(problems.y, mean, out=r)
    else:
        r = _residual(problems.y, _orthonormal_under(problems, w)[0], w)
    squared = r * r
    squared *= w
    q = np.add.reduce(squared, 0)
    squared *= w
    return q, np.add.reduce(squared, 0)


def pooled(problems: Problems, tau2: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For one mean: the weighted mean, Σ w, and Q at this τ²."""
    w = problems.v + tau2
    np.divide(1.0, w, out=w)
    total = np.add.reduce(w, 0)
    r = w * problems.y
    mean = np.add.reduce(r, 0)
    mean /= total
    np.subtract(problems.y, mean, out=r)
    w *= r
    return mean, total, np.einsum("ij,ij->j", w, r)


def log_likelihoods(problems: Problems, tau2: FloatArray, restricted: bool) -> FloatArray:
    """The (restricted) log-likelihood without the terms that do not depend on τ²."""
    w = 1.0 / (problems.v + tau2)
    basis, log_det = _orthonormal_under(problems, w)
    rest = _residual(problems.y, basis, w)
    value = 0.5 * np.add.reduce(np.log(w), 0) - 0.5 * np.add.reduce(w * rest * rest, 0)
    return np.asarray(value - 0.5 * log_det if restricted else value, dtype=np.float64)
