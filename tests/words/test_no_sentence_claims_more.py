"""Headline, groups side by side, what would change a line, certainty and change note: random results, read apart.

The reader (``claim_reader``) shares no code with the makers: it parses each sentence, computes exact limits by its own
sums and holds every number against the truth. Each kind has sentences that it must find, so that it cannot be blind.
"""

from __future__ import annotations

import dataclasses
import math
import random
import re
from typing import Any, cast

import pytest
from tests import made_records as made

import handful as hf
from handful.certainty.certainty import LEVELS, Certainty, Domain, GradedRow, Grading
from handful.counts.rows import GroupCount
from handful.living.answered import GroupNumbers
from handful.living.note import _group as group_then
from handful.position.group import GroupPlace
from handful.position.what_would_change import Further, IfCount
from handful.stats.one_group.proportion import proportion
from handful.synthesis.synthesis import Comparison, GroupAnswer, Synthesis
from handful.words.certainty import domain_words, start_words
from handful.words.place import further_sentence
from handful.words.sentences import comparison_sentence

from .claim_reader import ABSOLUTE, CAUSE, COUNT, DIRECTION, PRAISE, RANGE, SIZE, SUBJECTS, exact_limits, said_value

HEADLINES = 4_000
PAIRS = 2_000
CHANGES = 3_000
OTHERS = 2_000
LINES = ("first", "second", "third", "later", "not established")
WORDS = {"first": "first line", "second": "second line", "third": "third line", "later": "a later line"}
SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def banned(text: str) -> list[str]:
    """Words that counts of one group never carry, whatever their numbers."""
    own = re.sub(r"“[^”]*”", "“”", text).lower()
    patterns = (CAUSE, DIRECTION, SIZE, PRAISE, ABSOLUTE, SUBJECTS, re.compile(r"\d %"))
    return [hit.group() for pattern in patterns for hit in pattern.finditer(own)]


# --- the headline -----------------------------------------------------------------------------------------------------


def base(groups: int) -> Synthesis:
    """An answer of that many groups, two arms each, whose numbers are put in later."""
    ages = ("adult", "child")[:groups] or ("adult",)
    studies = [
        made.study(f"{age}-{i}", made.arm("a", made.outcome("clear", 1, {"weeks": 24}), n=4, age=age))
        for age in ages
        for i in range(2)
    ]
    question = made.question(**({} if groups else {"groups": {}}))
    return hf.synthesise(hf.count(hf.select(made.records(*studies), question)), question.plan)


def with_numbers(answer: Synthesis, numbers: list[tuple[int, int]], plan: dict[str, Any]) -> Synthesis:
    """The answer with other numbers of people in its rows, in their order."""
    rows = [
        dataclasses.replace(
            row,
            events=dataclasses.replace(row.events, value=x),  # type: ignore[type-var]
            total=dataclasses.replace(row.total, value=n),  # type: ignore[type-var]
        )
        for row, (x, n) in zip(answer.main.overall.count.rows, numbers, strict=True)
    ]
    by_place = {row.place: row for row in rows}

    def remade(group: GroupAnswer) -> GroupAnswer:
        count = GroupCount(group.count.id, group.count.name, tuple(by_place[r.place] for r in group.count.rows))
        return dataclasses.replace(group, count=count, interval=proportion(count.events, count.total))

    main = dataclasses.replace(
        answer.main, groups=tuple(map(remade, answer.main.groups)), overall=remade(answer.main.overall)
    )
    return dataclasses.replace(answer, main=main, plan=answer.plan.model_copy(update=plan))


def graded(answer: Synthesis, rng: random.Random) -> tuple[Grading, str]:
    """Random levels, and the lowest of those that the sentence is about."""
    told = [g.id for g in answer.main.groups if g.count.rows] or ["overall"]
    rows, levels = [], []
    for group in dict.fromkeys([*told, "overall"]):
        level = rng.choice(LEVELS)
        rows.append(
            GradedRow(
                "main", "main", "x", group, group, Certainty("effect", level, "made"), Certainty("rate", "high", "made")
            )
        )
        levels += [level] if group in told else []
    return Grading("q", tuple(rows)), min(levels, key=LEVELS.index)


