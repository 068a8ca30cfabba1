"""The section on other choices, and the page of every analysis: what they show is what was computed."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from tests.site.tree import Element, parse

import handful as hf

FLAGSHIP = "dupilumab-totalis-universalis"


@pytest.fixture(scope="module")
def every(repository: Path) -> hf.sensitivity:
    return hf.sensitivity(hf.open_review(repository / "reviews/alopecia-areata"), FLAGSHIP)


def _section(shipped_site: Path, question: str = FLAGSHIP) -> str:
    page = (shipped_site / "questions" / f"{question}.html").read_text(encoding="utf-8")
    found = re.search(r'<section aria-labelledby="choices">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def _rows(section: str) -> list[tuple[str, str, str]]:
    """Group, what was chosen, count."""
    made, group = [], ""
    for row in re.findall(r"<tr[^>]*>.*?</tr>", section, re.DOTALL)[1:]:
        label = re.sub(r"<[^>]+>", "|", row)
        cells = [cell for cell in label.split("|") if cell.strip()]
        if 'class="group"' in row:
            group = cells[0].strip()
        else:
            count = re.search(r'class="number">([^<]+)<', row)
            assert count
            made.append((group, cells[0], count[1]))
    return made


def test_the_flagship_under_each_word_with_the_conflict_as_bounds_and_with_reports(shipped_site: Path) -> None:
    """1 of 4 is 3 of 4 under the other word; the three children in dispute make 0 of 4 anything from 0 to 3 of 7."""
    rows = _rows(_section(shipped_site))
    assert ("Adults", "As planned", "1 of 4") in rows
    assert ("Adults", "“any regrowth”", "3 of 4") in rows
    assert ("Children", "As planned", "0 of 4") in rows
    assert ("Children", "With the 3 others put in", "0 to 3 of 7") in rows
    assert ("Adults", "Single case reports added", "6 of 8") in rows


def test_seven_children_never_stand_as_a_reported_count(shipped_site: Path, every) -> None:
    assert "0 of 7" not in parse(_section(shipped_site)).text()
    assert "0 of 7" not in (shipped_site / f"analyses/{FLAGSHIP}.html").read_text(encoding="utf-8")
    for row in re.findall(r"<tr[^>]*>.*?</tr>", _section(shipped_site), re.DOTALL):
        if "of 7<" in row:
            assert "bounds, not a report" in row
    children = every.group("children")
    assert "0 of 7" not in children.summary
    assert f"({sum(row.bound for row in children.rows)} of them bounds)" in children.summary
    table = list(csv.DictReader((shipped_site / f"analyses/{FLAGSHIP}.csv").read_text(encoding="utf-8").splitlines()))
    assert {line["reported"] for line in table if line["group"] == "children" and line["total"] == "7"} == {"false"}


def test_every_number_of_the_section_is_one_of_the_analyses(shipped_site: Path, every) -> None:
    known = {(r.group.capitalize(), f"{r.events} of {r.total}") for r in every.rows}
    shown = {(group, count) for group, _, count in _rows(_section(shipped_site)) if " to " not in count}
    assert len(shown) >= 5
    assert shown <= known


def test_the_page_and_its_files_hold_every_analysis(shipped_site: Path, every) -> None:
    page: Element = parse((shipped_site / f"analyses/{FLAGSHIP}.html").read_text(encoding="utf-8"))
    text = page.text()
    for group in every.groups:
        assert group.summary in text
    data = json.loads((shipped_site / f"analyses/{FLAGSHIP}.json").read_text(encoding="utf-8"))
    assert len(data["rows"]) == len(every.rows)
    lines = (shipped_site / f"analyses/{FLAGSHIP}.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(every.rows) + 1


def test_pages_of_every_analysis_stay_within_reason(shipped_site: Path) -> None:
    pages = list((shipped_site / "analyses").glob("*.html"))
    assert pages
    assert all(page.stat().st_size < 150_000 for page in pages)


def test_the_lock_file_holds_the_range_and_what_moves_it(repository: Path, every) -> None:
    stored = json.loads((repository / f"reviews/alopecia-areata/results/{FLAGSHIP}.json").read_text(encoding="utf-8"))
    kept = {group["id"]: group for group in stored["every_analysis"]["groups"]}
    assert kept["adults"]["analyses"] == len(every.group("adults").rows)
    assert kept["adults"]["summary"] == every.group("adults").summary
    assert kept["children"]["bounds_among_them"] == sum(row.bound for row in every.group("children").rows)
