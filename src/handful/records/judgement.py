"""Recorded judgements: risk of bias of a study, with reasons and names."""

from __future__ import annotations

import datetime
from typing import Literal

from handful.base.typed import Id, Missing, Typed, Words


class JudgedItem(Typed):
    """One item of a tool: its number, the answer, and why."""

    item: Words
    answer: Words
    because: Words


class Judgement(Typed):
    """``judgements/<id>.yaml``: one study judged with one tool by one or two people."""

    id: Id
    study: Id
    tool: Words
    items: tuple[JudgedItem, ...] = ()
    overall: Literal["low", "some-concerns", "moderate", "serious", "critical", "high", "unclear"]
    because: Words
    by: tuple[Words, ...]
    on: datetime.date | Missing
    seen: Words = "not recorded"
