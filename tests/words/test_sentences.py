"""What sentences say, and that none says more than its counts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests import made_records as made

from handful.base.wording import per_100
from handful.counts.count import count
from handful.question.select import select
from handful.synthesis.synthesis import GroupAnswer, Synthesis
from handful.synthesis.synthesise import synthesise
from handful.words import sentences as s
from handful.words.headline import headline
from handful.words.language import language
from handful.words.sentence import Number, Quoted, Sentence, listed, say
from handful.words.vocabulary import METHODS, banned_words, rules

Counts = list[tuple[str, int, int]]


def answer(*arms: tuple[str, int, int | None, str], design: str = "case-series", **more: Any) -> Synthesis:
    """One study an arm: (age, events, total, outcome); groups of adults and children."""
    studies = [
        made.study(
            f"study-{i}", made.arm("a", made.outcome(outcome, events, {"weeks": 24}), n=n, age=age), design=design
        )
        for i, (age, events, n, outcome) in enumerate(arms)
    ]
    accepts = [{"outcome": word, "because": "asked about"} for word in ("clear", "nearly")]
    question = made.question(**({"outcome": {"name": "clear skin", "accepts": accepts}} | more))
    return synthesise(count(select(made.records(*studies), question)))


def group(events: int, total: int, age: str = "adult") -> GroupAnswer:
    found = answer((age, events, total, "clear")).main.groups[0 if age == "adult" else 1]
    assert found.count.rows
    return found


def test_a_count_with_what_the_rate_could_be() -> None:
    said = s.group_sentence(group(1, 4), "clear skin", name="n-adults")
    assert str(said) == (
        "Among adults, 1 of 4 had “clear skin”; the true rate could be anything from fewer than 1 to 81 in 100."
    )
    assert {n.name for n in said.numbers} == {"n-adults"}


def test_none_is_not_never_and_all_is_not_always() -> None:
    none = str(s.group_sentence(group(0, 12), "x", name="n"))
    assert none == "Among adults, none of 12 had “x”; the true rate could be as high as 26 in 100."
    every = str(s.group_sentence(group(12, 12), "x", name="n"))
    assert every == "Among adults, all 12 of 12 had “x”; the true rate could be as low as 74 in 100."


def test_nobody_counted_is_said() -> None:
    empty = answer(("adult", 1, 4, "clear")).main.groups[1]
    assert "nobody was counted" in str(s.group_sentence(empty, "x", name="n"))


@pytest.mark.parametrize("total", [1, 2, 4, 9, 19])
def test_no_sentence_about_few_people_holds_a_percentage_or_a_banned_word(total: int) -> None:
    for events in range(total + 1):
        found = answer(("adult", events, total, "clear"), ("child", total - events, total, "nearly"))
        said = [
            headline(found),
            s.added_sentence(found.main.overall, name="n"),
            s.design_sentence(found.main.overall.count.rows),
            s.studies_sentence(found.main.overall),
            s.time_sentence(found.main.overall),
            s.pooled_sentence(found),
            *(s.group_sentence(g, "x", name="n") for g in found.main.groups),
            *(s.comparison_sentence(c, found.main, at_level=0.95) for c in found.main.comparisons),
        ]
        for sentence in map(str, said):
            assert "%" not in sentence
            assert not banned_words(sentence), sentence
            for x, n in re.findall(r"(\d+) of (\d+)", sentence):
                assert int(x) <= int(n)


def test_adding_up_says_that_it_adds_up() -> None:
    found = answer(("adult", 1, 4, "clear"), ("child", 0, 4, "nearly"))
    said = str(s.added_sentence(found.main.overall, name="n"))
    assert said.startswith("Added up over 2 studies, 1 of 8 (fewer than 1 to 53 in 100). This only adds up")
    mixed = str(s.mixed_definitions_sentence(found.main.overall, ["clear", "nearly clear"]))
    assert mixed == "The sum mixes two definitions, “clear” and “nearly clear”, and counts them as if they were one."


def test_a_sum_of_one_definition_gives_no_warning() -> None:
    found = answer(("adult", 1, 4, "clear"), ("child", 0, 4, "clear"))
    assert not s.mixed_definitions_sentence(found.main.overall, ["clear"])


def test_small_groups_cannot_be_told_apart() -> None:
    found = answer(("adult", 1, 4, "clear"), ("child", 0, 4, "clear"))
    (compared,) = found.main.comparisons
    assert str(s.comparison_sentence(compared, found.main, at_level=0.95)) == (
        "Adults and children come from different studies. These counts cannot tell adults and children apart."
    )


def test_large_differences_are_said_with_their_limits_and_no_cause() -> None:
    found = answer(("adult", 90, 100, "clear"), ("child", 10, 100, "clear"))
    (compared,) = found.main.comparisons
    said = str(s.comparison_sentence(compared, found.main, at_level=0.95))
    low, high = (float(v) for v in (compared.difference.low, compared.difference.high))  # type: ignore[union-attr]
    assert f"between {per_100(low)} more and {per_100(high)} more in 100" in said
    assert said.endswith("so the counts do not say why.")


def test_the_design_is_said_beside_the_count() -> None:
    series = answer(("adult", 1, 4, "clear")).main.overall.count.rows
    assert str(s.design_sentence(series)).startswith("The study had no comparison group")
    trial = answer(("adult", 1, 4, "clear"), design="randomised").main.overall.count.rows
    assert "Only the treated people of these trials are counted" in str(s.design_sentence(trial))
    assert "One of the two studies had a comparison group" in str(s.design_sentence([*series, *_renamed(trial)]))


def _renamed(rows: Any) -> list[Any]:
    import dataclasses

    return [dataclasses.replace(row, study="another") for row in rows]


def test_two_studies_give_no_pooled_headline_and_three_give_its_range_too() -> None:
    two = answer(("adult", 1, 4, "clear"), ("adult", 2, 9, "clear"))
    assert not s.pooled_sentence(two)
    three = answer(("adult", 1, 4, "clear"), ("adult", 2, 9, "clear"), ("adult", 3, 12, "clear"))
    said = str(s.pooled_sentence(three))
    assert said.startswith("Pooled over 3 studies, the average rate is about ")
    assert "in another study like these it could be" in said
    mixed = answer(("adult", 1, 4, "clear"), ("adult", 2, 9, "nearly"), ("adult", 3, 12, "clear"))
    assert not s.pooled_sentence(mixed)


def test_a_percentage_of_a_row_never_stands_alone() -> None:
    found = answer(("adult", 1, 4, "clear"), ("adult", 3, None, "clear"))
    rows = [r.row for r in found.main.overall.rows]
    said = sorted(s.row_count_words(row) for row in rows)
    assert said == ["1 of 4", "3, number of people not reported"]


def test_fixed_phrases_claim_nothing() -> None:
    fixed = [text for key, text in language().phrases.items() if key.startswith("fixed.") and key != "fixed.rules"]
    assert len(fixed) > 5
    for phrase in (*fixed, *rules()):
        assert not banned_words(phrase), phrase
        assert "%" not in phrase


@pytest.mark.parametrize(
    "text",
    [
        "Dupilumab is effective",
        "it works",
        "no significant difference",
        "a promising drug",
        "well tolerated",
        "better than placebo",
        "led to regrowth",
        "three subjects",
        "it helped adults but no children",
        "nobody improved",
        "an encouraging trend",
    ],
)
def test_words_that_counts_do_not_carry_are_found(text: str) -> None:
    assert banned_words(text)


def test_quoted_words_are_not_ours() -> None:
    assert not banned_words("the paper says “significant and effective”, of 4 people")


def test_every_method_has_a_doi() -> None:
    for method in METHODS.values():
        assert re.fullmatch(r"10\.\d{4,}/\S+", method.doi)


def test_sentences_are_built_and_read_aloud() -> None:
    made_of = say("It was ", Number("1 of 4", "n-x"), say(", ", Quoted("so", "source")), ".")
    assert str(made_of) == "It was 1 of 4, “so”."
    assert str(made_of + " More.") == "It was 1 of 4, “so”. More."
    assert not Sentence()
    assert str(listed([say("a"), say("b"), say("c")])) == "a, b and c"
    assert str(listed([])) == ""


def test_a_count_that_was_worked_back_from_a_percentage_is_about_right() -> None:
    """W11: the sentence says so, not only the table."""
    import dataclasses

    found = answer(("adult", 77, 92, "clear"))
    row = found.main.groups[0].count.rows[0]
    assert row.events is not None
    events = dataclasses.replace(row.events, origin=dataclasses.replace(row.events.origin, how="back-calculated"))
    count = dataclasses.replace(found.main.groups[0].count, rows=(dataclasses.replace(row, events=events),))
    group = dataclasses.replace(found.main.groups[0], count=count)
    assert str(s.group_sentence(group, "x", name="n")).startswith("Among adults, about 77 of 92 had “x”; the true rate")
    main = dataclasses.replace(found.main, groups=(group,))
    assert "Among adults, most had “clear skin”, about 77 of 92 (" in str(
        headline(dataclasses.replace(found, main=main))
    )
