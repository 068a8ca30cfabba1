"""Patient rows: each kind of wrong file is told with its line; the same messages cell by cell as row by row."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.fixtures.small import ANYTHING
from tests.made_records import arm, number, outcome, records, study

from handful.base.problems import Problem
from handful.base.provenance import KnownFault
from handful.instruments.catalogue import catalogue, laid_over
from handful.instruments.instrument import Instrument
from handful.records.checks import check_records
from handful.records.checks.patient_rows import check_patient_rows
from handful.records.patient_rows import read_patient_rows, told
from handful.records.patient_table import PatientTable
from handful.records.patients import PREFIXES, Person
from handful.records.records import Records
from handful.records.score_totals import with_totals
from handful.records.study import Study

HEAD = "person,treatment,row,source,at"


def table(columns: str, *rows: str, start: str = "drug,read,paper,Table 1") -> tuple[PatientTable, list[Problem]]:
    """People p0, p1 … with some further columns."""
    lines = [f"{HEAD},{columns}", *(f"p{i},{start},{row}" for i, row in enumerate(rows))]
    return read_patient_rows("\n".join(lines) + "\n", "studies/x.patients.csv")


def found(columns: str, *rows: str, instruments: dict[str, Instrument] | None = None, **more: str) -> list[Problem]:
    read, problems = table(columns, *rows, **more)
    return problems + list(
        check_patient_rows(Records({}, {}, {}, {}, people={"x": read}, instruments=laid_over(instruments or {})))
    )


@pytest.mark.parametrize(
    ("columns", "rows", "code", "line", "says"),
    [
        ("age_years", ("34", "x4"), "wrong-cell", 3, "column `age_years`: must be a plain number or `not reported`"),
        ("age_years", ("34", "nan"), "wrong-cell", 3, "found 'nan'"),
        ("age_years", ("-2", "140"), "impossible-age", 3, "column `age_years` is 140"),
        ("weeks", ("-4",), "negative-weeks", 2, "is -4"),
        ("sex", ("female", "woman"), "wrong-cell", 3, "'woman' is not known"),
        ("date:baseline", ("2023-02-30",), "wrong-cell", 2, "no day of the calendar"),
        ("score:salt@12", ("20", "104"), "score-outside-instrument", 3, "104 lies outside 0 to 100"),
        ("score:iga@12", ("2.5",), "score-outside-instrument", 2, "2.5 is no whole number"),
        ("score:salt.top@12", ("101",), "score-outside-instrument", 2, "101 lies outside 0 to 100"),
        ("score:salt.crown@12", ("10",), "unknown-part", 1, "SALT has no part `crown`"),
        ("score:salt@-4", ("10",), "follow-up-before-start", 1, "is not after the start"),
        ("score:salt@0", ("10",), "follow-up-before-start", 1, "is not after the start"),
        ("score:salt[cm]@12", ("10",), "wrong-unit", 1, "is in cm, but SALT has no unit"),
        ("date:baseline,date:12", ("2023-05-01,2023-04-01",), "follow-up-before-baseline", 2,
         "`date:12` (2023-04-01) lies before `date:baseline` (2023-05-01)"),
        ("date:born,date:baseline", ("2023-05-01,2021-01-01",), "dates-out-of-order", 2, "lies before `date:born`"),
        ("age_years,date:born,date:baseline", ("40,1990-01-01,2020-01-01",), "age-does-not-match-dates", 2, "30.0"),
        ("score:salt@12,score:salt.top@12,score:salt.back@12,score:salt.right@12,score:salt.left@12",
         ("40,100,0,0,0", "50,100,0,0,0"), "score-is-not-its-parts", 3, "is 50, but its parts give 40"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_told_at_its_line(columns: str, rows: tuple[str, ...], code: str, line: int, says: str) -> None:
    problems = [p for p in found(columns, *rows) if p.code == code]
    assert problems, code
    assert line in {p.line for p in problems}
    assert any(says in p.message for p in problems), [p.message for p in problems]
    assert all(p.hint for p in problems)


def test_a_right_file_has_no_problem() -> None:
    columns = "age_years,sex,score:salt[%]@baseline,score:salt@12,date:born,date:baseline,date:12,date:last-seen"
    rows = ("34,female,100,20,1986-03-01,2020-04-01,2020-06-24,2021-01-01", "not reported,male,90,not reported,,,,")
    instruments = {"salt": catalogue()["salt"].model_copy(update={"unit": "%"})}
    assert found(columns, *rows, instruments=instruments) == []


def test_every_problem_at_once() -> None:
    problems = found("age_years,sex,score:salt@12", "x,woman,104", "-1,female,300")
    assert sorted((p.line, p.code) for p in problems) == [
        (2, "wrong-cell"), (2, "wrong-cell"), (3, "impossible-age"), (3, "score-outside-instrument"),
    ]  # fmt: skip


def test_the_same_person_twice_is_told_where_chance_would_not_make_two_equal() -> None:
    columns = "age_years,sex,score:salt@baseline,score:salt@12"
    draw = random.Random(4)
    rows = [f"{draw.randint(1, 90)},female,{draw.uniform(20, 100):.1f},{draw.uniform(0, 100):.1f}" for _ in range(40)]
    assert found(columns, *rows) == []
    (problem,) = found(columns, *rows, rows[7])
    assert (problem.code, problem.line) == ("same-row-twice", 42)
    assert "line 9" in problem.message


def test_rows_that_tell_little_may_be_equal() -> None:
    assert found("age", "adult", "adult", "adult") == []
    rebuilt = "drug,rebuilt-from-counts,paper,Table 1"
    assert found("age_years,score:salt@12", "34,61.6", "34,61.6", start=rebuilt) == []


def test_a_fault_of_many_rows_is_shown_twenty_times_and_counted() -> None:
    problems = found("sex", *["woman"] * 5000)
    assert len(problems) == 21
    assert "here and in 4979 more rows" in problems[-1].message


@pytest.mark.parametrize("seed", range(8))
def test_cells_are_validated_as_rows_are(seed: int) -> None:
    """The batched reader and ``Person.model_validate`` find the same faults in the same words, and the same people."""
    draw = random.Random(seed)
    columns = ["age_years", "age", "sex", "extent", "weeks", "failed", "quote", "outcome:clear", "score:salt@12",
               "date:baseline", "arm"]  # fmt: skip
    pool = ["", "34", "-1", "adult", "adult | child", "female", "woman", "not reported", "yes", "maybe", "1_000", "inf",
            "2020-01-01", "2020-13-01", " 12 ", "word " * 30, "a-b", "A B", "|"]  # fmt: skip
    rows = [[draw.choice(pool) for _ in columns] for _ in range(60)]
    read, problems = table(",".join(columns), *(",".join(f'"{cell}"' for cell in row) for row in rows))
    expected, people = set(), []
    for line, row in enumerate(rows, start=2):
        cells = {"person": f"p{line - 2}", "treatment": "drug", "row": "read", "source": "paper", "at": "Table 1"}
        cells |= {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
        body: dict[str, Any] = {k: v for k, v in cells.items() if ":" not in k and v}
        for prefix, field in PREFIXES.items():
            body[field] = {k.removeprefix(prefix): v for k, v in cells.items() if k.startswith(prefix) and v}
        try:
            people.append(Person.model_validate(body))
        except ValidationError as error:
            for item in error.errors(include_url=False):
                where = str(item["loc"][0])
                prefix = next((p for p, f in PREFIXES.items() if f == where), "")
                name = f"{prefix}{item['loc'][1]}" if prefix else where
                message, hint = told(dict(item), cells[name])
                expected.add((line, f"column `{name}`{message}", hint))
    assert {(p.line, p.message, p.hint) for p in problems} == expected
    assert [p.model_dump() for p in read] == [p.model_dump() for p in people]


def test_lines_of_cells_with_line_ends_are_right() -> None:
    text = f'{HEAD},note\np0,drug,read,paper,T,"two\nlines"\np1,drug,read,paper,T,x,too many\n\np2,drug,odd,paper,T,x\n'
    read, problems = read_patient_rows(text, "f")
    assert list(read.lines) == [2]
    assert [(p.line, p.code) for p in problems] == [(4, "wrong-cell-count"), (6, "wrong-cell")]


def test_totals_are_computed_where_all_parts_are_there() -> None:
    columns = ",".join(
        f"score:salt.{part}@{t}" for t in ("baseline", "12") for part in ("top", "back", "right", "left")
    )
    read, _ = table(columns, "100,100,100,100,0,50,0,0", "100,0,0,0,not reported,0,0,0")
    made = with_totals(read, catalogue())
    assert [p.scores["salt@baseline"] for p in made] == [100, 40]
    assert [p.scores["salt@12"] for p in made] == [12, "not reported"]


# --- rows against the paper's own counts ------------------------------------------------------------------------------


def clear(identifier: str, value: str) -> Person:
    return Person.model_validate({"person": identifier, "treatment": "drug", "row": "read", "source": "series-2020",
                                  "at": "Table 2", "outcomes": {"clear": value}})  # fmt: skip


def checked(
    reported: int, *values: str, n: int | None = None, known: KnownFault | None = None
) -> tuple[list[Problem], list[Problem]]:
    one = arm("all", outcome("clear", reported), n=n or len(values))
    if known is not None:
        one["outcomes"][0]["responders"] = number(reported, known=known.model_dump())
    series: Study = study("series-2020", one)
    people = tuple(clear(f"p{i}", value) for i, value in enumerate(values))
    return check_records(records(series, people={"series-2020": people}), ANYTHING)


def test_counts_that_the_rows_imply_are_those_of_the_paper() -> None:
    assert checked(2, "yes", "yes", "no") == ([], [])
    (problem,), _ = checked(3, "yes", "yes", "no")
    assert problem.code == "rows-contradict-count"
    assert "3 responders, but the patient rows give 2 of 3" in problem.message


def test_rows_that_are_not_known_leave_room() -> None:
    assert checked(2, "yes", "not reported", "no") == ([], [])
    (problem,), _ = checked(3, "yes", "not reported", "no")
    assert "1 of 3 and 1 not known" in problem.message


def test_rows_of_some_of_the_people_are_not_compared() -> None:
    assert checked(5, "yes", "no", n=9) == ([], [])


def test_more_rows_than_people() -> None:
    (problem,), _ = checked(1, "yes", "no", "no", n=2)
    assert (problem.code, "3 patient rows, but 2 people" in problem.message) == ("more-rows-than-people", True)


def test_a_contradiction_of_the_source_may_be_declared() -> None:
    fault = KnownFault(code="rows-contradict-count", because="the table and the text disagree")
    problems, known = checked(3, "yes", "yes", "no", known=fault)
    assert problems == []
    assert [p.code for p in known] == ["rows-contradict-count"]


def test_the_shipped_rows_agree_with_the_shipped_counts(repository: Path) -> None:
    from handful.check import check_review

    for folder in sorted((repository / "reviews").iterdir()):
        _, report = check_review(folder)
        assert report.ok, str(report)
