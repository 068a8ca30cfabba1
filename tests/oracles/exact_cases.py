"""Reading the reference figures of one and two groups: rows of named columns, one line per variant."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def rows(family: str, variant: str) -> list[dict[str, Any]]:
    """Every row of a variant over all files of the family."""
    found: list[dict[str, Any]] = []
    for file in sorted((DATA / family).glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        columns = content["columns"]
        names = columns[variant] if isinstance(columns, dict) else columns
        found += [dict(zip(names, row, strict=True)) for row in content["rows"].get(variant, [])]
    assert found, f"{family} has no {variant}"
    return found


def variants(family: str) -> set[str]:
    return {v for f in (DATA / family).glob("*.json") for v in json.loads(f.read_text(encoding="utf-8"))["rows"]}


def close(got: Any, want: Any, rtol: float, atol: float, about: object = "") -> None:
    """|got - want| <= atol + rtol |want|; infinities must be equal."""
    assert isinstance(got, float), f"{about}: {got!r} is not a number"
    assert not math.isnan(got), about
    reference = float(want)
    if math.isinf(reference) or math.isinf(got):
        assert got == reference, f"{about}: got {got!r}, reference {reference!r}"
        return
    off = abs(got - reference)
    assert off <= atol + rtol * abs(reference), f"{about}: got {got!r}, reference {reference!r}, off by {off:.3g}"


def cut(value: Any, low: float, high: float) -> float:
    """A limit cut to its range, as ours are; references print some limits outside it."""
    return min(max(float(value), low), high)
