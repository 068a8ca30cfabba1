"""A ladder's references, and questions on a ladder that is not theirs: each told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fixtures.small import change, copy_of_small_review, problems_of

LADDER = "ladders/testitis.yaml"
QUESTION = "questions/examplinib-whole-testitis.yaml"

FAULTS = [
    (LADDER, "outcome: clear", "outcome: clear\nguidelines: [nobody]", "unknown-claim", LADDER),
    (LADDER, "outcome: clear", "outcome: any-clearing", "outcome-not-on-the-ladder", QUESTION),
    (LADDER, "[examplinib, otherumab]", "[otherumab]", "not-on-the-ladder", QUESTION),
    (LADDER, "people: {extent: whole}", "people: {extent: patchy}", "ladder-for-other-people", QUESTION),
    (LADDER, "outcome: clear", "outcome: clear\naccepts: [claer]", "unknown-outcome", LADDER),
    (
        LADDER,
        "    because: invented",
        "    because: invented\n    after_failure_of: [noumab]",
        "unknown-treatment",
        LADDER,
    ),
    (LADDER, "    with_probability: 0.8\n", "", "half-a-threshold", LADDER),
    (LADDER, "rate_at_least: 0.3", "rate_at_least: 1.3", "out-of-range", LADDER),
    (
        LADDER,
        "outcome: clear",
        "outcome: clear\nbands: [{id: a, name: a, people: {age: old}}]",
        "unknown-attribute-value",
        LADDER,
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "told_in"), FAULTS, ids=[f[3] for f in FAULTS])
def test_a_fault_of_a_ladder_is_told(tmp_path: Path, file: str, old: str, new: str, code: str, told_in: str) -> None:
    folder = copy_of_small_review(tmp_path)
    change(folder, file, old, new)
    found = [(p.code, p.file) for p in problems_of(folder)]
    assert (code, told_in) in found, found


def test_shares_of_an_allotment_are_those_of_the_arms(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    change(
        folder,
        "studies/trial-2021.yaml",
        "design: randomised\n",
        'design: randomised\nallocation: {shares: "1:1:1", at: p. 1}\n',
    )
    (found,) = problems_of(folder)
    assert (found.code, found.line) == ("shares-are-not-the-arms", 5)
