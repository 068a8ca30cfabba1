"""How the answer moves with its prior: the estimate and its interval against the prior's scale."""

from __future__ import annotations

from typing import Any

from handful.base.errors import InputError
from handful.figures.theme import ACCENT, BAR_SOFT, GRID, INK, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.prior_sensitivity import PriorSensitivity
from handful.synthesis.prior_sensitivity import prior_sensitivity as curve_of


def prior_sensitivity(result: Any, *, of: str = "tau", ax: Axes | None = None) -> Axes:
    """Estimate with its interval (natural scale) for priors narrower and wider than the one used, which is marked.

    ``result``: what ``hf.prior_sensitivity`` returned, or a Bayesian fit (then ``of`` says whose prior is changed). The
    horizontal axis is the prior's scale as a multiple of the one used, on a logarithmic scale. The dotted lines are the
    limits of a next study.

    >>> import handful as hf
    >>> axes = prior_sensitivity(hf.pool(hf.one_arm([1, 0, 3], [4, 4, 9]), model="bayes"))
    >>> axes.get_xlabel()
    'scale of the prior of the between-study sd, times the one used'
    """
    found = curve_of(result, of=of) if isinstance(result, Fit) else result
    if isinstance(found, NotEstimable):
        raise InputError(f"there is no curve: {found.reason}", hint="give a fit of model='bayes' with proper priors")
    if not isinstance(found, PriorSensitivity):
        raise InputError(
            f"prior_sensitivity cannot draw {type(found).__name__}",
            hint="give what hf.prior_sensitivity returned, or a fit of model='bayes'",
        )
    points = found.points
    x = [p.factor for p in points]
    if ax is None:
        ax = paper(6.0, 3.8)
        margins(ax, left=0.75, right=0.3, bottom=0.62, top=0.3)
    dress(ax)
    ax.fill_between(x, [p.low for p in points], [p.high for p in points], color=BAR_SOFT, alpha=0.6, linewidth=0,
                    label="interval")  # fmt: skip
    for end in ("prediction_low", "prediction_high"):
        ax.plot(x, [getattr(p, end) for p in points], color=SOFT, linewidth=1.0, linestyle=":",
                label="next study" if end == "prediction_low" else "_nolegend_")  # fmt: skip
    ax.plot(x, [p.estimate for p in points], color=ACCENT, linewidth=2.2, marker="o", markersize=5, label="estimate")
    own = next(p for p in points if p.factor == 1.0)
    ax.plot([1.0], [own.estimate], marker="o", markersize=9, markerfacecolor="none", markeredgecolor=INK, linestyle="",
            label="the prior used")  # fmt: skip
    if found.threshold is not None:
        ax.axhline(found.threshold, color=GRID, linewidth=1.0)
    ax.set_xscale("log", base=2)
    ax.set_xticks(x)
    ax.set_xticklabels([f"{v:g}" for v in x])
    ax.minorticks_off()
    ax.set_xlabel(f"scale of the prior of the {found.of}, times the one used")
    ax.set_ylabel("estimate, natural scale")
    ax.legend(frameon=False, fontsize=SMALL, labelcolor=SOFT, loc="best", ncols=2, borderaxespad=0.1)
    told = "; ".join(f"{p.prior}: {p.estimate:.3g} ({p.low:.3g} to {p.high:.3g})" for p in points)
    return describe(ax, f"Sensitivity plot of the prior of the {found.of}. {told}.")
