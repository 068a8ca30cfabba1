"""The real faults of the papers behind the shipped review are found by the machine, and nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import handful as hf
from handful.check import check_review

# Declared in the review, each beside its number; 19 of the conflicts that people found by hand, and 14
REAL = [
    ("italy-baricitinib-2025", "9.4", 253),
    ("india-tofacitinib-69", "46.5", 69),
    ("shin-2019", "37.5", 26),
    ("shin-2019", "11.1", 30),
    ("shin-2019", "10", 18),
    ("thrive-aa1", "0.8", 140),
    ("thrive-aa1", "41.5", 215),
    ("thrive-aa1", "34.5", 215),
]


@pytest.fixture(name="review")
def _review(repository: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(repository / "reviews/alopecia-areata", tmp_path / "review"))


def _without_known(folder: Path) -> None:
    """Takes every declaration of a known fault out of the studies, by indentation."""
    for path in (folder / "studies").glob("*.yaml"):
        kept, skip = [], None
        for line in path.read_text(encoding="utf-8").splitlines():
            indent = len(line) - len(line.lstrip())
            if skip is not None and line.strip() and indent <= skip:
                skip = None
            if line.strip().startswith("known:"):
                skip = indent
            if skip is None:
                kept.append(line)
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def test_every_declared_fault_is_one_the_machine_finds(review: Path) -> None:
    _, report = check_review(review)
    assert report.ok
    said = [p.message for p in report.known]
    for study, percent, of in REAL:
        matching = [p for p in report.known if f"/{study}.yaml" in p.file and f"{percent} % of {of} " in p.message]
        assert len(matching) == 1, (study, percent, said)


def test_without_the_declarations_the_check_fails_at_those_numbers_and_no_other(review: Path) -> None:
    _, before = check_review(review)
    _without_known(review)
    _, report = check_review(review)
    assert {p.code for p in report} == {"percentage-fits-no-count"}
    assert {(p.file, p.message) for p in report} == {(p.file, p.message) for p in before.known}
    assert report.known == ()
    for problem in report:
        assert " of " in problem.hint, "the counts there could have been"
        assert "known:" in problem.hint


def test_it_says_which_number_of_people_would_fit(review: Path) -> None:
    """As people concluded by hand: 9 of 24, 3 of 27; and the placebo group was smaller than the 140 randomised."""
    _without_known(review)
    _, report = check_review(review)
    hints = {(p.file.split("/")[-1], p.message.split(": ")[1].split(" %")[0]): p.hint for p in report}
    assert "of 24 people" in hints["shin-2019.yaml", "37.5"] or "16 or 24" in hints["shin-2019.yaml", "37.5"]
    assert "27" in hints["shin-2019.yaml", "11.1"]
    assert "24 of 253 would print 9.4 % if digits were cut off" in hints["italy-baricitinib-2025.yaml", "9.4"]
    assert "171 or 200" in hints["thrive-aa1.yaml", "34.5"] or "200" in hints["thrive-aa1.yaml", "34.5"]
    assert max(hf.people_that_fit(["0.8"], 140)) < 140


def test_percentages_of_a_group_of_unknown_size_fit_the_sizes_that_were_noted(review: Path) -> None:
    """Guttman-Yassky 2022, people with IgE of 200 or more: 13 or 26, as people found by hand; of 40, 39 fits too."""
    study = hf.open_review(review).records.studies["guttman-2022"]
    arm = study.arm("dupilumab-ige-200")
    assert arm is not None
    percents = [o.percent.value for o in arm.outcomes if o.percent is not None]
    assert hf.people_that_fit(percents, 40) == (13, 26, 39)
