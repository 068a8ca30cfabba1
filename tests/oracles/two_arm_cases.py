"""Reading the reference figures of pooled comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from tests.oracles.one_arm_cases import number, read

ODDS = ("ai", "n1i", "ci", "n2i")
RATES = ("x1i", "t1i", "x2i", "t2i")


def columns(file: dict[str, Any]) -> list[npt.NDArray[np.float64]]:
    """The four columns of a file."""
    data = file["input"]
    return [np.array(data[name], dtype=np.float64) for name in (ODDS if "ai" in data else RATES)]


def pairs(family: str, *words: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every case of a family whose id contains one of the words (all of them without words)."""
    found = [(file, case) for file in read(family) for case in file["cases"]]
    return [p for p in found if not words or any(word in p[1]["id"] for word in words)]


def agree(got: Any, want: Any, rtol: float, atol: float, what: str) -> None:
    """|got − want| ≤ atol + rtol |want|; a reference figure that is missing is not compared."""
    w = number(want)
    if np.isnan(w):
        return
    g = float(got)
    assert abs(g - w) <= atol + rtol * abs(w), f"{what}: got {g!r}, reference {w!r}, off by {abs(g - w):.3g}"


def p_agrees(got: float, want: Any, what: str) -> None:
    """p-values: below 1e-15 the reference loses its digits in a subtraction, so orders of magnitude are compared."""
    w = number(want)
    if w > 1e-15:
        agree(got, w, 1e-7, 1e-15, what)
    elif w > 0 and got > 0:
        assert abs(np.log10(got) - np.log10(w)) < 1e-3, what
