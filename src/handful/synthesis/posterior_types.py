"""What a question's answer holds of posteriors: the rate of each group, and what one group borrows from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from handful.stats.bayes.posterior import Posterior
from handful.stats.results import NotEstimable
from handful.synthesis.borrowing import Borrowing

if TYPE_CHECKING:
    from handful.synthesis.synthesis import GroupAnswer


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
    ``under`` is the same with other priors, worked out when it is first asked for: no stored result holds it.
    """

    id: str
    name: str
    events: int
    total: int
    studies: int
    rate: Posterior | NotEstimable
    prior: str
    level: float
    counted: GroupAnswer | None = field(default=None, repr=False)
    """What the rate was computed from."""

    @cached_property
    def under(self) -> tuple[UnderPrior, ...]:
        """The rate with other priors; none where there is no rate."""
        from handful.synthesis.posteriors import under_other_priors

        if self.counted is None or isinstance(self.rate, NotEstimable):
            return ()
        return under_other_priors(self.counted, self.level)

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
