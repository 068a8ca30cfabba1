"""A matplotlib figure that shows itself in a notebook and writes the same bytes for the same numbers."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from handful.figures.theme import write


class Drawing(Figure):
    """A figure outside pyplot's global state."""

    def __init__(self, **options: Any) -> None:
        super().__init__(facecolor="white", **options)
        FigureCanvasAgg(self)

    def savefig(self, fname: Any, **options: Any) -> None:
        """As matplotlib's, with words, without a date, letters kept as letters."""
        write(self, fname, **options)

    def _repr_svg_(self) -> str:
        page = io.BytesIO()
        self.savefig(page, format="svg")
        return page.getvalue().decode()
