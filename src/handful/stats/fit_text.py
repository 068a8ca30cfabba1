"""A fit in words, as plain values, as rows: what ``print``, JSON, notebooks and tables show."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handful.stats.results import Interval, NotEstimable

if TYPE_CHECKING:
    from handful.stats.results import Fit

_NUMBERS = (
    "estimate",
    "low",
    "high",
    "coefficient",
    "se",
    "coefficient_low",
    "coefficient_high",
    "median",
    "median_low",
    "median_high",
    "tau2",
    "i2",
    "h2",
    "q",
    "q_df",
    "q_p",
    "log_likelihood",
    "numerical_error",
)


def as_dict(fit: Fit) -> dict[str, Any]:
    """Every field as JSON takes it: no NaN, infinities as words, what is not estimable as its reason."""
    out: dict[str, Any] = {"model": fit.model, "measure": fit.measure, "k": fit.k, "people": plain(fit.people)}
    out.update(level=fit.level, interval_method=fit.interval_method, converged=fit.converged)
    out.update({name: plain(getattr(fit, name)) for name in _NUMBERS})
    out.update(tau2_interval=plain(fit.tau2_interval), prediction=plain(fit.prediction))
    out.update(labels=list(fit.labels), weights=plain(fit.weights), details=plain(fit.details))
    out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in fit.notes]
    return out


def plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, NotEstimable):
        return {"not_estimable": value.reason}
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    return str(value)


class Rows(list[dict[str, Any]]):
    """A small table: a list of dicts that prints in columns. Stands in where pandas is not installed."""

    def __str__(self) -> str:
        if not self:
            return "(no rows)"
        names = list(self[0])
        cells = [names] + [[_cell(row[name]) for name in names] for row in self]
        widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
        return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def as_rows(fit: Fit) -> Rows:
    """One row for each study with its own effect, limits and weight, then the pooled estimate and the prediction."""
    weights = fit.weights if isinstance(fit.weights, tuple) else (None,) * len(fit.labels)
    names = fit.labels if len(weights) == len(fit.labels) else ()
    known = () if fit.recipe is None else fit.recipe.study_effects(fit.measure, fit.level)
    by_label = {study.label: study for study in known}
    # a study that says nothing may have been left out of the fit: then they are matched by label
    own = known if len(known) == len(names) else [by_label.get(label) for label in names]
    rows = Rows()
    for label, weight, study in zip(names, weights, own, strict=True):
        ends = (None, None, None) if study is None else (study.estimate, study.low, study.high)
        rows.append({**_line("study", label, *ends), "weight": weight})
    rows.append(_line("pooled", fit.model, fit.estimate, fit.low, fit.high))
    rows.append(_line("median study", fit.model, fit.median, fit.median_low, fit.median_high))
    for group in fit.details.get("groups", ()):
        rows.append(_line("group", group["group"], group["estimate"], group["low"], group["high"]))
    p = fit.prediction
    if isinstance(p, Interval):
        rows.append(_line("next study", p.method, p.estimate, p.low, p.high))
    return rows


def _line(row: str, label: str, estimate: Any, low: Any, high: Any) -> dict[str, Any]:
    values = {"estimate": estimate, "low": low, "high": high}
    return {
        "row": row,
        "label": label,
        **{k: v if isinstance(v, float) and not math.isnan(v) else None for k, v in values.items()},
        "weight": None,
    }


def as_frame(fit: Fit) -> Any:
    """The rows as a pandas DataFrame where pandas is installed, else as ``Rows``."""
    rows = as_rows(fit)
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(list(rows))


def number(value: Any) -> str:
    """Four figures, or the reason why there is no number."""
    if value is None:
        return ""
    if isinstance(value, NotEstimable):
        return f"not estimable ({value.reason})"
    if value == 0 or 1e-4 <= abs(value) < 1e6 or math.isinf(value):
        return f"{value:.4g}"
    return f"{value:.3e}"


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value or "")


def lines(fit: Fit) -> list[tuple[str, str]]:
    """The result as pairs of a name and a value, in the order a statistician reads them."""
    what = {"proportion": "population average rate", "rate": "population average rate per unit of time"}
    percent = f"{100 * fit.level:g} %"
    size = "in" if fit.measure == "rate" or fit.measure.startswith("IR") else "of"
    people = "" if isinstance(fit.people, NotEstimable) else f", {size} {fit.people:g}"
    out = [("model", f"{fit.model}, {fit.measure}; {fit.k} {'study' if fit.k == 1 else 'studies'}{people}")]
    out.append(
        (what.get(fit.measure, "estimate"), _with_limits(fit.estimate, fit.low, fit.high, percent, fit.interval_method))
    )
    if fit.median is not fit.estimate and fit.median != fit.estimate:
        out.append(
            ("median study", _with_limits(fit.median, fit.median_low, fit.median_high, percent, fit.interval_method))
        )
    if not isinstance(fit.coefficient, NotEstimable):
        coefficient = _with_limits(
            fit.coefficient, fit.coefficient_low, fit.coefficient_high, percent, fit.interval_method
        )
        out.append(("model scale", f"{coefficient}; se {number(fit.se)}"))
    t, p = fit.tau2_interval, fit.prediction
    if isinstance(t, Interval):
        out.append(("tau²", f"{number(fit.tau2)} ({number(t.low)} to {number(t.high)}), {percent} {t.method}"))
    elif not isinstance(fit.estimate, NotEstimable):
        out.append(("tau²", number(fit.tau2)))
    if "rho" in fit.details:
        out.append(("intra-class correlation", str(fit.details["rho"])))
    if not isinstance(fit.i2, NotEstimable):
        out.append(("I², H²", f"{fit.i2:.1f} %, {number(fit.h2)}"))
    if not isinstance(fit.q, NotEstimable):
        out.append(("heterogeneity", f"{number(fit.q)} with {fit.q_df:g} df, p = {number(fit.q_p)}"))
    if isinstance(p, Interval):
        out.append(("next study", f"{number(p.low)} to {number(p.high)}, {percent} prediction ({p.method})"))
    out += _covariates(fit)
    if "total" in fit.details:
        out.append(("on the total", str(fit.details["total"])))
    if not isinstance(fit.log_likelihood, NotEstimable):
        error = "" if isinstance(fit.numerical_error, NotEstimable) else f" (numerical error {fit.numerical_error:.0e})"
        out.append(("log-likelihood", f"{fit.log_likelihood:.6f}{error}"))
    out += [("note", str(note)) for note in fit.notes]
    return out


def _covariates(fit: Fit) -> list[tuple[str, str]]:
    """The groups' rates, or the coefficients of a moderator, and their test."""
    out = []
    groups, rows, test = (fit.details.get(name) for name in ("groups", "coefficients", "test_of_moderators"))
    percent = f"{100 * fit.level:g} %"
    if groups:
        for group in groups:
            method = "t on the logit" if fit.interval_method == "t" else "wald on the logit"
            limits = _with_limits(group["estimate"], group["low"], group["high"], percent, method)
            size = f"{group['events']} of {group['people']} in {group['k']} {'study' if group['k'] == 1 else 'studies'}"
            out.append((group["group"], f"{limits}; {size}"))
    elif rows:
        for row in rows:
            limits = _with_limits(row["estimate"], row["low"], row["high"], percent, fit.interval_method)
            out.append((row["name"], f"{limits}, {fit.details.get('scale', 'model')} scale"))
    if test and rows:
        out.append(("moderators", f"{number(test['statistic'])} with {test['df']:g} df, p = {number(test['p'])}"))
    return out


