"""The ids that a review declares, so that a reference to none of them can be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from handful.base.problems import Problem, did_you_mean
from handful.records.people import NOT_KNOWN, is_numeric

OPEN_ATTRIBUTES = frozenset({"failed", "sex"})
"""Attributes every patient row has; their values are free unless review.yaml declares them."""


@dataclass(frozen=True)
class Names:
    """Ids by kind. ``None`` means that it cannot be told (the file that declares them could not be read)."""

    sources: Collection[str] | None = ()
    studies: Collection[str] | None = ()
    treatments: Collection[str] | None = ()
    classes: Collection[str] | None = ()
    outcomes: Collection[str] | None = ()
    instruments: Collection[str] | None = ()
    questions: Collection[str] | None = ()
    ladders: Collection[str] | None = ()
    conflicts: Collection[str] | None = ()
    attributes: Mapping[str, Collection[str]] | None = field(default_factory=dict)
    attributes_declared: bool = False
    outcomes_declared: bool = True

    def unknown(self, kind: str, identifier: str, file: str, line: int, what: str = "") -> list[Problem]:
        """The problem of a reference that leads nowhere, or nothing. ``kind`` is 'source', 'study', 'treatment' …"""
        known = {
            "source": self.sources,
            "study": self.studies,
            "treatment": self.treatments,
            "class": self.classes,
            "outcome": self.outcomes,
            "instrument": self.instruments,
            "question": self.questions,
            "ladder": self.ladders,
            "conflict": self.conflicts,
        }[kind]
        if known is None or identifier in known:
            return []
        subject = f"{what} `{identifier}`" if what else f"`{identifier}`"
        hint = f"{did_you_mean(identifier, known)}\n{_REMEDY[kind].format(id=identifier)}"
        return [Problem(file, line, f"unknown-{kind}", f"{subject} is not a known {kind}", hint)]

    def unknown_people(self, people: Mapping[str, tuple[str, ...]], file: str, line: int) -> list[Problem]:
        """The problems of attributes and values that nothing declares."""
        if self.attributes is None:
            return []
        found: list[Problem] = []
        for attribute, values in people.items():
            if is_numeric(attribute):
                continue
            known = self.attributes.get(attribute)
            if known is None:
                if attribute in OPEN_ATTRIBUTES:
                    continue
                found.append(
                    Problem(
                        file,
                        line,
                        "unknown-attribute",
                        f"people: `{attribute}` is not an attribute of people here",
                        f"{did_you_mean(attribute, self.attributes)}\n{self._declare(f'`{attribute}`')}",
                    )
                )
                continue
            found.extend(
                Problem(
                    file,
                    line,
                    "unknown-attribute-value",
                    f"people: {attribute} `{value}` is not a known value",
                    f"{did_you_mean(value, known)}\n{self._declare(f'`{value}` under `{attribute}`')}",
                )
                for value in values
                if value not in known and value not in NOT_KNOWN
            )
        return found

    def _declare(self, what: str) -> str:
        if self.attributes_declared:
            return f"or declare {what} in review.yaml under `attributes:`"
        return f"no study of this review has {what}"


_REMEDY = {
    "source": "or add sources/{id}.yaml",
    "study": "or add studies/{id}.yaml",
    "treatment": "or add it to treatments.yaml",
    "class": "or write `class: {id}` at a treatment in treatments.yaml",
    "outcome": "or define it in outcomes.yaml",
    "instrument": "or add instruments/{id}.yaml",
    "question": "or add questions/{id}.yaml",
    "ladder": "or add ladders/{id}.yaml",
    "conflict": "or declare it in conflicts.yaml",
}
