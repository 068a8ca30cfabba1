"""A meta-regression with priors: posteriors of every coefficient, of the mean effect anywhere, and of new studies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.bayes.posterior import Posterior
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.estimates.design_matrix import INTERCEPT, Recipe
from handful.stats.estimates.meta_regression import Coefficient
from handful.stats.estimates.permutation import PermutationTest
from handful.stats.estimates.regression_result import LikelihoodRatio, Predicted, Regression, labels_of_rows
from handful.stats.fit_text import number
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

_BACK: dict[str, Callable[[float], float]] = {"log": math.exp, "logit": lambda t: 1 / (1 + math.exp(-t))}
_NO_TEST = NotEstimable("a posterior has no test; ask it: .posterior(name).probability(above=0)")
_NO_SHARE = NotEstimable("a posterior has no I²; ask .posterior('tau')")


class Posteriors(Protocol):
    """What the numerics give: the posterior of any linear combination of the coefficients, of τ, of a new study."""

    @property
    def tau(self) -> Posterior: ...
    @property
    def log_evidence(self) -> float: ...
    def of(self, asked: FloatArray, name: str) -> Posterior: ...
    def new(self, asked: FloatArray, name: str) -> Posterior: ...


@dataclass(frozen=True, eq=False)
class BayesRegression(Regression):
    """A :class:`Regression` whose numbers are posteriors: estimates are medians, ``se`` posterior standard deviations,
    limits central; tests and shares of variance are ``NotEstimable``.

    ``posterior(name)``: of a coefficient, of ``"tau"``. ``posterior_at({...})``, ``prediction_at({...})``: of the mean
    effect, and of a new study's, at given moderators. ``centre`` is where the mean's prior was stated.
    """

    ask: Posteriors = field(repr=False, kw_only=True)
    centre: tuple[float, ...] = field(repr=False, kw_only=True)
    posterior_scale: str = field(repr=False, kw_only=True)
    numerical_error: float | NotEstimable = field(default=NotEstimable("not assessed"), kw_only=True)

    def posterior(self, name: str = "tau") -> Posterior:
        """The posterior of a coefficient on the model scale, or of the between-study sd, ``"tau"``."""
        if name == "tau":
            return self.ask.tau
        if name not in self.names:
            raise UnknownChoice("posterior", name, (*self.names, "tau"))
        row = np.zeros(len(self.names))
        row[self.names.index(name)] = 1.0
        return self._of(row, name)

    def posterior_at(self, new: Mapping[str, Any], scale: Literal["model", "natural"] = "model") -> Posterior:
        """The posterior of the mean effect at these moderators (one row), such as ``{"dose": 20}``."""
        return self._of(self._row(new), "mean effect").on(scale)

    def prediction_at(self, new: Mapping[str, Any], scale: Literal["model", "natural"] = "model") -> Posterior:
        """The posterior of a new study's effect at these moderators (one row)."""
        return self.ask.new(self._inner(self._row(new)), "effect of a new study").on(scale)

    def predict(
        self, new: Mapping[str, Any], *, level: float | None = None, prediction: str | None = None
    ) -> tuple[Predicted, ...]:
        """Mean effects at new values with posterior limits, one entry a row; ``prediction`` has no meaning here."""
        design = self.recipe.new_rows(new)
        labels = labels_of_rows(new, len(design))
        return self.at_rows(design, labels, self.level if level is None else level)

    def at_rows(self, design: FloatArray, labels: Sequence[str], level: float) -> tuple[Predicted, ...]:
        """Mean effects at rows of a design."""
        back = _BACK.get(self.posterior_scale) or natural_scale(self.measure)
        out = []
        for row, label in zip(design, labels, strict=True):
            mean, new = self._of(row, label), self.ask.new(self._inner(row), label)
            low, high = mean.interval(level)
            far = new.interval(level)
            ends = (back(mean.median), back(low), back(high), back(far[0]), back(far[1]))
            out.append(Predicted(label, *ends, mean.median, mean.sd, low, high, *far))
        return tuple(out)

    def permutation_test(
        self, n: int | str = 1000, *, seed: int | None = None, engine: str = "auto"
    ) -> PermutationTest:
        """Not of a posterior."""
        raise UnknownChoice("model", "bayes", ("random-effects", "common-effect"))

    def likelihood_ratio(self, smaller: Regression | None = None) -> LikelihoodRatio | NotEstimable:
        """Not of a posterior: compare ``log_evidence`` instead."""
        return NotEstimable("a posterior has no likelihood ratio; compare the log evidence of the two models")

    @property
    def log_evidence(self) -> float:
        """Log of the data's density under model and priors (nan with a flat prior of τ)."""
        return self.ask.log_evidence

    def _of(self, row: FloatArray, name: str) -> Posterior:
        return self.ask.of(self._inner(row), name)

    def _row(self, new: Mapping[str, Any]) -> FloatArray:
        design = self.recipe.new_rows(new)
        if len(design) != 1:
            raise UnknownChoice("rows", str(len(design)), ("1",))
        return np.asarray(design[0], dtype=float)

    def _inner(self, row: FloatArray) -> FloatArray:
        """The same combination in coefficients whose intercept is the mean effect at ``centre``."""
        return np.asarray(row - np.array(self.centre) * row[0]) if self.names[0] == INTERCEPT else row

    def lines(self) -> list[tuple[str, str]]:
        """The result as pairs of a name and a value."""
        percent = f"{100 * self.level:g} %"
        out = [("model", f"bayes meta-regression, {self.measure}; {self.k} studies")]
        for row in self.coefficients:
            above = self.posterior(row.name).probability(above=0.0)
            limits = f"{number(row.estimate)} ({number(row.low)} to {number(row.high)}), {percent}"
            out.append((row.name, f"{limits}; sd {number(row.se)}, P(above 0) = {number(above)}"))
        t = self.tau2_interval
        out.append(("tau² left", f"{number(self.tau2)} ({number(t.low)} to {number(t.high)}), {percent} {t.method}"))
        return out + [("note", str(note)) for note in self.notes]


