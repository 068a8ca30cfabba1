"""What is added to which cells of which studies before a classical method, by name; by default nothing.

``add`` is a number, ``"treatment-arm"`` or ``"empirical"`` (Sweeting, Sutton & Lambert 2004, 10.1002/sim.1761):

treatment-arm
    c1 = n1/(n1 + n2) to both cells of the first group, c2 = n2/(n1 + n2) to both of the second: each arm gets the
    reciprocal of the other arm's size, scaled so that c1 + c2 = 1.
empirical
    c1 = ω/(r + ω), c2 = r/(r + ω) with r = n2/n1 and ω the pooled odds ratio (inverse variance, common effect) of the
    studies without an empty cell, so that the correction pulls towards what the others found and not towards 1.

``to``: ``only0`` (studies with an empty cell), ``if0all`` (all studies, if any has one), ``all``, ``none``. ``drop00``
leaves out the studies without any event, or with nothing but events, in both groups. ``cells="all"`` adds to events and
non-events; ``"events"`` to events and group sizes alone, so that non-events stay what they were: ½ to the group size
is not the same as ½ to each cell. ``"variance"`` adds to all cells, but only the variance is computed from them (for
differences, which exist without a correction).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.stats.effects.effect_two_by_two import two_by_two_effects

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Add: TypeAlias = float | str

TO = ("only0", "if0all", "all", "none")
NAMED = ("treatment-arm", "empirical")
CELLS = ("all", "events", "variance")


@dataclass(frozen=True)
class Cells:
    """Events and non-events of both groups after a rule; ``kept`` says which studies stay, ``changed`` which were
    added to."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    kept: Mask
    changed: Mask


@dataclass(frozen=True)
class Rule:
    """A zero-cell rule: what is added, to which studies, to which cells, and whether double zeros are dropped."""

    add: Add = 0.0
    to: str = "only0"
    drop00: bool = False
    cells: str = "all"

    def __post_init__(self) -> None:
        if self.to not in TO:
            raise UnknownChoice("to", self.to, TO)
        if self.cells not in CELLS:
            raise UnknownChoice("cells", self.cells, CELLS)
        if isinstance(self.add, str):
            if self.add not in NAMED:
                raise UnknownChoice("add", self.add, ("a number", *NAMED))
        elif not (np.isfinite(self.add) and self.add >= 0):
            raise InputError(f"add={self.add!r}", hint="a number of at least 0 is added to cells, 0.5 by tradition")

    @property
    def words(self) -> str:
        """What the rule does to the studies it touches, as a phrase."""
        what = f"{self.add:g}" if not isinstance(self.add, str) else f"the {self.add} correction"
        where = {
            "all": "every cell",
            "events": "the events and the group sizes",
            "variance": "every cell, for the variance only,",
        }[self.cells]
        return f"{what} was added to {where}"


def pair_of_rules(
    add: Add | tuple[Add, Add],
    to: str | tuple[str, str],
    drop00: bool | tuple[bool, bool],
    cells: str | tuple[str, str] = "all",
) -> tuple[Rule, Rule]:
    """One rule for each study's own effect and one for the pooling; a single value means the first, and for ``add``
    and ``to`` that nothing is added in pooling."""
    first_add, second_add = add if isinstance(add, tuple) else (add, 0.0)
    first_to, second_to = to if isinstance(to, tuple) else (to, "none")
    first_drop, second_drop = drop00 if isinstance(drop00, tuple) else (drop00, False)
    first_cells, second_cells = cells if isinstance(cells, tuple) else (cells, cells)
    return Rule(first_add, first_to, first_drop, first_cells), Rule(second_add, second_to, second_drop, second_cells)


def double(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Mask:
    """Studies with no event in either group, or nothing but events in both."""
    out: Mask = ((a == 0) & (c == 0)) | ((b == 0) & (d == 0))
    return out


def applied(rule: Rule, a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Cells:
    """The cells after the rule."""
    kept = ~double(a, b, c, d) if rule.drop00 else np.ones(len(a), dtype=bool)
    empty = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    if rule.to == "only0":
        which = empty & kept
    elif rule.to == "all":
        which = kept.copy()
    elif rule.to == "if0all":
        which = kept & bool((empty & kept).any())
    else:
        which = np.zeros(len(a), dtype=bool)
    if rule.add == 0:
        which = np.zeros(len(a), dtype=bool)
    c1, c2 = _amounts(rule.add, a, b, c, d, empty)
    c1, c2 = np.where(which, c1, 0.0), np.where(which, c2, 0.0)
    more = 0.0 if rule.cells == "events" else 1.0
    return Cells(a + c1, b + more * c1, c + c2, d + more * c2, kept, which)


def effects_after(
    rule: Rule, raw: tuple[FloatArray, FloatArray, FloatArray, FloatArray], fixed: Cells, measure: str, vtype: str
) -> tuple[FloatArray, FloatArray]:
    """Each study's effect and variance after the rule; with ``cells="variance"`` the effect is that of the counts."""
    y, v = two_by_two_effects(fixed.a, fixed.b, fixed.c, fixed.d, measure, vtype)
    if rule.cells == "variance":
        y, _ = two_by_two_effects(*raw, measure, vtype)
    return y, v


def _amounts(
    add: Add, a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, empty: Mask
) -> tuple[FloatArray, FloatArray]:
    if not isinstance(add, str):
        return np.full(len(a), float(add)), np.full(len(a), float(add))
    n1, n2 = a + b, c + d
    if add == "treatment-arm":
        return n1 / (n1 + n2), n2 / (n1 + n2)
    if bool(empty.all()):
        raise InputError(
            "add='empirical' needs a study without an empty cell to take the odds ratio from",
            hint="a model of the counts needs no correction: model='hypergeometric-normal' or 'bayes'",
        )
    y = np.log((a * d)[~empty]) - np.log((b * c)[~empty])
    w = 1.0 / (1 / a[~empty] + 1 / b[~empty] + 1 / c[~empty] + 1 / d[~empty])
    omega, r = float(np.exp((w * y).sum() / w.sum())), n2 / n1
    return omega / (r + omega), r / (r + omega)
