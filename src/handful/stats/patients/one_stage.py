"""``one_stage``: patients of several studies in one model, within-study and between-study information kept apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.columns import FloatArray
from handful.stats.distributions.chi_squared import chi2_quantile
from handful.stats.distributions.normal import normal_above, normal_quantile
from handful.stats.patients.cells import Cells, cells_of
from handful.stats.patients.families import LOGISTIC, POISSON
from handful.stats.patients.one_stage_fit import Search, Separated, Top, reach
from handful.stats.patients.one_stage_likelihood import Likelihood
from handful.stats.patients.one_stage_result import Coefficient, OneStage
from handful.stats.patients.patient_columns import Patients, read_patients
from handful.stats.results import Interval, NotEstimable

INTERVALS = ("default", "profile", "wald")
_PROFILE_CELLS = 20_000  # up to so many cells the default limits are those of the profile
_MANY_CELLS = 20_000  # above, studies are large and 11 nodes exact; below, 31
EVENTS_FOR_ONE = 10  # events (or non-events, if fewer) that one covariate asks for


@dataclass(frozen=True, eq=False)
class _Term:
    name: str
    part: str
    column: FloatArray
    per_sd: float


def one_stage(
    outcome: Any,
    study: Any,
    *,
    covariates: Any = None,
    treatment: Any = None,
    modifiers: Sequence[str] = (),
    time: Any = None,
    data: Any = None,
    split: bool = True,
    prior: Any = None,
    interval: str = "default",
    level: float = 0.95,
    nodes: int | None = None,
    compress: bool = True,
) -> OneStage | NotEstimable:
    """One model of all patients: odds ratios (or rate ratios) of covariates, with studies that differ.

    Patient j of study i has the event with probability p, and

        logit p = a + τ u_i + treatment_ij g + Σ_c { b_within (x_ijc − x̄_ic) + b_between x̄_ic },   u_i ~ N(0, 1).

    ``outcome``: 0 or 1 a patient; ``study``: its label. With ``time`` (person-time above 0, one a row) the outcome is a
    number of events, log(rate) takes the place of the logit, and the ratios are rate ratios. ``covariates``: a dict of
    columns, a data frame, or names with ``data=``; a column of words is a factor. ``split=True`` keeps what patients of
    one study tell (within) apart from what means of studies tell (between: ecological, confounded by whatever else
    differs between studies); ``split=False`` enters covariates as they are. ``modifiers``: covariates whose product
    with the treatment is added, the within-study part being the effect modification (Fisher 2017).

    Maximum likelihood by adaptive quadrature (``nodes``; 31, or 11 above 20,000 cells) and Newton steps with the exact
    score and Hessian. Rows that say the same are counted once (exact; ``compress=False`` does not). ``interval``:
    ``profile`` (default up to 20,000 cells) or ``wald``. ``prior``: None, ``"normal"`` (each coefficient N(0, 1) per
    standard deviation of its covariate: what is advised below ten events a covariate) or the standard deviation of that
    normal; the result is then the top of the posterior.

    Edges: no event, or nothing but events: ``NotEstimable``. A covariate that separates events from non-events, or does
    not vary: ``NotEstimable`` that names it. One study: no τ², ordinary logistic regression. τ² at 0 is said. Rows with
    a missing value are left out and counted in ``notes``. In studies without a control group a covariate predicts the
    outcome; it does not modify an effect.

    References: Riley 2023, doi:10.1002/jrsm.1661; Burke 2017, doi:10.1002/sim.7141; Fisher 2017, doi:10.1136/bmj.j573.

    >>> y = [1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1]
    >>> age = [30, 41, 52, 28, 35, 60, 44, 39, 25, 47, 58, 33]
    >>> fit = one_stage(y, ["A"] * 6 + ["B"] * 6, covariates={"age": age}, prior="normal")
    >>> round(fit.coefficient("age", "within").ratio, 2)
    0.9
    """
    _check(interval, level, nodes)
    people = read_patients(outcome, study, covariates, treatment, time, data, counts=time is not None)
    family = LOGISTIC if time is None else POISSON
    events = float(people.y.sum())
    size = float(len(people.y)) if people.time is None else float(people.time.sum())
    if len(people.y) == 0:
        return NotEstimable("no row has all its values", people.notes)
    if events == 0 or (people.time is None and events == size):
        what = "no event" if events == 0 else "nothing but events"
        return NotEstimable(f"there is {what} among {len(people.y)} people: no ratio can be estimated", people.notes)
    raw = cells_of(people.study, people.y, people.time, _raw(people), compress=compress)
    terms = _terms(raw, people, split, modifiers)
    idle = [term for term in terms if not term.per_sd > 0]
    terms = [term for term in terms if term.per_sd > 0]
    still = {term.name for term in terms}
    for term in idle:
        if term.name not in still:
            return NotEstimable(f"{term.name} is the same in every patient", people.notes)
    notes = [*people.notes, *(_idle(term) for term in idle)]
    x = np.stack([term.column for term in terms]) if terms else np.zeros((0, raw.size))
    cells = Cells(raw.y, raw.n, x, raw.starts, raw.rows)
    twice = _determined(cells, terms)
    if twice:
        return NotEstimable(twice, people.notes)
    precision = _precision(prior, terms)
    used = nodes if nodes is not None else 11 if cells.size > _MANY_CELLS else 31
    search = Search(Likelihood(cells, family, used), precision)
    try:
        top = search.highest(family.scale(events / size))
    except Separated as separated:
        term = terms[separated.place]
        return NotEstimable(
            f"{term.name} ({term.part}) separates events from non-events, so its ratio has no finite estimate; "
            'prior="normal" gives one',
            tuple(notes),
        )
    chosen = ("profile" if cells.size <= _PROFILE_CELLS else "wald") if interval == "default" else interval
    rows = _coefficients(search, top, terms, chosen, level)
    limits = _tau2_limits(search, top, level) if chosen == "profile" else _tau2_wald(cells)
    fewer = events if people.time is not None else min(events, size - events)
    notes += _notes(people, top, terms, fewer, prior, treatment is not None)
    return OneStage(
        family=family.name,
        ratio=family.ratio,
        coefficients=rows,
        tau2=float(top.theta[-1]) ** 2,
        tau2_interval=limits,
        k=people.k,
        people=len(people.y),
        events=int(events),
        cells=cells.size,
        log_likelihood=_log_likelihood(search, top, people),
        level=float(level),
        interval_method=chosen,
        nodes=used,
        converged=top.converged,
        notes=tuple(notes),
    )


def _check(interval: str, level: float, nodes: int | None) -> None:
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % intervals")
    if nodes is not None and (isinstance(nodes, bool) or not isinstance(nodes, int) or not 1 <= nodes <= 200):
        raise InputError(f"nodes={nodes!r} cannot be used", hint="a whole number from 1 (Laplace) to 200")


def _raw(people: Patients) -> FloatArray:
    """Treatment and covariates as they are, one row each."""
    columns = [*([] if people.treatment is None else [people.treatment]), *people.covariates.values()]
    return np.stack(columns) if columns else np.zeros((0, len(people.y)))


def _terms(raw: Cells, people: Patients, split: bool, modifiers: Sequence[str]) -> list[_Term]:
    """The columns of the model, on cells; means and standard deviations are those of the patients."""
    modifiers = (modifiers,) if isinstance(modifiers, str) else tuple(modifiers)
    unknown = sorted({m for m in modifiers if not _family_of(m, people)})
    if unknown:
        known = ", ".join(people.covariates) or "none"
        raise InputError(f"one_stage: modifiers {unknown} are not among the covariates", hint=f"there are: {known}")
    if modifiers and people.treatment is None:
        raise InputError("one_stage: modifiers are of a treatment effect, and there is no treatment=")
    treated = people.treatment is not None
    treatment, study, rows = raw.x[0] if treated else None, raw.study, raw.rows
    out = [] if treatment is None else [_term("treatment", "treatment", treatment, rows)]
    counts = np.bincount(study, weights=rows)
    for name, column in zip(people.covariates, raw.x[int(treated) :], strict=True):
        parts = {"together": column}
        if split:
            mean = (np.bincount(study, weights=rows * column) / counts)[study]
            within = column - mean
            within[np.abs(within) <= 1e-12 * max(float(np.abs(column).max()), 1e-300)] = 0.0
            parts = {"within": within, "between": mean}
        out += [_term(name, part, values, rows) for part, values in parts.items()]
        if treatment is not None and any(name in _family_of(m, people) for m in modifiers):
            for part, values in parts.items():
                label = "interaction" if part == "together" else f"interaction {part}"
                centre = values - float(np.average(values, weights=rows)) if part == "between" else values
                out.append(_term(f"treatment × {name}", label, treatment * centre, rows))
    return out


def _family_of(modifier: str, people: Patients) -> list[str]:
    """The columns of a covariate: itself, or the levels of a factor."""
    return [name for name in people.covariates if name == modifier or name.startswith(f"{modifier}[")]


def _term(name: str, part: str, column: FloatArray, rows: FloatArray) -> _Term:
    sd = math.sqrt(max(float(np.average((column - np.average(column, weights=rows)) ** 2, weights=rows)), 0.0))
    return _Term(name, part, column, sd if sd > 1e-12 * max(float(np.abs(column).max()), 1e-300) else 0.0)


def _idle(term: _Term) -> Note:
    if term.part.endswith("between"):
        return Note("same-in-every-study", f"{term.name} has the same mean in every study: no between-study part")
    return Note("same-within-studies", f"{term.name} is the same in all patients of a study: no within-study part")


def _determined(cells: Cells, terms: list[_Term]) -> str:
    """The first covariate that the ones before it (and the intercept) determine, in words."""
    if not terms:
        return ""
    weight = cells.n / cells.n.sum()
    scaled = (cells.x - (cells.x @ weight)[:, None]) / np.array([term.per_sd for term in terms])[:, None]
    gram = (scaled * weight) @ scaled.T
    for place, term in enumerate(terms):
        if place and np.linalg.cond(gram[: place + 1, : place + 1]) > 1e12:
            return f"{term.name} ({term.part}) is determined by the covariates before it"
    return ""


def _precision(prior: Any, terms: list[_Term]) -> FloatArray:
    if prior is None:
        return np.zeros(len(terms))
    sd = 1.0 if prior == "normal" else prior
    if isinstance(sd, bool) or not isinstance(sd, (int, float)) or not 0 < sd < math.inf:
        hint = '"normal", or the standard deviation of a coefficient per standard deviation of its covariate'
        raise InputError(f"prior={prior!r} cannot be used", hint=hint)
    return np.array([(term.per_sd / sd) ** 2 for term in terms])


def _coefficients(search: Search, top: Top, terms: list[_Term], chosen: str, level: float) -> tuple[Coefficient, ...]:
    z = normal_quantile((1.0 - level) / 2.0)
    rows = []
    for place, (name, part) in enumerate([("intercept", "intercept"), *((t.name, t.part) for t in terms)]):
        value, variance = float(top.theta[place]), float(top.covariance[place, place])
        se = math.sqrt(variance) if variance > 0 else math.nan
        ends = [value - z * se, value + z * se]
        if chosen == "profile":
            ends = [_profile_end(search, top, place, sign * z * se, level) for sign in (-1.0, 1.0)]
        known = variance > 0
        none = NotEstimable("the likelihood has no curvature there")
        p = 2.0 * normal_above(abs(value / se)) if known else none
        rows.append(Coefficient(name, part, value, se if known else none, ends[0], ends[1], p))
    return tuple(rows)


def _profile_end(search: Search, top: Top, place: int, first: float, level: float) -> float:
    theta = top.theta.copy()

    def value_at(value: float) -> float:
        theta[place] = value
        try:
            return search.held(theta, place)
        except Separated:
            return -math.inf

    end = math.copysign(math.inf, first)
    return reach(value_at, float(top.theta[place]), top.value, first, 0.5 * chi2_quantile(1.0 - level, 1), end)


def _tau2_limits(search: Search, top: Top, level: float) -> Interval | NotEstimable:
    if search.likelihood.cells.studies == 1:
        return NotEstimable("one study says nothing about differences between studies")
    fall, tau = 0.5 * chi2_quantile(1.0 - level, 1), float(top.theta[-1])
    theta = top.theta.copy()

    def value_at(value: float) -> float:
        theta[-1] = value
        return search.held(theta, len(theta) - 1)

    se = math.sqrt(max(float(top.covariance[-1, -1]), 0.0)) or 0.5
    low = 0.0
    if tau > 0 and top.value - value_at(0.0) > fall:
        theta[:] = top.theta
        low = reach(value_at, tau, top.value, -min(1.5 * se, 0.5 * tau), fall, 0.0)
    theta[:] = top.theta
    high = reach(value_at, tau, top.value, 2.0 * se, fall, math.inf)
    return Interval(tau * tau, low * low, high * high, level, "profile")


def _tau2_wald(cells: Cells) -> NotEstimable:
    if cells.studies == 1:
        return NotEstimable("one study says nothing about differences between studies")
    return NotEstimable('a variance has no symmetric limits; interval="profile" gives those of the likelihood')


def _log_likelihood(search: Search, top: Top, people: Patients) -> float:
    """Without the prior, and with the constant of the Poisson distribution: that of the rows as they were given."""
    value = float(search.likelihood.at(top.theta).value)
    if people.time is None:
        return value
    constant = sum(math.lgamma(v + 1.0) * c for v, c in zip(*np.unique(people.y, return_counts=True), strict=True))
    return float(value + float(people.y @ np.log(people.time)) - constant)


def _notes(people: Patients, top: Top, terms: list[_Term], fewer: float, prior: Any, treated: bool) -> list[Note]:
    notes = []
    k = people.k
    if k == 1:
        notes.append(Note("single-study", "one study: no variance between studies can be estimated"))
    elif top.boundary:
        text = f"τ² is estimated at 0; with {k} studies that is no evidence that they agree"
        notes.append(Note("tau2-zero", text))
    if not top.converged:
        notes.append(Note("not-converged", "the search stopped before its criterion was met"))
    asked = len(terms)
    if asked and fewer < EVENTS_FOR_ONE * asked:
        text = (
            f"{fewer:g} events (or non-events) for {asked} coefficients: fewer than {EVENTS_FOR_ONE} each, so "
            "estimates are biased away from 1"
        )
        advice = "" if prior is not None else '; prior="normal" holds them, or use fewer covariates'
        notes.append(Note("few-events", text + advice))
    if prior is not None:
        sd = 1.0 if prior == "normal" else float(prior)
        text = f"each coefficient has a prior N(0, {sd:g}²) per standard deviation of its covariate"
        notes.append(Note("prior", f"{text}; estimates are the top of the posterior"))
    if any(term.part == "between" for term in terms):
        text = "between-study coefficients compare means of studies: whatever else differs between studies is in them"
        notes.append(Note("ecological", text))
        if k < 10:
            few = sum(term.part == "between" for term in terms)
            text = f"{k} studies say little about {few} between-study coefficient{'s' * (few != 1)}"
            notes.append(Note("few-studies", text))
    if terms and not treated:
        text = "without a control group a covariate predicts the outcome; it does not say who gains from treatment"
        notes.append(Note("predictor-of-outcome", text))
    return notes
