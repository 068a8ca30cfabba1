"""The forest: one line a study, its interval louder than its point, the pooled result below."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from handful.base.errors import InputError
from handful.base.wording import level as percent
from handful.base.wording import p_value
from handful.figures.columns import Line, Table, write_columns
from handful.figures.rows import Row, Studies, evidence_of, measure_of, pooled_rows, studies
from handful.figures.scales import Scale, number, ranged, scale_of, set_axis, span
from handful.figures.theme import ACCENT, BAR, INK, MARK, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.stats.clusters.multilevel_result import Multilevel
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.refits import Refits
from handful.synthesis.subgroups import Subgroups
from handful.synthesis.trim_and_fill import TrimAndFill

PLOT_WIDTH = 3.2
ROW = 0.245
LEAST, MOST = 2.2, 7.0


def forest(
    result: Any,
    *,
    evidence: Any = None,
    intervals: str = "exact",
    level: float | None = None,
    order: str | Sequence[int] | None = None,
    prediction: bool = True,
    groups: tuple[str, str] | None = None,
    favours: tuple[str, str] | None = None,
    limits: tuple[float, float] | None = None,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Studies with their intervals, the pooled diamond, the prediction interval, all with their numbers beside them.

    ``result``: a fit of ``hf.pool``, what ``hf.subgroups``, ``hf.cumulate``, ``hf.leave_one_out`` or
    ``hf.trim_and_fill`` returned, or evidence that is not pooled at all (counts and estimates of ``hf.combine`` too).
    Ratios stand on a logarithmic axis, proportions on 0 to 1. The bar is the interval, thicker for more weight, so that
    what is known best is seen first; what leaves the axis ends in an arrow, and its numbers stand beside it.
    ``intervals``: ``exact`` (counts: the small-sample interval that needs nothing added for 0 of n) or ``wald`` (what
    inverse-variance weights use). ``order``: None as given, ``"estimate"``, ``"weight"``, ``"label"``, or positions.
    ``groups`` names the columns of two groups, ``favours`` the two sides of no effect. ``limits`` are the ends of the
    axis. What ``hf.multilevel`` returned, or a fit that ``hf.pool`` did not make, needs ``evidence=``.

    Returns the axes; studies are at y = 0, 1, … from the top, x is the natural scale.

    >>> import handful as hf
    >>> axes = forest(hf.pool(hf.estimates([-0.9, -0.4, -1.6], [0.1, 0.05, 0.3], measure="RR"), tau2="DL"))
    >>> axes.get_xscale(), axes.get_xlabel()
    ('log', 'risk ratio')
    """
    found, rows = _rows(result, evidence, intervals, level, order, prediction)
    scale = found.scale
    if not rows:
        raise InputError("there is no study to draw")
    asked = percent(_level(result, level))
    ends = _axis(rows, scale, limits)
    caption = _caption(result, found, asked)
    headings = groups if groups is not None and len(found.headings) == 2 else found.headings
    weighed = any(row.weight is not None for row in rows)
    right = (f"{_short(scale)} ({asked} interval)", *(("weight",) if weighed else ()))
    table = Table(
        head=Line("study", headings, right),
        lines=tuple(_line(row, len(headings), weighed, scale) for row in rows),
        caption=caption,
    )
    name = label if label is not None else scale.words
    foot = 52.0 if favours else 38.0
    if ax is None:
        ax = paper(8.0, 4.0)
        left, after, below = write_columns(ax, table, foot)
        height = ROW * (len(rows) + 0.6)
        below += foot / 72
        ax.figure.set_size_inches(left + PLOT_WIDTH + after, 0.34 + height + below)
        margins(ax, left=left, right=after, bottom=below, top=0.34)
    else:
        write_columns(ax, table, foot)
    dress(ax, left=False)
    ax.set_yticks([])
    ax.set_ylim(len(rows) - 0.35, -0.95)
    set_axis(ax, scale, *ends)
    ax.set_xlabel(name, labelpad=16 if favours else 4)
    _guides(ax, rows, scale, result)
    thickest = max((row.weight or 0.0 for row in rows), default=0.0)
    for y, row in enumerate(rows):
        _mark(ax, y, row, ends, thickest)
    if favours:
        _favours(ax, favours, scale)
    return describe(ax, _words(result, rows, scale, asked))


