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
    (
        LADDER,
        "outcome: clear",
        "outcome: clear\ncontraindications: [{treatment: examplinib, who: in pregnancy, source: nowhere}]",
        "unknown-source",
        LADDER,
    ),
    (
        LADDER,
        "outcome: clear",
        "outcome: clear\ncontraindications: [{treatment: placebo, who: in pregnancy, source: trial-2021}]",
        "contraindication-of-no-alternative",
        LADDER,
    ),
    (
        LADDER,
        "    because: invented",
        "    because: invented\n  - {line: second, rate_at_least: 0.3, with_probability: 0.9, because: asks for more}",
        "line-never-reached",
        LADDER,
    ),
    (
        LADDER,
        "    because: invented",
        "    because: invented\n    harms: [{outcome: infection, rate_at_most: 0.1, because: x}]",
        "half-a-limit",
        LADDER,
    ),
    (
        LADDER,
        "    because: invented",
        "    because: invented\n    harms: [{outcome: infection, because: x}]",
        "limit-asks-nothing",
        LADDER,
    ),
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


def test_lines_that_trade_one_demand_for_another_can_all_be_reached() -> None:
    """A later line may ask for a higher rate where it asks for less of something else."""
    from itertools import product

    from handful.position.ladder import Rung

    def rung(line: str, **demands: object) -> Rung:
        return Rung.model_validate({"line": line, "because": "x"} | demands)

    rate = {"rate_at_least": 0.3, "with_probability": 0.8}
    first = rung("first", **rate, certainty_at_least="low")
    assert not rung("second", rate_at_least=0.5, with_probability=0.8).asks_all_of(first)
    assert not rung("second", **rate, certainty_at_least="low", certainty_of="rate").asks_all_of(first)
    assert rung("second", **rate, certainty_at_least="moderate").asks_all_of(first)
    # a guideline may name the second line and not the first, a licence names no line
    guided = rung("first", **rate, authorised="licence-or-guideline")
    assert not rung("second", **rate, authorised="licence-or-guideline").asks_all_of(guided)
    licensed = rung("first", **rate, authorised="licence")
    assert rung("second", **rate, authorised="licence").asks_all_of(licensed)
    limits = [{"outcome": "harm", "counted_in_at_least": n, "because": "x"} for n in (5, 10)]
    for mine, theirs in product(range(2), repeat=2):
        one, other = rung("second", **rate, harms=[limits[mine]]), rung("first", **rate, harms=[limits[theirs]])
        assert one.asks_all_of(other) is (mine >= theirs)


def test_a_contraindication_stands_on_the_pages_with_a_source_that_nothing_else_names(tmp_path: Path) -> None:
    import handful as hf

    folder = copy_of_small_review(tmp_path)
    typed = "contraindications: [{treatment: otherumab, who: in <b>pregnancy</b>, source: label-2020, at: p. 3}]"
    change(folder, LADDER, "outcome: clear", f"outcome: clear\n{typed}")
    label = "id: label-2020\nkind: paper\ntitle: The label\nauthors: Maker\nyear: 2020\nseen: {level: abstract}\n"
    (folder / "sources" / "label-2020.yaml").write_text(label, encoding="utf-8")
    assert problems_of(folder) == []
    hf.publish(hf.open_review(folder), to=tmp_path / "site")
    for page in ("questions", "places"):
        text = (tmp_path / "site" / page / "examplinib-whole-testitis.html").read_text(encoding="utf-8")
        assert "Otherumab: in &lt;b&gt;pregnancy&lt;/b&gt; (Maker 2020, p. 3)" in text, page
