"""``robust``: standard errors of a finished fit that allow for dependence within clusters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.clusters.cluster_robust import KINDS, ON_THE_LINE, counted, sandwich
from handful.stats.estimates.between_study import estimate_tau2
from handful.stats.estimates.meta_regression import Coefficient, coefficient_table
from handful.stats.estimates.regression_result import Regression
from handful.stats.evidence import Estimates
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import NotEstimable
from handful.synthesis.influence import options_of
from handful.synthesis.recipe import estimates_of

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RobustCoefficients:
    """The coefficients as they were, with cluster-robust standard errors; ``qm`` is the F test of them together."""

    coefficients: tuple[Coefficient, ...]
    covariance: tuple[tuple[float, ...], ...]
    qm: float | NotEstimable
    qm_df: tuple[int, float]
    qm_p: float | NotEstimable
    kind: str
    clusters: int
    k: int
    level: float
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        out = {n: plain(getattr(self, n)) for n in ("covariance", "qm", "qm_df", "qm_p", "kind", "clusters", "k")}
        out["coefficients"] = [{n: plain(getattr(c, n)) for n in c.__dataclass_fields__} for c in self.coefficients]
        out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        return out

    def to_frame(self) -> Any:
        """One row a coefficient: a pandas DataFrame, or a list of dicts where pandas is absent."""
        rows = Rows({n: plain(getattr(c, n)) for n in c.__dataclass_fields__} for c in self.coefficients)
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(list(rows))

    def __str__(self) -> str:
        lines = [f"cluster-robust standard errors ({self.kind}); {self.k} estimates in {self.clusters} clusters"]
        for c in self.coefficients:
            limits = f"{number(c.estimate)} ({number(c.low)} to {number(c.high)})"
            lines.append(f"{c.name}  {limits}; se {number(c.se)}, df {c.df:.3g}, p = {number(c.p)}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def robust(fit: Any, cluster: Any = None, *, kind: str = "CR2") -> RobustCoefficients | NotEstimable:
    """Standard errors of a pooled mean or a meta-regression that hold whatever the correlation within clusters.

    ``fit``: what ``hf.pool`` (estimates by inverse variance) or ``hf.regress`` returned. ``cluster``: one label an
    estimate; None makes each estimate its own, which protects against wrong variances. ``CR2`` has Satterthwaite
    degrees of freedom (Pustejovsky & Tipton 2018, 10.1080/07350015.2016.1247004); ``CR1``, ``CR0`` clusters −
    coefficients. The coefficients do not change: where estimates share a cluster ``hf.multilevel`` weights them better.

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.2, 0.3, 0.1, 0.6, 0.5], [0.02, 0.03, 0.02, 0.03, 0.05]))
    >>> round(hf.robust(fit, cluster=["a", "a", "b", "c", "d"]).coefficients[0].df, 2)
    2.45
    """
    if kind not in KINDS:
        raise UnknownChoice("kind", kind, KINDS)
    if isinstance(fit, Regression):
        y, v, design = fit.data
        names, level, tested, tau2 = fit.names, fit.level, fit.tested or tuple(range(len(fit.names))), fit.tau2
        evidence = None
    else:
        recipe, evidence = estimates_of(fit, "robust")
        method, given, _ = options_of(recipe, "robust")
        y, v = np.asarray(evidence.yi), np.asarray(evidence.vi)
        design, names, level, tested = np.ones((len(y), 1)), ("mean",), recipe.level, (0,)
        tau2 = given if given is not None else estimate_tau2(y, v, method) if method else 0.0
    codes = _codes(cluster, len(y), evidence)
    groups, p = int(codes.max()) + 1, int(design.shape[1])
    if groups <= p:
        few = f"{counted(p, 'coefficient', 'coefficients')} from {counted(groups, 'cluster', 'clusters')}"
        return NotEstimable(f"{few}: no robust standard errors")
    members = [np.flatnonzero(codes == g).astype(np.int64) for g in range(groups)]
    covariances = [np.diag(v[rows] + tau2) for rows in members]
    found = sandwich(y, design, covariances, members, tested, kind)
    if not bool(np.all(np.isfinite(found.df))):
        return NotEstimable("a coefficient rests on one cluster alone: its standard error cannot be made robust")
    if not bool(np.any(np.diag(found.covariance) > 0)):
        return NotEstimable(ON_THE_LINE)
    table = [
        coefficient_table(
            (name,), np.array([value]), found.covariance[j : j + 1, j : j + 1], float(found.df[j]), level
        )[0]
        for j, (name, value) in enumerate(zip(names, found.beta.tolist(), strict=True))
    ]
    none = NotEstimable("the clusters are too few to test these coefficients together")
    low = [row for row in table if row.df < 4]
    text = "degrees of freedom below 4: the p value is a rough guide only"
    return RobustCoefficients(
        coefficients=tuple(table),
        covariance=tuple(tuple(row) for row in found.covariance.tolist()),
        qm=none if np.isnan(found.p) else found.statistic,
        qm_df=found.statistic_df,
        qm_p=none if np.isnan(found.p) else found.p,
        kind=kind,
        clusters=groups,
        k=len(y),
        level=level,
        notes=tuple(Note("few-degrees-of-freedom", text, about=row.name) for row in low),
    )


def _codes(cluster: Any, k: int, evidence: Estimates | None) -> npt.NDArray[np.int64]:
    if cluster is None:
        return np.arange(k)
    if isinstance(cluster, (str, bytes)) or not isinstance(cluster, Iterable):
        raise InputError(f"cluster={cluster!r} is not a column", hint="one label an estimate")
    labels = list(cluster)
    if evidence is not None and len(labels) != k and evidence.rows is not None and len(labels) == evidence.given:
        labels = [labels[i] for i in evidence.rows]
    if len(labels) != k:
        raise InputError(f"cluster has {len(labels)} labels for {k} estimates", hint="one label an estimate")
    if any(label is None or label != label for label in labels):
        raise InputError("cluster has missing labels", hint="every estimate needs one")
    place = {label: i for i, label in enumerate(dict.fromkeys(str(label) for label in labels))}
    return np.array([place[str(label)] for label in labels], dtype=np.int64)
