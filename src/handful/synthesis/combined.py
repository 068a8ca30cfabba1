"""Studies that reported different things about one effect, as one kind of evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handful.base.notes import Note

if TYPE_CHECKING:  # the curves need scipy, and most of what is pooled has none
    from handful.stats.bayes.likelihood_curves import LikelihoodCurve


@dataclass(frozen=True, eq=False)
class Combined:
    """One likelihood curve for each study, all over the same effect (``measure``). ``hf.pool`` takes it."""

    curves: tuple[LikelihoodCurve, ...]
    labels: tuple[str, ...]
    measure: str
    scale: str
    notes: tuple[Note, ...] = ()
    time: float = math.nan  # person-time of the counts, and their events: for the default prior of rates
    events: float = 0.0

    def __len__(self) -> int:
        return len(self.labels)
