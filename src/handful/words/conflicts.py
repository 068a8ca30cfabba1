"""Sources that disagree, in sentences: who says what, which is used, and what the answer would be under the other."""

from __future__ import annotations

import re

from handful.base.wording import decimal, grouped, human_list, number_word, range_per_100
from handful.counts.rows import CountRow
from handful.records.conflict import Conflict
from handful.records.records import Records
from handful.stats.one_group.proportion import proportion
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import Synthesis
from handful.words import names
from handful.words.language import say, told
from handful.words.sentence import Number, Sentence


def value_words(value: float | str) -> str:
    """A value as a source gives it."""
    if isinstance(value, str):
        return value
    return grouped(int(value)) if value == int(value) else decimal(value)


def stands_alone(value: float | str, field: str | None) -> bool:
    """Whether a value is a percentage that does not say of how many people it is."""
    text = value_words(value)
    of_people = re.search(r"\bof \d|\bpeople\b|\bn = \d", text)
    return ("%" in text or (field == "percent" and any(c.isdigit() for c in text))) and not of_people


def conflict_sentence(records: Records, conflict: Conflict) -> Sentence:
    """For prose: who says what, and which is used, with the way to the whole story."""
    where = f"conflict-{conflict.id}"
    numbers = all(isinstance(value.value, int | float) for value in conflict.values)
    if not numbers or conflict.used in ("neither", "both"):
        return say("conflict.told", what=Number(conflict.title.rstrip("?").rstrip("."), where))
    sources = records.sources
    values = [
        told("conflict.value", value=value_words(v.value), source=getattr(sources.get(v.source), "short", v.source))
        for v in conflict.values
    ]
    return say(
        "conflict.used",
        values=Number(human_list(values, last="or"), where),
        used=value_words(conflict.used),
        because=conflict.because,
    )


def bounds_sentence(conflict: Conflict, answer: Synthesis) -> Sentence:
    """What the count could be if the other number of people is right: the further people without and with the outcome.

    Empty unless the conflict is about a number of people, has that consequence, and the answer counts that arm.
    """
    row = _row_of(conflict, answer)
    larger = [v.value for v in conflict.values if isinstance(v.value, int | float) and v.value != conflict.used]
    if conflict.consequence != "bounds" or row is None or row.events is None or row.total is None or not larger:
        return Sentence()
    n, events = int(max(larger)), row.events.value
    more = n - row.total.value
    if more <= 0:
        return Sentence()
    method, level = answer.plan.interval, answer.plan.level
    low = proportion(events, n, method=method, level=level)
    high = proportion(events + more, n, method=method, level=level)
    if isinstance(low, NotEstimable) or isinstance(high, NotEstimable):
        return Sentence()
    name = names.study_count(row.study, row.arm, row.outcome)
    span = Number(range_per_100(float(low.low), float(high.high)), name)
    return say(
        "conflict.bounds",
        more=number_word(more),
        total=n,
        least=told("conflict.none") if events == 0 else number_word(events),
        most=number_word(events + more),
        outcome=answer.main.name,
        range=span,
    )


def _row_of(conflict: Conflict, answer: Synthesis) -> CountRow | None:
    about = conflict.about
    if about.what != "n":
        return None
    rows = answer.main.overall.count.rows
    return next((r for r in rows if r.study == about.study and about.arm in (None, r.arm)), None)
