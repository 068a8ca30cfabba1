"""``handful pool``: a table in, the pooled result out; every wrong line told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.command import here, program

import handful as hf

ROWS = [("a", 3, 10), ("b", 5, 12), ("c", 1, 9), ("d", 7, 11), ("e", 2, 8)]


def _table(folder: Path, text: str, name: str = "counts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _text(header: str = "label,events,total", separator: str = ",") -> str:
    rows = [separator.join(map(str, row)) for row in ROWS]
    return "\n".join([header.replace(",", separator), *rows]) + "\n"


@pytest.fixture(scope="module")
def fit() -> hf.Fit:
    labels, events, totals = zip(*ROWS, strict=True)
    made = hf.pool(hf.one_arm(events, totals, labels=labels))
    assert isinstance(made, hf.Fit)
    return made


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("label,events,total", ","),
        ("study,x,n", ","),
        ("Study,Responders,People", ";"),
        ("label,events,total", "\t"),
        ("\ufefflabel,events,total", ","),
        (" label , events , total ", ","),
    ],
)
def test_the_result_is_that_of_the_package(
    header: str, separator: str, tmp_path: Path, fit: hf.Fit, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = here(capsys, "pool", _table(tmp_path, _text(header, separator)), "--json")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out) == fit.to_dict()
    assert here(capsys, "pool", _table(tmp_path, _text(header, separator))).out == f"{fit}\n"


def test_options_reach_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _table(tmp_path, _text())
    got = json.loads(here(capsys, "pool", table, "--model", "common-effect", "--level", "0.9", "--json").out)
    labels, events, totals = zip(*ROWS, strict=True)
    want = hf.pool(hf.one_arm(events, totals, labels=labels), model="common-effect", level=0.9)
    assert isinstance(want, hf.Fit)
    assert got == want.to_dict()
    assert got["level"] == 0.9


def test_a_rate_per_person_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(
        capsys, "pool", _table(tmp_path, "events,time\n3,10.5\n4,12\n6,20\n"), "--json", "--model", "common-effect"
    )
    assert json.loads(ran.out)["measure"] == "rate"
    assert json.loads(ran.out)["estimate"] == pytest.approx(13 / 42.5, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("label,events,total\na,5,4\nb,x,4\nc,1\nd,-1,4\ne,1.5,4\nf,1,\n",
         [(2, "more-events-than-people"), (3, "whole-number"), (4, "wrong-cell-count"), (5, "whole-number"),
          (6, "whole-number"), (7, "whole-number")]),
        ("label,responded,total\na,1,4\n", [(1, "missing-column")]),
        ("label,events\na,1\n", [(1, "missing-column")]),
        ("events,total,time\n1,2,3\n", [(1, "two-denominators")]),
        ("study,yi,yi,vi\na,0.1,0.2,0.02\n", [(1, "duplicate-column")]),
        ("study;yi;vi\na;0,1;0,02\n", [(2, "number"), (2, "number")]),
        ("", [(1, "empty-file")]),
        ("events,total\n", [(1, "no-rows")]),
        ("events,time\n1,0\n1,inf\n1,nan\n1,x\n", [(2, "number"), (3, "number"), (4, "number"), (5, "number")]),
        ("\n\nevents,total\n\n5,4\n", [(5, "more-events-than-people")]),
        ('label,events,total\n"a\nb",5,4\nc,6,4\n', [(2, "more-events-than-people"), (4, "more-events-than-people")]),
        ("events,total\n٣,4\n" + "9" * 400 + ",4\n", [(2, "whole-number"), (3, "whole-number")]),
    ],
)  # fmt: skip
def test_every_wrong_line_is_told(
    text: str, problems: list[tuple[int, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = _table(tmp_path, text)
    ran = here(capsys, "pool", table)
    assert (ran.status, ran.out) == (1, "")
    for line, code in problems:
        assert f"{table}:{line}: {code}: " in ran.err, ran.err
    assert sum(f"{table}:" in said and ": nothing" not in said for said in ran.err.splitlines()) == len(problems)


@pytest.mark.parametrize(
    "arguments",
    [["--model", "magic"], ["--level", "95"], ["--level", "x"], ["nothing.csv"], ["."], []],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = [] if not arguments or not arguments[0].startswith("--") else [_table(tmp_path, _text())]
    assert here(capsys, "pool", *table, *arguments).status == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"events,total\n1,\xe9\n", b"\0\0\0", bytes(range(256)) * 10])
def test_what_is_no_table(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    ran = here(capsys, "pool", path)
    assert ran.status == 1
    assert "should not have happened" not in ran.err


def test_standard_input() -> None:
    ran = program("pool", "-", "--json", stdin=_text())
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["k"] == 5


@pytest.mark.parametrize("text", ["events,total\n0,4\n0,5\n0,3\n", "events,total\n4,4\n3,3\n", "events,total\n1,4\n"])
def test_the_smallest_tables_have_an_answer(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "pool", _table(tmp_path, text))
    assert ran.status == 0, ran.err
    assert "nan" not in ran.out.lower()
