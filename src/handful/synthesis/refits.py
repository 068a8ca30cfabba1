"""What ``leave_one_out`` and ``cumulate`` return: one result a row, each a fresh run of the parent's model."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.estimates.pool_many import INTERVALS, PREDICTIONS, pool_many
from handful.stats.evidence import Estimates
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.recipe import Recipe

_NUMBERS = (
    "estimate",
    "low",
    "high",
    "coefficient",
    "se",
    "coefficient_low",
    "coefficient_high",
    "statistic",
    "p",
    "tau2",
    "i2",
    "h2",
    "q",
    "q_p",
)


@dataclass(frozen=True)
class Refit:
    """One run: what it is of, how many studies, and its result; ``estimate, low, high`` on the natural scale."""

    label: str
    k: int
    estimate: float | NotEstimable
    low: float | NotEstimable
    high: float | NotEstimable
    coefficient: float | NotEstimable
    se: float | NotEstimable
    coefficient_low: float | NotEstimable
    coefficient_high: float | NotEstimable
    statistic: float | NotEstimable
    p: float | NotEstimable
    tau2: float | NotEstimable
    i2: float | NotEstimable
    h2: float | NotEstimable
    q: float | NotEstimable
    q_p: float | NotEstimable
    prediction: Interval | NotEstimable


@dataclass(frozen=True)
class Refits:
    """``rows`` in order, beside the ``whole`` they come from; ``kind`` is ``leave-one-out`` or ``cumulative``."""

    kind: str
    rows: tuple[Refit, ...]
    whole: Fit
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: int | str) -> Refit:
        """A row by its place, or by its study's label."""
        if isinstance(at, int):
            return self.rows[at]
        return self.rows[[row.label for row in self.rows].index(at)]

    def column(self, name: str) -> tuple[Any, ...]:
        """One quantity of all rows: ``column("estimate")``."""
        return tuple(getattr(row, name) for row in self.rows)

    def table(self) -> Rows:
        """One row a run, as plain values; what is not estimable is None."""
        out = Rows()
        for row in self.rows:
            own: dict[str, Any] = {_FIRST[self.kind]: row.label, "k": row.k}
            for name in _NUMBERS:
                value = getattr(row, name)
                own[name] = None if isinstance(value, NotEstimable) else value
            out.append(own)
        return out

    def to_frame(self) -> Any:
        """A pandas DataFrame where pandas is installed, else ``table``."""
        try:
            import pandas
        except ImportError:
            return self.table()
        return pandas.DataFrame(list(self.table()))

    def to_dict(self) -> dict[str, Any]:
        """Every row as JSON takes it."""
        rows = [{name: plain(getattr(row, name)) for name in row.__dataclass_fields__} for row in self.rows]
        return {"kind": self.kind, "model": self.whole.model, "measure": self.whole.measure, "rows": rows}

    def lines(self) -> list[tuple[str, str]]:
        """Pairs of a name and a result, the whole last."""
        width = f"{100 * self.whole.level:g} %"
        out = []
        for row in self.rows:
            limits = f"{number(row.estimate)} ({number(row.low)} to {number(row.high)})"
            if isinstance(row.estimate, NotEstimable):
                limits = number(row.estimate)
            spread = "" if isinstance(row.tau2, NotEstimable) else f"; tau² {number(row.tau2)}"
            out.append((f"{'without' if self.kind == 'leave-one-out' else 'and'} {row.label}", limits + spread))
        w = self.whole
        out.append(("all", f"{number(w.estimate)} ({number(w.low)} to {number(w.high)}), {width} {w.interval_method}"))
        return out + [("note", str(note)) for note in self.notes]

    def __str__(self) -> str:
        pairs = self.lines()
        width = max(len(name) for name, _ in pairs)
        return "\n".join([f"{self.kind}, {self.whole.model}", *(f"{a.ljust(width)}  {b}" for a, b in pairs)])

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in self.lines()
        )
        return f'<table class="handful-fit"><caption>{html.escape(self.kind)}</caption><tbody>{body}</tbody></table>'