def _level(result: Any, level: float | None) -> float:
    if level is not None:
        return level
    overall = _headline(result)
    return overall.level if isinstance(overall, (Fit, Multilevel)) else 0.95


def _headline(result: Any) -> Any:
    """The fit that stands for the whole result."""
    if isinstance(result, Subgroups):
        return result.overall
    if isinstance(result, TrimAndFill):
        return result.fit
    return result.whole if isinstance(result, Refits) else result


def _rows(
    result: Any, evidence: Any, intervals: str, level: float | None, order: Any, prediction: bool
) -> tuple[Studies, list[Row]]:
    if isinstance(result, TrimAndFill):
        result = result.fit
    if isinstance(result, Subgroups):
        return _grouped(result, intervals, level, order, prediction)
    runs = _runs(result, prediction)
    if runs is not None:
        return runs
    behind = evidence_of(result, evidence)
    weights = result.weights if isinstance(result, Fit) else None
    found = studies(behind, measure_of(result, behind), _level(result, level), intervals, weights)
    rows = _ordered(list(found.rows), order)
    if isinstance(result, (Fit, Multilevel)):
        rows += pooled_rows(result, _model_words(result), prediction=prediction)
    return found, rows


def _grouped(
    result: Any, intervals: str, level: float | None, order: Any, prediction: bool
) -> tuple[Studies, list[Row]]:
    rows: list[Row] = []
    first: Studies | None = None
    total = 0.0
    shown = [fit for fit in (*result.groups.values(), result.overall) if isinstance(fit, Fit)]
    if not shown:
        raise InputError("none of the groups has an estimate, so there is nothing to draw")
    if isinstance(result.overall, Fit) and not isinstance(result.overall.weights, NotEstimable):
        total = math.fsum(result.overall.weights)
    weight = dict(zip(result.overall.labels, result.overall.weights, strict=True)) if total > 0 else {}
    for name, fit in result.groups.items():
        rows.append(Row("heading", name))
        if isinstance(fit, Fit):
            behind = evidence_of(fit)
            own = [weight.get(label, 0.0) / total for label in behind.labels] if weight else None
            found = studies(behind, measure_of(fit, behind), _level(fit, level), intervals, None)
            first = first or found
            plain = [
                Row(r.kind, "  " + r.label, r.counts, r.estimate, r.low, r.high, own[i] if own else None, r.words)
                for i, r in enumerate(found.rows)
            ]
            rows += _ordered(plain, order)
        rows += pooled_rows(fit, f"  {name}, pooled", prediction=False)
    if first is None:
        raise InputError("none of the groups has an estimate, so there is nothing to draw")
    rows.append(Row("heading", "All together"))
    rows += pooled_rows(result.overall, "  all, pooled", prediction=prediction)
    return first, rows


def _runs(result: Any, prediction: bool) -> tuple[Studies, list[Row]] | None:
    """Leave-one-out and cumulative results: one pooled result a line, that of all studies below."""
    if not isinstance(result, Refits):
        return None
    whole = result.whole
    cumulative = result.kind != "leave-one-out"
    rows: list[Row] = []
    for run in result.rows:
        words = f"+ {run.label}" if cumulative else f"without {run.label}"
        if isinstance(run.estimate, NotEstimable):
            rows.append(Row("words", words, words=f"not estimable: {run.estimate.reason}"))
            continue
        low, high = (math.nan if isinstance(end, NotEstimable) else float(end) for end in (run.low, run.high))
        rows.append(Row("study", words, (f"{run.k}",), float(run.estimate), low, high))
    behind = evidence_of(whole)
    code = {"OneArm": "proportion", "OneArmRates": "rate"}.get(type(behind).__name__, whole.measure)
    return Studies(tuple(rows), ("studies",), scale_of(code), f"{whole.interval_method} of the pooled result"), [
        *rows,
        *pooled_rows(whole, "all studies", prediction=prediction),
    ]


