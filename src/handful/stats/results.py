"""What the numerics return: an interval, a fit, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from handful.base.errors import UnknownChoice
from handful.base.notes import Note

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray: TypeAlias = npt.NDArray[np.float64]

Side: TypeAlias = Literal["two", "upper", "lower"]


@dataclass(frozen=True)
class NotEstimable:
    """There is no answer, and why. A type of its own, so that it can never be mistaken for a number."""

    reason: str
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        return f"not estimable: {self.reason}"


@dataclass(frozen=True)
class Interval:
    """An estimate with its limits, the level and the method's name.

    Scalars in give Python floats; arrays in give read-only arrays of one common shape. ``side="upper"`` is a one-sided
    bound from above (``low`` is the bottom of the range), ``"lower"`` one from below.
    """

    estimate: float | FloatArray
    low: float | FloatArray
    high: float | FloatArray
    level: float
    method: str
    side: Side = "two"
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        try:
            body = f"{self.estimate:.4g} ({self.low:.4g} to {self.high:.4g})"
        except TypeError:
            return repr(self)
        side = {"two": "", "upper": ", upper bound", "lower": ", lower bound"}[self.side]
        notes = "".join(f"\n  note: {note}" for note in self.notes)
        return f"{body}, {100 * self.level:g} % {self.method}{side}{notes}"

    def __eq__(self, other: object) -> bool:
        """Whether everything is the same; arrays element by element."""
        if not isinstance(other, Interval):
            return NotImplemented
        import numpy as np

        words = (self.level, self.method, self.side, self.notes) == (other.level, other.method, other.side, other.notes)
        numbers = ((self.estimate, other.estimate), (self.low, other.low), (self.high, other.high))
        return words and all(np.array_equal(mine, theirs) for mine, theirs in numbers)

    def __hash__(self) -> int:
        return hash((self.level, self.method, self.side, self.notes))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        return {
            "estimate": _plain(self.estimate),
            "low": _plain(self.low),
            "high": _plain(self.high),
            "level": self.level,
            "method": self.method,
            "side": self.side,
            "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes],
        }


def _plain(value: Any) -> Any:
    """A float or (nested) list of floats; infinities become the strings "Infinity" and "-Infinity"."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


@dataclass(frozen=True)
class Fit:
    """A pooled result with everything that must travel with it.

    ``estimate, low, high`` are on the natural scale (for one arm: the population average rate); ``coefficient, se``,
    ``coefficient_low/high`` and ``tau2`` on the model scale (logit, log, ...). ``median`` is the back-transformed
    coefficient. Anything that cannot be had is ``NotEstimable`` with its reason.
    """

    model: str
    measure: str
    estimate: float | NotEstimable
    low: float | NotEstimable
    high: float | NotEstimable
    level: float
    interval_method: str
    coefficient: float | NotEstimable
    se: float | NotEstimable
    coefficient_low: float | NotEstimable
    coefficient_high: float | NotEstimable
    median: float | NotEstimable
    median_low: float | NotEstimable
    median_high: float | NotEstimable
    tau2: float | NotEstimable
    tau2_interval: Interval | NotEstimable
    k: int
    people: int | float | NotEstimable  # a whole number of people; person-time may be a fraction
    prediction: Interval | NotEstimable
    weights: tuple[float, ...] | NotEstimable
    labels: tuple[str, ...]
    i2: float | NotEstimable = NotEstimable("this model has no I²")
    h2: float | NotEstimable = NotEstimable("this model has no H²")
    q: float | NotEstimable = NotEstimable("this model has no Q")
    q_df: float | NotEstimable = NotEstimable("this model has no Q")
    q_p: float | NotEstimable = NotEstimable("this model has no Q")
    log_likelihood: float | NotEstimable = NotEstimable("this model has no likelihood")
    converged: bool = True
    numerical_error: float | NotEstimable = NotEstimable("not assessed for this model")
    notes: tuple[Note, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    posteriors: Mapping[str, Any] | None = field(default=None, repr=False)
    #: how the fit was made (``synthesis/recipe.py``), for those that make it again with other studies
    recipe: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.people, float) and self.people.is_integer():
            object.__setattr__(self, "people", int(self.people))

    def said_by(self, notes: tuple[Note, ...], recipe: Any) -> Fit:
        """The same fit with notes ahead of its own, and its recipe."""
        fit = object.__new__(type(self))
        fit.__dict__.update(self.__dict__, notes=(*notes, *self.notes), recipe=recipe)
        return fit

    @property
    def average(self) -> float | NotEstimable:
        """For one arm: the population average rate. The headline, except for the inverse-variance transforms, whose
        headline is the back-transformed mean that reviews print."""
        found: float | NotEstimable = self.details.get("average", self.estimate)
        return found

    @property
    def statistic(self) -> float | NotEstimable:
        """The coefficient over its standard error, where the model has such a test; see ``fit.p``."""
        found: float | NotEstimable = self.details.get("statistic", NotEstimable("this model has no test of its mean"))
        return found

    @property
    def p(self) -> float | NotEstimable:
        """Two-sided p value of a coefficient of 0, by the same construction as the limits."""
        found: float | NotEstimable = self.details.get("p", NotEstimable("this model has no test of its mean"))
        return found

    @property
    def i2_interval(self) -> Interval | NotEstimable:
        """I² at the limits of τ²."""
        found: Interval | NotEstimable = self.details.get("i2_interval", NotEstimable("this model has no limits of I²"))
        return found

    @property
    def h2_interval(self) -> Interval | NotEstimable:
        """H² at the limits of τ²."""
        found: Interval | NotEstimable = self.details.get("h2_interval", NotEstimable("this model has no limits of H²"))
        return found

    @property
    def tau(self) -> float | NotEstimable:
        """Between-study standard deviation on the model scale."""
        return self.tau2 if isinstance(self.tau2, NotEstimable) else float(self.tau2) ** 0.5

    def posterior(self, parameter: str = "mean", scale: Literal["model", "natural"] = "model") -> Any:
        """The posterior of ``mean``, ``tau`` or ``prediction``; ``NotEstimable`` for a fit that has none.

        On the model scale (logit, log), or with ``scale="natural"`` of the rate or the ratio; τ stays as it is.
        """
        if self.posteriors is None:
            return NotEstimable(f"model {self.model} has no posterior; model='bayes' has")
        known = sorted(name for name in self.posteriors if isinstance(name, str) and name != "studies")
        if parameter not in known:
            raise UnknownChoice("posterior", parameter, known)
        return self.posteriors[parameter].on(scale)

    def posterior_of(self, study: str, scale: Literal["model", "natural"] = "model") -> Any:
        """The posterior of one study's own effect, by its label."""
        if self.posteriors is None:
            return NotEstimable(f"model {self.model} has no posterior; model='bayes' has")
        studies = self.posteriors.get("studies", {})
        if study not in studies:
            raise UnknownChoice("study", study, [str(name) for name in studies])
        return studies[study].on(scale)

    def next_patients(self, patients: int, level: float | None = None) -> Any:
        """Responders among the next ``patients`` in a new study: probabilities of 0 to all, and an interval."""
        from handful.stats.count_models.prediction import next_patients

        return next_patients(self, patients, level)

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        from handful.stats.fit_text import as_dict

        return as_dict(self)

    def to_frame(self) -> Any:
        """Studies with their weights, then the pooled rows: a pandas DataFrame, or a list of dicts where pandas is
        absent."""
        from handful.stats.fit_text import as_frame

        return as_frame(self)

    def __str__(self) -> str:
        from handful.stats.fit_text import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from handful.stats.fit_text import as_html

        return as_html(self)