def bayes_regression(
    ask: Posteriors,
    *,
    names: tuple[str, ...],
    centre: tuple[float, ...],
    design: FloatArray,
    data: tuple[FloatArray, FloatArray],
    labels: tuple[str, ...],
    measure: str,
    scale: str,
    level: float,
    recipe: Recipe,
    tested: tuple[int, ...],
    covariance: FloatArray | None,
    numerical_error: float | NotEstimable,
    notes: tuple[Note, ...],
) -> BayesRegression:
    """Dress the posteriors as a regression."""
    identity = np.eye(len(names))
    shift = np.array(centre)
    inner = [row - shift * row[0] if names[0] == INTERCEPT else row for row in identity]
    found = [ask.of(row, name) for row, name in zip(inner, names, strict=True)]
    rows = tuple(
        Coefficient(name, p.median, p.sd, _NO_TEST, float("inf"), _NO_TEST, *p.interval(level))
        for name, p in zip(names, found, strict=True)
    )
    turn = np.array(inner)
    spread = np.full((len(names), len(names)), np.nan) if covariance is None else turn @ covariance @ turn.T
    tau = ask.tau
    low, high = tau.interval(level)
    interval = Interval(tau.median**2, low**2, high**2, level, "central posterior interval of τ, squared")
    return BayesRegression(
        coefficients=rows,
        covariance=tuple(tuple(float(v) for v in row) for row in spread),
        tau2=tau.median**2,
        tau2_se=NotEstimable("a posterior: ask .posterior('tau')"),
        tau2_interval=interval,
        i2=_NO_SHARE, h2=_NO_SHARE, i2_interval=_NO_SHARE, h2_interval=_NO_SHARE, r2=_NO_SHARE,
        qe=_NO_TEST, qe_df=len(design) - len(names), qe_p=_NO_TEST,
        qm=_NO_TEST, qm_df=(len(tested), float("inf")), qm_p=_NO_TEST,
        scale=_NO_TEST,
        k=len(design), df=float("inf"), model="bayes", measure=measure, test="posterior", tau2_estimator="",
        level=level, likelihoods={}, fitted=(), labels=labels, notes=notes, prediction_rule="posterior",
        recipe=recipe, data=(*data, design), tested=tested,
        ask=ask, centre=centre, posterior_scale=scale, numerical_error=numerical_error,
    )  # fmt: skip
