"""What is said where a question has nothing that a drawing shows."""

from __future__ import annotations

from handful.base.errors import InputError
from handful.synthesis.synthesis import Synthesis


class NothingToDraw(InputError):
    """The question has nothing that this drawing shows."""


def nothing(answer: Synthesis, kind: str, why: str) -> NothingToDraw:
    """'no funnel of …: fewer than three studies were counted'."""
    return NothingToDraw(f"no {kind} of {answer.question.id}: {why}")
