"""A place as plain data: for the lock file, for ``--json``, and for whoever reads it elsewhere."""

from __future__ import annotations

from typing import Any

from handful.position.beside import Said
from handful.position.group import GroupPlace
from handful.position.losses import Losses
from handful.position.place import Place
from handful.position.rate import Rate
from handful.position.rule import Clause
from handful.position.what_would_change import Change, Further, IfCount, Miscount, TrialAhead
from handful.stats.results import NotEstimable


def place_as_data(place: Place, *, value: bool = False) -> dict[str, Any]:
    """Line by band, clauses with their numbers, what would change it, what others say. ``value`` adds the value of
    information, which takes longer."""
    view = place.beside.view
    return {
        "ladder": place.ladder.id,
        "treatments": list(place.treatments),
        **_contraindications(place),
        "bands": [_group(group, value=value) for group in place.bands],
        "groups": [] if place.bands else [_group(group, value=value) for group in place.groups],
        "overall": _group(place.overall, value=value),
        "view": None if view is None else {"line": view.line, "because": view.because, "by": view.by},
        "claims": {
            "author": [_said(said) for said in place.beside.author],
            "guidelines": [_said(said) for said in place.beside.guidelines],
            "others": [_said(said) for said in place.beside.others],
        },
    }


def _contraindications(place: Place) -> dict[str, Any]:
    found = [{"treatment": c.treatment, "who": c.who, "source": c.source} for c in place.ladder.contraindications]
    return {"contraindications": found} if found else {}


def _group(group: GroupPlace, *, value: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": group.id,
        **({"name": group.name} if group.setting.band is not None else {}),
        "line": group.line,
        "at_best": group.at_best,
        "events": group.events,
        "total": group.total,
        "studies": list(group.studies),
        "together": list(group.together),
        "reason": group.reason,
        "rate": _rate(group.rate),
        "because": [_clause(clause) for clause in group.because],
        "probabilities": dict(group.probabilities),
        "probabilities_by_rate": dict(group.probabilities_by_rate),
        "nearest": None if group.nearest is None else {**_clause(group.nearest), "alone": group.nearest_alone},
        "losses": _losses(group.losses),
        "what_would_change": _change(group.what_would_change),
    }
    if value:
        body["value_of_information"] = [
            {"against": v.against, "threshold": v.threshold, "perfect": v.perfect, "sample": dict(v.sample)}
            for v in group.what_would_change.value
        ]
    return body


def _rate(rate: Rate | NotEstimable) -> dict[str, Any]:
    if isinstance(rate, NotEstimable):
        return {"not_estimable": rate.reason}
    low, high = rate.posterior.interval(0.95)
    return {
        "mean": rate.mean,
        "median": rate.posterior.median,
        "low": low,
        "high": high,
        "model": rate.model,
        "prior": rate.prior,
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "line": clause.line,
        "kind": clause.kind,
        "asked": clause.asked,
        "with_probability": clause.cut,
        "found": clause.found,
        "met": clause.met,
        "about": clause.about,
        "why": clause.why,
    }


def _losses(losses: Losses | NotEstimable) -> dict[str, Any]:
    if isinstance(losses, NotEstimable):
        return {"not_estimable": losses.reason}
    return {
        "label": losses.label,
        "of": [
            {
                "treatment": one.option.treatment,
                "counts": [list(pair) for pair in one.option.rate.counts],
                "wider": one.option.wider,
                "mean": one.mean,
                "loss": one.loss,
            }
            for one in losses.losses
        ],
        "without": list(losses.without),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "next": [_further(f) for f in (*change.people, *change.studies)],
        "miscounts": [_miscount(m) for m in change.miscounts],
        "trials": [_trial(t) for t in change.trials],
    }


def _further(further: Further) -> dict[str, Any]:
    return {
        "people": further.people,
        "as": further.how,
        "lines": [
            {"line": line, "from": low, "to": high, "probability": chance} for line, low, high, chance in further.steps
        ],
        "smallest_better": _if(further.smallest_better),
        "largest_worse": _if(further.largest_worse),
        "probability_better": further.probability_better,
        "probability_worse": further.probability_worse,
        "monotone": further.monotone,
    }


def _if(count: IfCount | None) -> dict[str, Any] | None:
    return None if count is None else {"responders": count.responders, "line": count.line}


def _miscount(miscount: Miscount) -> dict[str, Any]:
    return {
        "study": miscount.study,
        "arm": miscount.arm,
        "count": list(miscount.count),
        "lower": _if(miscount.lower),
        "higher": _if(miscount.higher),
        "off_by": miscount.off_by,
    }


def _trial(trial: TrialAhead) -> dict[str, Any]:
    return {
        "study": trial.study,
        "registration": trial.registration,
        "planned": trial.planned,
        "treated": trial.treated,
        "how": trial.treated_how,
        "wider": trial.wider,
        "lines": None if trial.further is None else _further(trial.further)["lines"],
    }


def _said(said: Said) -> dict[str, Any]:
    claim = said.claim
    return {
        "claim": claim.id,
        "treatments": list(claim.treatments),
        "line": claim.line,
        "year": said.year,
        "statement": claim.statement,
        "source": claim.source,
    }
