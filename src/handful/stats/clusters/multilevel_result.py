"""What a multilevel model returns."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.estimates.meta_regression import Coefficient
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import Interval, NotEstimable


@dataclass(frozen=True)
class Component:
    """A ``variance`` between clusters or within them, or a ``correlation``: value, profile limits, how many groups."""

    name: str
    kind: str
    value: float
    interval: Interval | NotEstimable
    groups: int


@dataclass(frozen=True, eq=False)
class Multilevel:
    """A model of dependent estimates with everything that must travel with it; all on the scale of the estimates, but
    ``estimate, low, high`` (where there is one mean) and ``prediction``, which are taken back by ``measure``.

    ``robust`` names the standard errors (``none``: the model's own, which ``model_se`` always holds). Each coefficient
    has its own degrees of freedom. ``qm`` tests the moderators together (all means, where there are none): F with
    ``qm_df``, χ² where the second is infinite. ``i2`` gives each component's share of the variance of an estimate, in
    percent. ``q`` is generalised Q at V alone.
    """

    coefficients: tuple[Coefficient, ...]
    covariance: tuple[tuple[float, ...], ...]
    model_se: tuple[float, ...]
    components: tuple[Component, ...]
    i2: Mapping[str, float] | NotEstimable
    typical_variance: float
    q: float
    q_df: int
    q_p: float
    qm: float
    qm_df: tuple[int, float]
    qm_p: float
    log_likelihood: float
    parameters: int
    estimate: float | NotEstimable
    low: float | NotEstimable
    high: float | NotEstimable
    prediction: Interval | NotEstimable
    k: int
    clusters: int
    method: str
    robust: str
    structure: str
    measure: str
    level: float
    labels: tuple[str, ...]
    converged: bool
    notes: tuple[Note, ...]

    def __getitem__(self, name: str) -> Coefficient:
        """The coefficient of this name."""
        for row in self.coefficients:
            if row.name == name:
                return row
        raise UnknownChoice("coefficient", name, tuple(row.name for row in self.coefficients))

    def component(self, name: str) -> Component:
        """The variance component or correlation of this name."""
        for row in self.components:
            if row.name == name:
                return row
        raise UnknownChoice("component", name, tuple(row.name for row in self.components))

    @property
    def i2_total(self) -> float | NotEstimable:
        """The share of all components together, in percent."""
        return self.i2 if isinstance(self.i2, NotEstimable) else float(sum(self.i2.values()))

    @property
    def aic(self) -> float:
        """−2 l + 2 parameters; under REML comparable between models with the same moderators only."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        out = {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name not in _ROWS}
        out["coefficients"] = [_row(row) for row in self.coefficients]
        out["components"] = [_row(row) for row in self.components]
        out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        return out

    def to_frame(self) -> Any:
        """One row a coefficient: a pandas DataFrame, or a list of dicts where pandas is absent."""
        rows = Rows(_row(row) for row in self.coefficients)
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(list(rows))

    def lines(self) -> list[tuple[str, str]]:
        """The result as pairs of a name and a value."""
        percent = f"{100 * self.level:g} %"
        errors = "model-based standard errors" if self.robust == "none" else f"cluster-robust ({self.robust})"
        of = f"{self.k} estimates in {self.clusters} clusters"
        out = [("model", f"multilevel, {self.measure}; {of}; {self.method}, {errors}")]
        if not isinstance(self.estimate, NotEstimable):
            out.append(("estimate", f"{number(self.estimate)} ({number(self.low)} to {number(self.high)}), {percent}"))
        for row in self.coefficients:
            df = "" if math.isinf(row.df) else f", df {row.df:.3g}"
            limits = f"{number(row.estimate)} ({number(row.low)} to {number(row.high)})"
            out.append((row.name, f"{limits}; se {number(row.se)}{df}, p = {number(row.p)}"))
        for part in self.components:
            found = part.interval
            ends = f" ({number(found.low)} to {number(found.high)})" if isinstance(found, Interval) else ""
            out.append((f"{part.name}, {part.kind}", f"{number(part.value)}{ends}; {part.groups} groups"))
        if not isinstance(self.i2, NotEstimable):
            out.append(("I²", ", ".join(f"{name} {share:.1f} %" for name, share in self.i2.items())))
        out.append(("heterogeneity", f"{number(self.q)} with {self.q_df} df, p = {number(self.q_p)}"))
        if isinstance(self.prediction, Interval):
            out.append(("next estimate", f"{number(self.prediction.low)} to {number(self.prediction.high)}, {percent}"))
        out.append(("log-likelihood", f"{self.log_likelihood:.6f} ({self.method})"))
        return out + [("note", str(note)) for note in self.notes]

    def __str__(self) -> str:
        pairs = self.lines()
        width = max(len(name) for name, _ in pairs)
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in pairs)

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in self.lines()
        )
        return f'<table class="handful-fit"><caption>multilevel model</caption><tbody>{body}</tbody></table>'


_ROWS = ("coefficients", "components", "notes")


def _row(row: Any) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in row.__dataclass_fields__}