def overclaims_of_headline(text: str, answer: Synthesis, lowest: str) -> list[str]:
    """What a headline says beyond its totals."""
    found = banned(text.replace("nobody was counted", ""))
    rows = answer.main.overall.count.rows
    groups = [g.count for g in answer.main.groups] or [answer.main.overall.count]
    studies, people = len({row.study for row in rows}), sum(row.total.value for row in rows if row.total)
    parts = re.split(r"; (?:and )?", text.rstrip("."))
    sure, behind = parts.pop(), parts.pop()
    head = re.fullmatch(r"from (\d+) stud(?:y|ies) with (\d[\d\u202f]*) (?:person|people) \((.*?)\)", behind)
    if head is None:
        return [*found, "W9: studies, people and design are not told"]
    if (int(head[1]), int(re.sub(r"\D", "", head[2]))) != (studies, people):
        found.append(f"W9: {head[0]} is not {studies} studies with {people} people")
    if f"{studies} case series" not in head[3] or "no comparison group" not in head[3]:
        found.append(f"W9: design is not told by {head[3]}")
    told_sure = f"certainty that the treatment makes a difference: {lowest}"
    if sure not in (told_sure, f"{told_sure} at worst"):
        found.append("W9: the lowest certainty is not told")
    if len(parts) != len(groups):
        return [*found, "W9: another number of groups"]
    declared = answer.plan.thresholds
    for part, group in zip(parts, groups, strict=True):
        x, n = sum(r.events.value for r in group.rows if r.events), sum(r.total.value for r in group.rows if r.total)
        low, high = exact_limits(x, n)
        told = {numbers_in(hit) for hit in COUNT.finditer(re.sub(r"“[^”]*”", "", part).replace("\u202f", ""))}
        if not n and not told and part.endswith("nobody was counted"):
            continue
        if told != {(x, n)}:
            found.append(f"count: {part} is not of {x} of {n}")
        span = RANGE.search(part)
        if span is None:
            found.append(f"W6: {part} without what the rate could be")
        else:
            for words, limit in ((span[1], low), (span[2], high)):
                at_least, at_most = said_value(words, 100)
                if not at_least - 1e-9 <= limit <= at_most + 1e-9:
                    found.append(f"range: {words} is not {limit:.4f}")
        large = declared.large if declared is not None and declared.unit == "rate" else 0.5
        small = declared.small if declared is not None and declared.unit == "rate" else 0.5
        if re.search(r"\bmost had\b", part) and not low > max(0.5, large):
            found.append(f"W9: most, and the lower limit is {low:.3f}")
        if "fewer than half" in part and not high < min(0.5, small):
            found.append(f"W9: fewer than half, and the upper limit is {high:.3f}")
        if "majority" in part:
            found.append("W9: majority")
    return found


def numbers_in(hit: re.Match[str]) -> tuple[int, int]:
    some, n = hit[1], int(hit[2])
    return (0 if some == "none" else n if some.startswith("all") else int(some), n)


