"""Numbers of people in a text (W6 to W8): denominators beside percentages, both risks beside ratios, bounds of none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from handful.base.wording import FEWEST_FOR_PERCENT
from handful.words.bare_text import Span
from handful.words.claim_rules import ClaimRules

Place = tuple[int, int, str]


def number_findings(
    bare: str, spans: Sequence[Span], whole: Sequence[str], rules: ClaimRules, *, few: int | None = None
) -> Iterator[Place]:
    """(start, end, id) of each number of a text that breaks a rule; ``whole`` are its sentences with what they quote.

    What stands between quotation marks is not ours to mend, but its numbers of people do say of how many. ``few``: the
    people that a percentage without n is of.
    """
    for index, span in enumerate(spans):
        sentence = bare[span.start : span.end]
        following = bare[spans[index + 1].start : spans[index + 1].end] if index + 1 < len(spans) else ""
        for start, end, name in _in_sentence(sentence, whole[index], following, rules, few):
            yield span.start + start, span.start + end, name


def _in_sentence(sentence: str, whole: str, following: str, rules: ClaimRules, few: int | None) -> Iterator[Place]:
    find = rules.number_patterns
    relative = list(find["relative"].finditer(sentence))
    both_risks = len(find["frequency"].findall(sentence)) >= 2
    for match in relative:
        if not (both_risks and find["time-span"].search(sentence)):
            yield match.start(), match.end(), "relative-only"
    for match in find["needed"].finditer(sentence):
        if not both_risks:
            yield match.start(), match.end(), "needed-to-treat"
    yield from _percentages(sentence, whole, relative, rules, few)
    for match in find["one-in"].finditer(sentence):
        if not find["one-in-frames"].search(match.group()):
            yield match.start(), match.end(), "one-in-x"
    frames = list(find["denominator"].finditer(sentence))
    if len({match.group(1) for match in frames}) > 1:
        yield frames[0].start(), frames[-1].end(), "two-denominators"
    bounded = find["bound"].search(sentence) or find["bound"].search(following)
    if not bounded:
        for name in ("none", "all"):
            for match in find[name].finditer(sentence):
                yield match.start(), match.end(), f"{name}-without-bound"


def _percentages(
    sentence: str, whole: str, relative: list[re.Match[str]], rules: ClaimRules, few: int | None
) -> Iterator[Place]:
    find = rules.number_patterns
    for match in find["percentage"].finditer(sentence):
        if find["level"].match(sentence, match.end()) or any(r.start() <= match.start() < r.end() for r in relative):
            continue
        people = [int(n) for found in find["people-of"].findall(whole) for n in found if n]
        if (people and min(people) < FEWEST_FOR_PERCENT) or (
            not people and few is not None and few < FEWEST_FOR_PERCENT
        ):
            yield match.start(), match.end(), "percentage-of-few"
        elif not people and not find["said-unknown"].search(sentence):
            yield match.start(), match.end(), "percentage-without-people"
