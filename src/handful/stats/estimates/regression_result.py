"""What a meta-regression returns: coefficients, tests, heterogeneity, and what can be asked of it afterwards."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.estimates.design_matrix import Recipe
from handful.stats.estimates.information_criteria import criteria
from handful.stats.estimates.meta_regression import Coefficient, inflation, quantile, regression
from handful.stats.estimates.permutation import PermutationTest, permutation_test
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

PREDICTIONS = ("k-p", "k-p-1", "normal")


@dataclass(frozen=True)
class Predicted:
    """The mean effect at given moderators, and where a new study's effect may lie: natural scale, then model scale."""

    label: str
    estimate: float
    low: float
    high: float
    prediction_low: float | NotEstimable
    prediction_high: float | NotEstimable
    coefficient: float
    se: float
    coefficient_low: float
    coefficient_high: float
    coefficient_prediction_low: float | NotEstimable
    coefficient_prediction_high: float | NotEstimable


@dataclass(frozen=True)
class LikelihoodRatio:
    """Twice the difference of two maximised log-likelihoods, χ² with ``df`` degrees of freedom."""

    statistic: float
    df: int
    p: float
    against: str

    def __str__(self) -> str:
        return f"likelihood ratio {self.statistic:.4g} with {self.df} df against {self.against}, p = {self.p:.4g}"


@dataclass(frozen=True, eq=False)
class Regression:
    """A meta-regression with everything that must travel with it; percentages are percentages.

    ``qm`` tests all moderators together: χ² with ``qm_df[0]`` degrees of freedom under ``z``, else F with both numbers
    of ``qm_df``. ``qe`` is Q around the regression at τ² = 0. ``covariance`` belongs to ``coefficients`` in order.
    """

    coefficients: tuple[Coefficient, ...]
    covariance: tuple[tuple[float, ...], ...]
    tau2: float
    tau2_se: float | NotEstimable
    tau2_interval: Interval
    i2: float | NotEstimable
    h2: float | NotEstimable
    i2_interval: Interval | NotEstimable
    h2_interval: Interval | NotEstimable
    r2: float | NotEstimable
    qe: float | NotEstimable
    qe_df: int
    qe_p: float | NotEstimable
    qm: float | NotEstimable
    qm_df: tuple[int, float]
    qm_p: float | NotEstimable
    scale: float | NotEstimable
    k: int
    df: float
    model: str
    measure: str
    test: str
    tau2_estimator: str
    level: float
    likelihoods: Mapping[str, float]
    fitted: tuple[Predicted, ...]
    labels: tuple[str, ...]
    notes: tuple[Note, ...]
    prediction_rule: str
    converged: bool = True
    recipe: Recipe = field(repr=False, kw_only=True)
    data: tuple[FloatArray, FloatArray, FloatArray] = field(repr=False, kw_only=True)
    tested: tuple[int, ...] = field(repr=False, kw_only=True)
    given: float | None = field(default=None, repr=False, kw_only=True)

    def __getitem__(self, name: str) -> Coefficient:
        """The coefficient of this name."""
        for row in self.coefficients:
            if row.name == name:
                return row
        raise UnknownChoice("coefficient", name, self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return tuple(row.name for row in self.coefficients)

    @property
    def vif(self) -> dict[str, float]:
        """How many times its variance each coefficient owes to its overlap with the others (but the intercept)."""
        intercept = self.recipe.intercept
        values = inflation(np.array(self.covariance), intercept)
        return dict(zip(self.names[1:] if intercept else self.names, values.tolist(), strict=True))

    @property
    def criteria(self) -> dict[str, dict[str, float]]:
        """AIC, BIC and AICc of the likelihood (ML) and of the restricted one (REML)."""
        p = len(self.coefficients)
        parameters = p + bool(self.tau2_estimator)
        return {
            kind: criteria(value, parameters, self.k - p * (kind == "REML")) for kind, value in self.likelihoods.items()
        }

    def predict(
        self, new: Mapping[str, Any], *, level: float | None = None, prediction: str | None = None
    ) -> tuple[Predicted, ...]:
        """Mean effects at new values, ``{"dose": [10, 20], "region": "Europe"}``: one entry a row."""
        design = self.recipe.new_rows(new)
        labels = labels_of_rows(new, len(design))
        beta = np.array([row.estimate for row in self.coefficients])
        asked = (self.level if level is None else level, self.prediction_rule if prediction is None else prediction)
        return predicted(design, labels, beta, np.array(self.covariance), self.tau2, self.df, len(self.labels), *asked,
                         natural_scale(self.measure))  # fmt: skip

    def permutation_test(
        self, n: int | str = 1000, *, seed: int | None = None, engine: str = "auto"
    ) -> PermutationTest:
        """p values without large-sample theory: the moderators' rows (without moderators: the signs) rearranged ``n``
        times with a ``seed``, or in every way with ``n="exact"``. ``engine`` as in ``hf.pool_many``, for the signs."""
        if self.given is not None:
            raise InputError("with a given τ² there is nothing to estimate anew in a permutation")
        y, v, design = self.data
        method = self.tau2_estimator if self.model == "random-effects" else ""
        return permutation_test(
            y, v, design, self.names, self.tested, method=method, test=self.test, n=n, seed=seed, engine=engine
        )  # fmt: skip

    def likelihood_ratio(self, smaller: Regression | None = None) -> LikelihoodRatio | NotEstimable:
        """Against a ``smaller`` model of the same studies (none: the one without moderators); both by maximum
        likelihood."""
        y, v, design = self.data
        k = len(y)
        other = np.ones((k, 1)) if smaller is None else smaller.data[2]
        if smaller is not None and not (len(smaller.data[0]) == k and bool(np.all(smaller.data[0] == y))):
            raise InputError("the two models are of different studies", hint="give both the same rows")
        outside = other - design @ np.linalg.lstsq(design, other, rcond=None)[0]
        df = design.shape[1] - other.shape[1]
        if df <= 0 or float(np.abs(outside).max()) > 1e-8 * float(np.abs(other).max()):
            return NotEstimable("the smaller model is not inside the larger one")
        method = "ML" if self.model == "random-effects" else ""
        names = tuple(str(i) for i in range(design.shape[1]))
        large, small = (
            regression(y, v, x, names[: x.shape[1]], (), method=method, test="z").likelihoods["ML"]
            for x in (design, other)
        )
        statistic = max(2.0 * (large - small), 0.0)
        against = "the model without moderators" if smaller is None else ", ".join(smaller.names)
        return LikelihoodRatio(statistic, df, chi2_above(statistic, df), against)

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        names = [f.name for f in fields(self) if f.repr and f.name not in ("coefficients", "fitted", "notes")]
        out: dict[str, Any] = {name: plain(getattr(self, name)) for name in names}
        out["coefficients"] = [_plain_row(row) for row in self.coefficients]
        out["fitted"] = [_plain_row(row) for row in self.fitted]
        out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        return out

    def to_frame(self) -> Any:
        """One row a coefficient: a pandas DataFrame, or a list of dicts where pandas is absent."""
        rows = Rows(_plain_row(row) for row in self.coefficients)
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(list(rows))

    def lines(self) -> list[tuple[str, str]]:
        """The result as pairs of a name and a value."""
        percent = f"{100 * self.level:g} %"
        what = "F" if math.isfinite(self.qm_df[1]) else "chi²"
        df = f"{self.qm_df[0]:g}" + (f" and {self.qm_df[1]:g}" if what == "F" else "")
        by = f", tau² by {self.tau2_estimator}" if self.tau2_estimator else ""
        out = [("model", f"{self.model} meta-regression, {self.measure}; {self.k} studies{by}, test {self.test}")]
        for row in self.coefficients:
            limits = f"{number(row.estimate)} ({number(row.low)} to {number(row.high)}), {percent}"
            out.append((row.name, f"{limits}; se {number(row.se)}, p = {number(row.p)}"))
        if self.tested:
            out.append(("moderators", f"QM = {number(self.qm)}, {what} with {df} df, p = {number(self.qm_p)}"))
        t = self.tau2_interval
        out.append(("tau² left", f"{number(self.tau2)} ({number(t.low)} to {number(t.high)}), {percent} {t.method}"))
        i2 = number(self.i2) if isinstance(self.i2, NotEstimable) else f"{self.i2:.1f} %"
        out.append(("I², H²", f"{i2}, {number(self.h2)}"))
        out.append(("R²", number(self.r2) + ("" if isinstance(self.r2, NotEstimable) else " %")))
        out.append(("heterogeneity left", f"{number(self.qe)} with {self.qe_df} df, p = {number(self.qe_p)}"))
        return out + [("note", str(note)) for note in self.notes]

    def __str__(self) -> str:
        pairs = self.lines()
        width = max(len(name) for name, _ in pairs)
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in pairs)

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in self.lines()
        )
        return f'<table class="handful-fit"><caption>meta-regression</caption><tbody>{body}</tbody></table>'