def _with_limits(estimate: Any, low: Any, high: Any, percent: str, method: str) -> str:
    if isinstance(estimate, NotEstimable):
        return number(estimate)
    if isinstance(low, NotEstimable) or isinstance(high, NotEstimable):
        return number(estimate)
    return f"{number(estimate)} ({number(low)} to {number(high)}), {percent} {method}"


def as_text(fit: Fit) -> str:
    pairs = lines(fit)
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in pairs)


def as_html(fit: Fit) -> str:
    body = "".join(f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in lines(fit))
    return f'<table class="handful-fit"><caption>{html.escape(fit.model)}</caption><tbody>{body}</tbody></table>'


def text_as_html(caption: str, text: str) -> str:
    """A printed result as a table of one column: its lines below the caption."""
    rows = "".join(f"<tr><td>{html.escape(line)}</td></tr>" for line in text.splitlines() if line.strip())
    return f'<table class="handful-fit"><caption>{html.escape(caption)}</caption><tbody>{rows}</tbody></table>'


def rows_as_html(caption: str, rows: Rows, below: str = "") -> str:
    """Rows of one kind as a table with headings, and a sentence below it."""
    names = list(rows[0]) if rows else []
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in names)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(_cell(row[n]))}</td>" for n in names) + "</tr>" for row in rows)
    after = f"<p>{html.escape(below)}</p>" if below else ""
    return (
        f'<table class="handful-fit"><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{after}"
    )
