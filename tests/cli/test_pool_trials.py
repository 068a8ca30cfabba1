"""``handful pool`` on tables of trials: two groups, long tables, rates, means, estimates; figures; wrong lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import here
from tests.figures.tables import BCG

import handful as hf

LABELS, A, N1, C, N2 = zip(*BCG, strict=True)


def _written(folder: Path, header: str, rows: Any) -> Path:
    path = folder / "trials.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def _json(capsys: pytest.CaptureFixture[str], *arguments: Any) -> Any:
    ran = here(capsys, "pool", *arguments, "--json")
    assert ran.status == 0, ran.err
    return json.loads(ran.out)


@pytest.mark.parametrize(
    "header",
    [
        "label,events1,total1,events2,total2",
        "study,ai,n1i,ci,n2i",
        "studlab,event.e,n.e,event.c,n.c",
    ],
)
def test_two_groups_by_any_programs_names(header: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0.4894, τ² 0.3132: risk ratio by REML of the BCG trials, metafor 5.1.12 (exp(−0.7145), tests/figures/data)."""
    path = _written(tmp_path, header, BCG)
    got = _json(capsys, path, "--measure", "RR", "--model", "random-effects", "--tau2", "REML", "--interval", "wald")
    assert got["coefficient"] == pytest.approx(-0.714532342158139, rel=1e-7)
    assert got["tau2"] == pytest.approx(0.313243258136481, rel=1e-6)
    assert (got["labels"], got["interval_method"]) == (list(LABELS), "wald")


def test_four_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(name, a, n1 - a, c, n2 - c) for name, a, n1, c, n2 in BCG]
    got = _json(capsys, _written(tmp_path, "study,ai,bi,ci,di", rows), "--model", "mantel-haenszel")
    want = hf.pool(hf.two_arms(A, N1, C, N2, labels=LABELS), model="mantel-haenszel")
    assert isinstance(want, hf.Fit)
    assert got == want.to_dict()


def _long(arms: tuple[str, str] = ("vaccine", "none")) -> list[tuple[Any, ...]]:
    return [row for name, a, n1, c, n2 in BCG for row in ((name, arms[0], a, n1), (name, arms[1], c, n2))]


def test_a_row_for_each_arm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "study,treatment,r,n", _long())
    options = ["--model", "mantel-haenszel", "--measure", "RR"]
    got = _json(capsys, path, *options)
    want = hf.pool(hf.two_arms(A, N1, C, N2, labels=LABELS), model="mantel-haenszel", measure="RR")
    assert isinstance(want, hf.Fit)
    assert got == want.to_dict()
    other = _json(capsys, path, *options, "--reference", "vaccine")
    assert other["estimate"] == pytest.approx(1 / got["estimate"], rel=1e-12)
    said = here(capsys, "pool", path, *options).err
    assert "group 1 is vaccine, group 2 is none" in said


def test_one_row_a_study_with_an_arm_column_is_one_group(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "study,treatment,events,total", [("a", "x", 3, 10), ("b", "x", 5, 12)])
    assert _json(capsys, path)["measure"] == "proportion"


@pytest.mark.parametrize("header", ["slab,xi,ni", "study,ei,ni", "study,r,n", "study,event,n"])
def test_one_group_by_any_programs_names(header: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got = _json(capsys, _written(tmp_path, header, [("a", 3, 10), ("b", 5, 12)]), "--model", "common-effect")
    assert got["estimate"] == pytest.approx(8 / 22, rel=1e-12)


def test_two_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("a", 3, 10.5, 1, 9.5), ("b", 4, 12, 6, 20), ("c", 2, 7, 3, 6)]
    got = _json(capsys, _written(tmp_path, "study,x1i,t1i,x2i,t2i", rows), "--model", "mantel-haenszel")
    assert got["measure"] == "IRR"
    top = sum(a * t2 / (t1 + t2) for _, a, t1, _, t2 in rows)
    bottom = sum(c * t1 / (t1 + t2) for _, _, t1, c, t2 in rows)
    assert got["estimate"] == pytest.approx(top / bottom, rel=1e-12)


def test_two_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("a", 20, 5.1, 2.0, 22, 6.3, 2.2), ("b", 30, 4.9, 1.7, 28, 5.2, 1.9)]
    path = _written(tmp_path, "study,n1i,m1i,sd1i,n2i,m2i,sd2i", rows)
    got = _json(capsys, path, "--model", "common-effect")
    yi = [m1 - m2 for _, _, m1, _, _, m2, _ in rows]
    vi = [s1**2 / n1 + s2**2 / n2 for _, n1, _, s1, n2, _, s2 in rows]
    assert got["estimate"] == pytest.approx(sum(y / v for y, v in zip(yi, vi, strict=True)) / sum(1 / v for v in vi))
    assert _json(capsys, path, "--measure", "SMD")["measure"] == "SMD"


