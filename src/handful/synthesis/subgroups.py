"""``subgroups``: studies pooled group by group, and whether the groups differ."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.estimates.between_study import estimate_tau2
from handful.stats.evidence import Estimates
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.pool import pool

if TYPE_CHECKING:
    from handful.stats.bayes.posterior import Posterior

Mask: TypeAlias = npt.NDArray[np.bool_]

SPREADS = ("separate", "common")


class GroupDifferences(Protocol):
    """Where the posterior of a difference of two groups comes from."""

    def of(self, first: str, second: str) -> Posterior: ...


@dataclass(frozen=True)
class Subgroups:
    """One fit a group, the fit of all studies together, and the test between groups.

    ``q_between`` = Σ (μ_g − μ̄)²/se_g² over the groups that have an estimate, χ² with their number less 1; ``spread``
    says if τ² is each group's own or common to all. A difference between groups is a difference between studies.
    """

    groups: Mapping[str, Fit | NotEstimable]
    overall: Fit | NotEstimable
    q_between: float | NotEstimable
    q_between_df: int
    q_between_p: float | NotEstimable
    spread: str
    notes: tuple[Note, ...] = ()
    posteriors: GroupDifferences | None = field(default=None, repr=False, compare=False)

    def difference(self, first: str, second: str) -> Posterior | NotEstimable:
        """The posterior of the mean effect of one group less another's, on the model scale; ``.on("natural")`` is the
        ratio (for rates: of their odds). ``model="bayes"`` only."""
        for name in (first, second):
            if name not in self.groups:
                raise UnknownChoice("group", name, list(self.groups))
            found = self.groups[name]
            if isinstance(found, NotEstimable):
                return NotEstimable(f"{name}: {found.reason}")
        if self.posteriors is None:
            return NotEstimable("these groups have no posterior; model='bayes' has")
        return self.posteriors.of(first, second)

    def probability_greater(self, first: str, second: str) -> float | NotEstimable:
        """P(mean effect of ``first`` > that of ``second``); it moves with the priors, which stand in the notes."""
        found = self.difference(first, second)
        return found if isinstance(found, NotEstimable) else found.probability(above=0.0)

    def __getitem__(self, group: str) -> Fit | NotEstimable:
        """The fit of this group."""
        if group not in self.groups:
            raise UnknownChoice("group", group, list(self.groups))
        return self.groups[group]

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        return {
            "groups": {name: plain(fit) for name, fit in self.groups.items()},
            "overall": plain(self.overall),
            "q_between": plain(self.q_between),
            "q_between_df": self.q_between_df,
            "q_between_p": plain(self.q_between_p),
            "spread": self.spread,
            "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes],
        }

    def to_frame(self) -> Any:
        """One row a group and one for all: a pandas DataFrame, or a list of dicts where pandas is absent."""
        names = ("estimate", "low", "high", "coefficient", "se", "tau2", "i2", "q", "q_p")
        rows = Rows()
        for label, fit in (*self.groups.items(), ("all", self.overall)):
            values = {n: None if isinstance(fit, NotEstimable) else _or_none(getattr(fit, n)) for n in names}
            rows.append({"group": label, "k": 0 if isinstance(fit, NotEstimable) else fit.k, **values})
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(list(rows))

    def lines(self) -> list[tuple[str, str]]:
        """The result as pairs of a name and a value."""
        out = []
        for label, fit in (*self.groups.items(), ("all together", self.overall)):
            if isinstance(fit, NotEstimable):
                out.append((label, str(fit)))
                continue
            limits = f"{number(fit.estimate)} ({number(fit.low)} to {number(fit.high)})"
            studies = "study" if fit.k == 1 else "studies"
            out.append((label, f"{limits}, {100 * fit.level:g} % {fit.interval_method}; {fit.k} {studies}"))
        test = number(self.q_between)
        if not isinstance(self.q_between, NotEstimable):
            test += f" with {self.q_between_df} df, p = {number(self.q_between_p)}; {self.spread} tau²"
        out.append(("between groups", test))
        return out + [("note", str(note)) for note in self.notes]

    def __str__(self) -> str:
        pairs = self.lines()
        width = max(len(name) for name, _ in pairs)
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in pairs)

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in self.lines()
        )
        return f'<table class="handful-fit"><caption>groups</caption><tbody>{body}</tbody></table>'


def _or_none(value: Any) -> Any:
    return None if isinstance(value, NotEstimable) else value


def subgroups(evidence: Any, by: Any, *, spread: str = "separate", **options: Any) -> Subgroups:
    """Pool each group of studies and test whether the groups differ.

    ``evidence``: whatever ``hf.pool`` takes; ``by``: one label a study (a study without one is left out, with a note).
    ``options`` go to ``hf.pool``. Every group is pooled by the model that all studies together have (named, or the
    default), so that groups differ in their data only. ``spread``: ``separate``, each group its own τ²; ``common``, one
    τ² for all groups (estimates with ``model="random-effects"``, or ``bayes``), steadier where groups are small. The
    test uses the standard errors the intervals use. For posteriors there is none: ``.difference(a, b)`` is the
    posterior of what two groups differ by, ``.probability_greater(a, b)`` its part above 0.

    Edges: one group only, or one with an estimate only: the test is ``NotEstimable``. For a moderator that is a
    number see ``hf.regress``. Reference: Borenstein & Higgins 2013, 10.1007/s11121-013-0377-7.

    >>> import handful as hf
    >>> est = hf.estimates([0.1, 0.2, 0.7, 0.9], [0.02, 0.03, 0.02, 0.03])
    >>> found = hf.subgroups(est, by=["children", "children", "adults", "adults"], tau2="DL", interval="wald")
    >>> round(found["adults"].estimate, 3), round(found.q_between, 2)
    (0.78, 17.07)
    """
    if spread not in SPREADS:
        raise UnknownChoice("spread", spread, SPREADS)
    if hasattr(evidence, "estimates"):  # effect sizes
        evidence = evidence.estimates()
    labels, given = _labels(evidence, by)
    left_out = tuple(
        Note("study-left-out", "left out: it has no group", about=name)
        for name, there in zip(evidence.labels, given, strict=True)
        if not there
    )
    evidence, labels = _rows(evidence, given), labels[given]
    overall = pool(evidence, **options)
    if isinstance(overall, Fit) and overall.model != "single-study":
        options = {**options, "model": overall.model}
    bayes = isinstance(overall, Fit) and overall.model == "bayes"
    if bayes and spread == "common":
        from handful.synthesis.bayes_groups import common_fits

        shared, differences = common_fits(evidence, labels, options)
        q, df, p = _between(shared)
        return Subgroups(shared, overall, q, df, p, spread, (*left_out, *_notes(shared)), differences)
    if spread == "common":
        options = {**options, **_common_tau2(evidence, labels, overall, options)}
    fits: dict[str, Fit | NotEstimable] = {}
    for name in sorted(set(labels.tolist())):
        own = _rows(evidence, labels == name)
        fits[name] = pool(replace(own, notes=()) if isinstance(own, Estimates) else own, **options)
    q, df, p = _between(fits)
    notes = (*left_out, *_notes(fits))
    if not bayes:
        return Subgroups(fits, overall, q, df, p, spread, notes)
    from handful.synthesis.bayes_groups import SeparateDifferences

    return Subgroups(fits, overall, q, df, p, spread, notes, SeparateDifferences(fits))


def _labels(evidence: Any, by: Any) -> tuple[npt.NDArray[Any], Mask]:
    """One label a study, and which studies have one."""
    if isinstance(by, (str, bytes)) or not isinstance(by, Iterable):
        raise InputError(f"by={by!r} is not a column of labels", hint="one label a study")
    items = by.to_pylist() if hasattr(by, "to_pylist") else list(by)
    k, all_rows = len(evidence), getattr(evidence, "given", None)
    if len(items) != k and len(items) == all_rows and evidence.rows is not None:
        items = [items[i] for i in evidence.rows]
    if len(items) != k:
        raise InputError(f"by has {len(items)} labels for {k} studies", hint="one label a study")
    gone = [
        i is None or type(i).__name__ in ("NAType", "NaTType") or (isinstance(i, float) and bool(np.isnan(i)))
        for i in items
    ]
    words = ["" if missing else str(item) for item, missing in zip(items, gone, strict=True)]
    return np.array(words, dtype=object), ~np.array(gone, dtype=bool)


def _rows(evidence: Any, keep: Mask) -> Any:
    """The same kind of evidence with these studies only."""
    changed: dict[str, Any] = {}
    for f in fields(evidence):
        value = getattr(evidence, f.name)
        if isinstance(value, np.ndarray) and len(value) == len(keep):
            changed[f.name] = value[keep]
            changed[f.name].setflags(write=False)
        elif f.name == "labels":
            changed[f.name] = tuple(label for label, kept in zip(value, keep, strict=True) if kept)
    return replace(evidence, **changed)


def _common_tau2(
    evidence: Any, labels: npt.NDArray[Any], overall: Fit | NotEstimable, options: Mapping[str, Any]
) -> dict[str, Any]:
    if not isinstance(evidence, Estimates) or options.get("model") not in (None, "random-effects"):
        raise InputError("a common τ² is for estimates under random effects", hint='spread="separate"')
    names = sorted(set(labels.tolist()))
    design = np.column_stack([(labels == name).astype(np.float64) for name in names])
    method = (
        options.get("tau2") or (overall.details["tau2_estimator"] if isinstance(overall, Fit) else "REML") or "REML"
    )
    if not isinstance(method, str):
        return {}
    if options.get("interval") == "profile":
        raise InputError("profile limits estimate τ² in each group", hint='spread="separate", or another interval')
    return {"tau2": estimate_tau2(np.asarray(evidence.yi), np.asarray(evidence.vi), method, design)}


def _between(fits: Mapping[str, Fit | NotEstimable]) -> tuple[float | NotEstimable, int, float | NotEstimable]:
    found = [fit for fit in fits.values() if isinstance(fit, Fit)]
    if any(fit.posteriors is not None for fit in found):
        no = NotEstimable("posteriors have no test between groups: ask .difference(a, b) or .probability_greater(a, b)")
        return no, max(len(fits) - 1, 0), no
    pairs = [
        (float(fit.coefficient), float(fit.se))
        for fit in found
        if not isinstance(fit.coefficient, NotEstimable) and not isinstance(fit.se, NotEstimable) and fit.se > 0
    ]
    if len(pairs) < 2:
        no = NotEstimable("fewer than two groups have an estimate with a standard error")
        return no, max(len(pairs) - 1, 0), no
    mean, se = np.array(pairs).T
    w = 1.0 / (se * se)
    q = float(w @ (mean - float(w @ mean) / float(w.sum())) ** 2)
    return q, len(pairs) - 1, chi2_above(q, len(pairs) - 1)


def _notes(fits: Mapping[str, Fit | NotEstimable]) -> tuple[Note, ...]:
    notes = []
    for name, fit in fits.items():
        if isinstance(fit, NotEstimable):
            notes.append(Note("group-not-estimable", fit.reason, about=name))
        elif fit.k == 1:
            notes.append(Note("one-study-in-group", "one study", about=name))
    notes.append(Note("between-studies", "groups of studies differ in more than their label; nothing was randomised"))
    return tuple(notes)
