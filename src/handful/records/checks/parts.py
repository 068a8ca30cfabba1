"""A part is not greater than its whole: people with a trait, of a part of an arm, behind one outcome."""

from __future__ import annotations

from collections.abc import Iterator

from handful.records.checks.finding import Count, Finding, Path, People, counts, find, people
from handful.records.records import Records
from handful.records.study import Study, When

WHOLE_ARM = ("enrolled", "randomised", "started", "kind-not-reported")
"""Kinds that count the whole arm; the assessed and the analysed may be fewer than those behind an earlier outcome."""


def check_parts(records: Records, study: Study) -> Iterator[Finding]:
    """Parts that are greater than the whole they belong to."""
    yield from _arms(records, study)
    yield from _characteristics(records, study)
    yield from _outcomes(records, study)
    yield from _allocation(records, study)


def _allocation(records: Records, study: Study) -> Iterator[Finding]:
    """Shares of an allotment against the arms they are for."""
    if study.allocation is None:
        return
    shares = study.allocation.shares.count(":") + 1
    if shares != len(study.arms):
        yield find(
            records,
            study,
            ("allocation", "shares"),
            "shares-are-not-the-arms",
            f"allocation: {study.allocation.shares} is for {shares} arms, but the study has {len(study.arms)}",
            "one share for each arm, in the order of the arms",
            ("allocation", "shares"),
        )


def _greater(
    records: Records, study: Study, part: Path, value: int, whole: Path, limit: int, what: str, of: str
) -> Finding:
    line = records.place(study.id, (*whole, "value")).line
    return find(
        records,
        study,
        part,
        "part-greater-than-whole",
        f"{what}: {value}, but {of} has {limit}",
        f"{limit} stands in line {line}; look both up, or declare the fault of the source with `known:` beside it",
        whole,
    )


def _largest(found: tuple[People, ...]) -> People | None:
    return max(found, key=lambda p: p.value, default=None)


def _arms(records: Records, study: Study) -> Iterator[Finding]:
    """An arm that is ``part_of`` another: its people, and its responders for the same outcome at the same time."""
    place = {arm.id: index for index, arm in enumerate(study.arms)}
    all_counts = list(counts(study))
    for a, arm in enumerate(study.arms):
        if arm.part_of is None or arm.part_of not in place or arm.part_of == arm.id:
            continue
        whole_index = place[arm.part_of]
        whole = people(study.arms[whole_index].n, ("arms", whole_index, "n"))
        by_kind = {p.kind: p for p in whole}
        most = _largest(whole)
        for part in people(arm.n, ("arms", a, "n")):
            against = by_kind.get(part.kind, most)
            if against is not None and part.value > against.value:
                what, of = f'arm "{arm.id}" ({part.kind})', f'arm "{arm.part_of}", of which it is a part,'
                yield _greater(records, study, part.path, part.value, against.path, against.value, what, of)
        mine = [c for c in all_counts if c.path[1] == a]
        theirs = [c for c in all_counts if c.path[1] == whole_index]
        yield from _responders(records, study, mine, theirs)


def _responders(records: Records, study: Study, mine: list[Count], theirs: list[Count]) -> Iterator[Finding]:
    for part in mine:
        for whole in theirs:
            same = (
                part.key == whole.key
                and part.item.outcome == whole.item.outcome
                and isinstance(part.item.time, When)
                and part.item.time == whole.item.time
                and part.item.definition == whole.item.definition
                and part.item.missing == whole.item.missing
            )
            if same and part.number and whole.number and part.number.value > whole.number.value:
                what, of = f'arm "{part.arm.id}", {part.item.outcome}', f'the same outcome of arm "{whole.arm.id}"'
                args = part.number_path, part.number.value, whole.number_path, whole.number.value
                yield _greater(records, study, *args, what, of)


def _characteristics(records: Records, study: Study) -> Iterator[Finding]:
    for a, arm in enumerate(study.arms):
        most = _largest(people(arm.n, ("arms", a, "n")))
        if most is None:
            continue
        for c, characteristic in enumerate(arm.characteristics):
            if characteristic.people.value > most.value:
                name = characteristic.trait or f"failed {characteristic.failed}"
                path: Path = ("arms", a, "characteristics", c, "people")
                value = characteristic.people.value
                yield _greater(records, study, path, value, most.path, most.value, name, f'arm "{arm.id}"')


def _outcomes(records: Records, study: Study) -> Iterator[Finding]:
    """People behind one outcome against the people of its arm."""
    for count in counts(study):
        if count.item.n is None:
            continue
        index = int(count.path[1])
        whole = tuple(p for p in people(count.arm.n, ("arms", index, "n")) if p.kind in WHOLE_ARM)
        most = _largest(whole)
        own = _largest(people(count.item.n, (*count.path, "n")))
        if most is None or own is None or own.value <= most.value:
            continue
        what = f'arm "{count.arm.id}", {count.item.outcome}: people behind it'
        yield _greater(records, study, own.path, own.value, most.path, most.value, what, f'arm "{count.arm.id}"')
