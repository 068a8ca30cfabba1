"""What people judged in a review: risk of bias by study, and what must be judged of each answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from handful.base.by_id import UnknownId
from handful.certainty.judged import CertaintyFile
from handful.records.judgement import Judgement


@dataclass(frozen=True)
class Judgements(Mapping[str, Judgement]):
    """Risk of bias by the id of its file, as a mapping; ``certainty`` holds the judgements of answers by question."""

    risk_of_bias: Mapping[str, Judgement] = field(default_factory=dict)
    certainty: Mapping[str, CertaintyFile] = field(default_factory=dict)

    def __getitem__(self, identifier: str) -> Judgement:
        if identifier not in self.risk_of_bias:
            raise UnknownId("judgement", identifier, list(self.risk_of_bias))
        return self.risk_of_bias[identifier]

    def __iter__(self) -> Iterator[str]:
        return iter(self.risk_of_bias)

    def __len__(self) -> int:
        return len(self.risk_of_bias)

    def of_study(self, study: str) -> tuple[Judgement, ...]:
        """Every judgement of that study."""
        return tuple(j for j in self.risk_of_bias.values() if j.study == study)
