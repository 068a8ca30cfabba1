"""What a selection model returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handful.base.notes import Note
from handful.stats.fit_text import Rows, number, plain, text_as_html
from handful.stats.results import NotEstimable


@dataclass(frozen=True)
class Weight:
    """One parameter of the weight function, tested against its value without selection."""

    name: str
    value: float
    se: float | NotEstimable
    statistic: float | NotEstimable
    p: float | NotEstimable
    low: float | NotEstimable
    high: float | NotEstimable


@dataclass(frozen=True)
class SelectionModel:
    """The mean and τ² under a weight function of the p values, on the model scale; ``estimate, low, high`` natural.

    ``weights`` are relative to the most significant interval (steps) or the curve's δ; ``lr`` compares with no
    selection. ``coefficient_unselected`` is the maximum-likelihood mean of the same studies without it.
    """

    kind: str
    alternative: str
    steps: tuple[float, ...]
    coefficient: float
    se: float | NotEstimable
    statistic: float | NotEstimable
    p: float | NotEstimable
    coefficient_low: float | NotEstimable
    coefficient_high: float | NotEstimable
    tau2: float
    tau2_se: float | NotEstimable
    weights: tuple[Weight, ...]
    given_weights: tuple[float, ...]
    lr: float | NotEstimable
    lr_df: int
    lr_p: float | NotEstimable
    log_likelihood: float
    log_likelihood_unselected: float
    coefficient_unselected: float
    k: int
    level: float
    converged: bool
    notes: tuple[Note, ...]
    measure: str = "GEN"

    @property
    def estimate(self) -> float:
        """The mean on the natural scale."""
        return self._natural(self.coefficient)

    @property
    def low(self) -> float | NotEstimable:
        """The lower limit on the natural scale."""
        low = self.coefficient_low
        return low if isinstance(low, NotEstimable) else self._natural(low)

    @property
    def high(self) -> float | NotEstimable:
        """The upper limit on the natural scale."""
        high = self.coefficient_high
        return high if isinstance(high, NotEstimable) else self._natural(high)

    def _natural(self, value: float) -> float:
        from handful.stats.effects.natural_scale import natural_scale

        return natural_scale(self.measure)(value)

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        out = {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name not in _ROWS}
        out["weights"] = [{n: plain(getattr(w, n)) for n in w.__dataclass_fields__} for w in self.weights]
        out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        return out

    def to_frame(self) -> Any:
        """One row a weight: a pandas DataFrame, or a list of dicts where pandas is absent."""
        rows = Rows({n: plain(getattr(w, n)) for n in w.__dataclass_fields__} for w in self.weights)
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(list(rows))

    def __str__(self) -> str:
        percent = f"{100 * self.level:g} %"
        steps = f" at {', '.join(f'{s:g}' for s in self.steps)}" if self.steps else ""
        lines = [
            f"selection model {self.kind}{steps}, {self.alternative}; {self.k} studies, maximum likelihood",
            f"mean {_with_limits(self.estimate, self.low, self.high)}, {percent}; without selection "
            f"{number(self._natural(self.coefficient_unselected))}",
            f"tau² {number(self.tau2)}",
        ]
        lines += [f"{w.name}: {_with_limits(w.value, w.low, w.high)}" for w in self.weights]
        if not isinstance(self.lr, NotEstimable):
            lines.append(f"likelihood ratio {number(self.lr)} with {self.lr_df} df, p = {number(self.lr_p)}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return text_as_html("selection model", str(self))


_ROWS = ("weights", "notes")


def _with_limits(value: float, low: float | NotEstimable, high: float | NotEstimable) -> str:
    if isinstance(low, NotEstimable) or isinstance(high, NotEstimable):
        return f"{number(value)} (no limits: {low.reason if isinstance(low, NotEstimable) else ''})"
    return f"{number(value)} ({number(low)} to {number(high)})"
