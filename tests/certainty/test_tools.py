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


LADDER = ("low", "moderate", "serious", "critical")
OPEN = None  # transcriptions of the drawing disagree: people judge


def started(all_, well, later, signs):
    """Domain 1 of ROBINS-I V2, effect of starting the treatment."""
    if all_ in ("sn", "ni"):
        return "critical" if signs in YES else "serious"
    if later in YES:
        return "critical" if signs in YES or well not in YES else "serious"
    if well in ("sn", "ni") or signs in YES:
        return "serious"
    if all_ in YES:
        return "low" if well in YES else OPEN
    return "moderate"


def kept(suits, all_, well, later, signs):
    """Domain 1, effect of keeping to the treatment."""
    if suits not in YES:
        return "critical" if later in YES or signs in YES else "serious"
    if all_ in ("sn", "ni"):
        return OPEN if signs in YES else "serious"
    if well in ("sn", "ni") or signs in YES:
        return "serious"
    return "low" if all_ in YES and well in YES else OPEN


def classified(apart, after, righted, outcome, other):
    """Domain 2: the way in, then a step for each kind of mistake."""
    if apart in YES or after in YES:
        steps = 0
    elif righted == "sy":
        if outcome != "sy":
            return OPEN
        steps = 0
    else:
        steps = 1 if righted in ("wy", "ni") else 2
    steps += 0 if outcome in NO else 2 if outcome == "sy" else 1
    return LADDER[min(3, steps + (other not in NO))] if steps < 3 else "critical"


def selected(begins, early, chosen, treatment, outcome, righted, little, severe):
    """Domain 3: two halves, and what puts a serious one right."""
    first = (1 if early in YES else 0) if begins in YES else 2 if begins == "sn" else 1
    if chosen in NO:
        second = 0
    elif chosen == "ni" or treatment == "ni":
        second = 1
    elif treatment in NO:
        second = 0
    else:
        second = 2 if outcome in YES else 1
    worst = max(first, second)
    if worst < 2:
        return LADDER[worst]
    if righted in YES or little in YES:
        return "moderate"
    return "critical" if severe in YES else "serious"


def missing(complete, related, explained, imputed, random, well, other, evidence):
    """Domain 4, where something is missing (4.4 to 4.11)."""
    if complete not in NO:
        if related in NO:
            return "low"
        steps = {"y": OPEN, "py": OPEN, "wn": 1, "ni": 1, "sn": 2}[explained]
    elif imputed in YES:
        if random not in YES:
            return "serious"
        steps = {"y": 0, "py": 0, "wn": 1, "ni": 1, "sn": 2}[well]
    else:
        steps = {"y": 0, "py": 0, "wn": 1, "ni": 1, "sn": 2}[other]
    if not steps:
        return OPEN if steps is OPEN else "low"
    return LADDER[steps + (evidence in NO)]


def measured(differs, known, changed):
    """Domain 5."""
    if differs in YES:
        return "serious"
    floor = 1 if differs == "ni" else 0
    if known in NO or changed in NO:
        return LADDER[floor]
    return "serious" if changed == "sy" else "moderate"


def picked(planned, *among):
    """Domain 6."""
    if planned in YES:
        return "low"
    yes = sum(a in YES for a in among)
    if yes:
        return "critical" if yes > 1 else "serious"
    unknown = among.count("ni")
    return ("low", "moderate", "moderate", "serious")[unknown]


