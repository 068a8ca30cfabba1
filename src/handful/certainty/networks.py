"""Certainty in a network: from direct comparisons to the indirect one, and from both to the network's estimate."""

from __future__ import annotations

from typing import Literal

from handful.certainty.certainty import LEVELS, Certainty, Domain, Level
from handful.certainty.imprecision import Suggestion

NOT_JUDGED = "nobody has judged it yet; it counts as one step down until somebody does"


def without_imprecision(found: Certainty) -> Level:
    """The level as it would be if nothing had been taken off for imprecision; in a network that is judged last."""
    kept = tuple(d for d in found.domains if d.name != "imprecision")
    return Certainty(found.about, found.start, found.start_because, kept).level


def indirect_certainty(first: Certainty, second: Certainty, intransitivity: Suggestion | None = None) -> Certainty:
    """Of A against C by way of B: the lower of A against B and B against C, less what intransitivity takes.

    Imprecision is left out on the way and judged once, at the network's estimate. ``first``, ``second``: the two direct
    comparisons that the indirect one rests on most. ``intransitivity``: steps (0 or negative) and why, when the people
    of both comparisons differ in what changes the effect; None says that nobody judged it, one step down.

    Source: GRADE for networks, doi:10.1136/bmj.m3900; Brignardello-Petersen 2018, doi:10.1016/j.jclinepi.2017.10.005.
    """
    lower = min((without_imprecision(first), without_imprecision(second)), key=LEVELS.index)
    step = _step("intransitivity", intransitivity)
    return Certainty("effect", lower, "the lower of the two comparisons it goes by", (step,))


def network_certainty(
    direct: Certainty | None,
    indirect: Certainty | None,
    *,
    incoherence: Suggestion | None = None,
    imprecision: Suggestion | None = None,
) -> Certainty:
    """Of the network's estimate: the higher of direct and indirect, less incoherence, then less its own imprecision.

    With one of the two alone, that one, and there is nothing it could be incoherent with. ``incoherence``,
    ``imprecision``: steps (0 or negative) and why; None says that nobody judged it, one step down.

    Raises:
        ValueError: when there is neither.

    Source: as :func:`indirect_certainty`.

    >>> low = Certainty("effect", "low", "two cohorts")
    >>> high = Certainty("effect", "high", "three trials")
    >>> differ, narrow = Suggestion(-1, "they differ"), Suggestion(0, "narrow")
    >>> network_certainty(low, high, incoherence=differ, imprecision=narrow).level
    'moderate'
    """
    there = [(name, found) for name, found in (("direct", direct), ("indirect", indirect)) if found is not None]
    if not there:
        raise ValueError("a network's estimate rests on a direct or an indirect comparison; neither was given")
    name, best = max(there, key=lambda pair: LEVELS.index(without_imprecision(pair[1])))
    steps: list[Domain] = [_step("imprecision", imprecision)]
    if len(there) == 2:
        steps.insert(0, _step("incoherence", incoherence))
        because = f"the higher of direct and indirect, here the {name} one"
    else:
        because = f"the {name} comparison alone"
    return Certainty("effect", without_imprecision(best), because, tuple(steps))


def _step(name: Literal["intransitivity", "incoherence", "imprecision"], given: Suggestion | None) -> Domain:
    if given is None:
        return Domain(name, -1, NOT_JUDGED, "not-judged")
    return Domain(name, given.steps, given.because, "judged")


__all__ = ["indirect_certainty", "network_certainty", "without_imprecision"]
