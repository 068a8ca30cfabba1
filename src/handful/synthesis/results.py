"""``results/<question>.json``: the answer as plain data, committed beside the records like a lock file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from handful.base.digest import canonical, canonical_json
from handful.base.files import write_whole
from handful.stats.bayes.posterior import Posterior
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.posterior_types import GroupPosterior, PlannedBorrowing
from handful.synthesis.synthesis import Comparison, GroupAnswer, RowAnswer, SetAnswer, Synthesis

SCHEMA = 1
RELATIVE = 1e-7
ABSOLUTE = 1e-9
"""How far a recomputed number may lie from the stored one: another processor's last bits, nothing more."""


def results(answer: Synthesis, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer as plain data, floats at ten significant digits; ``beside`` is what later stages say, by name."""
    cases = answer.counts.cases
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "question": answer.question.id,
        "computed_from": answer.digest,
        "plan": answer.plan.model_dump(mode="json", by_alias=True),
        "studies": list(answer.studies),
        "people": answer.people,
        "main": _set(answer.main),
        "also": [_set(other) for other in answer.also],
        "alternatives": [_row(row) for row in answer.alternatives],
        "harms": [_row(row) for row in answer.harms],
        "courses": [_row(row) for row in answer.courses],
        "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in answer.notes],
        "excluded": [asdict(e) for e in answer.counts.excluded],
        "posteriors": [_posterior(p) for p in answer.posteriors],
    }
    if answer.plan.borrow is not None:
        body["borrowing"] = _borrowing(answer.borrowing)
    if cases is not None:
        body["case_reports"] = {
            "count": cases.count,
            "with_outcome": cases.improved,
            "stated_count": cases.stated_count,
            "stated_with_outcome": cases.stated_improved,
            "people": [f"{row.study}/{row.person}" for row in cases.rows],
        }
    plain: dict[str, Any] = canonical(body | dict(beside or {}))
    return plain


def write_results(
    answer: Synthesis, folder: Path, beside: Mapping[str, Any] | None = None, *, made_by: str = ""
) -> Path:
    """Write the answer's file into the review's ``results`` folder; whole or not at all.

    ``made_by`` names the program and its version. It is kept for readers and makes no results stale.
    """
    path = folder / "results" / f"{answer.question.id}.json"
    signed = {"made_by": made_by} if made_by else {}
    write_whole(path, canonical_json(results(answer, beside) | signed, indent=1))
    return path


def unsigned(stored: Any) -> Any:
    """Stored results without the program that made them."""
    return {key: value for key, value in stored.items() if key != "made_by"} if isinstance(stored, dict) else stored


def is_current(answer: Synthesis, folder: Path, beside: Mapping[str, Any] | None = None) -> bool:
    """Whether the stored results are those of this answer, and of ``beside`` when it is given."""
    path = folder / "results" / f"{answer.question.id}.json"
    try:
        stored = unsigned(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False
    now = results(answer, beside)
    if beside is None and isinstance(stored, dict):
        stored = {key: value for key, value in stored.items() if key in now}
    return same(stored, now)


def same(a: Any, b: Any) -> bool:
    """Whether two pieces of plain data agree, floats within a recomputation's last bits."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if _is_number(a) and _is_number(b):
        return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(a == b)


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


def _set(answered: SetAnswer) -> dict[str, Any]:
    return {
        "id": answered.id,
        "name": answered.name,
        "groups": [_group(group) for group in (*answered.groups, answered.overall)],
        "comparisons": [_comparison(c) for c in answered.comparisons],
    }


def _group(answer: GroupAnswer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "events": answer.count.events,
        "total": answer.count.total,
        "studies": list(answer.count.studies),
        "definitions": list(answer.count.definitions),
        "interval": _value(answer.interval),
        "rows": [_row(row) for row in answer.rows],
        "likelihood": _value(answer.likelihood),
        "posterior": _value(answer.posterior),
    }


def _posterior(found: GroupPosterior) -> dict[str, Any]:
    """A group's posterior rate: median and central interval."""
    if isinstance(found.rate, NotEstimable):
        return {"id": found.id, "rate": _value(found.rate)}
    return {"id": found.id, "rate": _middle(found.rate, found.level), "prior": found.prior}


def _middle(rate: Posterior, level: float) -> dict[str, Any]:
    low, high = rate.interval(level)
    return {"median": rate.median, "low": low, "high": high, "level": level}


def _borrowing(found: PlannedBorrowing | NotEstimable) -> Any:
    """The borrowing at each strength; how much in patients, and what the data left of it."""
    if isinstance(found, NotEstimable):
        return _value(found)
    steps = [
        {
            "weight": step.weight,
            "rate": _middle(step.with_, step.level),
            "patients": step.borrowed.amount,
            "patients_by": step.borrowed.by,
            "posterior_weight": _value(step.posterior_weight)
            if isinstance(step.posterior_weight, NotEstimable)
            else step.posterior_weight,
        }
        for step in found.steps
    ]
    without = _middle(found.without, found.steps[0].level)
    return {"from": found.source, "to": found.target, "without": without, "steps": steps}


def _row(answer: RowAnswer) -> dict[str, Any]:
    row = answer.row
    return {
        "study": row.study,
        "arm": row.arm,
        "outcome": row.outcome,
        "time": row.time,
        "events": row.events.value if row.events else None,
        "total": row.total.value if row.total else None,
        "denominator": row.total.kind if row.total else None,
        "percent": row.percent.text if row.percent else None,
        "interval": _value(answer.interval),
    }


def _comparison(c: Comparison) -> dict[str, Any]:
    return {
        "first": c.first,
        "second": c.second,
        "difference": _value(c.difference),
        "p_value": _value(c.p_value),
        "test": c.test,
        "greater": _value(c.greater),
        "greater_prior": c.greater_prior,
        "difference_p": _value(c.difference_p),
    }


def _value(value: Any) -> Any:
    """A result as plain data."""
    if isinstance(value, NotEstimable):
        return {"not_estimable": value.reason}
    if isinstance(value, Interval):
        return value.to_dict()
    if isinstance(value, Fit):
        return {
            "model": value.model,
            "k": value.k,
            "people": value.people,
            "estimate": _value(value.estimate),
            "low": _value(value.low),
            "high": _value(value.high),
            "median": _value(value.median),
            "tau2": _value(value.tau2),
            "prediction": _value(value.prediction),
            "notes": [str(note) for note in value.notes],
        }
    return value
