"""What a question's answer holds of posteriors: the rate of each group, and what one group borrows from another."""

from __future__ import annotations

from dataclasses import dataclass

from handful.stats.bayes.posterior import Posterior
from handful.stats.results import NotEstimable
from handful.synthesis.borrowing import Borrowing


@dataclass(frozen=True)
class UnderPrior:
    """The rate with another prior: median and central interval."""

    prior: str
    median: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class GroupPosterior:
    """The posterior rate of one group (``overall``: everything together), on the natural scale, with its prior.

    One study: its own rate. Several: the average rate over such studies, as pooled by the plan's Bayesian model.
    ``under`` holds the same with other priors.
    """

    id: str
    name: str
    events: int
    total: int
    studies: int
    rate: Posterior | NotEstimable
    prior: str
    level: float
    under: tuple[UnderPrior, ...] = ()

    @property
    def limits(self) -> tuple[float, float] | NotEstimable:
        """The central interval of the rate at the plan's level."""
        return self.rate if isinstance(self.rate, NotEstimable) else self.rate.interval(self.level)


@dataclass(frozen=True, eq=False)
class PlannedBorrowing:
    """The borrowing a plan asks for: the same analysis at each strength; ``source`` and ``target`` are group ids.

    ``without`` is the target's answer without borrowing and stays the answer.
    """

    source: str
    target: str
    because: str
    steps: tuple[Borrowing, ...]

    @property
    def without(self) -> Posterior:
        return self.steps[0].without
