"""Counts against people: more events than people, more people later than sooner, parts greater than the whole."""

from __future__ import annotations

import pytest
from tests.fixtures.small import arm, study_problems

RESPONDERS = """    outcomes:
      - outcome: better
        time: {{weeks: 4}}
        responders: {{value: {value}, at: p. 3}}
"""


def test_more_responders_than_people_names_both_lines_and_the_remedy() -> None:
    (problem,), _ = study_problems(arm(RESPONDERS.format(value=12)))
    assert (problem.file, problem.line, problem.code) == ("studies/one.yaml", 12, "more-events-than-people")
    assert problem.message == 'arm "treated", better: 12 responders of 9'
    assert "9 is the number assessed (line 8)" in problem.hint


@pytest.mark.parametrize("value", [0, 1, 9])
def test_no_more_responders_than_people_is_fine(value: int) -> None:
    assert study_problems(arm(RESPONDERS.format(value=value))) == ([], [])


def test_an_outcomes_own_people_count_and_not_those_of_the_arm() -> None:
    body = RESPONDERS.format(value=5) + "        n: {analysed: {value: 4, at: p. 3}}\n"
    (problem,), _ = study_problems(arm(body))
    assert problem.code == "more-events-than-people"
    assert problem.message.endswith("5 responders of 4")


def test_episodes_of_a_harm_are_to_be_recorded_as_a_rate() -> None:
    body = "    harms:\n      - outcome: cold\n        events: {value: 20, at: p. 4}\n"
    (problem,), _ = study_problems(arm(body))
    assert "record it as a rate" in problem.hint


@pytest.mark.parametrize(
    ("more", "fewer"),
    [
        ("enrolled", "randomised"),
        ("enrolled", "started"),
        ("randomised", "started"),
        ("started", "assessed"),
        ("started", "analysed"),
        ("randomised", "analysed"),
        ("enrolled", "assessed"),
    ],
)
def test_people_do_not_become_more(more: str, fewer: str) -> None:
    def n(first: int, second: int) -> str:
        return f"{more}: {{value: {first}, at: p. 2}}\n      {fewer}: {{value: {second}, at: p. 2}}"

    assert study_problems(arm("", n(8, 8))) == ([], [])
    (problem,), _ = study_problems(arm("", n(8, 9)))
    assert (problem.code, problem.line) == ("people-out-of-order", 9)
    assert f"9 {fewer}, but only 8 {more}" in problem.message


def test_an_analysis_as_randomised_may_hold_people_who_never_started() -> None:
    n = "randomised: {value: 10, at: p}\n      started: {value: 9, at: p}\n      analysed: {value: 10, at: p}"
    assert study_problems(arm("", n)) == ([], [])


def test_an_outcomes_people_are_held_against_those_of_the_arm() -> None:
    body = RESPONDERS.format(value=1) + "        n: {assessed: {value: 7, at: p. 3}}\n"
    found, _ = study_problems(arm(body, "started: {value: 6, at: p. 2}"))
    assert {p.code for p in found} == {"people-out-of-order", "part-greater-than-whole"}


def test_more_people_with_a_trait_than_people() -> None:
    body = "    characteristics:\n      - trait: tall\n        people: {value: 10, at: p. 2}\n"
    (problem,), _ = study_problems(arm(body))
    assert (problem.code, problem.line) == ("part-greater-than-whole", 11)
    assert 'tall: 10, but arm "treated" has 9' in problem.message


PART = """    outcomes:
      - outcome: better
        time: {{weeks: 4}}
        responders: {{value: 3, at: p. 3}}
  - id: women
    treatment: drug
    part_of: treated
    n:
      assessed: {{value: {people}, at: p. 2}}
    outcomes:
      - outcome: better
        time: {{weeks: {weeks}}}
        responders: {{value: {responders}, at: p. 3}}
"""


def test_a_part_of_an_arm_has_no_more_people_than_the_arm() -> None:
    assert study_problems(arm(PART.format(people=9, weeks=4, responders=3))) == ([], [])
    (problem,), _ = study_problems(arm(PART.format(people=10, weeks=4, responders=3)))
    assert (problem.code, problem.line) == ("part-greater-than-whole", 17)


def test_a_part_of_an_arm_has_no_more_responders_than_the_arm_at_the_same_time() -> None:
    (problem,), _ = study_problems(arm(PART.format(people=9, weeks=4, responders=4)))
    assert problem.code == "part-greater-than-whole"
    assert study_problems(arm(PART.format(people=9, weeks=8, responders=4))) == ([], []), "another time may differ"


def test_negative_weeks_and_reversed_spans() -> None:
    body = RESPONDERS.format(value=1).replace("{weeks: 4}", "{weeks: -4}")
    (problem,), _ = study_problems(arm(body))
    assert (problem.code, problem.line) == ("negative-weeks", 11)
    body = RESPONDERS.format(value=1).replace("{weeks: 4}", "{from_weeks: 30, to_weeks: 12}")
    (problem,), _ = study_problems(arm(body))
    assert problem.code == "span-reversed"
    assert "12 weeks" in problem.message
