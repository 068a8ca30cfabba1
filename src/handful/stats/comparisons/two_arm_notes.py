"""What a pooled comparison must say about its studies: who was left out, what was corrected, who dominates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.notes import Note

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

UNEVEN = 3.0
HEAVY = 0.8
FEW = 3


def uninformative_notes(
    labels: Sequence[str], events: FloatArray, totals: FloatArray, what: str = "an odds ratio"
) -> tuple[Note, ...]:
    """One note for each study whose likelihood is flat: no event in either group, or nothing but events in both."""
    out = []
    for label, m, n in zip(labels, events, totals, strict=True):
        if m == 0:
            out.append(Note("no-information", f"no event in either group: says nothing about {what}", about=label))
        elif m == n:
            out.append(
                Note("no-information", f"nothing but events in both groups: says nothing about {what}", about=label)
            )
    return tuple(out)


def weight_notes(labels: Sequence[str], weights: FloatArray) -> tuple[Note, ...]:
    """A study with more than 80 % of the weight."""
    if len(weights) < 2 or not float(weights.max()) > HEAVY:
        return ()
    largest = int(weights.argmax())
    share = f"has {100 * float(weights[largest]):.0f} % of the weight"
    return (Note("one-study-dominates", share, about=labels[largest]),)


def size_notes(labels: Sequence[str], size1: FloatArray, size2: FloatArray) -> tuple[Note, ...]:
    """Studies whose groups differ in size more than 3 to 1."""
    larger, smaller = np.maximum(size1, size2), np.minimum(size1, size2)
    uneven = [label for label, most, least in zip(labels, larger, smaller, strict=True) if most > UNEVEN * least]
    if not uneven:
        return ()
    return (Note("uneven-groups", "the groups differ in size more than 3 to 1", about=", ".join(uneven)),)


def few_notes(k: int) -> tuple[Note, ...]:
    """Fewer than three studies with information."""
    if k >= FEW:
        return ()
    if k == 1:
        return (Note("single-study", "one study with information: nothing is pooled"),)
    text = "two studies cannot inform heterogeneity: list them beside this result"
    return (Note("two-studies", text),)


def partial_note(counted: int, k: int) -> tuple[Note, ...]:
    """That Q leaves out studies which are in the estimate."""
    if counted >= k:
        return ()
    return (Note("q-partial", f"Q counts the {counted} of {k} studies whose own effect has a variance above 0"),)


def correction_note(words: str, labels: Sequence[str], changed: Mask, where: str) -> tuple[Note, ...]:
    """That something was added, and to which studies."""
    if not bool(changed.any()):
        return ()
    which = [label for label, touched in zip(labels, changed, strict=True) if touched]
    about = "all studies" if len(which) == len(labels) else ", ".join(which)
    return (Note("correction", f"{words} {where}", about=about),)


def study_names(labels: Sequence[str] | None, k: int) -> tuple[str, ...]:
    """The labels, or "study 1", "study 2", … where none are given."""
    return tuple(f"study {i + 1}" for i in range(k)) if labels is None else tuple(labels)