@pytest.mark.parametrize("seed", range(4))
def test_no_headline_claims_more_than_its_totals(seed: int) -> None:
    rng = random.Random(seed)
    bases = {groups: base(groups) for groups in (0, 1, 2)}
    plans = [
        {},
        {"thresholds": hf_thresholds(0.1, 0.3, 0.5)},
        {"thresholds": hf_thresholds(0.3, 0.6, 0.8)},
    ]
    for _ in range(HEADLINES // 4):
        answer = bases[rng.choice((0, 1, 2))]
        rows = answer.main.overall.count.rows
        numbers = []
        for _ in rows:
            n = rng.choice((1, 2, 4, 9, 20, 60, 200))
            numbers.append((rng.choice((0, n, rng.randint(0, n), rng.randint(0, n))), n))
        found = with_numbers(answer, numbers, rng.choice(plans))
        sure, lowest = graded(found, rng)
        said = str(hf.headline(found, sure))
        wrong = overclaims_of_headline(said, found, lowest.replace("-", " "))
        assert not wrong, (wrong, said)


def hf_thresholds(small: float, moderate: float, large: float) -> Any:
    from handful.question.thresholds import Thresholds

    return Thresholds.model_validate(
        {"small": small, "moderate": moderate, "large": large, "unit": "rate", "because": "made"}
    )


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("from 3 studies with 8 people (2 case series, no comparison group)", "W9"),
        ("from 2 studies with 80 people (2 case series, no comparison group)", "W9"),
        ("from 2 studies with 8 people (2 randomised trials)", "W9"),
        ("most had “clear skin”, 2 of 8", "W9"),
        ("majority", "W9"),
        ("3 of 8", "count"),
        ("(the true rate could be 10 to 65 in 100)", "range"),
        ("low.", "W9"),
        ("only", "only"),
        ("it works", "works"),
    ],
)
def test_the_reader_of_headlines_bites(said: str, rule: str) -> None:
    answer = with_numbers(
        base(0),
        [
            (1, 4),
            (1, 4),
        ],
        {},
    )
    sure, lowest = graded(answer, random.Random(1))
    true = str(hf.headline(answer, sure))
    assert not overclaims_of_headline(true, answer, lowest.replace("-", " "))
    changed = {
        "fr": lambda: re.sub(r"from .*?\)", said, true),
        "mo": lambda: re.sub(r"2 of 8 had “clear skin”", said, true),
        "ma": lambda: true.replace("In all,", "In all, the majority,"),
        "3 ": lambda: true.replace("2 of 8", said),
        "(t": lambda: re.sub(r"\(the true.*?\)", said, true),
        "lo": lambda: re.sub(r"difference: .*", "difference: high.", true) if lowest != "high" else true + "x",
        "on": lambda: true.replace("2 of 8", "only 2 of 8"),
        "it": lambda: true.replace("2 of 8", "it works, 2 of 8"),
    }[said[:2]]()
    assert changed != true
    assert any(rule in one for one in overclaims_of_headline(changed, answer, lowest.replace("-", " "))), changed


# --- groups side by side ----------------------------------------------------------------------------------------------


def test_no_two_groups_are_told_apart_by_more_than_their_counts() -> None:
    rng = random.Random(5)
    answer = base(2)
    for _ in range(PAIRS):
        n1, n2 = rng.randint(1, 120), rng.randint(1, 120)
        x1, x2 = rng.randint(0, n1), rng.randint(0, n2)
        found = with_numbers(answer, [(x1, n1), (0, 1), (x2, n2), (0, 1)], {})
        low, high = sorted((rng.uniform(-1, 1), rng.uniform(-1, 1)))
        p = rng.choice((0.2, 0.05, 0.049, 0.001))
        pair = Comparison(
            "adults", "children", hf.Interval((low + high) / 2, low, high, 0.95, "made"), p, "made", 0.5, "made", 0.5
        )
        said = str(comparison_sentence(pair, found.main, at_level=0.95))
        assert not banned(said), said
        if p >= 0.05:
            assert said.endswith("These counts cannot tell adults and children apart."), said
            assert not re.search(r"\d", said)
            continue
        spans = re.search(r"between (.*?) and (.*?) in 100 among adults than among children", said)
        assert spans is not None, said
        for words, end in ((spans[1], low), (spans[2], high)):
            size = re.sub(r" (fewer|more)$", "", words)
            at_least, at_most = said_value(size, 100)
            assert at_least - 1e-9 <= abs(end) <= at_most + 1e-9, (said, end)
            assert words.endswith("fewer" if end < 0 else "more"), said
        assert said.endswith("so the counts do not say why.")


# --- what would change the line ---------------------------------------------------------------------------------------


def rank_of(line: str) -> int:
    return LINES.index(line)


def value_of(word: str) -> int:
    return SMALL.index(word) if word in SMALL else int(word)


