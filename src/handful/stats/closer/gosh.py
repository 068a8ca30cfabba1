"""Every subset of the studies pooled, or a sample of the subsets: is there a group of studies that pulls apart?

GOSH (Olkin, Dahabreh & Trikalinos 2012, 10.1002/jrsm.1053): the estimates and I² of all 2^k − 1 subsets; where the
cloud has several clumps, studies differ in kind. A random subset has each study with chance ½.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.estimates.pool_many import pool_many

FloatArray: TypeAlias = npt.NDArray[np.float64]

#: all subsets are listed up to this many
MOST = 2**17


@dataclass(frozen=True, eq=False)
class Gosh:
    """One entry a subset: its size, the estimate (on the model scale), τ², I² in percent, Q, and which studies are in.

    Where a subset has one study τ², I² and Q are nan in the arrays.
    """

    labels: tuple[str, ...]
    included: npt.NDArray[np.bool_]
    k: npt.NDArray[np.int64]
    coefficient: FloatArray
    tau2: FloatArray
    i2: FloatArray
    q: FloatArray
    every: bool
    seed: int | None

    def __len__(self) -> int:
        return len(self.k)

    def with_study(self, label: str) -> npt.NDArray[np.bool_]:
        """Which subsets hold this study."""
        return np.asarray(self.included[:, self.labels.index(label)], dtype=np.bool_)

    def to_frame(self) -> Any:
        """A pandas DataFrame where pandas is installed, else a dict of columns."""
        columns: dict[str, Any] = {"k": self.k, "coefficient": self.coefficient, "tau2": self.tau2, "i2": self.i2}
        columns.update(q=self.q, **{f"has {label}": self.included[:, i] for i, label in enumerate(self.labels)})
        try:
            import pandas
        except ImportError:
            return columns
        return pandas.DataFrame(columns)

    def __str__(self) -> str:
        how = "all" if self.every else f"random (seed {self.seed})"
        low, middle, high = (float(v) for v in np.quantile(self.coefficient, [0.05, 0.5, 0.95]))
        return f"{len(self)} subsets, {how}: middle {middle:.4g}, nine in ten between {low:.4g} and {high:.4g}"


def gosh_of(
    y: FloatArray,
    v: FloatArray,
    labels: tuple[str, ...],
    *,
    model: str,
    tau2: str,
    interval: str,
    subsets: int | None,
    seed: int | None,
) -> Gosh:
    """All subsets by size and then in the order of the studies, or ``subsets`` random ones of two studies or more."""
    k = len(y)
    every = subsets is None
    if every and 2**k > MOST:
        raise InputError(
            f"{k} studies have {2.0**k:.3g} subsets, too many to list", hint="give a number: subsets=20000, seed=1"
        )
    if subsets is None:
        codes = np.arange(1, 2**k, dtype=np.int64)
        included = (codes[:, None] >> np.arange(k)) & 1 == 1
        order = np.lexsort((*(~included[:, ::-1]).T, included.sum(axis=1)))
        included = included[order]
    else:
        if seed is None:
            raise InputError("random subsets need a seed", hint="seed=1 makes them the same every time")
        if subsets < 1 or k < 2:
            raise InputError(f"subsets={subsets!r} of {k} studies", hint="at least one subset of two studies")
        draw = np.random.default_rng(seed)
        included = np.empty((0, k), dtype=np.bool_)
        while len(included) < subsets:
            more = draw.random((2 * subsets + 16, k)) < 0.5
            included = np.concatenate([included, more[more.sum(axis=1) >= 2]])
        included = included[:subsets]
    which, rows = np.nonzero(included)
    many = pool_many(y[rows], v[rows], which, model=model, tau2=tau2, interval=interval)
    columns = (many.k, many.coefficient, many.tau2, many.i2, many.q)
    return Gosh(labels, included, *columns, every, None if every else seed)
