"""Sentences about patient rows: what the bar is, that it moves, and why it cannot."""

from __future__ import annotations

from handful.base.wording import grouped, human_list, people
from handful.instruments.responder import Rule
from handful.words.language import language, told


def about_rows(name: str) -> str:
    """A fixed sentence about drawings of patient rows: 'moves', 'every-height', 'waterfall', 'swimmer'."""
    return told(f"patients.{name}")


def why_the_bar_cannot_move(rows: int, rebuilt: int, with_start: int, with_both: int, scales: tuple[str, ...]) -> str:
    """'… it needs each person's scores …; the records hold 32 people, 14 of them rebuilt from counts; …'."""
    cannot = told("patients.cannot")
    if not rows:
        return f"{cannot} {told('patients.no-rows')}"
    if rebuilt:
        held = told("patients.held-rebuilt", people=people(rows), rebuilt=grouped(rebuilt))
    else:
        held = told("patients.held", people=people(rows))
    if not with_start:
        return f"{cannot} {told('patients.needs')} {told('patients.no-score', held=held)}"
    given = told(
        language().form("patients.scores", with_start),
        held=held,
        n=grouped(with_start),
        scales=told("patients.scales", names=human_list(list(scales))) if scales else "",
        later=told("patients.also-later", n=grouped(with_both)) if with_both else told("patients.none-later"),
    )
    return f"{cannot} {told('patients.needs')} {given}"


def bar_words(rule: Rule, value: float, unit: str) -> str:
    """One height of a bar: '20 or less', 'at least 50 %'."""
    if rule.bar.endswith("percent"):
        return told("bar.percent", value=f"{value:g}")
    key = {"at_most": "bar.at-most", "at_least": "bar.at-least", "below": "bar.below", "above": "bar.above"}
    return told(key.get(rule.bar, "bar.rise"), value=f"{value:g} {unit}".strip())


def what_moves(rule: Rule, name: str) -> str:
    """What a bar is set on: 'SALT', 'SALT, lower than at the start by'."""
    if rule.bar.startswith("fall"):
        return told("bar.lower-by", name=name)
    return told("bar.higher-by", name=name) if rule.bar.startswith("rise") else name
