"""Axes for a quick drawing: those that were given, or new ones on a figure of their own, without pyplot."""

from __future__ import annotations

from typing import Any

from handful.base.errors import HandfulError


def axes_for(ax: Any = None) -> Any:
    """``ax``, or the axes of a new matplotlib figure; pyplot and its global state are never touched."""
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure  # only when a picture is asked for
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise HandfulError("a drawing needs matplotlib", hint="pip install 'handful[plot]'") from None
    return Figure(figsize=(6.0, 3.6), layout="constrained").subplots()
