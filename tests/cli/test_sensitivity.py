"""``handful sensitivity``: words, JSON and CSV of the same analyses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.command import here
from tests.fixtures.small import SMALL_REVIEW, copy_of_small_review, problems_of

ASK = ("sensitivity", "examplinib-whole-testitis", "--review", str(SMALL_REVIEW))


def test_words_json_and_csv_agree(capsys: pytest.CaptureFixture[str]) -> None:
    said, data, table = (here(capsys, *ASK, *form) for form in ((), ("--json",), ("--csv",)))
    assert (said.status, data.status, table.status) == (0, 0, 0)
    rows = json.loads(data.out)["rows"]
    lines = list(csv.DictReader(io.StringIO(table.out)))
    assert len(rows) == len(lines) > 10
    assert [float(line["estimate"]) for line in lines] == [row["estimate"] for row in rows]
    assert "children: In 2 of 3 defensible analyses (2 of them bounds) the rate is below 30 in 100" in said.out
    assert "a bound" in said.out


def test_a_group_alone_and_wrong_names(capsys: pytest.CaptureFixture[str]) -> None:
    one = here(capsys, *ASK, "--group", "children", "--json")
    assert {row["group"] for row in json.loads(one.out)["rows"]} == {"children"}
    assert here(capsys, *ASK, "--group", "nobody").status == 2
    wrong = here(capsys, "sensitivity", "nothing", "--review", str(SMALL_REVIEW))
    assert wrong.status == 2
    assert "examplinib-whole-testitis" in wrong.err
    assert here(capsys, *ASK, "--most", "0").status == 2


def test_what_a_plan_adds_is_checked_with_its_line(tmp_path: Path) -> None:
    added = (
        "  level: 0.95\n  sensitivity:\n    priors: [{id: odd, tau: {half-normle: 1}, because: w}]\n    outcomes:\n"
        "      - {id: more, name: more, because: w, accepts: [{outcome: cleer, because: w}]}\n"
    )
    change = ("questions/examplinib-whole-testitis.yaml", "  level: 0.95\n", added)
    found = {p.code: p for p in problems_of(copy_of_small_review(tmp_path, change))}
    assert "half-normal" in found["unknown-prior"].hint
    assert any("cleer" in p.message for p in found.values())
