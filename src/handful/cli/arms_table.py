"""A table with a row for each arm of a study, set side by side: one row a study, two groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from handful.base.errors import UnknownChoice
from handful.cli.say import message

if TYPE_CHECKING:
    from handful.cli.counts_table import Cell, Table


def side_by_side(table: Table, reference: str | None, problem: Callable[[int, str, str, str], None]) -> None:
    """Make ``table`` one of two groups. The second group is ``reference``, or the arm named second in the file."""
    arms = list(dict.fromkeys(table.names))
    if len(arms) != 2:
        line = table.lines[next((i for i, name in enumerate(table.names) if name not in arms[:2]), 0)]
        said = f"there {'is one arm' if len(arms) == 1 else f'are {len(arms)} arms'}: {', '.join(arms)[:200]}"
        problem(line, "not-two-arms", said, "keep the two arms that are to be compared")
        return
    if reference is not None:
        if reference not in arms:
            raise UnknownChoice("reference", reference, arms)
        arms = [arm for arm in arms if arm != reference] + [reference]
    rows: dict[str, dict[str, int]] = {}
    whole = True
    for i, (label, arm) in enumerate(zip(table.labels, table.names, strict=True)):
        there = rows.setdefault(label, {})
        if arm in there:
            said = f"{label} has a second row for {arm}, the first is on line {table.lines[there[arm]]}"
            problem(table.lines[i], "arm-twice", said, "add the people up, or give the studies names of their own")
            whole = False
        there.setdefault(arm, i)
    for label, there in rows.items():
        for arm in arms:
            if arm not in there:
                line = table.lines[next(iter(there.values()))]
                hint = "give the row, or leave the study out: one arm says nothing about a difference"
                problem(line, "arm-missing", f"{label} has no row for {arm}", hint)
                whole = False
    if not whole:
        return
    columns: dict[str, list[Cell]] = {}
    for number, arm in enumerate(arms, start=1):
        order = [there[arm] for there in rows.values()]
        for name, values in table.columns.items():
            columns[f"{name}{number}"] = [values[i] for i in order]
    table.columns, table.labels, table.arms = columns, list(rows), (arms[0], arms[1])
    table.makes = "two_arms" if table.makes == "one_arm" else "two_arm_rates"
    other = "" if reference is not None else "; --reference names another second group"
    message(f"note: group 1 is {arms[0]}, group 2 is {arms[1]}{other}")
