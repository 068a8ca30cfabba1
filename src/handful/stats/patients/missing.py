"""People without an outcome: what is assumed of them, as an odds ratio, and what that does to a rate and its variance.

Of N = n + m people n were observed, x of them with the event: p = x/n. The informative-missingness odds ratio δ says
how the odds of the event among the m missing relate to those among the observed,

    odds(p_m) = δ odds(p),   p_m = δp / (δp + 1 − p),   p* = (1 − α) p + α p_m,   α = m/N.

δ = 1: the missing are like the observed (the available cases); δ = 0: none of them had the event; δ = ∞: all had.
With p, α and log δ (standard deviation s, 0 if δ is taken as known) independent, the delta method gives

    Var p* = (dp*/dp)² p(1 − p)/n + (p_m − p)² α(1 − α)/N + (α p_m (1 − p_m))² s²,
    dp*/dp = 1 − α + α δ/(δp + 1 − p)².

Nobody imputed counts as information: at δ = 1 this is p(1 − p)/n. Under δ = 0 or ∞ every one of the N outcomes *is*
known, by assumption, and it is p*(1 − p*)/N exactly. ``variance="observed-people"`` keeps p*(1 − p*)/n everywhere.

References: White, Higgins, Wood 2008, doi:10.1002/sim.3008. Higgins, White, Wood 2008, doi:10.1177/1740774508091600.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.checked import choice
from handful.stats.columns import Columns, FloatArray, IntArray, frozen
from handful.stats.evidence import Estimates
from handful.stats.results import Interval, NotEstimable

VarianceOfMissing: TypeAlias = Literal["white", "observed-people"]
_VARIANCES = ("white", "observed-people")
#: what may be said instead of a number
ASSUMPTIONS = {"as-observed": 1.0, "none-responded": 0.0, "all-responded": float("inf")}


@dataclass(frozen=True, eq=False)
class MissingPeople:
    """Rates among everybody, the missing included, under one assumption; a value for each row that has one.

    ``proportion`` p* with sampling ``variance``; ``log_odds`` with ``log_odds_variance`` (infinite where p* is 0 or 1);
    ``missing_proportion`` p_m; ``imor`` δ. ``rows`` are the places (from 0) of these rows among those given: a group in
    which nobody was observed has no rate (unless the assumption is the rate), and is named in ``notes``.
    """

    proportion: FloatArray
    variance: FloatArray
    missing_proportion: FloatArray
    imor: FloatArray
    events: FloatArray
    observed: FloatArray
    missing: FloatArray
    labels: tuple[str, ...]
    rows: IntArray
    of: int
    method: str
    notes: tuple[Note, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def log_odds(self) -> FloatArray:
        """logit p*; infinite where p* is 0 or 1."""
        with np.errstate(divide="ignore"):
            return frozen(np.log(self.proportion) - np.log1p(-self.proportion))

    @property
    def log_odds_variance(self) -> FloatArray:
        """Var p* / (p*(1 − p*))²; infinite where p* is 0 or 1."""
        return frozen(_over(self.variance, (self.proportion * (1 - self.proportion)) ** 2))

    def estimates(self) -> Estimates:
        """What ``hf.pool`` takes: log odds with variances (measure PLO), groups at 0 or 1 left out with a note."""
        finite = (self.proportion > 0) & (self.proportion < 1) & (self.variance > 0)
        notes = tuple(
            Note("study-left-out", f"left out: {self.proportion[i]:g} has no log odds", self.labels[i])
            for i in np.flatnonzero(~finite)
        )
        names = tuple(self.labels[i] for i in np.flatnonzero(finite))
        y, v = frozen(self.log_odds[finite]), frozen(self.log_odds_variance[finite])
        rows = self.rows[finite]
        rows.setflags(write=False)
        return Estimates(y, v, names, "PLO", rows, self.of, (*self.notes, *notes))

    def interval(self, *, level: float = 0.95, method: str = "clopper-pearson") -> Interval:
        """p* with limits that keep what the observed people alone can tell.

        p* rises with p, so the limits of x of n, made by ``method`` of ``hf.proportion``, are taken through the
        assumption; δ and the share of missing are held as they are. Events must be whole numbers here.
        """
        from handful.stats.one_group.proportion import proportion

        told = np.asarray(self.observed > 0)
        low, high = np.zeros(len(self)), np.ones(len(self))
        if told.any():
            limits = proportion(self.events[told], self.observed[told], method=method, level=level)
            assert isinstance(limits, Interval)  # somebody was observed in each of these
            low[told], high[told] = np.asarray(limits.low), np.asarray(limits.high)
        share = self.missing / (self.observed + self.missing)
        ends = [(1 - share) * p + share * _missing_rate(p, self.imor) for p in (low, high)]
        return Interval(frozen(self.proportion), frozen(ends[0]), frozen(ends[1]), level, method, notes=self.notes)

    def __str__(self) -> str:
        lines = [f"{len(self)} of {self.of} groups, the missing included ({self.method})"]
        for i, label in enumerate(self.labels[:20]):
            counts = f"{self.events[i]:g} of {self.observed[i]:g}, {self.missing[i]:g} missing"
            lines.append(f"  {label}: {counts}, odds ratio {self.imor[i]:g}: {self.proportion[i]:.4g}")
        if len(self) > 20:
            lines.append(f"  … and {len(self) - 20} more")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes[:20])])


def missing_people(
    events: Any,
    observed: Any,
    missing: Any,
    imor: Any = 1.0,
    *,
    log_imor_sd: float = 0.0,
    variance: VarianceOfMissing = "white",
    labels: Iterable[object] | None = None,
) -> MissingPeople | NotEstimable:
    """Rates with the missing people counted in, under a stated odds ratio between them and the observed.

    ``events`` of ``observed`` people had the event and ``missing`` more have no outcome, one row a group. ``imor`` is
    the informative-missingness odds ratio, a number of at least 0, one a row, ``inf``, or a word: "as-observed" (1),
    "none-responded" (0), "all-responded" (∞). Customary: ½ and 2 beside the two bounds. ``log_imor_sd`` is how unsure
    one is of log δ. The formulas, and what ``variance`` chooses, stand at the top of this file and in
    docs/methods/missing-people.md. Events need not be whole: a count after a named correction is accepted.

    Edges: 0 of n stays 0 unless δ = ∞ (then all the missing had it); n of n stays 1 unless δ = 0. Nobody observed: the
    rate is the assumption itself under δ = 0 or ∞, with variance 0, and else ``NotEstimable`` (among several groups:
    left out, with a note). Errors: ``InputError`` lists every bad row.

    >>> missing_people([4], [10], [5], "none-responded").proportion.round(4).tolist()
    [0.2667]
    >>> missing_people([4], [10], [5], 2).proportion.round(4).tolist()
    [0.4571]
    """
    choice("variance", variance, _VARIANCES)
    if isinstance(log_imor_sd, bool) or not isinstance(log_imor_sd, (int, float)) or not 0 <= log_imor_sd < np.inf:
        raise InputError(f"log_imor_sd={log_imor_sd!r} is not a number of at least 0")
    table = Columns("missing_people", labels, events=events, observed=observed, missing=missing)
    x, n, m = (table.not_negative(name) for name in ("events", "observed", "missing"))
    table.not_more("events", "observed", "people")
    delta = _odds_ratio(imor, len(x))
    wrong = ~(delta >= 0)
    table.flag(wrong, lambda i: f"imor is {delta[i]:g}; an odds ratio is at least 0 (or inf)")
    table.finish()
    known = (n > 0) | ((m > 0) & ((delta == 0) | (delta == np.inf)))
    notes = [_unknown(table.labels[i], m[i]) for i in np.flatnonzero(~known)]
    kept = np.flatnonzero(known).astype(np.int64)
    if not kept.size:
        return NotEstimable("nobody was observed, so the missing have nobody to be compared with", tuple(notes))
    x, n, m, delta = x[kept], n[kept], m[kept], delta[kept]
    p = _over(x, n, 0.0)
    share = m / (n + m)
    absent = _missing_rate(p, delta)
    rate = (1 - share) * p + share * absent
    spread = _variance(p, n, m, delta, absent, rate, variance) + (share * absent * (1 - absent) * log_imor_sd) ** 2
    names = tuple(table.labels[i] for i in kept)
    kept.setflags(write=False)
    return MissingPeople(
        proportion=frozen(rate),
        variance=frozen(spread),
        missing_proportion=frozen(absent),
        imor=frozen(delta),
        events=frozen(x),
        observed=frozen(n),
        missing=frozen(m),
        labels=names,
        rows=kept,
        of=len(table.labels),
        method=variance,
        notes=tuple(notes),
    )


def _variance(
    p: FloatArray, n: FloatArray, m: FloatArray, delta: FloatArray, absent: FloatArray, rate: FloatArray, method: str
) -> FloatArray:
    if method == "observed-people":
        return _over(rate * (1 - rate), n, 0.0)
    whole = n + m
    share = m / whole
    taken = (delta > 0) & (delta < np.inf)
    finite = np.where(taken, delta, 1.0)
    slope = np.where(taken, finite / (finite * p + 1 - p) ** 2, 0.0)
    own = _over(p * (1 - p), n, 0.0)
    return np.asarray((1 - share + share * slope) ** 2 * own + (absent - p) ** 2 * share * (1 - share) / whole)


def _missing_rate(p: FloatArray, delta: FloatArray) -> FloatArray:
    """p_m; the two bounds hold whatever p is."""
    finite = np.where(delta < np.inf, delta, 1.0)
    inside = _over(finite * p, finite * p + 1 - p, 0.0)
    return np.where(delta == np.inf, 1.0, inside)


def _odds_ratio(imor: Any, rows: int) -> FloatArray:
    if isinstance(imor, str):
        return np.full(rows, ASSUMPTIONS[choice("imor", imor, tuple(ASSUMPTIONS))])
    column = Columns("imor", None, imor=imor).columns["imor"]
    if len(column) not in (1, rows):
        raise InputError(f"imor has {len(column)} values for {rows} rows", hint="give one number, or one a row")
    return np.array(np.broadcast_to(column, (rows,)))


def _over(top: FloatArray, bottom: FloatArray, empty: float = np.inf) -> FloatArray:
    """top/bottom, and ``empty`` where the bottom is 0."""
    safe = np.where(bottom > 0, bottom, 1.0)
    return np.where(bottom > 0, top / safe, empty)


def _unknown(label: str, missing: float) -> Note:
    who = f"all {missing:g} are missing" if missing else "there is nobody"
    return Note("study-left-out", f"left out: {who}, so there is no rate to start from", label)