WEAK_NO, WEAK_YES, SHORT, NO_NI = ("y", "wn", "sn", "ni"), ("sy", "wy", "n", "ni"), ("y", "pn", "ni"), ("py", "n")
V2 = [
    (started, "D1", ["1.1", "1.2", "1.3", "1.4"], [WEAK_NO, WEAK_NO, SHORT, NO_NI]),
    (kept, "D1", [f"1B.{i}" for i in range(1, 6)], [SHORT, WEAK_NO, WEAK_NO, SHORT, NO_NI]),
    (classified, "D2", [f"2.{i}" for i in range(1, 6)], [SHORT, SHORT, WEAK_YES, WEAK_YES, SHORT]),
    (selected, "D3", [f"3.{i}" for i in range(1, 9)], [WEAK_NO, *[SHORT] * 7]),
    (missing, "D4", [f"4.{i}" for i in range(4, 12)], [SHORT, SHORT, WEAK_NO, SHORT, SHORT, WEAK_NO, WEAK_NO, NO_NI]),
    (measured, "D5", ["5.1", "5.2", "5.3"], [SHORT, SHORT, WEAK_YES]),
    (picked, "D6", ["6.1", "6.2", "6.3", "6.4"], [ANY] * 4),
]


@pytest.mark.parametrize(("chart", "domain", "items", "answers"), V2, ids=[v[0].__name__ for v in V2])
def test_robins_i_v2_domains_follow_their_drawings_for_every_combination_of_answers(
    chart, domain, items, answers
) -> None:
    found = tool("robins-i-v2").domain(domain)
    left = 0
    for given in product(*answers):
        made = dict(zip(items, given, strict=True)) | ({"4.1": "n", "4.2": "y", "4.3": "y"} if domain == "D4" else {})
        want = chart(*given)
        assert found.judgement(made) == want, made
        left += want is OPEN
    # what is open is a small part, and only where the file says so
    assert (left > 0) == (domain in ("D1", "D2", "D4"))


def test_both_spellings_of_yes_and_no_lead_the_same_way_in_robins_i_v2() -> None:
    """So that one of each is enough above."""
    for domain in tool("robins-i-v2").domains:
        for rule in domain.rules:
            for answers in rule.when.values():
                assert ("y" in answers) == ("py" in answers), (domain.id, rule)
                assert ("n" in answers) == ("pn" in answers), (domain.id, rule)


def test_nothing_missing_is_low_whatever_else_is_answered() -> None:
    domain = tool("robins-i-v2").domain("D4")
    assert domain.judgement({"4.1": "y", "4.2": "py", "4.3": "y"}) == "low"
    assert domain.judgement({"4.1": "y", "4.2": "pn", "4.3": "y"}) is None, "4.4 decides then"


def test_the_triage_of_robins_i_v2_decides_alone() -> None:
    chosen = tool("robins-i-v2")
    for answers in ({"B2": "y"}, {"B3": "py"}, {"B1": "n", "B2": "py", "B3": "n"}):
        assert chosen.overall_judgements(chosen.domain_judgements(answers)) == ("critical",)
    assert chosen.domain_judgements({"B1": "y", "B3": "n"}) == {}
    low = dict.fromkeys([d.id for d in chosen.judged_domains], "low")
    assert chosen.overall_judgements(low) == ("low",)
    assert chosen.overall_judgements(low | {"missing": "moderate", "selection": "moderate"}) == ("moderate", "serious")
    assert chosen.overall_judgements(low | {"missing": "serious", "selection": "serious"}) == ("serious", "critical")
    assert chosen.overall_judgements(low | {"missing": "serious", "selection": "moderate"}) == ("serious",)


def test_questions_that_do_not_arise_may_be_left_out() -> None:
    rob = tool("rob-2")
    assert rob.domain("D3").judgement({"3.1": "y"}) == "low"
    assert rob.domain("D3").judgement({"3.1": "n"}) is None
    assert rob.domain("D2").judgement({"2.1": "n", "2.2": "n", "2.6": "y"}) == "low"


@pytest.mark.parametrize("name", ["rob-2", "robins-i", "robins-i-v2", "quadas-2"])
def test_the_overall_judgement_is_the_worst_domain_in_every_combination(name) -> None:
    chosen = tool(name)
    ids = [d.id for d in chosen.judged_domains]
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
        ids = [d.id for d in chosen.judged_domains]
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
        assert all(one.against and one.found for one in found.checked), found.id
        assert len([d for d in found.domains if d.triage]) == (found.id == "robins-i-v2")
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