@pytest.mark.parametrize(("header", "power"), [("study,yi,vi", 1.0), ("study,TE,seTE", 0.5)])
def test_estimates(header: str, power: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("a", -0.9, 0.1**power), ("b", "−0.4", 0.05**power), ("c", "", ""), ("d", -1.6, 0.3**power)]
    got = _json(capsys, _written(tmp_path, header, rows), "--measure", "HR", "--tau2", "DL")
    want = hf.pool(hf.estimates([-0.9, -0.4, -1.6], [0.1, 0.05, 0.3], measure="HR"), tau2="DL")
    assert isinstance(want, hf.Fit)
    assert got["estimate"] == pytest.approx(want.estimate, rel=1e-12)
    assert got["notes"][0] == {"code": "study-left-out", "text": "left out: yi and vi missing".replace(
        "vi", "vi" if power == 1 else "se"), "about": "c"}  # fmt: skip


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_a_figure_is_written(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / f"forest.{kind}"
    path = _written(tmp_path, "study,treatment,r,n", _long())
    ran = here(capsys, "pool", path, "--measure", "RR", "--model", "mantel-haenszel", "--figure", to)
    assert ran.status == 0, ran.err
    assert to.stat().st_size > 5000
    if kind == "svg":
        text = to.read_text(encoding="utf-8")
        assert "Frimodt-Moller" in text
        assert ">vaccine<" in text, "groups keep their names"


def test_a_figure_even_where_nothing_is_estimable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "forest.svg"
    path = _written(tmp_path, "label,events1,total1,events2,total2", [("a", 0, 4, 0, 5), ("b", 0, 9, 0, 8)])
    here(capsys, "pool", path, "--model", "mantel-haenszel", "--figure", to)
    assert "0 of 4" in to.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("study,events1,total1,events2,total2\na,5,4,1,3\nb,1,3,5,4\nc,x,4,1,2\nd,1,4,1\ne,1,,2,3\nf,7,4,9,3\n",
         [(2, "more-events-than-people"), (3, "more-events-than-people"), (4, "whole-number"), (5, "wrong-cell-count"),
          (6, "whole-number"), (7, "more-events-than-people"), (7, "more-events-than-people")]),
        ("study,events1,total1,events2\na,1,2,3\n", [(1, "missing-column")]),
        ("study,yi\na,1\n", [(1, "missing-column")]),
        ("study,yi,vi\na,x,1\nb,1,-1\nc,1,0\nd,inf,1\ne,1_0,1\n", [(i, "number") for i in range(2, 7)]),
        ("study,n1,mean1,sd1,n2,mean2,sd2\na,1.5,1,1,3,1,-1\n", [(2, "whole-number"), (2, "number")]),
        ("study,events1,time1,events2,time2\na,1,0,2,3\n", [(2, "number")]),
        ("study,arm,events,total\na,x,1,2\na,y,1,2\nb,x,1,2\nb,x,1,3\nc,y,1,2\n",
         [(5, "arm-twice"), (4, "arm-missing"), (6, "arm-missing")]),
        ("study,arm,events,total\na,x,1,2\na,y,1,2\na,z,1,2\n", [(4, "not-two-arms")]),
        ("study,arm,events,total\na,x,1,2\na,x,1,2\n", [(2, "not-two-arms")]),
        ("study,events1,total1,events2,total2,time1\na,1,2,1,2,3\n", [(1, "two-denominators")]),
    ],
)  # fmt: skip
def test_every_wrong_line_is_told(
    text: str, problems: list[tuple[int, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(text, encoding="utf-8")
    ran = here(capsys, "pool", path)
    assert (ran.status, ran.out) == (1, ""), ran.err
    told = re.findall(rf"^{re.escape(str(path))}:(\d+): ([a-z0-9-]+): ", ran.err, re.MULTILINE)
    assert sorted((int(line), code) for line, code in told) == sorted(problems), ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--figure", "forest.gif"],
        ["--figure", "forest"],
        ["--tau2", "MAGIC", "--model", "random-effects"],
        ["--interval", "none"],
        ["--measure", "XX"],
        ["--reference", "y"],
        ["--tau2", "-1", "--model", "random-effects"],
    ],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "study,events1,total1,events2,total2", BCG)
    ran = here(capsys, "pool", path, *arguments)
    assert (ran.status, ran.out) == (2, ""), ran.err


def test_counts_beside_estimates_are_what_is_pooled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "study,ai,n1i,ci,n2i,yi,vi", [(*row, 0.1, 0.2) for row in BCG])
    ran = here(capsys, "pool", path, "--model", "mantel-haenszel")
    assert "the estimates left aside" in ran.err
    assert "mantel-haenszel, OR; 13 studies" in ran.out
