"""What a one-stage model returns."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any

from handful.base.notes import Note
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import Interval, NotEstimable


@dataclass(frozen=True)
class Coefficient:
    """One coefficient on the logit (or log) scale; ``ratio`` is its exponential.

    ``part``: ``intercept`` · ``treatment`` · ``within`` (patients of one study compared) · ``between`` (means of
    studies compared: ecological) · ``interaction within`` · ``interaction between`` · ``together`` (not taken apart).
    """

    name: str
    part: str
    estimate: float
    se: float | NotEstimable
    low: float
    high: float
    p: float | NotEstimable

    @property
    def ratio(self) -> float:
        """The odds ratio, or rate ratio, a unit of the covariate."""
        return _exp(self.estimate)

    @property
    def ratio_low(self) -> float:
        """The lower limit of the ratio."""
        return _exp(self.low)

    @property
    def ratio_high(self) -> float:
        """The upper limit of the ratio."""
        return _exp(self.high)


@dataclass(frozen=True)
class OneStage:
    """Patients of several studies in one model; see ``hf.one_stage``.

    ``tau2`` is the variance between the studies' intercepts on the logit (or log) scale; ``people`` rows were used,
    with ``events`` events, as ``cells`` different ones.
    """

    family: str
    ratio: str
    coefficients: tuple[Coefficient, ...]
    tau2: float
    tau2_interval: Interval | NotEstimable
    k: int
    people: int
    events: int
    cells: int
    log_likelihood: float
    level: float
    interval_method: str
    nodes: int
    converged: bool
    notes: tuple[Note, ...]

    def coefficient(self, name: str, part: str | None = None) -> Coefficient:
        """The coefficient of that name (and part, where a covariate has two)."""
        found = [c for c in self.coefficients if c.name == name and part in (None, c.part)]
        if not found:
            known = ", ".join(f"{c.name} ({c.part})" for c in self.coefficients)
            raise KeyError(f"no coefficient {name!r}{f' ({part})' if part else ''}; there are: {known}")
        return found[0]

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        out = {n: plain(getattr(self, n)) for n in self.__dataclass_fields__ if n not in _APART}
        out["coefficients"] = [{n: plain(v) for n, v in row.items()} for row in self._rows()]
        interval = self.tau2_interval
        out["tau2_interval"] = interval.to_dict() if isinstance(interval, Interval) else plain(interval)
        out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        return out

    def to_frame(self) -> Any:
        """One row a coefficient: a pandas DataFrame, or a list of dicts where pandas is absent."""
        rows = Rows({n: plain(v) for n, v in row.items()} for row in self._rows())
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(list(rows))

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {n: getattr(c, n) for n in c.__dataclass_fields__}
            | {"ratio": c.ratio, "ratio_low": c.ratio_low, "ratio_high": c.ratio_high}
            for c in self.coefficients
        ]

    def _lines(self) -> list[tuple[str, str]]:
        percent = f"{100 * self.level:g} % {self.interval_method}"
        studies = "study" if self.k == 1 else "studies"
        lines = [
            ("model", f"one-stage {self.family}; {self.events} events, {self.people} people in {self.k} {studies}")
        ]
        for c in self.coefficients:
            name = c.name if c.part in ("intercept", "treatment", "together") else f"{c.name}, {c.part}"
            p = "" if isinstance(c.p, NotEstimable) else f", p = {number(c.p)}"
            ratio = (
                ""
                if c.part == "intercept"
                else f"; {self.ratio} {number(c.ratio)} ({number(c.ratio_low)} to {number(c.ratio_high)})"
            )
            lines.append((name, f"{number(c.estimate)} ({number(c.low)} to {number(c.high)}){ratio}{p}, {percent}"))
        t = self.tau2_interval
        limits = "" if isinstance(t, NotEstimable) else f" ({number(t.low)} to {number(t.high)}), {percent}"
        lines.append(("tau²", f"{number(self.tau2)}{limits}"))
        lines.append(("log-likelihood", f"{self.log_likelihood:.6f}"))
        return lines + [("note", str(note)) for note in self.notes]

    def __str__(self) -> str:
        lines = self._lines()
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in lines)

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in self._lines()
        )
        return f'<table class="handful-fit"><caption>one-stage {self.family}</caption><tbody>{body}</tbody></table>'


_APART = ("coefficients", "tau2_interval", "notes")


def _exp(value: float) -> float:
    return math.exp(value) if value < 709.0 else math.inf
