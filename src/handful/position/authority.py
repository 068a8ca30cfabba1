"""Who has said yes: licences for these people, and guidelines that name the treatment at a line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from handful.position.ladder import LINES, Ladder
from handful.records.claim import Claim
from handful.records.records import Records
from handful.records.treatment import Approval


@dataclass(frozen=True)
class Licence:
    """A licence that covers the people asked about."""

    treatment: str
    approval: Approval

    def __str__(self) -> str:
        body = "" if self.approval.authority == "not reported" else f" ({self.approval.authority})"
        on = "" if self.approval.on == "not reported" else f", {self.approval.on}"
        return f"licence of {self.treatment}, {self.approval.region}{body}{on}"


@dataclass(frozen=True)
class Recommendation:
    """A guideline's claim on the line of a treatment, as the ladder names it."""

    claim: Claim

    def __str__(self) -> str:
        year = f", {self.claim.year}" if isinstance(self.claim.year, int) else ""
        return f"{self.claim.source}: {self.claim.line} line{year}"


@dataclass(frozen=True)
class Authority:
    """The licences that cover the people, the guidelines' claims, and why a licence cannot be told where so."""

    licences: tuple[Licence, ...] = ()
    guidelines: tuple[Recommendation, ...] = ()
    elsewhere: tuple[Licence, ...] = ()
    """Licences of the treatment for other people or other conditions; they count for nothing here, and are told."""
    unknown: str = ""

    def guidelines_at(self, line: str) -> tuple[Recommendation, ...]:
        """Claims that name this line or a better one."""
        place = LINES.index(line) if line in LINES else len(LINES)
        return tuple(r for r in self.guidelines if r.claim.line in LINES and LINES.index(r.claim.line) <= place)


def authority_for(
    records: Records, ladder: Ladder, treatments: Collection[str], needed: Collection[str] | None
) -> Authority:
    """Licences of ``treatments`` that cover every one of the ``needed`` values of the bands' attribute.

    ``needed`` None: who was counted is not known, so only a licence for everybody covers them.
    """
    covering: list[Licence] = []
    elsewhere: list[Licence] = []
    for identifier in sorted(treatments):
        treatment = records.treatments.get(identifier)
        for approval in treatment.approvals if treatment else ():
            if approval.status != "approved":
                continue
            licence = Licence(identifier, approval)
            (covering if _covers(approval, ladder, needed) else elsewhere).append(licence)
    claims = tuple(
        Recommendation(claim)
        for claim in records.claims
        if claim.id in ladder.guidelines and set(claim.treatments) & set(treatments)
    )
    for_it = [x for x in elsewhere if ladder.condition is None or x.approval.condition == ladder.condition]
    told = ladder.attribute or "who they are"
    unknown = f"{told} of the people counted is not reported" if needed is None and for_it and not covering else ""
    return Authority(tuple(covering), claims, tuple(elsewhere), unknown)


def _covers(approval: Approval, ladder: Ladder, needed: Collection[str] | None) -> bool:
    if ladder.condition is not None and approval.condition != ladder.condition:
        return False
    allowed = approval.people.get(ladder.attribute) if ladder.attribute is not None else None
    if allowed is None:
        return True
    return needed is not None and set(needed) <= set(allowed)