_FIRST = {"leave-one-out": "without", "cumulative": "added"}


def refits(recipe: Recipe, runs: Sequence[Sequence[int]], labels: Sequence[str]) -> tuple[Refit, ...]:
    """A run for each list of rows. Estimates by inverse variance are done all at once, with the same numbers."""
    if _at_once(recipe):
        return _many(recipe, runs, labels)
    return tuple(_one(label, rows, recipe) for label, rows in zip(labels, runs, strict=True))


def _one(label: str, rows: Sequence[int], recipe: Recipe) -> Refit:
    fit = recipe.again(rows)
    if isinstance(fit, NotEstimable):
        none = NotEstimable(fit.reason)
        nothing: dict[str, float | NotEstimable] = dict.fromkeys(_NUMBERS, none)
        return Refit(label=label, k=len(rows), prediction=none, **nothing)
    numbers: dict[str, float | NotEstimable] = {name: getattr(fit, name) for name in _NUMBERS}
    return Refit(label=label, k=len(rows), prediction=fit.prediction, **numbers)


def _at_once(recipe: Recipe) -> bool:
    tau2 = recipe.options.get("tau2")
    known = set(recipe.options) <= {"tau2", "prediction", "tau2_interval"}
    intervals = (None, *INTERVALS)
    prediction = recipe.options.get("prediction", "k-1")
    return (
        isinstance(recipe.evidence, Estimates)
        and recipe.model in ("random-effects", "common-effect")
        and known
        and recipe.interval in intervals
        and (tau2 is None or isinstance(tau2, str))
        and prediction in PREDICTIONS
    )


def _many(recipe: Recipe, runs: Sequence[Sequence[int]], labels: Sequence[str]) -> tuple[Refit, ...]:
    evidence = recipe.evidence
    assert isinstance(evidence, Estimates)
    common = recipe.model == "common-effect"
    rows = np.concatenate([np.asarray(own, dtype=np.int64) for own in runs])
    by = np.repeat(np.arange(len(runs)), [len(own) for own in runs])
    prediction = recipe.options.get("prediction", "k-1")
    found = pool_many(
        np.asarray(evidence.yi)[rows], np.asarray(evidence.vi)[rows], by, model=recipe.model,
        tau2=recipe.options.get("tau2") or "REML", level=recipe.level, prediction=prediction,
        interval=recipe.interval or ("wald" if common else "hartung-knapp-safe"),
    )  # fmt: skip
    measure = evidence.measure if recipe.measure is None else recipe.measure
    back = natural_scale(measure)
    out = []
    for i, label in enumerate(labels):
        reason = NotEstimable(found.reason(i))

        def value(name: str, i: int = i, reason: NotEstimable = reason) -> float | NotEstimable:
            one = float(getattr(found, name)[i])
            return reason if np.isnan(one) else one

        own = {name: value(name) for name in ("coefficient", "se", "statistic", "p", "tau2", "i2", "h2", "q", "q_p")}
        own["coefficient_low"], own["coefficient_high"] = value("low"), value("high")
        for name, of in (("estimate", "coefficient"), ("low", "coefficient_low"), ("high", "coefficient_high")):
            number_of = own[of]
            own[name] = number_of if isinstance(number_of, NotEstimable) else back(number_of)
        ahead: Interval | NotEstimable = NotEstimable("a prediction needs a spread between three studies or more")
        ends = (found.prediction_low[i], found.prediction_high[i])
        if not np.isnan(ends).any():
            middle = back(float(found.coefficient[i]))
            ahead = Interval(middle, back(float(ends[0])), back(float(ends[1])), recipe.level, prediction)
        out.append(Refit(label=label, k=int(found.k[i]), prediction=ahead, **own))
    return tuple(out)
