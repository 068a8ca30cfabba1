"""Names of groups as readers write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handful.instruments.instrument import Instrument
from handful.synthesis.synthesis import GroupAnswer, SetAnswer, Synthesis


def with_reader_names(scales: Mapping[str, Instrument], answer: Synthesis) -> Synthesis:
    """The answer with names of groups as readers write them: names of scales in capitals ('SALT 95 to 100')."""

    def named(group: GroupAnswer) -> GroupAnswer:
        words = group.count.name.split(" ")
        name = " ".join((scales[word].short or word) if word in scales else word for word in words)
        return replace(group, count=replace(group.count, name=name))

    def renamed(answers: SetAnswer) -> SetAnswer:
        return replace(answers, groups=tuple(named(group) for group in answers.groups))

    return replace(answer, main=renamed(answer.main), also=tuple(renamed(other) for other in answer.also))


__all__ = ["with_reader_names"]