def _ordered(rows: list[Row], order: Any) -> list[Row]:
    if order is None:
        return rows
    keys: dict[str, Callable[[Row], Any]] = {
        "estimate": lambda row: (math.isnan(row.estimate), row.estimate),
        "weight": lambda row: -(row.weight or 0.0),
        "label": lambda row: row.label,
    }
    if isinstance(order, str):
        if order not in keys:
            raise InputError(f"order={order!r} is not known", hint=f"accepted: {', '.join(keys)}, or positions")
        return sorted(rows, key=keys[order])
    return [rows[int(i)] for i in order]


def _model_words(fit: Fit | Multilevel) -> str:
    if isinstance(fit, Multilevel):
        return "pooled, multilevel"
    words = {"single-study": "the one study", "bayes": "pooled, bayes"}
    return words.get(fit.model, f"pooled, {fit.model}")


def _short(scale: Scale) -> str:
    return scale.words.partition(",")[0] if len(scale.words) < 30 else "effect"


def _line(row: Row, columns: int, weighed: bool, scale: Scale) -> Line:
    counts = row.counts or ("",) * columns
    if row.kind == "heading":
        return Line(row.label, ("",) * columns, (), bold=True)
    if row.words:
        return Line(row.label, counts, (row.words,), soft=True)
    share = "" if row.weight is None else f"{100 * row.weight:.1f} %"
    ends = ranged(row.low, row.high, scale) if not math.isnan(row.low) else "no limits"
    if row.kind == "prediction":
        return Line(row.label, counts, (f"({ends})",), soft=True)
    text = f"{number(row.estimate, scale)} ({ends})"
    return Line(row.label, counts, (text, share) if weighed else (text,), bold=row.kind == "pooled")


def _axis(rows: list[Row], scale: Scale, asked: tuple[float, float] | None) -> tuple[float, float]:
    if asked is not None:
        low, high = asked
        if not low < high or (scale.kind == "log" and low <= 0):
            raise InputError(f"limits={asked!r} cannot be the ends of this axis", hint="a smaller and a larger number")
        return low, high
    pooled = [end for row in rows if row.kind == "pooled" for end in (row.low, row.high)]
    core = [v for v in (*(row.estimate for row in rows), *pooled) if math.isfinite(v)]
    ends = [v for row in rows for v in (row.low, row.high) if math.isfinite(v)]
    return span(ends, core, scale)


def _guides(ax: Axes, rows: list[Row], scale: Scale, result: Any) -> None:
    if scale.null is not None:
        ax.axvline(scale.null, color=INK, linewidth=0.8, zorder=1)
    fit = _headline(result)
    if isinstance(fit, (Fit, Multilevel)) and not isinstance(fit.estimate, NotEstimable):
        ax.axvline(float(fit.estimate), color=ACCENT, linewidth=0.8, linestyle=(0, (3, 3)), zorder=1)


def _mark(ax: Axes, y: int, row: Row, ends: tuple[float, float], thickest: float) -> None:
    if row.kind == "heading" or row.words:
        return
    low, high = (max(row.low, ends[0]), min(row.high, ends[1])) if not math.isnan(row.low) else (math.nan, math.nan)
    if row.kind == "pooled":
        if math.isnan(low):
            ax.plot([row.estimate], [y], marker="D", color=ACCENT, markersize=6, zorder=4)
            return
        from matplotlib.patches import Polygon

        corners = [(low, y), (row.estimate, y - 0.32), (high, y), (row.estimate, y + 0.32)]
        ax.add_patch(Polygon(corners, closed=True, facecolor=ACCENT, edgecolor=ACCENT, linewidth=0.8, zorder=4))
        return
    if row.kind == "prediction":
        ax.plot([low, high], [y, y], color=ACCENT, linewidth=1.4, solid_capstyle="butt", zorder=3)
        inside = [end for end in (row.low, row.high) if ends[0] <= end <= ends[1]]
        ax.plot(inside, [y] * len(inside), linestyle="none", marker="|", color=ACCENT, markersize=7,
                markeredgewidth=1.4, zorder=3)  # fmt: skip
        _arrows(ax, y, row, ends, ACCENT)
        return
    share = row.weight / thickest if row.weight is not None and thickest > 0 else None
    width = 4.0 if share is None else LEAST + (MOST - LEAST) * math.sqrt(share)
    ax.plot([low, high], [y, y], color=BAR, linewidth=width, solid_capstyle="butt", zorder=2)
    _arrows(ax, y, row, ends, BAR)
    if ends[0] <= row.estimate <= ends[1]:
        size = min(3.2 + 0.35 * width, 5.5)
        ax.plot([row.estimate], [y], marker="o", markersize=size, markerfacecolor=MARK, markeredgecolor=INK,
                markeredgewidth=0.9, zorder=5, clip_on=False)  # fmt: skip


