"""The stored form of an answer at two times: which of its numbers moved, and whether its conclusion did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handful.base.wording import spoken
from handful.counts.count import count
from handful.living.fields import leaves
from handful.question.select import select
from handful.review import Review
from handful.synthesis.results import results, same
from handful.synthesis.synthesise import synthesise

Results = Mapping[str, Any]
Path = tuple[str, ...]

NOT_NUMBERS = frozenset({"schema", "question", "computed_from", "plan", "excluded", "made_by"})
"""Parts of stored results that are no answer: what it was computed from, under which plan, and what was left out."""


def answered(review: Review, question: str) -> dict[str, Any]:
    """The answer to one question of the review, in the form in which ``results/`` keeps it."""
    part = review.part_for(question)
    asked = part.questions[question]
    answer = synthesise(count(select(part.records, asked)), asked.plan)
    return results(answer, part.beside(answer))


@dataclass(frozen=True)
class Moved:
    """One number or word of an answer: where it stands in the stored results, from what, to what."""

    path: Path
    old: Any
    new: Any


def moved(old: Results, new: Results) -> tuple[Moved, ...]:
    """Everything in the two answers that differs beyond a recomputation's last bits."""
    before, after = _numbers(old), _numbers(new)
    paths = [*after, *(path for path in before if path not in after)]
    return tuple(
        Moved(path, before.get(path), after.get(path))
        for path in paths
        if (path in before) != (path in after) or not same(before[path], after[path])
    )


def _numbers(stored: Results) -> dict[Path, Any]:
    return leaves({key: value for key, value in stored.items() if key not in NOT_NUMBERS})


@dataclass(frozen=True)
class GroupNumbers:
    """What a page says first about a group: people with the outcome, people, and the ends of the interval."""

    set: str
    set_name: str
    group: str
    events: int
    total: int
    low: float | None
    high: float | None


def group_numbers(stored: Results) -> dict[tuple[str, str], GroupNumbers]:
    """The counts of every outcome word and group."""
    found = {}
    for answered_set in (stored["main"], *stored["also"]):
        for group in answered_set["groups"]:
            interval = group["interval"]
            found[answered_set["id"], group["id"]] = GroupNumbers(
                set=answered_set["id"],
                set_name=answered_set["name"],
                group=group["id"],
                events=group["events"],
                total=group["total"],
                low=interval.get("low"),
                high=interval.get("high"),
            )
    return found


def conclusion(stored: Results) -> dict[str, Any]:
    """What a reader takes away, as plain data; a conclusion has changed when any of it differs.

    For each group of the main outcome whether anybody was counted, and whether its interval allows a rate below half
    and one above half; whether the counts can tell two groups apart; whether enough studies stand behind a pooled rate
    to state it; and, where they are stored, the certainty and the computed place in therapy.
    """
    taken: dict[str, Any] = {}
    for group in stored["main"]["groups"]:
        name = spoken(group["id"])
        taken[f"{name}: anybody counted"] = group["total"] > 0
        interval = group["interval"]
        if "low" in interval:
            taken[f"{name}: may be below half"] = interval["low"] < 0.5
            taken[f"{name}: may be above half"] = interval["high"] > 0.5
    for pair in stored["main"]["comparisons"]:
        ends = pair["difference"]
        apart = "low" in ends and (ends["low"] > 0 or ends["high"] < 0)
        taken[f"{spoken(pair['first'])} and {spoken(pair['second'])}: told apart"] = apart
    taken["pooled rate stated"] = len(stored["studies"]) >= 3
    return taken | verdicts(stored)


def verdicts(stored: Results) -> dict[str, Any]:
    """Levels of certainty and lines of therapy in words, as far as the stored answer holds them."""
    found: dict[str, Any] = {}
    for row in stored.get("certainty", {}).get("rows", []):
        about = "main outcome" if row["outcome"] == "main" else row["outcome"].replace("-", " ")
        for kind in ("effect", "rate"):
            if row.get(kind):
                found[f"certainty of the {kind}, {about}, {row['group'].replace('-', ' ')}"] = row[kind]["level"]
    place = stored.get("place", {})
    for part in (*place.get("bands", []), *place.get("groups", []), place.get("overall") or {}):
        if "line" in part:
            name = part.get("name") or part["id"]
            found[f"place in therapy, {'everybody' if part['id'] == 'overall' else name}"] = part["line"]
    return found


__all__ = ["GroupNumbers", "Moved", "answered", "conclusion", "group_numbers", "moved", "verdicts"]
