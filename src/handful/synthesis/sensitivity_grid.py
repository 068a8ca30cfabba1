"""All combinations of choices for one group: identical inputs found, rows made, and how far each choice moves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.notes import Note
from handful.question.plan import Plan
from handful.stats.results import NotEstimable
from handful.synthesis.sensitivity_fits import Estimate, Pairs, Wanted
from handful.synthesis.sensitivity_models import ADDED, OWN, not_defensible, own_model
from handful.synthesis.sensitivity_result import Analysis, ArmCounted, Dimension, Move

Left: TypeAlias = dict[tuple[str, str], int]
Inputs: TypeAlias = tuple[tuple[ArmCounted, ...], str, str]
"""The arms, the model and the prior: what two analyses share when they are the same."""

_NOBODY = "nobody is counted"


class GroupGrid:
    """Filled with :meth:`add`, one combination at a time; then :meth:`finish`."""

    def __init__(self, group: str, plan: Plan, dimensions: Sequence[Dimension]) -> None:
        self.group, self.plan, self.dimensions = group, plan, tuple(dimensions)
        self.places = [{c.id: i for i, c in enumerate(d.choices)} for d in dimensions]
        self.codes: list[tuple[int, ...]] = []
        self.of: list[int] = []
        self.inputs: dict[Inputs, int] = {}
        self.arms: dict[tuple[ArmCounted, ...], tuple[tuple[ArmCounted, ...], Pairs]] = {}
        self.left: Left = {}

    @property
    def combinations(self) -> int:
        """How many combinations of choices gave an analysis."""
        return len(self.codes)

    def add(
        self, chosen: Mapping[str, str], arms: tuple[ArmCounted, ...], reason: str, ways: Sequence[tuple[str, str]]
    ) -> None:
        """One combination under every way of putting its counts together."""
        if reason or not arms:
            self._leave(_what(reason), reason or _NOBODY, len(ways))
            return
        held = self.arms.get(arms)
        if held is None:
            bare = tuple(arm for arm in arms)
            held = self.arms[arms] = (bare, tuple(sorted((arm.events, arm.total) for arm in arms)))
        bare, _ = held
        for model, prior in ways:
            no = not_defensible(model, len(arms))
            if no:
                self._leave(f"{model} on two studies", no, 1)
                continue
            same = (bare, model, prior) if len(arms) > 1 else (bare, ADDED, OWN)
            at = self.inputs.setdefault(same, len(self.inputs))
            full = {**chosen, "model": model, "prior": prior}
            self.codes.append(tuple(p[full[d.id]] for p, d in zip(self.places, self.dimensions, strict=True)))
            self.of.append(at)

    def _leave(self, what: str, reason: str, number: int) -> None:
        self.left[what, reason] = self.left.get((what, reason), 0) + number

    def wanted(self) -> list[Wanted]:
        """The fits that the analyses need."""
        return [_wanted(inputs) for inputs in self.inputs]

    def finish(
        self, own: tuple[ArmCounted, ...], fits: Mapping[Wanted, Estimate | NotEstimable]
    ) -> tuple[tuple[Analysis, ...], tuple[Move, ...], dict[str, tuple[Analysis, ...]]]:
        """The rows sorted by estimate, the moves, and for each dimension the analyses nearest to the plan."""
        if not self.codes:
            return (), (), {}
        codes = np.array(self.codes, dtype=np.int64)
        of = np.array(self.of)
        planned = self._planned(own)
        away = (codes != planned).sum(axis=1)
        found = [fits[_wanted(inputs)] for inputs in self.inputs]
        estimates = np.array([np.nan if isinstance(f, NotEstimable) else f.estimate for f in found])
        rows = self._rows(codes, of, away, found, bool(own))
        for (_, model, _), fit in zip(self.inputs, found, strict=True):
            if isinstance(fit, NotEstimable):
                self._leave(f"{model}", fit.reason, 1)
        there = np.isfinite(estimates[of])
        moves = tuple(
            move
            for axis, dimension in enumerate(self.dimensions)
            if (move := _move(dimension, axis, codes[there], of[there], estimates, planned)) is not None
        )
        nearest = self._nearest(codes[there], of[there], away[there], planned, rows)
        ordered = sorted(rows.values(), key=lambda r: (r.estimate, r.high, r.low, r.total, tuple(r.choices.values())))
        return tuple(ordered), tuple(sorted(moves, key=lambda m: (-m.mean, -m.largest, m.dimension))), nearest

    def _planned(self, own: tuple[ArmCounted, ...]) -> npt.NDArray[np.int64]:
        """The places of the plan's own choices; its model depends on how many studies the group has."""
        studies, words = len({a.study for a in own}), len({a.outcome for a in own})
        model = own_model(self.plan, len(own), studies, words)
        wanted = {"model": model}
        return np.array(
            [
                places.get(wanted[d.id], 0) if d.id in wanted else 0
                for places, d in zip(self.places, self.dimensions, strict=True)
            ]
        )

    def _rows(
        self,
        codes: npt.NDArray[np.int64],
        of: npt.NDArray[np.int64],
        away: npt.NDArray[np.int64],
        found: Sequence[Estimate | NotEstimable],
        counted: bool,
    ) -> dict[int, Analysis]:
        order = np.lexsort((-np.arange(len(of)), away, of))  # on a tie, what is chosen otherwise comes early
        first = order[np.concatenate([[True], np.diff(of[order]) != 0])]
        same = np.bincount(of, minlength=len(found))
        rows = {}
        for place, inputs in zip(first, self.inputs, strict=True):
            fit = found[int(of[place])]
            if isinstance(fit, NotEstimable):
                continue
            chosen = {d.id: d.choices[int(c)] for d, c in zip(self.dimensions, codes[place], strict=True)}
            arms, model, _ = inputs
            bound = not all(arm.reported for arm in arms)
            rows[int(of[place])] = Analysis(
                group=self.group,
                choices={key: choice.id for key, choice in chosen.items()},
                arms=arms,
                estimate=fit.estimate,
                low=fit.low,
                high=fit.high,
                model=model,
                headline=counted and int(away[place]) == 0,
                bound=bound,
                departures=int(away[place]),
                same=int(same[int(of[place])]),
                notes=_notes(arms, model, bound=bound),
            )
        return rows

    def _nearest(
        self,
        codes: npt.NDArray[np.int64],
        of: npt.NDArray[np.int64],
        away: npt.NDArray[np.int64],
        planned: npt.NDArray[np.int64],
        rows: Mapping[int, Analysis],
    ) -> dict[str, tuple[Analysis, ...]]:
        """For each other choice the combination that departs least; on a tie, what else it changes comes early."""
        found: dict[str, tuple[Analysis, ...]] = {}
        for axis, dimension in enumerate(self.dimensions):
            made = []
            for place in range(len(dimension.choices)):
                mine = np.flatnonzero(codes[:, axis] == place)
                if place == planned[axis] or len(mine) == 0:
                    continue
                best = mine[len(mine) - 1 - int(np.argmin(away[mine][::-1]))]
                chosen = {d.id: d.choices[int(c)].id for d, c in zip(self.dimensions, codes[best], strict=True)}
                made.append(replace(rows[int(of[best])], choices=chosen, departures=int(away[best])))
            found[dimension.id] = tuple(made)
        return found


