"""Every id that is named exists; the message says the nearest that does, and where to declare a new one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fixtures.small import SMALL_REVIEW, change, copy_of_small_review, problems_of

SERIES, TRIAL, CHILDREN = "studies/series-2019.yaml", "studies/trial-2021.yaml", "studies/children-2020.yaml"
QUESTION = "questions/examplinib-whole-testitis.yaml"


def test_the_small_review_has_no_problem() -> None:
    assert problems_of(SMALL_REVIEW) == []


BROKEN = [
    (SERIES, "source: series-2019\n", "source: series-2018\n", "unknown-source", "did you mean `series-2019`?"),
    (SERIES, "from: series-2019", "from: [series-2019, nobody]", "unknown-source", "sources/nobody.yaml"),
    (CHILDREN, "article-2022, at: second paragraph}", "artcle-2022, at: x}", "unknown-source", "`article-2022`"),
    (TRIAL, "treatment: otherumab", "treatment: otherumap", "unknown-treatment", "did you mean `otherumab`?"),
    (SERIES, "part_of: adults", "part_of: adult", "unknown-arm", "did you mean `adults`?"),
    (SERIES, "outcome: any-clearing", "outcome: any-clering", "unknown-outcome", "did you mean `any-clearing`?"),
    (TRIAL, "instrument: example-scale", "instrument: exmple-scale", "unknown-instrument", "did you mean"),
    (TRIAL, "design: randomised", "design: randomised\ncontains: [serie-2019]", "unknown-study", "`series-2019`"),
    (TRIAL, "design: randomised", "design: randomised\nalso_reported_in: nobody", "unknown-source", "nobody.yaml"),
    ("outcomes.yaml", "instrument: example-scale", "instrument: exampl-scale", "unknown-instrument", "example-scale"),
    ("outcomes.yaml", "source: series-2019", "source: series", "unknown-source", "series-2019"),
    ("treatments.yaml", "kind: placebo", "kind: placebo\n    parts: [examplinb]", "unknown-treatment", "`examplinib`"),
    ("treatments.yaml", "people: {age: adult}", "people: {age: adlut}", "unknown-attribute-value", "`adult`"),
    ("claims.yaml", "source: article-2022", "source: article-2002", "unknown-source", "`article-2022`"),
    ("claims.yaml", "treatments: examplinib", "treatments: [examplinb]", "unknown-treatment", "`examplinib`"),
    ("sources/article-2022.yaml", "summary_of: children-2020", "summary_of: childern-2020", "unknown-source", "did"),
    ("judgements/series-2019.yaml", "study: series-2019", "study: series", "unknown-study", "series-2019"),
    ("instruments/example-scale.yaml", "    source: series-2019", "    source: series", "unknown-source", "did"),
    ("ladders/testitis.yaml", "outcome: clear", "outcome: claer", "unknown-outcome", "did you mean `clear`?"),
    ("ladders/testitis.yaml", "[examplinib, otherumab]", "[examplinib, other]", "unknown-treatment", "otherumab"),
    ("ladders/testitis.yaml", "people: {extent: whole}", "people: {extent: hole}", "unknown-attribute-value", "whole"),
    ("guidance/gentle-days.md", "read_in: article-2022", "read_in: article", "unknown-source", "article-2022"),
    ("review.yaml", "first_question: examplinib-whole-testitis", "first_question: x", "unknown-question", "accepted:"),
    (SERIES, "people: {age: adult, extent: whole, with: sneezing}\n    n:\n      enrolled: {value: 4",
     "people: {agee: adult}\n    n:\n      enrolled: {value: 4", "unknown-attribute", "did you mean `age`?"),
    (TRIAL, "extent: [whole, patchy], with: not reported}\n    n:\n      randomised: {value: 42",
     "extent: [whole, pachy], with: not reported}\n    n:\n      randomised: {value: 42",
     "unknown-attribute-value", "did you mean `patchy`?"),
    (QUESTION, "treatment: examplinib", "treatment: examplinb", "unknown-treatment", "did you mean `examplinib`?"),
    (QUESTION, "treatment: examplinib", "treatment: {class: example-inhibitr}", "unknown-class", "`example-inhibitor`"),
    (QUESTION, "{outcome: clear, because", "{outcome: cleared, because", "unknown-outcome", "did you mean `clear`?"),
    (QUESTION, "{outcome: any-clearing, because", "{outcome: any, because", "unknown-outcome", "any-clearing"),
    (QUESTION, "  outcome: any-clearing\n  name", "  outcome: any\n  name", "unknown-outcome", "any-clearing"),
    (QUESTION, "outcomes: clear", "outcomes: [clear, clearer]", "unknown-outcome", "did you mean `clear`?"),
    (QUESTION, "  outcomes: worsened", "  outcomes: worse", "unknown-outcome", "did you mean `worsened`?"),
    (QUESTION, "case_outcomes: worsened", "case_outcomes: worse", "unknown-outcome", "did you mean `worsened`?"),
    (QUESTION, "adults: {age: adult}", "adults: {age: adlut}", "unknown-attribute-value", "did you mean `adult`?"),
    (QUESTION, "people: {extent: whole, with: sneezing}", "people: {extnt: whole}", "unknown-attribute", "`extent`"),
    (QUESTION, "ladder: testitis", "ladder: testtis\nrelated: [other]", "unknown-ladder", "did you mean `testitis`?"),
    (QUESTION, "ladder: testitis", "ladder: testitis\nrelated: [other]", "unknown-question", "questions/other.yaml"),
    (QUESTION, "tau: {half-normal: 1.0}", "tau: {half-norml: 1.0}", "unknown-prior", "did you mean `half-normal`?"),
    (QUESTION, "tau: {half-normal: 1.0}", "tau: {half-normal: -1.0}", "unknown-prior", "half-normal"),
    (QUESTION, "tau: {half-normal: 1.0}", "tau: {normal: [0, 1]}", "unknown-prior", "did you mean `half-normal`?"),
    (QUESTION, "from_weeks: 12", "from_weeks: -12", "negative-weeks", "write 0"),
    (QUESTION, "from_weeks: 12", "from_weeks: 12, prefer_weeks: 4", "preferred-outside-window", "widen"),
    (QUESTION, "  level: 0.95", "  borrow: {from: adlts, to: children, because: alike}\n  level: 0.95", "borrow-group",
     "`adults`"),
    (QUESTION, "  level: 0.95", "  borrow: {from: adults, to: adults, because: alike}\n  level: 0.95", "borrow-group",
     "two different"),
    (QUESTION, "  level: 0.95", "  borrow: {from: adults, to: children, weights: [0], because: alike}\n  level: 0.95",
     "borrow-weight", "at most 1"),
    (QUESTION, "  adults: {age", "  overall: {age: adult}\n  adults: {age", "reserved-group-name", "another"),
    (QUESTION, "  adults: {age", "  Big Ones: {age: adult}\n  adults: {age", "group-name", "lower-case"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "hint"), BROKEN, ids=[f"{i}-{b[3]}" for i, b in enumerate(BROKEN)]
)
def test_a_broken_reference_is_told_at_its_line_with_the_nearest_id(
    tmp_path: Path, file: str, old: str, new: str, code: str, hint: str
) -> None:
    folder = copy_of_small_review(tmp_path)
    change(folder, file, old, new)
    found = problems_of(folder)
    ours = [p for p in found if p.code == code]
    assert ours, [str(p) for p in found]
    assert {p.file for p in ours} == {file}
    assert hint in f"{ours[0].message} {ours[0].hint}"
    if file.endswith(".yaml"):
        text = (folder / file).read_text(encoding="utf-8").splitlines()
        changed = {
            i + 1 for i, line in enumerate(text) if line not in (SMALL_REVIEW / file).read_text("utf-8").splitlines()
        }
        assert ours[0].line in changed | {min(changed) - 1}, (ours[0].line, changed)
    # one fault is told once: no other file complains about it
    assert all(p.file == file for p in found), [str(p) for p in found]


def test_an_arm_cannot_be_a_part_of_itself(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path, (SERIES, "part_of: adults", "part_of: adults-first"))
    (problem,) = problems_of(folder)
    assert (problem.code, problem.message.count("adults-first")) == ("part-of-itself", 3)


def test_a_circle_of_parts_is_told(tmp_path: Path) -> None:
    folder = copy_of_small_review(
        tmp_path, (SERIES, "    dose: 10 mg a day\n", "    dose: 10 mg a day\n    part_of: adults-first\n")
    )
    assert "part-of-itself" in {p.code for p in problems_of(folder)}


def test_patient_rows_without_their_study(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / "studies/report-2018.patients.csv").rename(folder / "studies/report-2017.patients.csv")
    (problem,) = problems_of(folder)
    assert (problem.code, problem.file) == ("rows-without-study", "studies/report-2017.patients.csv")
    assert "did you mean `report-2018`?" in problem.hint


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("1,examplinib,read", "1,examplinb,read", "unknown-treatment", 2),
        ("report-2018,case 2", "report-2081,case 2", "unknown-source", 3),
        ("outcome:worsened", "outcome:worse", "unknown-outcome", 1),
        ("score:example-scale@24", "score:exmple-scale@24", "unknown-instrument", 1),
        ("score:example-scale@24", "score:example-scale", "score-column", 1),
        ("female,whole", "female,hole", "unknown-attribute-value", 2),
        (",24,ointment", ",-24,ointment", "negative-weeks", 2),
        ("read,34,", "read,340,", "impossible-age", 2),
    ],
)
def test_patient_rows_are_checked_too(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    file = "studies/report-2018.patients.csv"
    (problem,) = problems_of(copy_of_small_review(tmp_path, (file, old, new)))
    assert (problem.file, problem.line, problem.code) == (file, line, code)


def test_text_without_its_question(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / "questions/other.md").write_text("Words.\n", encoding="utf-8")
    (problem,) = problems_of(folder)
    assert (problem.code, problem.file) == ("text-without-question", "questions/other.md")


def test_without_declared_attributes_a_question_may_ask_for_what_the_records_use(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    text = (folder / "review.yaml").read_text(encoding="utf-8")
    (folder / "review.yaml").write_text(
        text[: text.index("attributes:")] + text[text.index("first_question") :], encoding="utf-8"
    )
    assert problems_of(folder) == []
    change(folder, QUESTION, "adults: {age: adult}", "adults: {age: adlut}")
    (problem,) = problems_of(folder)
    assert problem.code == "unknown-attribute-value"
    assert "no study of this review has" in problem.hint


def test_a_file_that_cannot_be_read_does_not_make_its_references_unknown(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / "sources/series-2019.yaml").write_text("id: [\n", encoding="utf-8")
    (folder / "outcomes.yaml").write_text("outcomes: {\n", encoding="utf-8")
    (folder / "treatments.yaml").write_text("- nothing\n", encoding="utf-8")
    assert {(p.file, p.code) for p in problems_of(folder)} == {
        ("sources/series-2019.yaml", "broken-yaml"),
        ("outcomes.yaml", "broken-yaml"),
        ("treatments.yaml", "wrong-type"),
    }


def test_a_mistyped_key_does_not_hide_a_wrong_number_in_the_same_file(tmp_path: Path) -> None:
    folder = copy_of_small_review(
        tmp_path,
        (SERIES, "    dose: 10 mg a day", "    dosis: 10 mg a day"),
        (SERIES, "- failed: ointment", "- failing: ointment"),
        (SERIES, "responders: {value: 1,", "responders: {value: 5,"),
        (SERIES, "part_of: adults", "part_of: adult"),
    )
    found = problems_of(folder)
    lines = (folder / SERIES).read_text(encoding="utf-8").splitlines()
    for code, word in (
        ("unknown-key", "dosis"),
        ("unknown-key", "failing"),
        ("more-events-than-people", "responders: {value: 5"),
        ("unknown-arm", "part_of: adult"),
    ):
        line = next(i + 1 for i, text in enumerate(lines) if word in text)
        assert any((p.code, p.line) == (code, line) for p in found), (code, line, [str(p) for p in found])


def test_problems_of_a_broken_review_file_do_not_hide_the_others(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path, (SERIES, "responders: {value: 1,", "responders: {value: 5,"))
    (folder / "review.yaml").write_text("id: small-review\n", encoding="utf-8")
    codes = {(p.file, p.code) for p in problems_of(folder)}
    assert (SERIES, "more-events-than-people") in codes
    assert ("review.yaml", "missing-key") in codes


def test_a_retracted_source_is_a_note_and_no_problem(tmp_path: Path) -> None:
    from handful.check import check_review

    retraction = "year: 2019\nnotices:\n  - {kind: retraction, on: 2026-01-01}"
    folder = copy_of_small_review(tmp_path, ("sources/series-2019.yaml", "year: 2019", retraction))
    review, report = check_review(folder)
    assert report.ok
    assert review is not None
    noted = [k for k in report.known if k.code == "retracted-source-used"]
    assert {k.file for k in noted} == {SERIES}
    assert len(noted) == 7, "one for each number read there"
