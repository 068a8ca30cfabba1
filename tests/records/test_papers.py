"""Every kind of wrong paper is caught at its line and can be declared; honest papers are never called wrong."""

from __future__ import annotations

import random
import re
import statistics
from pathlib import Path

import pytest
import yaml
from tests.fixtures.small import ANYTHING

import handful as hf
from handful.base.problems import Problem
from handful.base.yaml_files import Document, parse
from handful.instruments.instrument import Instrument
from handful.records.checks import FAMILIES, check_records
from handful.records.checks.known_faults import DECLARABLE
from handful.records.records import Records
from handful.records.study import Study

WRONG = sorted((Path(__file__).parents[1] / "fixtures/wrong-papers").glob("*.yaml"))
SCALE = Instrument(
    id="scale", name="Scale", measures="severity", low=0, high=30, whole=True, better="lower", source="not recorded"
)
ELSEWHERE = frozenset({"back-calculation-ambiguous", "back-calculation-wrong", "derivation-gives-another-value",
                       "derivation-wrong", "more-rows-than-people", "rows-contradict-count"})  # fmt: skip
"""Faults of the record's own sums and rows: test_percentages.py, test_derivation.py and test_patient_rows.py."""


def problems_of(text: str) -> tuple[list[Problem], list[Problem]]:
    document = parse(text, "studies/one.yaml")
    assert isinstance(document, Document), document
    study = Study.model_validate(document.data)
    records = Records({study.id: study}, {}, {}, {}, documents={study.id: document}, instruments={"scale": SCALE})
    return check_records(records, ANYTHING)


def test_there_is_a_wrong_paper_for_every_fault_a_source_can_have() -> None:
    assert {path.name.split(".")[0] for path in WRONG} | ELSEWHERE == set(DECLARABLE)


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)
def test_a_wrong_paper_is_caught_where_it_is_wrong(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    problems, known = problems_of(text)
    line = next(i for i, row in enumerate(text.splitlines(), 1) if row.endswith("# wrong"))
    assert [(p.code, p.line) for p in problems] == [(path.name.split(".")[0], line)], problems
    assert known == []
    assert problems[0].hint, "what to do"


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)
def test_a_wrong_paper_is_known_once_it_is_declared_and_expires_with_its_number(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = path.name.split(".")[0]
    rows = text.splitlines()
    line = next(i for i, row in enumerate(rows) if row.endswith("# wrong"))
    value = re.search(r"value: (\"?[^,\"]+\"?), at: [^}]*\}", rows[line])
    assert value is not None

    def with_known(declared: str) -> str:
        changed = rows[line].replace(
            value.group()[:-1], f"{value.group()[:-1]}, known: {{code: {code}, because: printed so, value: {declared}}}"
        )
        return "\n".join([*rows[:line], changed, *rows[line + 1 :]])

    problems, known = problems_of(with_known(value.group(1)))
    assert problems == []
    assert [k.code for k in known] == [code]
    problems, known = problems_of(with_known('"0.9999"'))
    assert {p.code for p in problems} == {code, "known-fault-expired"}
    assert known == []


def _rounded(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def honest_paper(draw: random.Random) -> dict[str, object]:
    """A trial of two arms with everything it prints computed from its people."""
    arms, scores_of = [], []
    decimals = draw.randint(0, 2)
    for name in ("treated", "control"):
        n = draw.randint(2, 60)
        scores = [draw.randint(0, 30) for _ in range(n)]
        ages = [draw.randint(18, 80) for _ in range(n)]
        better = sum(s <= 10 for s in scores)
        kinds = [draw.randint(0, 2) for _ in range(n)]
        scores_of.append((n, better))
        at = {"at": "Table"}
        arms.append(
            {
                "id": name,
                "treatment": "drug",
                "n": {"randomised": {"value": n, **at}},
                "characteristics": [
                    {
                        "trait": f"kind {k}",
                        "one_of": "kind",
                        "people": {"value": kinds.count(k), **at},
                        "percent": {"value": _rounded(100 * kinds.count(k) / n, decimals), **at},
                    }
                    for k in range(3)
                ],
                "measured": [
                    {
                        "about": "age",
                        "whole": True,
                        "mean": {"value": _rounded(statistics.mean(ages), decimals), **at},
                        "sd": {"value": _rounded(statistics.stdev(ages), decimals), **at},
                        "median": {"value": _rounded(statistics.median(ages), 1), **at},
                        "low": {"value": min(ages), **at},
                        "high": {"value": max(ages), **at},
                    }
                ],
                "outcomes": [
                    {
                        "outcome": "better",
                        "time": {"weeks": 12},
                        "responders": {"value": better, **at},
                        "percent": {"value": _rounded(100 * better / n, decimals), **at},
                    }
                ],
                "scores": [
                    {
                        "instrument": "scale",
                        "what": "mean",
                        "estimate": {"value": float(_rounded(statistics.mean(scores), decimals)), **at},
                        "sd": {"value": float(_rounded(statistics.stdev(scores), decimals)), **at},
                    }
                ],
            }
        )
    (n1, x1), (n2, x2) = scores_of
    comparisons: list[dict[str, object]] = []
    if 0 < x1 + x2 < n1 + n2 and draw.random() < 0.3:
        test = draw.choice(["fisher", "chi-squared", "chi-squared-yates"])
        p = float(hf.two_groups(x1, n1, x2, n2).p_value(test=test))  # type: ignore[arg-type]
        shown = _rounded(p, draw.randint(2, 3)) if p > 0.001 else "<0.001"
        comparisons.append(
            {
                "about": "better",
                "between": ["treated", "control"],
                "outcome": "better",
                "p": {"value": shown, "at": "text"},
            }
        )
    return {
        "id": "one",
        "source": "one",
        "design": "randomised",
        "n": {"randomised": {"value": n1 + n2, "at": "abstract"}},
        "arms": arms,
        "comparisons": comparisons,
    }


def test_a_thousand_honest_papers_with_thirty_numbers_each_are_never_called_wrong() -> None:
    draw = random.Random(7)
    for _ in range(1000):
        body = honest_paper(draw)
        study = Study.model_validate(body)
        records = Records({"one": study}, {}, {}, {}, instruments={"scale": SCALE})
        found = [f.problem for family in FAMILIES for f in family(records, study)]
        assert not found, (found, yaml.safe_dump(body))


def test_one_wrong_digit_is_mostly_noticed() -> None:
    """Only that the check is not blind: a mean of 20 people moved by 0.01 is always impossible."""
    for total in range(0, 600, 7):
        mean = total / 20
        text = f"""id: one
source: one
design: cohort
arms:
  - id: treated
    treatment: drug
    n: {{assessed: {{value: 20, at: p. 2}}}}
    measured:
      - {{about: age, whole: true, mean: {{value: "{mean + 0.01:.2f}", at: p. 2}}}}
"""
        problems, _ = problems_of(text)
        assert [p.code for p in problems] == ["mean-fits-no-sum"], mean