def _what(reason: str) -> str:
    return "single case reports added" if "case report" in reason else "this combination of choices"


def _wanted(inputs: Inputs) -> Wanted:
    arms, model, prior = inputs
    return tuple(sorted((arm.events, arm.total) for arm in arms)), model, prior if model == "bayes" else OWN


def _move(
    dimension: Dimension,
    axis: int,
    codes: npt.NDArray[np.int64],
    of: npt.NDArray[np.int64],
    estimates: npt.NDArray[np.float64],
    planned: npt.NDArray[np.int64],
) -> Move | None:
    """How far the estimate moves along one dimension, every setting of the others held in turn."""
    if len(dimension.choices) < 2 or len(codes) == 0:
        return None
    others = np.delete(codes, axis, axis=1)
    _, setting = np.unique(others, axis=0, return_inverse=True)
    setting = setting.reshape(-1)
    order = np.argsort(setting, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(setting[order]) != 0]))
    value, which = estimates[of][order], of[order]
    span = np.maximum.reduceat(value, starts) - np.minimum.reduceat(value, starts)
    several = np.maximum.reduceat(which, starts) != np.minimum.reduceat(which, starts)
    if not several.any():
        return Move(dimension.id, dimension.name, 0.0, 0.0, 0.0, 0)
    at = (others == np.delete(planned, axis)).all(axis=1)
    alone = estimates[of][at]
    return Move(
        dimension=dimension.id,
        name=dimension.name,
        alone=float(alone.max() - alone.min()) if len(alone) else 0.0,
        mean=float(span[several].mean()),
        largest=float(span[several].max()),
        settings=int(several.sum()),
    )


def _notes(arms: tuple[ArmCounted, ...], model: str, *, bound: bool) -> tuple[Note, ...]:
    notes = []
    if bound:
        notes.append(Note("bound", "a bound: people whom no source counts are put in; never a reported count"))
    if any(arm.case_report for arm in arms):
        notes.append(Note("case-reports", "single case reports are added, which are written when something happened"))
    if len({arm.outcome for arm in arms}) > 1:
        notes.append(Note("mixed-definitions", "definitions of the outcome are mixed"))
    if len(arms) == 2 and model == "bayes":
        notes.append(Note("two-studies", "two studies cannot inform how much studies differ; the prior does"))
    return tuple(notes)
