"""Risk of bias drawn: a light for each study and domain, and bars of how much weight stands at each level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handful.base.errors import InputError
from handful.certainty.risk_of_bias import BIAS_WORDS, LEVEL_LETTERS, RiskOfBias
from handful.certainty.tool import SEVERITY, BiasLevel
from handful.figures.theme import INK, SIZE, SMALL, SOFT, Axes, describe, margins, paper

#: pale to dark with the risk, and each with its own sign: a copy in grey tells them apart too
COLOURS: dict[int, str] = {0: "#d3e8e4", 1: "#f2d9a0", 2: "#c4622d", 3: "#5e1f1f"}
LETTERS: dict[int, str] = {0: INK, 1: INK, 2: "#ffffff", 3: "#ffffff"}


def traffic_light(table: RiskOfBias, *, ax: Axes | None = None) -> Axes:
    """A plot of each study's judgements: one row a study, one column a domain, the overall one last.

    ``table``: what ``hf.risk_of_bias`` or ``hf.read_robvis`` returned. Each light has a sign (+ low, ~ some concerns or
    moderate, ? unclear, i no information, − high or serious, ! critical) beside its colour; an empty cell was not
    judged. The words of the figure name every judgement. Reference: McGuinness & Higgins 2021, 10.1002/jrsm.1411.

    >>> import handful as hf
    >>> axes = traffic_light(hf.read_robvis("Study,D1,Overall\\nA,Low,Low\\nB,High,High\\n"))
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['D1', 'Overall']
    """
    _some(table)
    heads = (*table.domains, "Overall")
    n, long = len(table.rows), max(map(len, heads)) > 8
    if ax is None:
        ax = paper(1.9 + max(0.55 * len(heads), 2.6) + 0.4 * long, 1.05 + 0.36 * n + 1.05 * long)
        margins(ax, left=1.7, right=0.6 if long else 0.2, bottom=0.6, top=1.5 if long else 0.45)
    words = []
    for y, row in enumerate(table.rows):
        words.append(
            f"{row.study}: " + ", ".join(_said(h, x) for h, x in zip(heads, (*row.levels, row.overall), strict=True))
        )
        for x, level in enumerate((*row.levels, row.overall)):
            if level is not None:
                _light(ax, x, y, level)
    ax.set_xlim(-0.6, len(heads) - 0.4)
    ax.set_ylim(n - 0.4, -0.6)
    ax.set_xticks(range(len(heads)), labels=_short(heads, 26), fontsize=SMALL)
    ax.xaxis.tick_top()
    if long:
        for label in ax.get_xticklabels():
            label.set(rotation=45, ha="left", rotation_mode="anchor")
    ax.set_yticks(range(n), labels=[row.study for row in table.rows], fontsize=SIZE)
    _quiet(ax)
    ax.set_xlabel(
        _legend(level for row in table.rows for level in (*row.levels, row.overall)), fontsize=SMALL, color=SOFT
    )
    ax.xaxis.set_label_position("bottom")
    return describe(ax, f"Traffic light plot of risk of bias, {n} studies. " + ". ".join(words) + ".")


def bias_summary(table: RiskOfBias, *, ax: Axes | None = None) -> Axes:
    """A plot of the share of the weight at each level: one bar a domain, the overall one last.

    ``table``: what ``hf.risk_of_bias`` or ``hf.read_robvis`` returned; studies weigh as their ``weight`` says, or
    all alike. Each part of a bar carries its sign. Domains that no study was judged on have an empty bar.

    >>> import handful as hf
    >>> axes = bias_summary(hf.read_robvis("Study,D1,Overall\\nA,Low,Low\\nB,High,High\\n"))
    >>> axes.get_xlim()
    (0.0, 100.0)
    """
    _some(table)
    heads = (*table.domains, "Overall")
    if ax is None:
        ax = paper(6.0, 1.3 + 0.34 * len(heads))
        margins(ax, left=1.9, right=0.25, bottom=0.85, top=0.15)
    words, seen = [], []
    for y, head in enumerate(heads):
        shares = table.shares(None if y == len(table.domains) else head)
        start = 0.0
        for level, share in shares.items():
            colour = COLOURS[SEVERITY[level]]
            ax.barh(y, 100 * share, left=100 * start, height=0.62, color=colour, edgecolor="white", linewidth=1.2)
            if share >= 0.04:
                middle = 100 * (start + share / 2)
                ink = LETTERS[SEVERITY[level]]
                ax.text(middle, y, LEVEL_LETTERS[level], ha="center", va="center", fontsize=SIZE, color=ink)
            start += share
            seen.append(level)
        parts = ", ".join(f"{100 * share:.0f} % {BIAS_WORDS[level]}" for level, share in shares.items())
        words.append(f"{head}: {parts or 'not judged'}")
    ax.set_xlim(0, 100)
    ax.set_ylim(len(heads) - 0.4, -0.6)
    ax.set_yticks(range(len(heads)), labels=_short(heads, 26), fontsize=SMALL)
    ax.set_xticks(range(0, 101, 25), labels=[f"{x} %" for x in range(0, 101, 25)], fontsize=SMALL)
    _quiet(ax)
    weighted = len({row.weight for row in table.rows}) > 1
    of = "of the weight" if weighted else "of the studies"
    ax.set_xlabel(f"share {of}\n{_legend(seen)}", fontsize=SMALL, color=SOFT)
    return describe(
        ax, f"Summary plot of risk of bias, {len(table.rows)} studies, share {of}. " + ". ".join(words) + "."
    )


def _some(table: RiskOfBias) -> None:
    if not isinstance(table, RiskOfBias):
        raise InputError(f"a table of judgements is drawn, not {type(table).__name__}", hint="hf.risk_of_bias(...)")
    if not table.rows:
        raise InputError("there is nothing to draw: no study was judged")


def _light(ax: Axes, x: int, y: int, level: BiasLevel) -> None:
    ax.plot(
        [x], [y], marker="o", markersize=17, color=COLOURS[SEVERITY[level]], markeredgecolor=SOFT, markeredgewidth=0.6
    )
    sign = LEVEL_LETTERS[level]
    ax.text(x, y, sign, ha="center", va="center", fontsize=SIZE + 1, color=LETTERS[SEVERITY[level]], weight="bold")


def _legend(levels: Iterable[BiasLevel | None]) -> str:
    seen = set(levels)
    there = [level for level in LEVEL_LETTERS if level in seen]
    return "   ".join(f"{LEVEL_LETTERS[level]} {BIAS_WORDS[level]}" for level in there)


def _said(head: str, level: BiasLevel | None) -> str:
    return f"{head} {BIAS_WORDS[level] if level is not None else 'not judged'}"


def _short(heads: Sequence[str], most: int) -> list[str]:
    """Long headings (those of the first RoB tool) as their first words."""
    plain = [" ".join(h.replace(".", " ").split()) for h in heads]
    return [h if len(h) <= most else h[: most - 1].rstrip() + "…" for h in plain]


def _quiet(ax: Axes) -> None:
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0, colors=INK)


__all__ = ["bias_summary", "traffic_light"]
