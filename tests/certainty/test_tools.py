"""Tools as data: every combination of answers against the flow charts written a second time, as code."""

from __future__ import annotations

from itertools import product

import pytest

from handful.base.errors import UnknownChoice
from handful.certainty.tool import SEVERITY, tool, tool_id, tools

YES, NO, ANY = ("y", "py"), ("n", "pn"), ("y", "py", "pn", "n", "ni")
RANK = {"low": 0, "some-concerns": 1, "high": 2}


def first(random, hidden, differences):
    """Domain 1 of RoB 2, question by question."""
    if hidden in NO:
        return "high"
    if hidden == "ni":
        return "high" if differences in YES else "some-concerns"
    return "some-concerns" if random in NO or differences in YES else "low"


def second(people, carers, departures, changed, alike, analysis, impact):
    """Domain 2, both parts; the worse counts."""

    def one():
        if people in NO and carers in NO:
            return "low"
        if departures in NO:
            return "low"
        if departures == "ni" or changed in NO:
            return "some-concerns"
        return "some-concerns" if alike in YES else "high"

    two = "low" if analysis in YES else "some-concerns" if impact in NO else "high"
    return max(one(), two, key=RANK.__getitem__)


def third(complete, evidence, depends, likely):
    """Domain 3."""
    if complete in YES or evidence in YES or depends in NO:
        return "low"
    return "some-concerns" if likely in NO else "high"


def fourth(unfit, differ, known, can, likely):
    """Domain 4."""
    if unfit in YES or differ in YES:
        return "high"
    best = "some-concerns" if differ == "ni" else "low"
    if known in NO or can in NO:
        return best
    return "some-concerns" if likely in NO else "high"


def fifth(planned, measurements, analyses):
    """Domain 5."""
    if measurements in YES or analyses in YES:
        return "high"
    if "ni" in (measurements, analyses):
        return "some-concerns"
    return "low" if planned in YES else "some-concerns"


# 3.2 has no answer "no information": where nothing is known, there is no evidence
ANSWERS = {"3.2": ("y", "py", "pn", "n")}


@pytest.mark.parametrize(
    ("domain", "chart"),
    [("D1", first), ("D2", second), ("D3", third), ("D4", fourth), ("D5", fifth)],
)
def test_rob_2_domains_follow_their_flow_charts_for_every_combination_of_answers(domain, chart) -> None:
    found = tool("rob-2").domain(domain)
    items = [item.item for item in found.items]
    n = 0
    # y and py, n and pn lead the same way: one of each is enough in the domain with seven questions (3⁷ ways)
    short = ("y", "pn", "ni")
    for answers in product(*(short if domain == "D2" else ANSWERS.get(i, ANY) for i in items)):
        given = dict(zip(items, answers, strict=True))
        assert found.judgement(given) == chart(*answers), given
        n += 1
    assert n >= 125


def test_questions_that_do_not_arise_may_be_left_out() -> None:
    rob = tool("rob-2")
    assert rob.domain("D3").judgement({"3.1": "y"}) == "low"
    assert rob.domain("D3").judgement({"3.1": "n"}) is None
    assert rob.domain("D2").judgement({"2.1": "n", "2.2": "n", "2.6": "y"}) == "low"


@pytest.mark.parametrize("name", ["rob-2", "robins-i", "robins-i-v2", "quadas-2"])
def test_the_overall_judgement_is_the_worst_domain_in_every_combination(name) -> None:
    chosen = tool(name)
    ids = [d.id for d in chosen.domains if d.short != "B"]
    for levels in product(chosen.levels, repeat=min(4, len(ids))):
        padded = (*levels, *["low"] * (len(ids) - len(levels)))
        allowed = chosen.overall_judgements(dict(zip(ids, padded, strict=True)))
        worst = max(SEVERITY[level] for level in padded)
        assert SEVERITY[allowed[0]] == worst
        if chosen.overall.unknown in padded and worst == 1:
            assert allowed[0] == chosen.overall.unknown


def test_several_domains_with_some_concerns_may_be_judged_high_together() -> None:
    ids = [d.id for d in tool("rob-2").domains]
    some = dict.fromkeys(ids, "low") | dict.fromkeys(ids[:2], "some-concerns")
    assert tool("rob-2").overall_judgements(some) == ("some-concerns", "high")
    assert tool("rob-2").overall_judgements(some | {ids[0]: "low"}) == ("some-concerns",)
    assert tool("rob-2").overall_judgements({ids[0]: "low"}) == (), "not all domains are judged"


def test_a_worse_domain_never_makes_a_better_study() -> None:
    for chosen in tools().values():
        if chosen.overall is None:
            continue
        ids = [d.id for d in chosen.domains if d.short != "B"]
        for base in product(chosen.levels, repeat=2):
            for worse in chosen.levels:
                if SEVERITY[worse] < SEVERITY[base[0]]:
                    continue
                rest = dict.fromkeys(ids[2:], "low")
                before = chosen.overall_judgements({ids[0]: base[0], ids[1]: base[1], **rest})[0]
                after = chosen.overall_judgements({ids[0]: worse, ids[1]: base[1], **rest})[0]
                assert SEVERITY[after] >= SEVERITY[before]


def test_each_tool_says_where_it_is_from_and_what_was_not_read_again() -> None:
    assert set(tools()) == {
        "rob-2", "robins-i", "robins-i-v2", "murad-2018", "jbi-case-series", "jbi-case-reports", "quadas-2",
        "newcastle-ottawa-cohort", "newcastle-ottawa-case-control",
    }  # fmt: skip
    for found in tools().values():
        assert found.doi.startswith("10.")
        assert "own" in found.basis or "short words" in found.basis
        numbers = [item.item for item in found.items]
        assert len(numbers) == len(set(numbers))
    assert [len(tool(t).items) for t in ("rob-2", "robins-i", "murad-2018", "jbi-case-series", "jbi-case-reports")] == [
        22, 34, 8, 10, 8,
    ]  # fmt: skip


def test_tools_are_found_by_any_spelling_of_their_name() -> None:
    assert [tool_id(n) for n in ("RoB 2", "rob-2", "ROB2", "Murad 2018", "ROBINS-I")] == [
        "rob-2", "rob-2", "rob-2", "murad-2018", "robins-i",
    ]  # fmt: skip
    with pytest.raises(UnknownChoice):
        tool("rob-3")


def test_stars_of_newcastle_ottawa_are_added() -> None:
    scale = tool("newcastle-ottawa-cohort")
    best = {"S1": "a", "S2": "a", "S3": "a", "S4": "a", "C1": "a-and-b", "O1": "a", "O2": "a", "O3": "a"}
    assert scale.stars(best) == 9  # the scale's maximum
    assert scale.stars(best | {"C1": "c", "S1": "c"}) == 6
    assert tool("rob-2").stars({}) is None
