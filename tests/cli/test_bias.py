"""`handful bias`: judgements as tables, two raters, and the tables of robvis in and out, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fixtures.small import copy_of_small_review, problems_of

from handful.cli.main import entry

REVIEW = str(Path(__file__).resolve().parents[2] / "reviews" / "alopecia-areata")
RATERS = """raters:
  - by: A
    answers: {'1': y, '2': y, '3': n}
    overall: high
  - by: B
    answers: {'1': y, '2': ni, '3': n}
    overall: high
"""
JUDGED = """id: series-2019
study: series-2019
tool: murad-2018
items:
  - {item: '1', answer: y, because: said}
  - {item: '2', answer: ni, because: not said}
  - {item: '3', answer: n, because: said}
overall: high
because: nothing was compared
by: [A, B]
on: 2026-11-28
"""


def with_judgement(tmp_path: Path, text: str) -> Path:
    folder = copy_of_small_review(tmp_path)
    (folder / "judgements").mkdir(exist_ok=True)
    (folder / "judgements" / "series-2019.yaml").write_text(text, encoding="utf-8")
    return folder


def test_every_judgement_stands_in_a_table_and_one_rater_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["bias", REVIEW]) == 0
    said = capsys.readouterr().out
    assert "Harada 2020" in said
    assert "RoB 2 (22 August 2019" in said
    assert "judged by one rater alone (17 in all), so how far two would agree is not known" in said


def test_two_raters_and_how_far_they_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """2 of 3 alike: exact interval 9 to 99 in 100; kappa (2/3 − 3/9) / (1 − 3/9) = 0.5."""
    folder = with_judgement(tmp_path, JUDGED + RATERS + "agreed_by: they talked\n")
    assert problems_of(folder) == []
    assert entry(["bias", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "2 of 3 answers alike (exact interval 9 to more than 99 in 100), kappa 0.50; 3 things are too few" in said
    assert entry(["bias", "--json", str(folder)]) == 0
    (tool,) = [t for t in json.loads(capsys.readouterr().out)["tools"] if t["tool"] == "murad-2018"]
    assert (tool["two_raters"], tool["agreement"]["agreed"], tool["agreement"]["things"]) == (1, 2, 3)
    assert tool["agreement"]["kappa"] == pytest.approx(0.5)


def test_a_difference_that_nobody_settled_is_a_problem(tmp_path: Path) -> None:
    (found,) = problems_of(with_judgement(tmp_path, JUDGED + RATERS))
    assert (found.code, found.line) == ("raters-disagree", 17)
    assert "item 2: A says `y`, B says `ni`" in found.message


def test_what_was_agreed_must_be_written_down(tmp_path: Path) -> None:
    text = JUDGED.replace("  - {item: '2', answer: ni, because: not said}\n", "") + RATERS + "agreed_by: they talked\n"
    (found,) = problems_of(with_judgement(tmp_path, text))
    assert found.code == "not-settled"


def test_what_both_said_alike_is_not_agreed_otherwise_in_silence(tmp_path: Path) -> None:
    alike = RATERS.replace("'2': ni", "'2': y")
    found = problems_of(with_judgement(tmp_path, JUDGED + alike))
    assert [p.code for p in found] == ["agreed-against-both"]
    assert problems_of(with_judgement(tmp_path / "again", JUDGED + alike + "agreed_by: read again\n")) == []


def test_a_rater_twice_and_levels_of_another_tool_are_said(tmp_path: Path) -> None:
    twice = JUDGED + RATERS.replace("by: B", "by: A") + "agreed_by: x\n"
    assert "judged-twice" in [p.code for p in problems_of(with_judgement(tmp_path, twice))]
    wrong = RATERS.replace("    overall: high\n  - by: B", "    domains: {C: serious, D9: low}\n  - by: B")
    codes = {p.code for p in problems_of(with_judgement(tmp_path / "b", JUDGED + wrong + "agreed_by: x\n"))}
    assert {"level-not-of-tool", "unknown-domain"} <= codes


TABLE = """Study,D1,D2,D3,D4,D5,Overall
trial-2021,Low,Some concerns,Low,Low,Low,Some concerns
"""


def test_a_table_of_robvis_becomes_judgements_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of_small_review(tmp_path)
    table = tmp_path / "in.csv"
    table.write_bytes(b"\xef\xbb\xbf" + TABLE.replace(",", ";").replace("\n", "\r\n").encode())  # as Excel saves it
    asked = [
        "bias",
        str(folder),
        "--tool",
        "RoB 2",
        "--from",
        str(table),
        "--by",
        "Smith, Jones",
        "--seen",
        "full text",
    ]
    assert entry(asked) == 0, capsys.readouterr().err
    assert problems_of(folder) == []
    made = (folder / "judgements" / "trial-2021.yaml").read_text(encoding="utf-8")
    assert "Smith" in made
    assert "Jones" in made
    assert "seen: full text" in made
    assert "gives no reason" in made
    out = tmp_path / "out.csv"
    assert entry(["bias", str(folder), "--tool", "rob-2", "--robvis", str(out)]) == 0
    assert "tool = 'ROB2'" in capsys.readouterr().err
    head, row = out.read_text(encoding="utf-8").splitlines()
    assert head == "Study,D1,D2,D3,D4,D5,Overall"
    assert row.split(",")[1:] == ["Low", "Some concerns", "Low", "Low", "Low", "Some concerns"]


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, *more: str) -> list[str]:
    """The codes and lines said of a table; nothing is written."""
    folder = copy_of_small_review(tmp_path)
    (folder / "judgements" / "series-2019.yaml").unlink()
    before = sorted(p.name for p in (folder / "judgements").glob("*"))
    table = tmp_path / "in.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = more or ("--tool", "rob-2", "--by", "Smith")
    status = entry(["bias", str(folder), "--from", str(table), *options])
    said = capsys.readouterr().err
    assert status in (1, 2), said
    assert "Traceback" not in said
    assert "this should not have happened" not in said
    assert sorted(p.name for p in (folder / "judgements").glob("*")) == before
    return [line.removeprefix(f"{table}:").split(": ")[0] + " " + line.split(": ")[1]
            for line in said.splitlines() if line.startswith(f"{table}:")]  # fmt: skip


def test_every_fault_of_a_table_is_said_at_its_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TABLE + "\nnobody-2020,Low,Lowish,Low,Low,Low,Low\nseries-2019,Low,Low,Low,Low,Serious,\n"
    found = refused(tmp_path, capsys, text)
    assert found == ["4 not-a-level", "4 unknown-study", "5 level-not-of-tool", "5 no-overall"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["1 empty-table"]),
        ("\n\n", ["1 empty-table"]),
        ("Study,D1,D2,D3,D4,D5,Overall\n", ["1 empty-table"]),
        ("Trial,D1,Overall\na,Low,Low\n", ["1 no-column"]),
        ("Study,Overall\ntrial-2021,Low\n", ["1 no-column"]),
        ("Study,D1,D1,Overall\ntrial-2021,Low,Low,Low\n", ["1 column-twice"]),
        ("Study,D1,D9,Overall\ntrial-2021,Low,Low,Low\n", ["1 unknown-domain"]),
        (TABLE.replace("Some concerns\n", "Low\n"), ["2 judgement-against-rules"]),
        (TABLE + TABLE.splitlines()[1] + "\n", ["3 judged-twice"]),
        ('Study,D1,Overall\n"trial-2021,Low,Low\n', ["2 not-a-table"]),
        ("Study,D1,Overall,Weight\ntrial-2021,Low,Low,heavy\n", ["2 not-a-weight"]),
        ("Study,D1,Overall\ntrial-2021,Low,Low,Low\n", ["2 too-many-cells"]),
        ("Study,D1,Overall\n,Low,Low\n", ["2 no-study"]),
    ],
)
def test_tables_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, codes: list[str]) -> None:
    assert refused(tmp_path, capsys, text) == codes


def test_what_is_no_text_and_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(tmp_path, capsys, b"\xff\xfe\x00S")
    refused(tmp_path / "b", capsys, TABLE, "--tool", "rob-3", "--by", "Smith")
    refused(tmp_path / "c", capsys, TABLE, "--by", "Smith")
    assert refused(tmp_path / "d", capsys, TABLE, "--tool", "rob-2") == ["2 no-rater"]
    assert entry(["bias", REVIEW, "--from", str(tmp_path / "none.csv"), "--tool", "rob-2", "--by", "x"]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_judgement_that_is_there_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = with_judgement(tmp_path, JUDGED)
    table = tmp_path / "in.csv"
    table.write_text("Study,S,A,C,R,Overall\nseries-2019,Low,Low,Low,Low,Low\n", encoding="utf-8")
    assert entry(["bias", str(folder), "--from", str(table), "--tool", "murad-2018", "--by", "Smith"]) == 1
    assert "judgement-exists" in capsys.readouterr().err
    assert (folder / "judgements" / "series-2019.yaml").read_text(encoding="utf-8") == JUDGED


RATED = """Study,Rater,D1,D2,D3,D4,D5,Overall
trial-2021,Ann,Low,Low,Low,Low,Low,Low
trial-2021,Bo,Low,Some concerns,Low,Low,Low,Some concerns
"""


def test_a_column_of_raters_makes_two_raters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(tmp_path, capsys, RATED, "--tool", "rob-2") == ["3 raters-disagree"]
    twice = RATED.replace("Bo", "Ann")
    assert refused(tmp_path / "b", capsys, twice, "--tool", "rob-2") == ["3 judged-twice"]
    folder = copy_of_small_review(tmp_path / "c")
    table = tmp_path / "in.csv"
    agreed = "trial-2021,agreed,Low,Some concerns,Low,Low,Low,Some concerns\n"
    table.write_text(RATED + agreed, encoding="utf-8")
    assert entry(["bias", str(folder), "--from", str(table), "--tool", "rob-2"]) == 0, capsys.readouterr().err
    assert problems_of(folder) == []
    assert entry(["bias", str(folder)]) == 0
    assert "4 of 5 answers alike" in capsys.readouterr().out


def test_options_that_do_not_go_together_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--from", "a", "--robvis", "b"], ["--by", "x"], ["--from", "a"]):
        assert entry(["bias", REVIEW, *options]) == 2
    assert entry(["bias", REVIEW, "--robvis", "out.csv"]) == 1
    assert "name one with --tool" in capsys.readouterr().err