def _arrows(ax: Axes, y: int, row: Row, ends: tuple[float, float], colour: str) -> None:
    for beyond, at, mark in ((row.low < ends[0], ends[0], "<"), (row.high > ends[1], ends[1], ">")):
        if beyond:
            ax.plot([at], [y], marker=mark, color=colour, markersize=6, markeredgewidth=0, zorder=3, clip_on=False)


def _favours(ax: Axes, favours: tuple[str, str], scale: Scale) -> None:
    if scale.null is None:
        raise InputError("favours= needs an effect with two sides", hint="this measure has no value of no effect")
    for text, side, sign in ((f"← {favours[0]}", "right", -1), (f"{favours[1]} →", "left", 1)):
        ax.annotate(text, (scale.null, 0), xycoords=("data", "axes fraction"), xytext=(6 * sign, -16),
                    textcoords="offset points", ha=side, va="top", fontsize=SMALL, color=SOFT)  # fmt: skip


def _caption(result: Any, found: Studies, asked: str) -> str:
    said = []
    fit = _headline(result)
    if isinstance(fit, Fit):
        if not isinstance(fit.estimate, NotEstimable):
            estimator = fit.details.get("tau2_estimator")
            by = f", τ² by {estimator}" if estimator else ""
            said.append(f"Pooled: {fit.model}{by}, {asked} {fit.interval_method}.")
        spread = []
        if isinstance(fit.tau2_interval, Interval) and not isinstance(fit.tau2, NotEstimable):
            between = ranged(float(fit.tau2_interval.low), float(fit.tau2_interval.high))
            spread.append(f"τ² {number(float(fit.tau2))} ({between})")
        if not isinstance(fit.i2, NotEstimable):
            spread.append(f"I² {fit.i2:.0f} %")
        if not isinstance(fit.q, NotEstimable) and not isinstance(fit.q_p, NotEstimable):
            p = p_value(fit.q_p)
            spread.append(f"Q {fit.q:.1f} with {fit.q_df:g} df, p {p if p.startswith('less') else '= ' + p}")
        if spread:
            said.append("; ".join(spread) + ".")
    if isinstance(fit, Multilevel):
        errors = "" if fit.robust == "none" else f", cluster-robust {fit.robust}"
        said.append(f"Pooled: {fit.clusters} clusters, {fit.method}{errors}.")
    between_groups = getattr(result, "q_between_p", None)
    if isinstance(between_groups, float):
        p = p_value(between_groups)
        said.append(f"Between groups p {p if p.startswith('less') else '= ' + p}.")
    said.append(f"Bars: {asked} intervals, {found.method}.")
    return " ".join(said)


def _words(result: Any, rows: list[Row], scale: Scale, asked: str) -> str:
    """The figure in sentences."""
    drawn = sum(row.kind == "study" for row in rows)
    text = f"Forest plot of {drawn} {'study' if drawn == 1 else 'studies'}, {scale.words}."
    for row in rows:
        if row.kind == "pooled":
            between = "" if math.isnan(row.low) else f", {asked} interval {ranged(row.low, row.high, scale)}"
            text += f" {row.label.strip()}: {number(row.estimate, scale)}{between}."
    return text