def test_what_would_change_a_line_is_what_the_rule_gives_for_each_count() -> None:
    rng = random.Random(6)
    group = cast(GroupPlace, dataclasses.make_dataclass("G", ["id", "name", "together"])("adults", "adults", ()))
    for _ in range(CHANGES):
        m = rng.choice((1, 3, 6, 10, 20, 45))
        now = rng.choice(LINES)
        cuts = sorted(rng.choices(range(m + 2), k=2))
        lines = sorted(rng.choices(LINES, k=3), key=rank_of, reverse=True)
        raw = [rng.random() for _ in range(m + 1)]
        counts = tuple(IfCount(r, lines[(r >= cuts[0]) + (r >= cuts[1])], raw[r] / sum(raw)) for r in range(m + 1))
        further = Further(m, rng.choice(("further-people", "further-study")), now, counts)
        said = further_sentence(further, group, "regrowth")
        assert not banned(said), said
        at = {c.responders: c for c in counts}
        up = [r for r in at if rank_of(at[r].line) < rank_of(now)]
        down = [r for r in at if rank_of(at[r].line) > rank_of(now)]
        parts = [part for part in re.split(r"(?<=\.) (?=[A-Z0-9])", said) if part]
        assert len(parts) == max(1, bool(up) + bool(down)), said
        for part in parts:
            if part.startswith("No count"):
                assert not [*up, *down], said
                continue
            told = re.match(
                r"(?:(None)|(All )?(\w+)(?: or (more|fewer))?) of (?:the next )?(\w+) (?:adults|people of a further study)"  # noqa: E501
                r" with “regrowth” would move (?:this|it) from (.*?) to (.*?)(?: \(the chance of that is (.*?)\))?\.$",
                part,
            )
            assert told is not None, part
            r = 0 if told[1] else value_of(told[3].lower())
            assert value_of(told[5]) == m
            assert told[6] == WORDS.get(now, now)
            assert told[7] == WORDS.get(at[r].line, at[r].line), (part, at[r])
            better = told[4] == "more" or bool(told[2])
            assert r == (min(up) if better else max(down)), (part, up, down)
            chance = math.fsum(at[i].probability or 0 for i in (up if better else down))
            shown = told[8]
            if shown.startswith("less"):
                assert chance < 0.01
            elif shown.startswith("more"):
                assert chance > 0.99
            else:
                assert abs(float(shown) - chance) <= 0.005 + 1e-12


# --- certainty, and the change note -----------------------------------------------------------------------------------


def test_certainty_is_told_with_its_steps_and_no_more() -> None:
    rng = random.Random(7)
    for _ in range(OTHERS):
        steps, computed = rng.randint(-3, 2), rng.choice((None, rng.randint(-3, 0)))
        made_how = rng.choice(("computed", "judged", "not-judged"))
        domain = Domain("imprecision", steps, "told so", made_how, computed=computed)
        said = domain_words(domain)
        assert said.startswith("Imprecision")
        if made_how == "not-judged":
            assert "not judged yet" in said
            continue
        number = re.match(r"Imprecision, (no step|(\d) steps? (down|up))", said)
        assert number is not None, said
        told = 0 if number[2] is None else int(number[2]) * (-1 if number[3] == "down" else 1)
        assert told == steps, said
        assert (", computed:" in said) == (made_how == "computed")
        overrides = made_how == "judged" and computed not in (None, steps)
        assert ("Computed: " in said) == overrides, said
        level = rng.choice(LEVELS)
        assert f"it starts at {level.replace('-', ' ')}: so." in start_words(Certainty("effect", level, "so"))


def test_a_change_note_says_the_counts_then_and_now() -> None:
    rng = random.Random(8)
    for _ in range(OTHERS):
        n = rng.choice((0, 1, 4, 12, 60))
        x = rng.randint(0, n)
        low, high = exact_limits(x, n) if n else (0.0, 1.0)
        said = group_then(GroupNumbers("main", "x", "adults", x, n, low if n else None, high if n else None))
        if not n:
            assert said == "nobody counted"
            continue
        assert not banned(said), said
        hit = COUNT.search(said)
        assert hit is not None
        assert numbers_in(hit) == (x, n), said
        span = RANGE.search(said)
        assert span is not None, said
        for words, limit in ((span[1], low), (span[2], high)):
            at_least, at_most = said_value(words, 100)
            assert at_least - 1e-9 <= limit <= at_most + 1e-9
