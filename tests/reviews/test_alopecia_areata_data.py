"""The shipped review: files in order, every row on dupilumab and every person in, no number without a place."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from handful.base.problems import Report
from handful.base.provenance import Reported
from handful.base.yaml_files import canonical_text
from handful.check import check_review
from handful.counts.count import count
from handful.counts.rows import Counts
from handful.question.select import select
from handful.records.checks.finding import reported_numbers
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS, Denominators, Harm, Outcome, Study
from handful.review import Review, read_review

FOLDER = Path(__file__).parents[2] / "reviews" / "alopecia-areata"
DATA = Path(__file__).parent / "data"


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


ROWS = table("dupilumab.csv")
PEOPLE = table("people.csv")
YAML_FILES = sorted(FOLDER.rglob("*.yaml"))

MORE_THAN_THE_ROWS = {
    ("tonon-2023", "adults", "outcomes", "complete-or-almost-complete"),
    ("tonon-2023", "child", "outcomes", "complete-or-almost-complete"),
    ("tonon-2023", "child", "outcomes", "temporary-improvement"),
    ("tonon-2023", "child", "outcomes", "lost-response"),
    ("twosided-2022", "case-series", "harms", "worsened-or-new"),
    ("dualeffects-2024", "improved", "outcomes", "partial-regrowth"),
    ("pedscoping-2024", "published-children", "scores", "salt"),
}
"""Entries of the studies on dupilumab that come from quotes and rows of people, not from a row of arms."""

WORSE_IS_NOT_KNOWN = {("harada-2020", "totalis-without-improvement"), ("tonon-2023", "adult-3")}
"""People of whom it is said that they did not improve; whether they got worse is not."""

NOT_ALOPECIA_AREATA = {("dermconf-2025", "1")}

BEFORE_DUPILUMAB = {
    "smogorzewski-2019",
    "bur-2023",
    "cutis-au65",
    "kulkarni-2022",
    "jddg-2019-two",
    "chung-2019",
    "cai-2023",
    "jamaderm-2018-at13",
}
"""Reports of a person whose totalis or universalis was there before dupilumab."""


@pytest.fixture(scope="module")
def review() -> Review:
    found, report = read_review(FOLDER)
    assert report.ok, report.problems
    assert found is not None
    return found


@pytest.fixture(scope="module")
def checked() -> Report:
    return check_review(FOLDER)[1]


@pytest.fixture(scope="module")
def records(review: Review) -> Records:
    return review.records


def counts(review: Review, question: str) -> Counts:
    return count(select(review.records, review.question(question)))


def entry_of(item: Any, which: str) -> str:
    if which == "scores":
        return str(item.instrument)
    if which == "characteristics":
        return str(item.trait or item.failed)
    return str(item.outcome)


def listed(study: Study, arm: str, which: str, entry: str) -> list[Any]:
    found = study.arm(arm)
    assert found is not None, f"{study.id} has no arm {arm}"
    return [item for item in getattr(found, which) if entry_of(item, which) == entry]


def weeks(item: Any) -> str:
    found = getattr(item.time, "weeks", None)
    return f"{found:g}" if found is not None else ""


def values(people: Denominators | None) -> set[int]:
    found = (people.get(kind) for kind in DENOMINATOR_WORDS) if people is not None else ()
    return {number.value for number in found if number is not None}


def plain(text: str | None) -> str:
    return " ".join((text or "").split())


# The files


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda p: p.relative_to(FOLDER).as_posix())
def test_every_file_is_in_the_canonical_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert canonical_text(text) == text


def test_the_review_has_no_problem(checked: Report) -> None:
    assert checked.problems == ()


def test_every_number_has_a_place_and_a_known_source(records: Records) -> None:
    seen = 0
    for study in records.studies.values():
        for path, number in reported_numbers(study):
            seen += 1
            assert isinstance(number, Reported)
            assert number.at or (number.derived and number.from_), (study.id, path)
            assert (number.source or study.source) in records.sources
    assert seen > 300
    for people in records.people.values():
        for person in people:
            assert person.at
            assert person.quote
            assert person.source in records.sources


# Rows of arms


@pytest.mark.parametrize("row", [r for r in ROWS if r["list"] != "left-out"], ids=lambda r: f"row {r['row']}")
def test_every_row_on_dupilumab_is_in_its_file(records: Records, row: dict[str, str]) -> None:
    study = records.studies[row["study"]]
    found = listed(study, row["arm"], row["list"], row["entry"])
    if row["list"] == "scores":
        found = [s for s in found if s.estimate.value == float(row["estimate"])]
    assert len(found) == 1
    item = found[0]
    arm = study.arm(row["arm"])
    assert arm is not None
    if row["list"] == "characteristics":
        number: Reported[Any] | None = item.people
    elif row["list"] == "scores":
        number = item.estimate
        bounds = {"low": item.low, "high": item.high, "sd": item.sd}
        assert {k: (v.value if v else None) for k, v in bounds.items()} == {
            k: (float(row[k]) if row[k] else None) for k in bounds
        }
        assert weeks(item) == row["weeks"]
    else:
        number = item.responders if isinstance(item, Outcome) else item.events
        assert (item.percent.value if item.percent else "") == row["percent"]
        if row["weeks"]:
            assert weeks(item) == row["weeks"]
    if row["events"]:
        assert number is not None
        assert number.value == int(row["events"])
    elif row["list"] in ("outcomes", "harms"):
        assert number is None
    people = values(getattr(item, "n", None)) or values(arm.n)
    assert people == ({int(row["total"])} if row["total"] else set())
    quotes = [q for q in (number, getattr(item, "percent", None)) if q is not None and q.quote]
    assert any(plain(q.quote).replace("…", "...")[:40] == plain(row["quote"])[:40] for q in quotes)


def test_what_the_files_hold_beside_the_rows_is_known(records: Records) -> None:
    mine = {row["study"] for row in ROWS if row["list"] != "left-out"}
    from_rows = {(r["study"], r["arm"], r["list"], r["entry"]) for r in ROWS}
    held = {
        (study, arm.id, which, entry_of(item, which))
        for study in mine
        for arm in records.studies[study].arms
        for which in ("outcomes", "harms", "scores", "characteristics")
        for item in getattr(arm, which)
    }
    assert held - from_rows == MORE_THAN_THE_ROWS
    assert {r["row"] for r in ROWS if r["list"] == "left-out"} == {"34"}


def test_calculated_back_or_derived_as_collected(records: Records) -> None:
    for row in ROWS:
        if row["list"] not in ("outcomes", "harms") or not row["events"]:
            continue
        item = listed(records.studies[row["study"]], row["arm"], row["list"], row["entry"])[0]
        assert isinstance(item, Outcome | Harm)
        number = item.responders if isinstance(item, Outcome) else item.events
        assert number is not None
        if row["derived"] == "yes" and row["percent"]:
            assert number.how == "back-calculated"
        elif row["derived"] == "yes" and row["study"] == "harada-2020":
            assert number.how == "derived"
        else:
            assert number.how == "read"


# People


def row_of(records: Records, row: dict[str, str]) -> Any:
    return next(p for p in records.people[row["study"]] if p.person == row["person"])


@pytest.mark.parametrize("row", PEOPLE, ids=lambda r: f"{r['study']} {r['person']}")
def test_every_person_is_in(records: Records, row: dict[str, str]) -> None:
    person = row_of(records, row)
    assert person.treatment == row["drug"].split()[0]
    assert person.age_years == (float(row["age_years"]) if row["age_years"] else "not reported")
    assert person.sex == {"F": "female", "M": "male", "": "not reported"}[row["sex"]]
    dermatitis = {"yes": ("atopic-dermatitis",), "no": ("no-atopic-dermatitis",), "": ("not reported",)}
    assert person.with_ == dermatitis[row["dermatitis"]]
    assert person.row == ("rebuilt-from-counts" if row["rebuilt"] == "yes" else "read")
    assert plain(person.quote) == plain(row["quote"])
    improved = "not reported" if row["improved"] == "unclear" else row["improved"]
    assert person.outcomes["any-regrowth"] == improved
    key = (row["study"], row["person"])
    if key in WORSE_IS_NOT_KNOWN:
        assert person.outcomes["worsened-or-new"] == "not reported"
    elif key in NOT_ALOPECIA_AREATA:
        assert person.outcomes["worsened-or-new"] == "not applicable"
        assert person.outcomes["other-hair-loss"] == "yes"
    else:
        assert person.outcomes["worsened-or-new"] == row["harm"]


def test_months_are_weeks_to_one_decimal(records: Records) -> None:
    given_in_weeks = {"pmc6289959", "mitchell-2018", "gallo-2020", "bourkas-2022", "yan-2023"}
    not_taken = {"russia-11yo"}  # the months are those of the dermatitis
    checked = 0
    for row in PEOPLE:
        if not row["months"] or "-" in row["months"] or row["study"] in given_in_weeks | not_taken:
            continue
        assert row_of(records, row).weeks == pytest.approx(round(float(row["months"]) * 52 / 12, 1), abs=1e-9)
        checked += 1
    assert checked == 9


def test_nobody_is_in_who_was_not_collected(records: Records) -> None:
    held = {(study, p.person) for study, people in records.people.items() for p in people}
    assert held == {(r["study"], r["person"]) for r in PEOPLE}


def test_rows_rebuilt_from_counts_give_the_counts_back(records: Records) -> None:
    harada = records.people["harada-2020"]
    most = [p for p in harada if set(p.extent) <= {"alopecia-totalis", "alopecia-universalis"}]
    assert (len(harada), len(most)) == (7, 4)
    assert sum(p.outcomes["salt-below-11"] == "yes" for p in harada) == 3
    assert sum(p.outcomes["salt-below-11"] == "yes" for p in most) == 1
    assert sum(p.outcomes["any-regrowth"] == "yes" for p in harada) == 6
    assert sum(p.outcomes["any-regrowth"] == "yes" for p in most) == 3
    twosided = records.people["twosided-2022"]
    assert sum(p.outcomes["recovered-undefined"] == "yes" for p in twosided) == 3
    assert sum(p.outcomes["worsened-or-new"] == "yes" for p in twosided) == 1
    tonon = records.people["tonon-2023"]
    assert sum(p.outcomes["complete-or-almost-complete"] == "yes" for p in tonon) == 2


# The flagship


def test_the_flagship_counts(review: Review) -> None:
    found = counts(review, "dupilumab-totalis-universalis")
    main = {group.id: (group.events, group.total) for group in found.main.groups}
    assert main == {"adults": (1, 4), "children": (0, 4)}
    assert (found.main.overall.events, found.main.overall.total) == (1, 8)
    any_regrowth = {group.id: (group.events, group.total) for group in found.also[0].groups}
    assert any_regrowth == {"adults": (3, 4), "children": (1, 4)}


def test_the_eight_case_reports(review: Review) -> None:
    cases = counts(review, "dupilumab-totalis-universalis").cases
    assert cases is not None
    assert {row.study for row in cases.rows} == BEFORE_DUPILUMAB
    assert (cases.count, cases.improved) == (8, 7)


def test_the_case_reports_that_state_atopic_dermatitis(review: Review) -> None:
    """As collected: dermatitis is stated of six of the eight; it is not visible in one and absent in one."""
    cases = counts(review, "dupilumab-totalis-universalis").cases
    assert cases is not None
    assert {row.study for row in cases.rows if not row.strict} == {"bur-2023", "cai-2023"}
    assert (cases.stated_count, cases.stated_improved) == (6, 5)


def test_the_article_and_the_letter_disagree(records: Records) -> None:
    conflict = next(c for c in records.conflicts if c.id == "mckenzie-how-many-totalis-universalis")
    assert [(v.value, v.source) for v in conflict.values] == [(4, "donovan-advanced"), (7, "mckenzie-2021")]
    assert (conflict.used, conflict.consequence) == (4, "bounds")
    universalis = listed(records.studies["mckenzie-2021"], "all", "characteristics", "alopecia universalis")
    assert [c.people.value for c in universalis] == [7]


def test_the_children_of_the_article_are_numbers_of_the_letter_read_in_the_article(records: Records) -> None:
    arm = records.studies["mckenzie-2021"].arm("totalis-universalis")
    assert arm is not None
    assert {o.responders.source for o in arm.outcomes if o.responders} == {"donovan-advanced"}


# The other pages


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("dupilumab-adults", {"overall": (9, 47), "all-with-atopic-dermatitis": (3, 7)}),
        ("dupilumab-children", {"overall": (4, 6)}),
        ("alopecia-areata-begins-or-worsens-on-dupilumab", {"adults": (1, 4), "children": (4, 16)}),
        ("jak-inhibitors-totalis-universalis", {"totalis-or-universalis": (33, 69), "salt-95-to-100": (37, 125)}),
    ],
)
def test_the_other_questions(review: Review, question: str, expected: dict[str, tuple[int, int]]) -> None:
    main = counts(review, question).main
    found = {group.id: (group.events, group.total) for group in (*main.groups, main.overall)}
    assert {key: found[key] for key in expected} == expected


def test_no_question_counts_a_literature_review(review: Review) -> None:
    for question in review.questions:
        for outcome in counts(review, question).sets:
            for row in outcome.overall.rows:
                assert row.design not in ("literature-review", "spontaneous-reports", "case-report")


def test_every_accepted_outcome_has_a_reason(review: Review) -> None:
    for question in review.questions.values():
        accepted = [*question.outcome.accepts, *(a for other in question.also for a in other.accepts)]
        assert all(len(a.because.split()) >= 4 for a in accepted), question.id


def test_every_tip_says_that_it_is_custom(review: Review) -> None:
    tips = review.guidance["gentle-hair-care"].about.tips
    assert len(tips) == 6
    assert {tip.basis for tip in tips} == {"custom"}
    assert {tip.because for tip in tips} == {"custom; no study in our records"}


# The README's sums


def test_the_readme_adds_up(review: Review, checked: Report) -> None:
    text = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    cells = {
        m["what"].strip(): tuple(int(m[k]) for k in ("rows", "in", "out"))
        for m in re.finditer(r"\| (?P<what>[a-z ]+) \| (?P<rows>\d+) \| (?P<in>\d+) \| (?P<out>\d+) \|", text)
    }
    assert all(rows == inside + out for rows, inside, out in cells.values())
    others = table("alternatives.csv")
    out = sum(r["list"] == "left-out" for r in ROWS)
    assert cells["numbers of arms"] == (len(ROWS) + len(others), len(ROWS) + len(others) - out, out)
    assert cells["people"] == (len(PEOPLE), len(PEOPLE), 0)
    assert cells["conflicts between sources"] == (len(review.records.conflicts),) * 2 + (0,)
    assert cells["claims"][1] == len(review.records.claims) - sum(r["list"] == "claims" for r in others)
    assert cells["sources"][1] == len(review.records.sources) - 2
    by_list = {
        name: sum(r["list"] == name for r in ROWS) for name in ("outcomes", "harms", "scores", "characteristics")
    }
    words = "{outcomes} as outcomes, {harms} as harms, {scores} as scores, {characteristics} as characteristics"
    assert words.format(**by_list) in text
    rebuilt = sum(r["rebuilt"] == "yes" for r in PEOPLE)
    upadacitinib = sum(r["drug"].startswith("upadacitinib") for r in PEOPLE)
    read = len(PEOPLE) - rebuilt
    assert f"{rebuilt} rows were rebuilt" in text
    assert f"{read} were read, {read - upadacitinib} of people on dupilumab and {upadacitinib} on upadacitinib" in text
    assert f"`sources/` holds {len(review.records.sources)}" in text
    assert f"{len(checked.known)} printed percentages fit no whole number" in text
    left = {item.what: item.count for item in review.about.left_out}
    assert out in left.values()
    assert cells["pooled results of reviews"][2] in left.values()
    assert cells["sources"][2] in left.values()
