"""What choosing each alternative is expected to lose against the best of them: E[max_j u_j − u_k], by quadrature.

The rates are those of different studies of different people. The figures are a way to look at a rule with a cut-off
(it depends on the cut-off, a loss does not); they contrast treatments that nobody compared, and are labelled so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from handful.position.rate import Rate
from handful.stats.results import NotEstimable

UNANCHORED = (
    "rates of different studies, of other people, at other times, with other definitions: nobody compared these "
    "treatments, and the figures do not say that one does more than another"
)


@dataclass(frozen=True)
class Option:
    """One alternative: its rate's posterior and the counts behind it."""

    treatment: str
    name: str
    rate: Rate
    studies: tuple[str, ...]
    wider: str = ""
    """The bands its counts are of, where none is of the band asked about alone."""


@dataclass(frozen=True)
class Loss:
    """``loss`` is in people with the outcome per person treated: 0.1 is ten in a hundred."""

    option: Option
    mean: float
    loss: float


@dataclass(frozen=True)
class Losses:
    """The expected loss of choosing each alternative, smallest first, and what had no count."""

    losses: tuple[Loss, ...]
    without: tuple[str, ...] = field(default=())
    """Alternatives of the ladder that no usable count exists for: absent is not worse."""
    label: str = UNANCHORED

    @property
    def perfect_information(self) -> float:
        """The expected value of knowing every rate: the smallest of the expected losses."""
        return min(one.loss for one in self.losses)

    def of(self, treatment: str) -> float | NotEstimable:
        """The loss of choosing that treatment."""
        found = next((one.loss for one in self.losses if one.option.treatment == treatment), None)
        return NotEstimable(f"{treatment} has no count") if found is None else found


def expected_losses(options: Sequence[Option], without: Sequence[str] = ()) -> Losses | NotEstimable:
    """The loss of each of two options or more."""
    if len(options) < 2:
        return NotEstimable("fewer than two alternatives have a count")
    best = expected_maximum([option.rate for option in options])
    made = [Loss(option, option.rate.mean, max(best - option.rate.mean, 0.0)) for option in options]
    return Losses(tuple(sorted(made, key=lambda one: (one.loss, one.option.treatment))), tuple(without))


def expected_maximum(rates: Sequence[Rate]) -> float:
    """E[max of independent rates] = ∫₀¹ (1 − Π F_j(t)) dt, with t = sin² φ so that the ends are smooth."""
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(24)
    edges = np.linspace(0.0, math.pi / 2, 33)
    half = np.diff(edges)[:, None] / 2
    phi = ((edges[:-1, None] + half) + half * nodes).ravel()
    w = (half * weights).ravel() * np.sin(2 * phi)
    t = np.sin(phi) ** 2
    below = np.ones_like(t)
    for rate in rates:
        below = below * np.asarray(rate.posterior.cdf(t))
    return float(w @ (1.0 - below))
