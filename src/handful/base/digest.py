"""Canonical JSON and its sha256: the same content gives the same bytes, everywhere."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

SIGNIFICANT_DIGITS = 10
"""Enough to notice any real change, few enough not to notice another processor's last bits."""


def canonical(value: Any) -> Any:
    """Plain data with floats at ten significant digits; infinities become words, NaN is refused."""
    if isinstance(value, dict):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("a NaN may not leave the computation")
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        if math.isinf(rounded):  # the very largest floats would round up beyond the range
            return value
        return 0.0 if rounded == 0 else rounded
    if hasattr(value, "item"):
        return canonical(value.item())
    return str(value)


def canonical_json(value: Any, *, indent: int | None = None) -> str:
    """JSON with sorted keys; ends with a newline when indented."""
    text = json.dumps(canonical(value), ensure_ascii=False, sort_keys=True, indent=indent, allow_nan=False)
    return text + "\n" if indent is not None else text


def digest(value: Any) -> str:
    """``sha256:`` and the hash of the canonical JSON (or of the bytes, when bytes are given)."""
    data = value if isinstance(value, bytes) else canonical_json(value).encode()
    return "sha256:" + hashlib.sha256(data).hexdigest()
