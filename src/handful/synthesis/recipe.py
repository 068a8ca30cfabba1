"""How a fit was made, so that it can be made again with other studies: the same model, measure, priors and options.

Leaving one out, adding one after another, filling in: each is a run of ``pool`` on a subset with the parent's model,
even where the default rule would choose another for so few studies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.base.errors import InputError
from handful.stats.evidence import Estimates, Evidence
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.combined import Combined

if TYPE_CHECKING:
    from handful.synthesis.study_effects import StudyEffect

#: options with one entry a study
COLUMNS = ("by", "moderators", "weights")


@dataclass(frozen=True, eq=False)
class Recipe:
    """The evidence that was pooled (without what was left out) and everything that ``pool`` was asked for."""

    evidence: Evidence | Combined
    model: str
    measure: str | None
    level: float
    interval: str | None
    priors: Mapping[str, Any] | None
    options: Mapping[str, Any]

    def again(self, rows: Sequence[int]) -> Fit | NotEstimable:
        """The same run with these studies, in this order."""
        from handful.synthesis.defaults import SINGLE
        from handful.synthesis.pool import pool

        k = len(self.evidence)
        options = {
            name: _taken(value, rows, k) if name in COLUMNS and not isinstance(value, str) else value
            for name, value in self.options.items()
        }
        return pool(
            subset(self.evidence, rows),
            # one informative study is no model of the table; fewer cannot make two of it
            model="default" if self.model == SINGLE else self.model,
            measure=self.measure,
            level=self.level,
            interval=self.interval,
            priors=None if self.priors is None else dict(self.priors),
            **options,
        )

    def study_effects(self, measure: str, level: float) -> tuple[StudyEffect, ...]:
        """Each study's own effect and limits on the natural scale of the fit's measure."""
        from handful.synthesis.study_effects import study_effects

        return study_effects(self.evidence, measure, level)[0]


def subset(evidence: Evidence | Combined, rows: Sequence[int]) -> Evidence | Combined:
    """These studies of the evidence, in this order."""
    chosen = np.asarray(rows, dtype=np.int64)
    changes: dict[str, Any] = {"labels": tuple(evidence.labels[i] for i in rows)}
    for field in fields(evidence):
        value = getattr(evidence, field.name)
        if isinstance(value, np.ndarray) and len(value) == len(evidence):
            changes[field.name] = value[chosen]
        elif field.name == "curves":  # of combined evidence
            changes[field.name] = tuple(value[i] for i in rows)
    if isinstance(evidence, Estimates):
        changes["notes"] = ()
    return replace(evidence, **changes)


def _taken(value: Any, rows: Sequence[int], k: int) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {name: _taken(column, rows, k) for name, column in value.items()}
    items = list(value)
    return [items[i] for i in rows] if len(items) == k else value


def recipe_of(fit: Any, verb: str) -> Recipe:
    """The recipe of a fit that ``hf.pool`` made; anything else is an error that says what the verb takes."""
    found = getattr(fit, "recipe", None)
    if not isinstance(found, Recipe):
        hint = fit.reason if isinstance(fit, NotEstimable) else "give it what hf.pool returned"
        raise InputError(f"{verb} cannot take {type(fit).__name__}", hint=hint)
    return found


def estimates_of(fit: Any, verb: str) -> tuple[Recipe, Estimates]:
    """The recipe of a fit of estimates by inverse variance, which is what most diagnostics are defined for."""
    recipe = recipe_of(fit, verb)
    if not isinstance(recipe.evidence, Estimates):
        kind = type(recipe.evidence).__name__
        raise InputError(
            f"{verb} works on estimates with variances, not on {kind}",
            hint="hf.pool(hf.effect_sizes(...)) first; leave_one_out and cumulate take every model",
        )
    return recipe, recipe.evidence
