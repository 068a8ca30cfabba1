"""Drawings of boxes and arrows: the flow of the evidence, and the lines of therapy."""

from __future__ import annotations

import textwrap

from handful.base.wording import capital
from handful.drawings.flow import flow_of
from handful.drawings.nothing import nothing
from handful.figures.theme import ACCENT, FAINT, GRID, INK, SMALL, SOFT, Axes, describe, margins, paper
from handful.review import Review
from handful.synthesis.synthesis import Synthesis


def _box(ax: Axes, x: float, y: float, width: float, height: float, text: str, *, quiet: bool = False) -> None:
    from matplotlib.patches import Rectangle

    face, edge = (FAINT, GRID) if quiet else ("white", SOFT)
    ax.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=edge, linewidth=1))
    ax.text(x + 0.12, y + height / 2, text, fontsize=SMALL, color=INK, va="center", linespacing=1.25)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": SOFT, "linewidth": 1})


def _sheet(width: float, height: float) -> Axes:
    """Axes in inches, the origin at the upper left."""
    ax = paper(width, height)
    margins(ax, left=0.0, right=0.0, bottom=0.0, top=0.0)
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    return ax


LINE = 0.165


def flow(review: Review, answer: Synthesis) -> Axes:
    """Sources, studies, what was left out and why, who was counted."""
    found = flow_of(answer)
    left = [textwrap.fill(said, 36) for said in found.words]
    right = "\n".join(textwrap.fill(said, 52, subsequent_indent="   ") for said in found.left_out)
    heights = [0.24 + LINE * (said.count("\n") + 1) for said in left]
    beside = 0.24 + LINE * (right.count("\n") + 1) if right else 0.0
    gap = max(0.34, beside - sum(heights[:2]) + 0.2)
    tops = [0.2]
    for i, height in enumerate(heights[:-1]):
        tops.append(tops[-1] + height + (gap if i == 1 else 0.34))
    total = max(tops[-1] + heights[-1], tops[1] + heights[1] + gap) + 0.2
    ax = _sheet(7.0, total)
    for top, height, said in zip(tops, heights, left, strict=True):
        _box(ax, 0.2, top, 2.6, height, said)
    for i in range(len(tops) - 1):
        _arrow(ax, (1.5, tops[i] + heights[i]), (1.5, tops[i + 1]))
    if right:
        at = tops[1] + heights[1] + gap / 2
        _box(ax, 3.3, max(0.2, at - beside / 2), 3.5, beside, right, quiet=True)
        _arrow(ax, (1.5, at), (3.3, at))
    told = (*found.words, *(f"left out: {said}" for said in found.left_out))
    return describe(ax, "Flow of the evidence. " + ". ".join(told) + ".")


def ladder(review: Review, answer: Synthesis) -> Axes:
    """The lines of therapy, and where the rule puts the treatment for each group of people."""
    from handful.position.place import Place
    from handful.position.placing import place

    placed = place(review, answer.question, answer=answer)
    if not isinstance(placed, Place):
        raise nothing(answer, "ladder", placed.reason)
    groups = placed.bands or placed.groups or (placed.overall,)
    rungs = placed.ladder.rungs
    name = review.records.treatment_name
    texts = []
    for rung in rungs:
        after = ", ".join(name(t) for t in rung.after_failure_of)
        said = f"{capital(rung.line.replace('-', ' '))} line" + (f", after {after}" if after else "")
        texts.append(textwrap.fill(said, 42))
    texts.append(capital(placed.ladder.otherwise))
    heights = [0.26 + LINE * (said.count("\n") + 1) for said in texts]
    at: dict[str, int] = {rung.line: i for i, rung in enumerate(rungs)}
    stand: dict[int, list[str]] = {}
    told = []
    for group in groups:
        stand.setdefault(at.get(group.line, len(rungs)), []).append(capital(group.name))
        told.append(f"{capital(group.name)}: {group.line.replace('-', ' ')}")
    ax = _sheet(7.0, 0.35 + sum(h + 0.14 for h in heights))
    top = 0.2
    for i, (said, height) in enumerate(zip(texts, heights, strict=True)):
        _box(ax, 0.2, top, 3.5, height, said, quiet=i == len(rungs))
        if i in stand:
            ax.plot([3.9], [top + height / 2], marker="<", color=ACCENT, markersize=7)
            who = textwrap.fill("; ".join(stand[i]), 44)
            ax.text(4.05, top + height / 2, who, fontsize=SMALL, color=INK, va="center")
        top += height + 0.14
    return describe(ax, f"Computed place in therapy, {placed.ladder.title}. " + ". ".join(told) + ".")
