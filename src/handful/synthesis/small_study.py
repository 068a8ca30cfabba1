"""``small_study``: do small studies show other effects than large ones? And what that is, and is not, evidence of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.closer.asymmetry import (
    PREDICTORS,
    Asymmetry,
    begg,
    harbord,
    line_test,
    mixed_test,
    peters,
    schwarzer,
)
from handful.stats.evidence import Estimates, TwoArms
from handful.stats.results import NotEstimable
from handful.synthesis.influence import options_of
from handful.synthesis.recipe import Recipe, recipe_of

FloatArray: TypeAlias = npt.NDArray[np.float64]

OF_ESTIMATES = ("egger", "thompson-sharp", "mixed", "begg")
OF_COUNTS = ("harbord", "peters", "deeks", "macaskill", "schwarzer")
TESTS = (*OF_ESTIMATES, *OF_COUNTS)


def small_study(
    fit: Any,
    *,
    test: str = "default",
    predictor: str | None = None,
    n: Any = None,
    add: float = 0.0,
    exact: bool = True,
    level: float = 0.95,
) -> Asymmetry | NotEstimable:
    """A test of funnel asymmetry: ``statistic``, ``p``, the slope, and where the line ends at infinite size.

    ``fit``: what ``hf.pool`` returned. Estimates: ``egger`` (the default), ``thompson-sharp``, ``mixed`` (the fit's own
    τ² estimator, normal test), ``begg``. Counts of two groups: these on the log odds ratios, and ``harbord`` (the
    default), ``peters``, ``deeks``, ``macaskill``, ``schwarzer``, which do not tie an effect to its own standard error
    as log odds ratios do. ``predictor`` for ``egger`` and ``mixed``: ``se`` (default), ``variance``, ``n``, ``1/n``,
    ``sqrt(n)``, ``1/sqrt(n)``; estimates need their sizes as ``n=``. ``add=0.5`` adds ½ to the cells of studies with an
    empty cell; without it their log odds ratios are left out, with a note. Formulas and references:
    ``stats/closer/asymmetry.py``.

    When not: under ten studies (a note says so), or where studies hardly differ in size. A small p value may mean
    selection, or that small studies are of other patients, or chance. Edges: fewer than three studies, or studies of
    one size, give ``NotEstimable``.

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.1, 0.3, 0.5, 0.9], [0.01, 0.03, 0.06, 0.12]))
    >>> round(hf.small_study(fit).p, 4)
    0.0044
    """
    recipe = recipe_of(fit, "small_study")
    counts = recipe.evidence if isinstance(recipe.evidence, TwoArms) else None
    if not isinstance(recipe.evidence, Estimates | TwoArms):
        kind = type(recipe.evidence).__name__
        raise InputError(f"small_study cannot take {kind}", hint="estimates, or events of two groups")
    if test == "default":
        test = "egger" if counts is None else "harbord"
    if test not in TESTS:
        raise UnknownChoice("test", test, TESTS)
    if predictor is not None and predictor not in PREDICTORS:
        raise UnknownChoice("predictor", predictor, PREDICTORS)
    if predictor is not None and test not in ("egger", "mixed"):
        raise InputError(f"{test} has its own predictor", hint='predictor= belongs to test="egger" and "mixed"')
    if counts is None and test in OF_COUNTS:
        raise InputError(
            f"{test} works on counts, not on estimates", hint="hf.pool(hf.two_arms(...)) keeps them; or test='egger'"
        )
    if counts is not None and test in ("harbord", "schwarzer"):
        found, notes = _of_tables(counts, test, add, level)
    else:
        y, v, sizes, notes = _effects(recipe, n, add)
        found = _test(test, recipe, counts, y, v, sizes, predictor or "se", exact, level)
    if isinstance(found, NotEstimable):
        return replace(found, notes=notes)
    if found.k < 10:
        text = f"{found.k} studies: such tests hardly find anything with fewer than ten, and no asymmetry is no finding"
        notes = (*notes, Note("few-studies", text))
    return replace(found, notes=(*notes, *found.notes))


class _Sizes:
    """People per study, in all and by group where that is known, for the studies that are left."""

    def __init__(self, total: FloatArray | None, counts: TwoArms | None, rows: npt.NDArray[np.int64]) -> None:
        self.total, self.counts, self.rows = total, counts, rows

    def groups(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """n₁, n₂, and events in both."""
        c = self.counts
        assert c is not None
        first, second = np.asarray(c.totals1, dtype=np.float64), np.asarray(c.totals2, dtype=np.float64)
        events = np.asarray(c.events1 + c.events2, dtype=np.float64)
        return first[self.rows], second[self.rows], events[self.rows]


def _effects(recipe: Recipe, n: Any, add: float) -> tuple[FloatArray, FloatArray, _Sizes, tuple[Note, ...]]:
    evidence = recipe.evidence
    if isinstance(evidence, Estimates):
        rows = np.arange(len(evidence))
        total = None if n is None else _sizes(n, evidence)
        return np.asarray(evidence.yi), np.asarray(evidence.vi), _Sizes(total, None, rows), ()
    assert isinstance(evidence, TwoArms)
    from handful.stats.effects.effect_sizes import effect_sizes

    if n is not None:
        raise InputError("the sizes are known from the counts", hint="leave n= out")
    effects = effect_sizes(evidence, "OR", add=add, to="only0" if add else "none", drop00=True)
    place = {label: i for i, label in enumerate(evidence.labels)}
    rows = np.array([place[label] for label in effects.labels], dtype=np.int64)
    totals = np.asarray(evidence.totals1 + evidence.totals2, dtype=np.float64)[rows]
    return np.asarray(effects.yi), np.asarray(effects.vi), _Sizes(totals, evidence, rows), tuple(effects.notes)


def _sizes(n: Any, evidence: Estimates) -> FloatArray:
    if isinstance(n, (str, bytes)) or not isinstance(n, Iterable):
        raise InputError(f"n={n!r} is not a column", hint="one number of people a study")
    values = list(n)
    if len(values) != len(evidence) and evidence.rows is not None and len(values) == evidence.given:
        values = [values[i] for i in evidence.rows]
    if len(values) != len(evidence):
        raise InputError(f"n has {len(values)} values for {len(evidence)} studies", hint="one a study")
    try:
        sizes = np.array([float(value) for value in values], dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("n holds entries that are no numbers") from None
    if not bool(np.all(sizes > 0)) or not bool(np.all(np.isfinite(sizes))):
        raise InputError("n holds sizes that are not above 0", hint="people a study")
    return sizes


def _test(
    test: str, recipe: Recipe, counts: TwoArms | None, y: FloatArray, v: FloatArray, sizes: _Sizes, predictor: str,
    exact: bool, level: float,
) -> Asymmetry | NotEstimable:  # fmt: skip
    if test == "begg":
        return begg(y, v, exact=exact)
    if test == "thompson-sharp":
        error = np.sqrt(v)
        return mixed_test(test, y, v, error, "DL", float(len(y) - 2), predictor="se", level=level, limit=True)
    if test in ("egger", "mixed"):
        x = _axis(predictor, v, sizes.total)
        limit = predictor not in ("n", "sqrt(n)")
        if test == "egger":
            return line_test(test, y, x, 1.0 / v, predictor=predictor, level=level, limit=limit)
        method = options_of(recipe, "small_study")[0] if counts is None else "REML"
        return mixed_test(test, y, v, x, method, None, predictor=predictor, level=level, limit=limit)
    first, second, events = sizes.groups()
    total = first + second
    if test == "peters":
        return peters(y, events, total, level)
    if test == "macaskill":
        return line_test(test, y, total, 1.0 / v, predictor="n", level=level, limit=False)
    effective = 4.0 * first * second / total
    return line_test(
        test, y, 1.0 / np.sqrt(effective), effective, predictor="1/sqrt(ESS)", level=level, limit=True
    )  # fmt: skip


def _axis(predictor: str, v: FloatArray, n: FloatArray | None) -> FloatArray:
    if predictor == "se":
        return np.sqrt(v)
    if predictor == "variance":
        return v
    if n is None:
        raise InputError(f"predictor={predictor!r} needs the sizes of the studies", hint="n=[...], one a study")
    if predictor == "n":
        return n
    return {"1/n": 1.0 / n, "sqrt(n)": np.sqrt(n), "1/sqrt(n)": 1.0 / np.sqrt(n)}[predictor]


def _of_tables(
    counts: TwoArms, test: str, add: float, level: float
) -> tuple[Asymmetry | NotEstimable, tuple[Note, ...]]:
    """Harbord's and Schwarzer's tests: no log odds ratio, so an empty cell is no problem; empty or full margins are."""
    columns = (counts.events1, counts.totals1, counts.events2, counts.totals2)
    a, n1, c, n2 = (np.asarray(column, dtype=np.float64) for column in columns)
    keep = (a + c > 0) & (a + c < n1 + n2) & (n1 > 0) & (n2 > 0)
    notes = tuple(
        Note("study-left-out", "left out: nobody, or everybody, had the event", about=label)
        for label, kept in zip(counts.labels, keep, strict=True)
        if not kept
    )
    a, n1, c, n2 = a[keep], n1[keep], c[keep], n2[keep]
    if test == "harbord":
        return harbord(a, n1, c, n2, level), notes
    empty = (a == 0) | (c == 0) | (a == n1) | (c == n2)
    more = np.where(empty, add, 0.0)
    whole = n1 + n2 + 4.0 * more
    upper = float(((a + more) * (n2 - c + more) / whole).sum())
    lower = float(((c + more) * (n1 - a + more) / whole).sum())
    if upper == 0 or lower == 0:
        return NotEstimable(
            "the Mantel–Haenszel odds ratio is 0 or infinite: one group has no event, or only events"
        ), notes
    return schwarzer(a, n1, c, n2, upper / lower), notes
