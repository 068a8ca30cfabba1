"""Reading the reference figures of one-arm pooling, and comparing with a stated tolerance."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parent / "data"


def read(family: str) -> list[dict[str, Any]]:
    """Every file of a family, with its name."""
    files = sorted((DATA / family).glob("*.json"))
    return [{"name": f.stem, **json.loads(f.read_text(encoding="utf-8"))} for f in files]


def cases(family: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(file, case) for file in read(family) for case in file["cases"]]


def name_of(pair: Any) -> str:
    return f"{pair[0]['name']}-{pair[1]['id']}" if isinstance(pair, tuple) else ""


def number(value: Any) -> float:
    """A reference figure: null is R's NA, infinities are strings, one-element lists their element."""
    if isinstance(value, list):
        value = value[0]
    return math.nan if value is None else float(value)


def numbers(values: Any) -> npt.NDArray[np.float64]:
    return np.array([number(v) for v in values])


def close(got: Any, want: Any, rtol: float, atol: float) -> None:
    """|got − want| ≤ atol + rtol |want|, the rule the figures come with."""
    g, w = float(got), number(want)
    assert abs(g - w) <= atol + rtol * abs(w), f"got {g!r}, reference {w!r}, off by {abs(g - w):.3g}"
