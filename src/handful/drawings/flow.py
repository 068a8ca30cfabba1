"""How many sources, studies and people there are on the way to an answer: derived from the records, never typed."""

from __future__ import annotations

from dataclasses import dataclass

from handful.base.wording import capital, grouped, plural
from handful.synthesis.synthesis import Synthesis


@dataclass(frozen=True)
class Flow:
    """The numbers of a flow diagram; ``reasons`` counts groups of people and studies under each reason.

    ``reached`` studies have people on the treatment asked about; the other studies are of other treatments, or count
    nobody. ``cases_left_out`` are single case reports that do not fit the question.
    """

    sources: int
    studies: int
    under_way: int
    reasons: tuple[tuple[str, int], ...]
    counted_studies: int
    counted_people: int
    cases: int
    reached: int
    cases_left_out: int

    @property
    def words(self) -> tuple[str, ...]:
        """The boxes from top to bottom."""
        found = [
            f"{plural(self.sources, 'source')} in the records",
            f"{plural(self.studies, 'study', 'studies')} in the records"
            + (f", {grouped(self.under_way)} of them under way" if self.under_way else ""),
            f"{plural(self.counted_studies, 'study', 'studies')} counted, "
            f"{plural(self.counted_people, 'person', 'people')}",
        ]
        if self.cases:
            found.append(f"{plural(self.cases, 'single case report')} shown apart")
        return tuple(found)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was not taken: each reason with the number of entries (a study, or a group of its people)."""
        others, cases = self.studies - self.reached, self.cases_left_out
        found = [("studies of other treatments, or that count nobody", others)] if others else []
        found += self.reasons
        found += [("single case reports of other people or of another outcome", cases)] if cases else []
        return tuple(f"{capital(reason)}: {grouped(number)}" for reason, number in found)


def flow_of(answer: Synthesis) -> Flow:
    """The numbers of the question; no search was logged, so the first box is what the records hold."""
    counts = answer.counts
    reasons: dict[str, int] = {}
    for out in counts.excluded:
        reasons[out.reason] = reasons.get(out.reason, 0) + 1
    studies = counts.records.studies
    reached = {out.study for out in (*counts.excluded, *counts.cases_excluded)}
    reached |= {study for found in counts.sets for study in found.overall.studies} | {s.id for s in counts.under_way}
    reached |= {case.study for case in counts.cases.rows} if counts.cases else set()
    return Flow(
        sources=len(counts.records.sources),
        studies=len(studies),
        under_way=sum(study.status == "under-way" for study in studies.values()),
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        counted_studies=len(answer.main.overall.count.studies),
        counted_people=answer.main.overall.count.total,
        cases=counts.cases.count if counts.cases else 0,
        reached=len(reached & set(studies)),
        cases_left_out=len(counts.cases_excluded),
    )