def labels_of_rows(new: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """'dose 10, region Europe' for each new row."""
    return tuple(", ".join(_words(new, i)) or "mean" for i in range(count))


def _words(new: Mapping[str, Any], i: int) -> list[str]:
    def at(value: Any) -> Any:
        if isinstance(value, str) or not hasattr(value, "__len__"):
            return value
        items = list(value)
        return items[i if len(items) > 1 else 0]

    return [f"{name} {at(value)}" for name, value in new.items()]


def _plain_row(row: Any) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in row.__dataclass_fields__}


def predicted(
    design: FloatArray, labels: tuple[str, ...], beta: FloatArray, covariance: FloatArray, tau2: float, df: float,
    k: int, level: float, rule: str, back: Callable[[float], float],
) -> tuple[Predicted, ...]:  # fmt: skip
    """Mean effects with limits, and prediction limits whose variance is τ² plus that of the mean effect."""
    if rule not in PREDICTIONS:
        raise UnknownChoice("prediction", rule, PREDICTIONS)
    if not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % intervals")
    mean = design @ beta
    variance = np.einsum("ij,jk,ik->i", design, covariance, design)
    reach = quantile(df, 0.5 + level / 2)
    own = {"k-p": k - len(beta), "k-p-1": k - len(beta) - 1}.get(rule, math.inf)
    none = NotEstimable(f"prediction with {rule} = {own:g} degrees of freedom")
    out = []
    for label, m, s2 in zip(labels, mean.tolist(), variance.tolist(), strict=True):
        se = math.sqrt(max(s2, 0.0))
        low, high = m - reach * se, m + reach * se
        ends: tuple[float | NotEstimable, float | NotEstimable] = (none, none)
        natural: tuple[float | NotEstimable, float | NotEstimable] = (none, none)
        if own >= 1:
            half = quantile(own, 0.5 + level / 2) * math.sqrt(tau2 + max(s2, 0.0))
            ends, natural = (m - half, m + half), (back(m - half), back(m + half))
        out.append(Predicted(label, back(m), back(low), back(high), *natural, m, se, low, high, *ends))
    return tuple(out)
