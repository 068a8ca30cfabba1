"""The tables say what the records hold, the descriptor what the tables hold; no cell is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from handful.base.digest import digest
from handful.exports.data_package import data_files, licence, tables
from handful.exports.recorded import reported
from handful.exports.table import TEXT, WHOLE, table_of
from handful.review import Review, open_review
from handful.site.build import answer_all

NAMES = ["alopecia-areata", "progabide-epilepsy"]
Rows = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module", params=NAMES)
def package(request: pytest.FixtureRequest, repository: Path) -> tuple[Review, dict[str, bytes], Rows]:
    review = open_review(repository / "reviews" / request.param)
    files = data_files(review, tables(review, answer_all(review)))
    rows = {
        name.removeprefix("data/").removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        for name, content in files.items()
        if name.endswith(".csv")
    }
    return review, files, rows


def test_every_number_of_every_study_is_in_the_table_with_its_origin(
    package: tuple[Review, dict[str, bytes], Rows],
) -> None:
    review, _, rows = package
    held = sum(1 for study in review.records.studies.values() for _ in reported(study))
    assert len(rows["numbers"]) == held > 0
    for row in rows["numbers"]:
        assert row["source"] in review.records.sources
        assert row["at"] or row["derived"], row
        text = (review.folder / row["file"]).read_text(encoding="utf-8").splitlines()
        assert 1 <= int(row["line"]) <= len(text)


def test_people_conflicts_and_counts_are_all_there(package: tuple[Review, dict[str, bytes], Rows]) -> None:
    review, _, rows = package
    records = review.records
    assert len(rows["people"]) == sum(len(people) for people in records.people.values())
    assert len(rows["conflicts"]) == sum(len(c.values) for c in records.conflicts)
    assert len(rows["studies"]) == len(records.studies)
    assert len(rows["arms"]) == sum(len(s.arms) for s in records.studies.values())
    assert len(rows["counts"]) == sum(len(a.outcomes) + len(a.harms) for s in records.studies.values() for a in s.arms)


def test_the_flagship_s_counts_stand_in_the_tables(repository: Path) -> None:
    review = open_review(repository / "reviews" / "alopecia-areata")
    counts = next(t for t in tables(review, {}) if t.name == "counts").csv().decode()
    row = next(
        r
        for r in csv.DictReader(io.StringIO(counts, newline=""))
        if (r["study"], r["arm"]) == ("harada-2020", "totalis-universalis") and r["outcome"] == "salt-below-11"
    )
    assert (row["events"], row["kind_not_reported"], row["how"]) == ("1", "4", "read")


def test_the_descriptor_is_true_of_the_files(package: tuple[Review, dict[str, bytes], Rows]) -> None:
    """What `frictionless validate` looks at: names, types, keys, digests."""
    _, files, rows = package
    descriptor: dict[str, Any] = json.loads(files["datapackage.json"])
    resources = {r["name"]: r for r in descriptor["resources"]}
    assert {f"data/{name}.csv" for name in resources} == {name for name in files if name.endswith(".csv")}
    for name, resource in resources.items():
        content = files[resource["path"]]
        assert resource["hash"] == digest(content)
        assert resource["bytes"] == len(content)
        fields = resource["schema"]["fields"]
        header = content.decode().split("\n")[0]
        assert next(csv.reader([header])) == [f["name"] for f in fields]
        for row in rows[name]:
            for field in fields:
                value = row[field["name"]]
                if value and field["type"] == "integer":
                    int(value)
                elif value and field["type"] == "number":
                    float(value)
                elif value and field["type"] == "boolean":
                    assert value in ("true", "false")
        key = resource["schema"].get("primaryKey")
        if key:
            found = [tuple(row[k] for k in key) for row in rows[name]]
            assert len(set(found)) == len(found), (name, key)
            assert all(all(k) for k in found)
        for foreign in resource["schema"].get("foreignKeys", []):
            there = {row[foreign["reference"]["fields"]] for row in rows[foreign["reference"]["resource"]]}
            assert {row[foreign["fields"]] for row in rows[name]} - {""} <= there, (name, foreign)


def test_a_spreadsheet_runs_no_cell() -> None:
    rows = [("=1+1", -3), ("@x", 4), ("+49 123", 5), ('say "=x", then', None), ("-", 1), ("a\nb", 2)]
    made = table_of("t", "", [("text", TEXT, ""), ("n", WHOLE, "")], rows).csv()
    back = list(csv.reader(io.StringIO(made.decode(), newline="")))[1:]
    assert [cells[0] for cells in back] == ["'=1+1", "'@x", "'+49 123", 'say "=x", then', "'-", "a\nb"]
    assert [cells[1] for cells in back] == ["-3", "4", "5", "", "1", "2"], "numbers stay numbers"


def test_a_licence_has_its_identifier_where_the_words_begin_with_one() -> None:
    assert licence("CC0-1.0 for the compilation")["name"] == "CC0-1.0"
    assert licence("not recorded") == {"name": "other", "title": "not recorded"}
