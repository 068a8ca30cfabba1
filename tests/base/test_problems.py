"""Problems and reports: their order, their words, their JSON."""

from __future__ import annotations

import json

from handful.base.problems import Problem, ReviewProblems, did_you_mean, report

A = Problem("b.yaml", 3, "code", "is wrong", "do this\nor that")
B = Problem("a.yaml", 9, "code", "is wrong")
C = Problem("b.yaml", 2, "code", "is wrong")


def test_a_problem_reads_as_file_line_code_message_and_what_to_do() -> None:
    assert str(A) == "b.yaml:3: code: is wrong\n  do this\n  or that"
    assert str(B) == "a.yaml:9: code: is wrong"


def test_a_report_is_in_the_order_of_files_and_lines_without_repetition() -> None:
    assert list(report([A, B, C, A])) == [B, C, A]
    assert len(report([A, A])) == 1
    assert not report([A]).ok
    assert report([], [A]).ok


def test_a_report_as_json() -> None:
    body = json.loads(report([A], [B]).to_json())
    assert body["ok"] is False
    assert body["problems"] == [
        {"file": "b.yaml", "line": 3, "code": "code", "message": "is wrong", "hint": "do this\nor that"}
    ]
    assert body["known"][0]["file"] == "a.yaml"


def test_the_error_carries_the_whole_report() -> None:
    error = ReviewProblems(report([A, B]))
    assert str(error) == f"{B}\n{A}"
    assert error.report.problems == (B, A)


def test_the_nearest_word_or_all_that_are_known() -> None:
    assert did_you_mean("dupilumap", ["dupilumab", "placebo"]) == "did you mean `dupilumab`?"
    assert did_you_mean("x", ["dupilumab", "placebo"]) == "accepted: dupilumab, placebo"
    assert did_you_mean("x", []) == "nothing of that kind is declared"
    many = did_you_mean("zzz", [f"word-{i:02}" for i in range(20)])
    assert many.endswith("word-11, …")
    assert did_you_mean(None, ["none"])
