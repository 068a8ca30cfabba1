"""Totals that do not add: kinds of one thing against their arm, arms against the study, one number in two tables."""

from __future__ import annotations

from collections.abc import Iterator

from handful.records.checks.finding import Count, Finding, Path, People, counts, find, people
from handful.records.checks.percentages import percent_findings
from handful.records.records import Records
from handful.records.study import Characteristic, Study

FIXED = ("enrolled", "randomised", "started")
"""Kinds of people that an arm has once: they cannot differ from one table to the next."""

_DECLARE = "look them up; if the source really prints them, declare it with `known:` beside one of the numbers"


def check_totals(records: Records, study: Study) -> Iterator[Finding]:
    """Rows of baseline tables, arms of a study, and people that change between tables."""
    for a in range(len(study.arms)):
        yield from _kinds(records, study, a)
        yield from _traits(records, study, a)
    yield from _arms(records, study)
    yield from _changing(records, study)


def _kinds(records: Records, study: Study, a: int) -> Iterator[Finding]:
    """Traits that are kinds of one thing add up to the people they are of."""
    arm = study.arms[a]
    groups: dict[str, list[tuple[int, Characteristic]]] = {}
    for i, trait in enumerate(arm.characteristics):
        if trait.one_of is not None:
            groups.setdefault(trait.one_of, []).append((i, trait))
    for name, found in groups.items():
        paths: list[Path] = [("arms", a, "characteristics", i, "people") for i, _ in found]
        total = sum(trait.people.value for _, trait in found)
        own = next((t.n for _, t in found if t.n is not None and t.n.kinds()), None)
        base: tuple[People, ...]
        if own is not None:
            index = next(i for i, t in found if t.n is own)
            base = people(own, ("arms", a, "characteristics", index, "n"))
        else:
            base = people(arm.n, ("arms", a, "n"))
        if len(found) < 2 or not base or any(p.value == total for p in base):
            continue
        parts = " + ".join(str(trait.people.value) for _, trait in found)
        wanted = " or ".join(str(v) for v in dict.fromkeys(p.value for p in base))
        message = f'arm "{arm.id}", {name}: {parts} = {total}, but the arm has {wanted}'
        hint = (
            f"add the kind that is missing (a trait `{name} not known`, with the same `one_of:`)"
            if total < min(p.value for p in base)
            else "kinds of one thing exclude each other: take `one_of:` away where a person can have two of them"
        )
        yield find(
            records, study, paths[0], "total-does-not-add", message, f"{hint}\n{_DECLARE}", *paths[1:], base[0].path
        )


def _traits(records: Records, study: Study, a: int) -> Iterator[Finding]:
    """Percentages of traits, held against the people they are of."""
    arm = study.arms[a]
    for i, trait in enumerate(arm.characteristics):
        if trait.percent is None:
            continue
        path: Path = ("arms", a, "characteristics", i)
        base = people(trait.n, (*path, "n")) or people(arm.n, ("arms", a, "n"))
        if base:
            subject = f'arm "{arm.id}", {trait.trait or f"failed {trait.failed}"}'
            number = (trait.people.value, (*path, "people"))
            yield from percent_findings(records, study, path, subject, trait.percent, number, base, [])


def _arms(records: Records, study: Study) -> Iterator[Finding]:
    """People of the whole study against the sum of its arms, kind by kind."""
    whole = {p.kind: p for p in people(study.n, ("n",))}
    tops = [(a, arm) for a, arm in enumerate(study.arms) if arm.part_of is None]
    for kind, total in whole.items():
        parts = [p for a, arm in tops for p in people(arm.n, ("arms", a, "n")) if p.kind == kind]
        if not parts or len(parts) != len(tops):
            continue
        added = sum(p.value for p in parts)
        if added != total.value:
            shown = " + ".join(str(p.value) for p in parts)
            message = f"the arms add to {shown} = {added} ({kind}), but the study has {total.value}"
            yield find(records, study, total.path, "total-does-not-add", message, _DECLARE, *(p.path for p in parts))


def _changing(records: Records, study: Study) -> Iterator[Finding]:
    """One kind of people of one arm with two values."""
    seen: dict[tuple[object, ...], tuple[People, Count]] = {}
    for count in counts(study):
        own = people(count.item.n, (*count.path, "n"))
        arm = {p.kind: p for p in people(count.arm.n, ("arms", count.path[1], "n"))}
        for p in own:
            first = arm.get(p.kind) if p.kind in FIXED else None
            if first is not None and p.value != first.value:
                yield _two(records, study, count, p, first, "the arm")
            key = (count.arm.id, count.key, count.item.outcome, count.item.time, count.item.definition,
                   count.item.missing, p.kind)  # fmt: skip
            before = seen.setdefault(key, (p, count))
            if before[0].value != p.value and count.item.time != "not reported":
                yield _two(records, study, count, p, before[0], "the same outcome above")


def _two(records: Records, study: Study, count: Count, now: People, before: People, where: str) -> Finding:
    line = records.place(study.id, (*before.path, "value")).line
    message = f'arm "{count.arm.id}", {count.item.outcome}: {now.value} {now.kind}, but {where} has {before.value}'
    hint = f"{before.value} stands in line {line}; if fewer were looked at, they are `assessed:` or `analysed:`"
    hint += f"\n{_DECLARE}"
    return find(records, study, now.path, "people-change-between-tables", message, hint, before.path)
