"""Counts against the people behind them: never more events than people, never more people later than sooner."""

from __future__ import annotations

from collections.abc import Iterator

from handful.records.checks.finding import Finding, People, counts, find, people
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS, Study

NOT_MORE_THAN = {
    "analysed": ("randomised", "started", "enrolled"),
    "assessed": ("started", "randomised", "enrolled"),
    "started": ("randomised", "enrolled"),
    "randomised": ("enrolled",),
}
"""A kind of number of people, and the kinds it cannot exceed. An analysis may hold people who never started (as
randomised), so the analysed are held against the randomised first."""


def check_arithmetic(records: Records, study: Study) -> Iterator[Finding]:
    """More responders than people; more people assessed than started."""
    yield from _events(records, study)
    yield from _order(records, study)


def _events(records: Records, study: Study) -> Iterator[Finding]:
    for count in counts(study):
        if count.number is None:
            continue
        smaller = [p for p in count.people if p.value < count.number.value]
        if not smaller:
            continue
        least = min(smaller, key=lambda p: p.value)
        line = records.place(study.id, (*least.path, "value")).line
        word = "responders" if count.key == "responders" else "events"
        remedy = (
            f"If {count.number.value} counts episodes rather than people, record it as a rate."
            if count.key == "events"
            else "If it is a count of other people, give the outcome its own `n:`."
        )
        yield find(
            records,
            study,
            count.number_path,
            "more-events-than-people",
            f'arm "{count.arm.id}", {count.item.outcome}: {count.number.value} {word} of {least.value}',
            f"{least.value} is the number {_kind(least)} (line {line}). {remedy}",
            least.path,
        )


def _kind(found: People) -> str:
    words = DENOMINATOR_WORDS[found.kind]
    return f"of people ({words})" if found.kind == "kind-not-reported" else words


def _order(records: Records, study: Study) -> Iterator[Finding]:
    """Within an arm, and between an outcome's own numbers and those of its arm."""
    for a, arm in enumerate(study.arms):
        of_arm = people(arm.n, ("arms", a, "n"))
        yield from _out_of_order(records, study, arm.id, of_arm, of_arm)
    for count in counts(study):
        if count.item.n is None:
            continue
        index = int(count.path[1])
        own = people(count.item.n, (*count.path, "n"))
        kinds = {p.kind for p in own}
        of_arm = tuple(p for p in people(count.arm.n, ("arms", index, "n")) if p.kind not in kinds)
        yield from _out_of_order(records, study, count.arm.id, own, (*own, *of_arm))


def _out_of_order(
    records: Records, study: Study, arm: str, fewer: tuple[People, ...], more: tuple[People, ...]
) -> Iterator[Finding]:
    by_kind = {p.kind: p for p in more}
    for small in fewer:
        for kind in NOT_MORE_THAN.get(small.kind, ()):
            if kind not in by_kind:
                continue
            large = by_kind[kind]
            if small.value > large.value:
                line = records.place(study.id, (*large.path, "value")).line
                yield find(
                    records,
                    study,
                    small.path,
                    "people-out-of-order",
                    f'arm "{arm}": {small.value} {small.kind}, but only {large.value} {large.kind}',
                    f"{large.value} stands in line {line}; look both up, or declare the fault of the source"
                    " with `known:` beside the number",
                    large.path,
                )
            break
