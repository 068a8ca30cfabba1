"""The headline: the whole answer in one sentence that carries its studies, people, design and certainty (W9)."""

from __future__ import annotations

from collections.abc import Iterable

from handful.base.wording import people, plural
from handful.certainty.certainty import LEVELS, Grading
from handful.counts.rows import CountRow
from handful.synthesis.synthesis import GroupAnswer, Synthesis
from handful.words import names
from handful.words.designs import COMPARED
from handful.words.language import say, told
from handful.words.numbers_in_words import sentence_case
from handful.words.sentence import Number, Sentence
from handful.words.sentences import (
    among,
    counted_of,
    designs_in_words,
    in_a_row,
    is_harm_question,
    rate_limits,
    span_of,
)


def headline(answer: Synthesis, certainty: Grading | None = None) -> Sentence:
    """The answer in one sentence that no total behind it contradicts.

    It says how many studies and people of which design stand behind, then each group with its count and what its true
    rate could be, then how sure one can be that the treatment makes the difference: the lowest certainty of the groups.
    Counts are described; nothing is compared and no cause is given. "Most" is said only where the lower limit of the
    rate is above one half and above the plan's threshold of a large rate; "fewer than half" where the upper limit is
    below one half and below its threshold of a small rate.

    Args:
        answer: what ``hf.synthesise`` gave.
        certainty: what ``hf.grade`` gave for it; without it the sentence says that nothing was rated.

    Returns:
        A :class:`~handful.words.sentence.Sentence`; ``str()`` and ``print`` give its words. Where nobody was counted
        it says that, and nothing else.

    Source: rule W9 of docs/methods/words.md.
    """
    main = answer.main
    rows = main.overall.count.rows
    if not rows:
        return say("headline.nobody", outcome=main.name)
    return sentence_case(
        say("headline.said", behind=_behind(answer), answer=_answer(answer), sure=_sure(answer, certainty))
    )


def _behind(answer: Synthesis) -> Sentence:
    """'2 studies with 8 people (2 case series, no comparison group)'."""
    overall = answer.main.overall
    said: dict[str, object] = {
        "studies": Number(plural(len(overall.count.studies), "study"), names.STUDIES),
        "people": Number(people(overall.count.total), names.STUDIES),
        "designs": designs_in_words(overall.count.rows),
        "comparison": _comparison(overall.count.rows),
    }
    mixing = [group for group in _told(answer) if group.mixes_definitions]
    if not mixing:
        return say("headline.behind", **said)
    most = max(len(group.count.definitions) for group in mixing)
    return say("headline.behind-mixed", **said, definitions=plural(most, "definition"))


def _comparison(rows: Iterable[CountRow]) -> str:
    compared = any(row.design in COMPARED for row in rows)
    return told("headline.not-counted" if compared else "headline.no-comparison")


def _told(answer: Synthesis) -> tuple[GroupAnswer, ...]:
    """The groups that the sentence tells: those of the question; all together where it has none, or nobody in them."""
    groups = answer.main.groups
    return groups if any(group.count.rows for group in groups) else (answer.main.overall,)


def _answer(answer: Synthesis) -> Sentence:
    told_of = _told(answer)
    words = {_most_or_few(group, answer) for group in told_of if group.count.rows}
    word = words.pop() if len(words) == 1 else ""  # a word for some groups alone would set them against the others
    parts, named = [], False
    for group in told_of:
        if not group.count.rows:
            parts.append(say("counted.nobody-short", who=among(group)))
            continue
        found = Number(counted_of(group), names.group(group.id))
        said: dict[str, object] = {"who": among(group), "count": found, "span": span_of(group, again=named)}
        if named and not word:
            parts.append(say("counted.had-again", **said))
        else:
            key = f"headline.{word}" if word else "counted.had"
            parts.append(say(key, **said, outcome=answer.main.name))
        named = True
    return in_a_row(parts)


def _most_or_few(group: GroupAnswer, answer: Synthesis) -> str:
    """'most', 'fewer-than-half', or nothing where the limits allow neither."""
    limits = rate_limits(group)
    if limits is None or group.count.events in (0, group.count.total):
        return ""
    declared = answer.plan.thresholds
    rates = declared is not None and declared.unit == "rate"
    if limits[0] > max(0.5, declared.large if rates and declared else 0.5):
        return "most"
    return "fewer-than-half" if limits[1] < min(0.5, declared.small if rates and declared else 0.5) else ""


def _sure(answer: Synthesis, certainty: Grading | None) -> Sentence:
    """'certainty that the treatment makes a difference: very low': the lowest of the groups that are told."""
    if certainty is None:
        return say("headline.sure-not-rated")
    told_of = {group.id for group in _told(answer) if group.count.rows}
    levels = [row.level for row in certainty.rows if row.outcome == "main" and row.group in told_of]
    if not levels:
        return say("headline.sure-not-rated")
    word = told(f"certainty.{min(levels, key=LEVELS.index)}")
    if is_harm_question(answer):
        return say("headline.sure-harm", certainty=word)
    return say("headline.sure-worst" if len(set(levels)) > 1 else "headline.sure", certainty=word)


__all__ = ["headline"]
