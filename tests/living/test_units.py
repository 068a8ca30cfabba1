"""Every kind of record of a review is followed by its name, whatever part of the review holds it."""

from __future__ import annotations

from pathlib import Path

from handful.living.diff import diff
from handful.living.note import note
from handful.living.units import KIND_WORDS, in_one_order, units, with_unit
from handful.review import open_review

REPOSITORY = Path(__file__).resolve().parents[2]


def test_every_kind_of_record_of_the_shipped_review_has_a_name() -> None:
    found = {unit.kind for unit in units(open_review(REPOSITORY / "reviews/alopecia-areata"))}
    assert {"studies", "people", "sources", "conflicts", "overlaps", "claims", "questions", "ladders"} <= found
    assert {"risk_of_bias", "certainty", "instruments"} <= found
    assert found <= set(KIND_WORDS)


def test_a_decision_on_shared_people_is_followed_by_the_studies_it_speaks_of() -> None:
    review = in_one_order(open_review(REPOSITORY / "reviews/alopecia-areata"))
    few = {"dupilumab-children": review.questions["dupilumab-children"]}
    from dataclasses import replace

    review = replace(review, questions=few)
    unit = next(unit for unit in units(review) if unit.kind == "overlaps")
    told = note(diff(review, with_unit(review, unit, None)))
    assert "## Records removed" in told
    assert f"Decision on people of {unit.id}" in told


def test_one_person_read_again_is_one_field_of_that_person(tmp_path: Path) -> None:
    from .copies import edit, golden_copy

    old, new = golden_copy(tmp_path, "old"), golden_copy(tmp_path, "new")
    rows = (new / "studies/report-2019.patients.csv").read_text(encoding="utf-8")
    age = next(cell for line in rows.splitlines()[1:] for cell in line.split(",") if cell.isdigit() and len(cell) == 2)
    edit(new, "studies/report-2019.patients.csv", f",{age},", f",{int(age) + 1},")
    (record,) = diff(old, new).records
    assert (record.unit.kind, record.unit.id, record.kind) == ("people", "report-2019", "corrected")
    assert [field.path[-1] for field in record.fields] == ["age_years"]
    assert record.file == "studies/report-2019.patients.csv"
