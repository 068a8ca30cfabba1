"""Colours, letters and paper of the figures: those of the site, on a matplotlib figure that knows no global state."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from handful.base.errors import HandfulError

Axes: TypeAlias = Any

# the names are those of the site's style sheet
INK = "#1b2330"
SOFT = "#545d6b"
GRID = "#d8d3c6"
FAINT = "#f3f0e8"
ACCENT = "#0b5d73"
BAR = "#2a7f93"
BAR_SOFT = "#b9d4da"
MARK = "#ffffff"
WARN = "#8a4b08"

#: groups side by side; apart for every kind of colour vision, and each with its own mark as the second cue
GROUPS = ("#0b5d73", "#d55e00", "#7b61b8", "#1b2330", "#e2a100")
MARKS = ("o", "s", "^", "D", "v")

SIZE = 9.0
SMALL = 8.0

#: for every file that is written: letters stay letters, ids come from the content
_WRITING = {"svg.fonttype": "none", "svg.hashsalt": "handful", "pdf.fonttype": 42, "ps.fonttype": 42}


def paper(width: float, height: float) -> Axes:
    """Axes on a new figure of ``width`` × ``height`` inches, in the theme; no window, no pyplot."""
    try:
        from handful.figures.drawing import Drawing
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise HandfulError("figures need matplotlib", hint="install handful[plot]") from None
    figure = Drawing(figsize=(width, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    margins(axes, left=0.75, right=0.25, bottom=0.6, top=0.3)
    return axes


def margins(axes: Axes, *, left: float, right: float, bottom: float, top: float) -> None:
    """Room around the axes, in inches, on a figure that is theirs alone."""
    width, height = axes.figure.get_size_inches()
    axes.set_position((left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height))


def dress(axes: Axes, *, left: bool = True) -> None:
    """Quiet frame: the lower line, the left one if asked, small ticks, soft ink."""
    for side in ("top", "right", *(() if left else ("left",))):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(SOFT)
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(colors=SOFT, labelcolor=INK, labelsize=SMALL, width=0.8, length=3.5)
    axes.xaxis.label.set(color=INK, fontsize=SIZE)
    axes.yaxis.label.set(color=INK, fontsize=SIZE)


def describe(axes: Axes, words: str) -> Axes:
    """Keep the figure's words with the axes: they become the title and the description in the file."""
    axes.set_label(words)
    return axes


def save(axes: Axes, to: str | Path, **options: Any) -> Path:
    """Write the figure that holds these axes to a file; its kind (svg, png, pdf) is that of the name.

    The same numbers give the same bytes: no date, ids from the content; letters in an SVG are letters. ``options`` go
    to matplotlib's ``savefig``.
    """
    path = Path(to)
    write(axes.figure, path, **options)
    return path


def write(figure: Any, to: Any, **options: Any) -> None:
    """``savefig`` with the settings and the words of the theme."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    kind = str(options.get("format") or (Path(to).suffix.lstrip(".") if isinstance(to, (str, Path)) else "png")).lower()
    metadata = {**_words_of(figure, kind), **(options.pop("metadata", None) or {})}
    with rc_context(_WRITING):
        Figure.savefig(figure, to, **options, **_given(metadata))


def _given(metadata: dict[str, Any]) -> dict[str, Any]:
    """Kinds of file that know no metadata are given none."""
    return {"metadata": metadata} if metadata else {}


def _words_of(figure: Any, kind: str) -> dict[str, Any]:
    labels = [axes.get_label() for axes in figure.axes]
    said = " ".join(label for label in labels if label and not label.startswith("_"))
    title = said.partition(".")[0]
    if kind in ("svg", "svgz"):
        return {"Creator": "handful", "Date": None, "Title": title, "Description": said}
    if kind == "pdf":
        return {"Creator": "handful", "Producer": None, "CreationDate": None, "Title": title, "Subject": said}
    if kind == "png":
        return {"Software": None, "Title": title, "Description": said}
    return {}
