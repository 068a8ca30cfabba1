"""Reasons, notes and titles that people type reach the pages, so their words are read: each with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fixtures.small import change, copy_of_small_review, problems_of

CERTAINTY = """question: examplinib-whole-testitis
by: [Nobody]
on: 2026-11-22
domains:
  risk-of-bias: {steps: -1, because: 'the drug is clearly effective'}
  indirectness: {steps: 0, because: 'the people asked about'}
note: the treatment is safe
"""

#: (file, what stands there once, what is put for it)
PLACES = [
    ("judgements/series-2019.yaml", "because: no comparison group", "because: it was well tolerated"),
    ("ladders/testitis.yaml", "because: invented", "because: the drug works best"),
    ("ladders/testitis.yaml", "rungs:\n", "note: a promising drug\nrungs:\n"),
    ("studies/trial-2021.yaml", "source: trial-2021\n", "source: trial-2021\nnote: it helped most adults\n"),
    ("studies/trial-2021.yaml", "because: 2 of 21 is 9.5; the abstract prints 9.4", "because: not significant"),
    (
        "questions/examplinib-whole-testitis.yaml",
        "because: the same people under a wider word",
        "because: better than before the trial of others, and superior",
    ),
    ("questions/examplinib-whole-testitis.yaml", "because: an opinion, invented", "because: no side effects"),
]


@pytest.mark.parametrize(("file", "old", "new"), PLACES, ids=[f"{f} {n.split(':')[0]}" for f, _, n in PLACES])
def test_a_typed_reason_that_claims_too_much_is_found(tmp_path: Path, file: str, old: str, new: str) -> None:
    folder = copy_of_small_review(tmp_path)
    change(folder, file, old, new)
    found = [p for p in problems_of(folder) if p.code == "claims-too-much"]
    assert {p.file for p in found} == {file}
    text = (folder / file).read_text(encoding="utf-8")
    assert {text.splitlines()[p.line - 1].strip() for p in found} & {line.strip() for line in new.splitlines()} or all(
        new.split(": ", 1)[1][:12] in text.splitlines()[p.line - 1] for p in found
    )
    assert all("quotation marks" in p.hint and "{{" not in p.hint for p in found)


def test_judgements_of_certainty_are_read(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    file = folder / "certainty" / "examplinib-whole-testitis.yaml"
    file.parent.mkdir()
    file.write_text(CERTAINTY, encoding="utf-8")
    found = [(p.file, p.line) for p in problems_of(folder) if p.code == "claims-too-much"]
    assert sorted(set(found)) == [(f"certainty/{file.name}", 5), (f"certainty/{file.name}", 7)]


def test_words_of_sources_and_names_of_outcomes_are_theirs(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    change(folder, "sources/trial-2021.yaml", "title: Examplinib and", "title: Safe and effective examplinib and")
    change(
        folder, "judgements/series-2019.yaml", "because: no comparison group", "because: 'it says “safe and effective”'"
    )
    assert not [p for p in problems_of(folder) if p.code == "claims-too-much"]


REVIEW = {
    "review.yaml": """id: one-trial
title: Testitis, living
condition: testitis
people: [{name: Nobody, role: invented}]
disclaimer: Invented.
last_search: none
""",
    "treatments.yaml": """treatments:
  - {id: examplinib, name: examplinib}
  - {id: placebo, name: placebo, kind: placebo}
""",
    "outcomes.yaml": "outcomes: [{id: clear, name: clear, definition: score of 0}]\n",
    "sources/trial-2021.yaml": """id: trial-2021
kind: paper
title: A trial (invented)
authors: Writer
year: 2021
seen: {level: full-text}
""",
    "studies/trial-2021.yaml": """id: trial-2021
source: trial-2021
design: randomised
arms:
  - id: treated
    treatment: examplinib
    people: {age: adult}
    n: {randomised: {value: 100, at: abstract}}
    outcomes: [{outcome: clear, time: {weeks: 24}, responders: {value: 60, at: abstract}}]
  - id: placebo
    treatment: placebo
    people: {age: adult}
    n: {randomised: {value: 100, at: abstract}}
    outcomes: [{outcome: clear, time: {weeks: 24}, responders: {value: 10, at: abstract}}]
""",
    "questions/one.yaml": """id: one
title: Examplinib for testitis
treatment: examplinib
outcome: {name: clear skin, accepts: [{outcome: clear, because: asked about}]}
""",
    "certainty/one.yaml": """question: one
by: [Nobody]
on: 2026-11-22
domains:
  risk-of-bias: {steps: STEPS, because: invented}
  indirectness: {steps: 0, because: invented}
  imprecision: {steps: 0, because: invented}
  publication-bias: {steps: 0, because: invented}
""",
}


def review(to: Path, text: str, *, steps: int, placebo: bool = True) -> list[tuple[str, str]]:
    """A review of one trial whose page holds the text: what is found, and what is offered."""
    for name, body in REVIEW.items():
        file = to / name
        file.parent.mkdir(parents=True, exist_ok=True)
        body = body.replace("STEPS", str(steps))
        file.write_text(body if placebo else body.split("  - id: placebo")[0], encoding="utf-8")
    (to / "questions" / "one.md").write_text(text, encoding="utf-8")
    found = problems_of(to)
    assert {p.code for p in found} <= {"claims-too-much"}, found
    return [(p.message, p.hint) for p in found]


def test_a_page_with_both_arms_of_a_trial_compares_with_the_verb_of_its_certainty(tmp_path: Path) -> None:
    plain, may = (
        "It results in more people with it than placebo.\n",
        "It may result in more people with it than placebo.\n",
    )
    assert not review(tmp_path / "high", plain, steps=0)
    assert not review(tmp_path / "low", may, steps=-2)
    for message, hint in review(tmp_path / "too-sure", plain, steps=-2):
        assert "the certainty is low" in message
        assert "“may”" in hint
    assert review(tmp_path / "too-sure-again", plain, steps=-2)
    assert review(tmp_path / "very-low", may, steps=-3)


def test_a_page_with_one_arm_of_a_trial_does_not_compare(tmp_path: Path) -> None:
    found = review(tmp_path, "It may be better than placebo.\n", steps=0, placebo=False)
    assert found
    assert "nobody set the two against each other" in found[0][0]


def test_a_note_of_a_study_rests_on_the_least_of_all_questions(tmp_path: Path) -> None:
    assert not review(tmp_path, "Counted.\n", steps=0)
    change(
        tmp_path, "studies/trial-2021.yaml", "design: randomised\n", "design: randomised\nnote: better than placebo\n"
    )
    assert not problems_of(tmp_path)
    (tmp_path / "certainty" / "one.yaml").unlink()
    assert {p.file for p in problems_of(tmp_path)} == {"studies/trial-2021.yaml"}
