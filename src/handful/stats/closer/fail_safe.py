"""Fail-safe numbers: how many studies with no effect would have to lie in drawers for a result to be lost?

rosenthal        Stouffer's Σz/√(k + N) at the one-sided α (Rosenthal 1979, 10.1037/0033-2909.86.3.638)
orwin            the unweighted mean brought down to a target, half of it unless said (Orwin 1983, 10.2307/1164923)
rosenberg        the common effect's z with N studies of average weight, two-sided α (Rosenberg 2005,
                 10.1111/j.0014-3820.2005.tb01004.x)
random-effects   the random-effects z with N studies of effect 0, the same τ² and the harmonic mean variance; studies of
                 two kinds spread more, τ²(N) = τ² + f (1 − f) μ̂² with f = k/(k + N)

All suppose that what is missing averages no effect; if it averages a harm, far fewer studies do. They say nothing about
how many there are. Becker (2005, in Rothstein, Sutton & Borenstein) advises against using them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.notes import Note
from handful.stats.distributions.normal import normal_above, normal_quantile
from handful.stats.estimates.between_study import estimate_tau2
from handful.stats.fit_text import number, plain
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

KINDS = ("rosenthal", "orwin", "rosenberg", "random-effects")

WARNING = Note(
    "fail-safe",
    "it supposes that what is unpublished averages no effect, says nothing about how much there is, and a large number "
    "is no evidence against selection",
)


@dataclass(frozen=True)
class FailSafe:
    """``studies`` that would have to be added; ``p`` of what is there by the same rule; ``mean`` where there is one."""

    kind: str
    studies: int
    p: float | NotEstimable
    mean: float | NotEstimable
    target: float | NotEstimable
    k: int
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "notes"} | {
            "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        }

    def __str__(self) -> str:
        p = "" if isinstance(self.p, NotEstimable) else f"; p of the {self.k} studies {number(self.p)}"
        lines = [f"fail-safe number by {self.kind}: {self.studies} studies{p}"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def fail_safe_number(
    y: FloatArray, v: FloatArray, kind: str, *, alpha: float = 0.05, target: float | None = None, method: str = "REML"
) -> FailSafe | NotEstimable:
    """For y, v (k,) and a level α (one-sided for Rosenthal, two-sided else); Orwin goes to ``target``."""
    k = len(y)
    if k < 2:
        return NotEstimable("a fail-safe number is about a sum of studies; there is one")
    none = NotEstimable(f"{kind} has none")
    if kind == "rosenthal":
        total = abs(float((y / np.sqrt(v)).sum()))
        wanted = (total / normal_quantile(alpha)) ** 2 - k
        return FailSafe(kind, _up(wanted), normal_above(total / math.sqrt(k)), none, none, k, (WARNING,))
    if kind == "orwin":
        mean = float(y.mean())
        goal = mean / 2.0 if target is None else target
        if goal * mean <= 0:
            return NotEstimable("the target must lie between 0 and the mean: studies without effect reach no other")
        wanted = k * (mean - goal) / goal
        return FailSafe(kind, _up(wanted), none, mean, goal, k, (WARNING,))
    tau2 = estimate_tau2(y, v, method) if kind == "random-effects" and method else 0.0
    w = 1.0 / (v + tau2)
    mean = float(w @ y) / float(w.sum())
    p = 2.0 * normal_above(abs(mean) * math.sqrt(float(w.sum())))
    critical = normal_quantile(alpha / 2.0)
    if kind == "rosenberg":
        wanted = ((float(w @ y) / critical) ** 2 - float(w.sum())) * k / float(w.sum())
        return FailSafe(kind, _up(wanted), p, mean, none, k, (WARNING,))
    usual = 1.0 / float((1.0 / v).mean())

    def z(more: float) -> float:
        share = k / (k + more)
        spread = tau2 + share * (1.0 - share) * mean * mean * (tau2 > 0)
        own = 1.0 / (v + spread)
        return abs(float(own @ y)) / math.sqrt(float(own.sum()) + more / (usual + spread))

    return FailSafe(kind, _up(_crossing(z, critical)), p, mean, none, k, (WARNING,))


def _up(wanted: float) -> int:
    return max(0, math.ceil(wanted - 1e-9))


def _crossing(z: Callable[[float], float], critical: float) -> float:
    """The number at which a falling z meets ``critical``."""
    if z(0.0) <= critical:
        return 0.0
    low, high = 0.0, 1.0
    while z(high) > critical:
        low, high = high, 2.0 * high
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if z(middle) > critical else (low, middle)
    return high
